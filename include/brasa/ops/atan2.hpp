#pragma once

#include <cmath>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/broadcast.hpp"

namespace brasa {

/// The angle of the point (x, y), seen from the origin: arctan(y / x) in the quadrant that the
/// signs tell, from −π to π. Integers give float.
///
/// Raises ShapeError where the shapes do not broadcast.
template <TensorScalar S>
Tensor<float_of<S>> atan2(const Tensor<S>& y, const std::type_identity_t<Tensor<S>>& x) {
  using R = float_of<S>;
  auto out = detail::zip<R>(
      "atan2", y, x, [](S v, S w) { return std::atan2(static_cast<R>(v), static_cast<R>(w)); });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(y, x)) {
      autograd::record(out, "Atan2Backward0",
                       autograd::vjp(
                           y,
                           [shape = y.shape()](const auto& grad, const auto& v, const auto& w) {
                             return sum_to(grad * w * reciprocal(v * v + w * w), shape);
                           },
                           autograd::save(y), autograd::save(x)),
                       autograd::vjp(
                           x,
                           [shape = x.shape()](const auto& grad, const auto& v, const auto& w) {
                             return sum_to(grad * -v * reciprocal(v * v + w * w), shape);
                           },
                           autograd::save(y), autograd::save(x)));
    }
  }
  return out;
}

}  // namespace brasa
