#pragma once

#include <string_view>
#include <utility>

#include "brasa/autograd/node.hpp"
#include "brasa/core/error.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/clamp.hpp"
#include "brasa/ops/permute.hpp"

/// What losses and distances do with their operands before they compute.
namespace brasa::nn::functional::detail {

using brasa::detail::raise;

/// Raises AutogradError if `tensor` wants a gradient, for which there is no formula.
inline void check_constant(std::string_view op, std::string_view name, const AnyTensor& tensor) {
  if (!autograd::recording(tensor)) return;
  raise<AutogradError>(op, name,
                       " must not require a gradient: the loss is not differentiable with "
                       "respect to it");
}

/// Both broadcast to one shape.
template <FloatScalar S>
std::pair<Tensor<S>, Tensor<S>> broadcast(std::string_view op, const Tensor<S>& a,
                                          const Tensor<S>& b) {
  if (a.shape() == b.shape()) return {a, b};
  const Shape shape = brasa::detail::broadcast_shapes(op, a.shape(), b.shape());
  return {brasa::expand(a, shape), brasa::expand(b, shape)};
}

/// max(x, low), whose gradient is that of x all the same.
template <FloatScalar S>
Tensor<S> raised_to(const Tensor<S>& x, double low) {
  auto out = brasa::detail::map<S>(
      x, [low = static_cast<S>(low)](S v) { return brasa::detail::larger(v, low); });
  if (autograd::recording(x)) {
    autograd::record(out, "CloneBackward0",
                     autograd::vjp(x, [](const auto& grad) { return grad; }));
  }
  return out;
}

}  // namespace brasa::nn::functional::detail
