#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "brasa/checkpoint/file_errors.hpp"
#include "brasa/checkpoint/file_memory.hpp"
#include "brasa/checkpoint/pickled.hpp"
#include "brasa/checkpoint/saved_form.hpp"
#include "brasa/checkpoint/text.hpp"
#include "brasa/checkpoint/value_paths.hpp"

namespace brasa::detail {

/// Gives the tensors of a pickle their memory: that of the file where it can be used in place.
///
/// Tensors of one storage share it, as in Python: those that begin at the same element share a
/// `Storage` (`shares_storage`), the others the memory. Where elements do not follow one another
/// (transposed, strided, expanded) brasa needs a copy; views that are the same share that, too. All
/// keep the form that they had in the file, see SavedForm.
class TorchTensors {
 public:
  /// The bytes of a storage of the pickle as a `Storage` of its own, aligned for elements of a
  /// size.
  using Open = std::function<Ref<Storage>(std::size_t storage, std::size_t alignment)>;

  /// `swapped`: the bytes are not in the order of this machine.
  TorchTensors(const Pickled& pickled, Open open, bool swapped, const FileMemory& file,
               const FileErrors& errors)
      : pickled_(pickled),
        open_(std::move(open)),
        swapped_(swapped),
        file_(file),
        budget_(kCopiesPerByte * file.bytes().size() + kFreeCopies),
        errors_(errors) {}

  void load() {
    for (const PickledTensor& tensor : pickled_.tensors) {
      if (!tensor.dtype->dtype) {
        errors_.fail_dtype("tensor ", path_of(*tensor.impl),
                           ": expected a dtype among float64, float32, float16, bfloat16, int64, "
                           "int32, int16, int8, uint64, uint32, uint16, uint8 and bool, got ",
                           tensor.dtype->name);
      }
    }
    for (const PickledTensor& tensor : pickled_.tensors) load(tensor);
  }

 private:
  static constexpr std::uint64_t kCopiesPerByte = 16;
  static constexpr std::uint64_t kFreeCopies = std::uint64_t{64} << 20;
  using Key = std::tuple<const Storage*, std::int64_t, std::vector<std::int64_t>>;

  std::string path_of(const TensorImpl& tensor) const {
    return ValuePaths(pickled_.tree).of(tensor);
  }

  void load(const PickledTensor& tensor) {
    auto form = Ref<SavedForm>::adopt(pool_new<SavedForm>());
    form->storage = whole_storage(tensor);
    form->offset = tensor.offset;
    form->strides = tensor.strides;
    form->negated = tensor.negated && is_floating_point(tensor.impl->dtype);
    form->requires_grad = tensor.requires_grad;
    tensor.impl->storage = storage_of(*tensor.impl, *form);
    const bool is_ours = tensor.impl->storage == form->storage && form->offset == 0 &&
                         form->strides == contiguous_strides(tensor.impl->shape);
    if (!is_ours || form->requires_grad) tensor.impl->saved_form = std::move(form);
  }

  Ref<Storage> storage_of(const TensorImpl& tensor, const SavedForm& form) {
    if (tensor.numel == 0) return form.storage->bytes() == 0 ? form.storage : Storage::allocate(0);
    if (!form.negated && is_contiguous(tensor.shape, form.strides)) return part_of(tensor, form);
    std::vector<std::int64_t> view{form.negated ? 1 : 0};
    view.insert(view.end(), tensor.shape.begin(), tensor.shape.end());
    view.insert(view.end(), form.strides.begin(), form.strides.end());
    Ref<Storage>& copy = copies_[{form.storage.get(), form.offset, std::move(view)}];
    if (!copy) copy = copy_of(tensor, form);
    return copy;
  }

  /// All elements of a tensor's storage, fit for this machine: the same for all tensors of the
  /// storage, unless bytes have to be changed for their dtype.
  Ref<Storage> whole_storage(const PickledTensor& tensor) {
    const PickledStorage& storage = pickled_.storages[tensor.storage];
    const bool swaps = swapped_ && tensor.dtype->swapped > 1;
    const bool is_bool = tensor.dtype->dtype == Dtype::bool_;
    const bool is_usual = storage.dtype == tensor.dtype || (storage.dtype == nullptr && !is_bool);
    Ref<Storage>& whole = wholes_[{storage.key, swaps || !is_usual ? tensor.dtype : nullptr}];
    if (whole) return whole;
    constexpr std::size_t kLargest = sizeof(std::uint64_t);
    whole = open_(tensor.storage, storage.dtype ? tensor.dtype->size : kLargest);
    if (swaps) whole = swap_bytes(*whole, tensor.dtype->swapped);
    if (is_bool) whole = bools(whole);
    return whole;
  }

  /// The same memory, if it holds bools as C++ has them.
  static Ref<Storage> bools(const Ref<Storage>& whole) {
    const auto* bytes = static_cast<const unsigned char*>(whole->data());
    if (std::all_of(bytes, bytes + whole->bytes(), [](unsigned char b) { return b <= 1; })) {
      return whole;
    }
    auto copy = Storage::allocate(whole->bytes());
    std::memcpy(copy->data(), bytes, whole->bytes());
    make_bools(*copy);
    return copy;
  }

  static Ref<Storage> swap_bytes(const Storage& from, std::size_t unit) {
    auto to = Storage::allocate(from.bytes());
    const auto* source = static_cast<const std::byte*>(from.data());
    auto* target = static_cast<std::byte*>(to->data());
    for (std::size_t at = 0; at + unit <= from.bytes(); at += unit) {
      for (std::size_t i = 0; i < unit; ++i) target[at + i] = source[at + unit - 1 - i];
    }
    return to;
  }

  /// The storage from the first element of a tensor on.
  Ref<Storage> part_of(const TensorImpl& tensor, const SavedForm& form) {
    const Ref<Storage>& whole = form.storage;
    if (form.offset == 0) return whole;
    Ref<Storage>& part = parts_[{whole.get(), form.offset}];
    if (!part) {
      const auto drop = [](void* storage) {
        (void)Ref<Storage>::adopt(static_cast<Storage*>(storage));
      };
      std::byte* begin = first_byte(form, tensor.dtype);
      const auto before =
          static_cast<std::size_t>(begin - static_cast<const std::byte*>(whole->data()));
      whole->retain();
      part = Storage::wrap(begin, whole->bytes() - before, drop, whole.get());
    }
    return part;
  }

  Ref<Storage> copy_of(const TensorImpl& tensor, const SavedForm& form) {
    const auto bytes = static_cast<std::uint64_t>(tensor.numel) * dtype_size(tensor.dtype);
    if (bytes > budget_) {
      errors_.fail("tensor ", path_of(tensor), ": its shape ", shown(tensor.shape),
                   " repeats elements of the file too often, and would take ", bytes,
                   " bytes; save it before it is expanded");
    }
    budget_ -= bytes;
    auto copy = gathered(form, tensor.shape, tensor.dtype);
    file_.let_go({static_cast<const std::byte*>(form.storage->data()), form.storage->bytes()});
    return copy;
  }

  const Pickled& pickled_;
  Open open_;
  bool swapped_;
  const FileMemory& file_;
  std::uint64_t budget_;
  const FileErrors& errors_;
  std::map<std::pair<std::string_view, const TorchDtype*>, Ref<Storage>> wholes_;
  std::map<std::pair<const Storage*, std::int64_t>, Ref<Storage>> parts_;
  std::map<Key, Ref<Storage>> copies_;
};

}  // namespace brasa::detail
