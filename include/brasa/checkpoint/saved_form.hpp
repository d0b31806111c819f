#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "brasa/core/any_tensor.hpp"
#include "brasa/kernels/strided.hpp"

// A tensor of PyTorch is a view of a memory, anywhere in it and with any strides; one of brasa is
// contiguous. So what is read from a file keeps the form that it had there, by which it is written
// again, as long as it still has the same elements.

namespace brasa::detail {

/// The strides of elements that follow one another, as PyTorch has them: also where a size is 0.
inline Shape contiguous_strides(const Shape& shape) {
  Shape strides = Shape::filled(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * std::max<std::int64_t>(shape[i], 1);
  }
  return strides;
}

/// True if the elements follow one another, whatever the strides along sizes of 1.
inline bool is_contiguous(const Shape& shape, const Shape& strides) {
  std::int64_t expected = 1;
  for (std::size_t i = strides.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

inline std::byte* first_byte(const SavedForm& form, Dtype dtype) {
  const auto offset = static_cast<std::size_t>(form.offset) * dtype_size(dtype);
  return static_cast<std::byte*>(form.storage->data()) + offset;
}

/// Changes the sign of all elements, which is the topmost bit of all floating-point numbers.
inline void negate(Storage& storage, std::size_t size) {
  auto* bytes = static_cast<unsigned char*>(storage.data());
  for (std::size_t at = size - 1; at < storage.bytes(); at += size) bytes[at] ^= 0x80u;
}

/// The elements of a tensor of that form, one after the other.
inline Ref<Storage> gathered(const SavedForm& form, const Shape& shape, Dtype dtype) {
  const std::size_t size = dtype_size(dtype);
  auto copy = Storage::allocate(static_cast<std::size_t>(numel_of(shape)) * size);
  const void* from = first_byte(form, dtype);
  const auto copy_as = [&](auto element) {
    using T = decltype(element);
    kernels::copy_strided(shape, static_cast<const T*>(from), form.strides,
                          static_cast<T*>(copy->data()), contiguous_strides(shape));
  };
  switch (size) {
    case 1:
      copy_as(std::uint8_t{});
      break;
    case 2:
      copy_as(std::uint16_t{});
      break;
    case 4:
      copy_as(std::uint32_t{});
      break;
    default:
      copy_as(std::uint64_t{});
  }
  if (form.negated) negate(*copy, size);
  return copy;
}

/// The form that a tensor had in its file, null if none or if its elements are others meanwhile,
/// whether in the tensor or in the memory that it was a view of.
inline const SavedForm* valid_form(const TensorImpl& tensor) {
  const SavedForm* form = tensor.saved_form.get();
  if (form == nullptr || tensor.numel == 0) return form;
  const void* data = tensor.storage->data();
  if (data == first_byte(*form, tensor.dtype) && !form->negated &&
      is_contiguous(tensor.shape, form->strides)) {
    return form;
  }
  const auto elements = gathered(*form, tensor.shape, tensor.dtype);
  return std::memcmp(data, elements->data(), elements->bytes()) == 0 ? form : nullptr;
}

}  // namespace brasa::detail
