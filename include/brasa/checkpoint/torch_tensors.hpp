#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "brasa/checkpoint/file_errors.hpp"
#include "brasa/checkpoint/file_memory.hpp"
#include "brasa/checkpoint/pickled.hpp"
#include "brasa/checkpoint/text.hpp"
#include "brasa/checkpoint/value_paths.hpp"
#include "brasa/kernels/strided.hpp"

namespace brasa::detail {

/// Gives the tensors of a pickle their memory: that of the file where it can be used in place.
///
/// Tensors of one storage share it, as in Python: those that begin at the same element share a
/// `Storage` (`shares_storage`), the others the memory. Where elements do not follow one another
/// (transposed, strided, expanded) brasa needs a copy; views that are the same share that, too.
class TorchTensors {
 public:
  /// The bytes of a storage of the pickle as a `Storage` of its own, aligned for elements of a
  /// size.
  using Open = std::function<Ref<Storage>(std::size_t storage, std::size_t alignment)>;

  /// `swapped`: the bytes are not in the order of this machine. `file_size` limits the copies.
  TorchTensors(const Pickled& pickled, Open open, bool swapped, std::size_t file_size,
               const FileErrors& errors)
      : pickled_(pickled),
        open_(std::move(open)),
        swapped_(swapped),
        budget_(kCopiesPerByte * file_size + kFreeCopies),
        errors_(errors) {}

  void load() {
    for (const PickledTensor& tensor : pickled_.tensors) {
      if (!tensor.dtype->dtype) {
        errors_.fail_dtype("tensor ", path_of(tensor),
                           ": expected a dtype among float64, float32, float16, bfloat16, int64, "
                           "int32, int16, int8, uint64, uint32, uint16, uint8 and bool, got ",
                           tensor.dtype->name);
      }
    }
    for (const PickledTensor& tensor : pickled_.tensors) {
      tensor.impl->storage = storage_of(tensor);
    }
  }

 private:
  static constexpr std::uint64_t kCopiesPerByte = 16;
  static constexpr std::uint64_t kFreeCopies = std::uint64_t{64} << 20;
  using Key = std::tuple<const Storage*, std::int64_t, std::vector<std::int64_t>>;

  std::string path_of(const PickledTensor& tensor) const {
    return ValuePaths(pickled_.tree).of(AnyTensor(tensor.impl));
  }

  Ref<Storage> storage_of(const PickledTensor& tensor) {
    if (tensor.impl->numel == 0) return Storage::allocate(0);
    const Ref<Storage> whole = whole_storage(tensor);
    if (!tensor.negated && is_contiguous(tensor)) return part_of(whole, tensor);
    std::vector<std::int64_t> view{tensor.negated ? 1 : 0};
    view.insert(view.end(), tensor.impl->shape.begin(), tensor.impl->shape.end());
    view.insert(view.end(), tensor.strides.begin(), tensor.strides.end());
    Ref<Storage>& copy = copies_[{whole.get(), tensor.offset, std::move(view)}];
    if (!copy) copy = gathered(*whole, tensor);
    return copy;
  }

  /// All elements of a tensor's storage, fit for this machine.
  Ref<Storage> whole_storage(const PickledTensor& tensor) {
    Ref<Storage>& whole = wholes_[{tensor.storage, tensor.dtype}];
    if (whole) return whole;
    whole = open_(tensor.storage, tensor.dtype->size);
    if (swapped_ && tensor.dtype->swapped > 1) whole = swap_bytes(*whole, tensor.dtype->swapped);
    if (tensor.dtype->dtype == Dtype::bool_) make_bools(*whole);
    return whole;
  }

  Ref<Storage> swap_bytes(const Storage& from, std::size_t unit) const {
    auto to = Storage::allocate(from.bytes());
    const auto* source = static_cast<const std::byte*>(from.data());
    auto* target = static_cast<std::byte*>(to->data());
    for (std::size_t at = 0; at + unit <= from.bytes(); at += unit) {
      for (std::size_t i = 0; i < unit; ++i) target[at + i] = source[at + unit - 1 - i];
    }
    return to;
  }

  static bool is_contiguous(const PickledTensor& tensor) {
    std::int64_t expected = 1;
    for (std::size_t i = tensor.strides.size(); i-- > 0;) {
      const std::int64_t size = tensor.impl->shape[i];
      if (size != 1 && tensor.strides[i] != expected) return false;
      expected *= size;
    }
    return true;
  }

  /// The storage from the first element of a tensor on.
  Ref<Storage> part_of(const Ref<Storage>& whole, const PickledTensor& tensor) {
    const auto begin = static_cast<std::size_t>(tensor.offset) * tensor.dtype->size;
    if (begin == 0) return whole;
    Ref<Storage>& part = parts_[{whole.get(), tensor.offset}];
    if (!part) {
      const auto drop = [](void* storage) {
        (void)Ref<Storage>::adopt(static_cast<Storage*>(storage));
      };
      whole->retain();
      part = Storage::wrap(static_cast<std::byte*>(whole->data()) + begin, whole->bytes() - begin,
                           drop, whole.get());
    }
    return part;
  }

  Ref<Storage> gathered(const Storage& whole, const PickledTensor& tensor) {
    const std::size_t size = tensor.dtype->size;
    const auto bytes = static_cast<std::uint64_t>(tensor.impl->numel) * size;
    if (bytes > budget_) {
      errors_.fail("tensor ", path_of(tensor), ": its shape ", shown(tensor.impl->shape),
                   " repeats elements of the file too often, and would take ", bytes,
                   " bytes; save it before it is expanded");
    }
    budget_ -= bytes;
    auto copy = Storage::allocate(static_cast<std::size_t>(bytes));
    visit_dtype(tensor.impl->dtype, [&](auto zero) {
      using T = decltype(zero);
      Shape rows = tensor.strides;
      std::int64_t step = 1;
      for (std::size_t i = rows.size(); i-- > 0;) {
        rows[i] = step;
        step *= tensor.impl->shape[i];
      }
      kernels::copy_strided(tensor.impl->shape, static_cast<const T*>(whole.data()) + tensor.offset,
                            tensor.strides, static_cast<T*>(copy->data()), rows);
    });
    if (tensor.negated && is_floating_point(tensor.impl->dtype)) negate(*copy, size);
    return copy;
  }

  /// The sign is the topmost bit of all floating-point numbers.
  static void negate(Storage& storage, std::size_t size) {
    auto* bytes = static_cast<unsigned char*>(storage.data());
    for (std::size_t at = size - 1; at < storage.bytes(); at += size) bytes[at] ^= 0x80u;
  }

  const Pickled& pickled_;
  Open open_;
  bool swapped_;
  std::uint64_t budget_;
  const FileErrors& errors_;
  std::map<std::pair<std::size_t, const TorchDtype*>, Ref<Storage>> wholes_;
  std::map<std::pair<const Storage*, std::int64_t>, Ref<Storage>> parts_;
  std::map<Key, Ref<Storage>> copies_;
};

}  // namespace brasa::detail
