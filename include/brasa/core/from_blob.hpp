#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "brasa/core/tensor.hpp"

namespace brasa {

/// Wraps a buffer that the caller owns, row-major, and that must outlive every tensor over it:
/// nothing is copied. `deleter`, if given, runs when the last tensor over the buffer is gone.
template <TensorScalar Scalar>
Tensor<Scalar> from_blob(Scalar* data, const Shape& shape, std::function<void()> deleter = {}) {
  const std::int64_t numel = detail::checked_numel("from_blob", shape);
  if (data == nullptr && numel > 0) {
    detail::raise<ValueError>("from_blob", "expected a buffer for shape ", shape_text(shape),
                              ", got a null pointer");
  }
  auto* context = deleter ? new std::function<void()>(std::move(deleter)) : nullptr;
  const auto run = [](void* what) {
    auto* function = static_cast<std::function<void()>*>(what);
    (*function)();
    delete function;
  };
  auto storage = detail::Storage::wrap(
      data, static_cast<std::size_t>(numel) * sizeof(Scalar),
      context ? static_cast<detail::Storage::Deleter>(run) : nullptr, context);
  return Tensor<Scalar>(detail::Ref<detail::TensorImpl>::adopt(
      detail::pool_new<detail::TensorImpl>(std::move(storage), shape, dtype_of<Scalar>)));
}

}  // namespace brasa
