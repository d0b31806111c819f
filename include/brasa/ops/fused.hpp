#pragma once

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"

namespace brasa::detail {

/// formula(grad, x), where both have one shape: the gradient of an elementwise function.
///
/// The formula is written once for numbers and for tensors. Mostly it is computed in one loop over
/// the elements; with tensors, operation by operation, where the gradient is to be differentiated
/// again.
template <FloatScalar S, class F>
Tensor<S> fused(const Tensor<S>& grad, const Tensor<S>& x, F formula) {
  if (autograd::recording(grad, x)) return formula(grad, x);
  return zip<S>("backward", grad, x, formula);
}

/// What an elementwise function of one tensor needs for its gradient.
enum class Keep { input, result };

/// y, recorded as f(x) if that is called for. `gradient(grad, kept)` is a formula for `fused`.
template <Keep kKeep, FloatScalar S, class F>
Tensor<S> record_elementwise(Tensor<S> y, const char* name, const Tensor<S>& x, F gradient) {
  if (!autograd::recording(x)) return y;
  const auto run = [gradient](const auto& grad, const auto& kept) {
    return fused(grad, kept, gradient);
  };
  if constexpr (kKeep == Keep::input) {
    autograd::record(y, name, autograd::vjp(x, run, autograd::save(x)));
  } else {
    autograd::record(y, name, autograd::vjp(x, run, autograd::save_result(y)));
  }
  return y;
}

/// y, recorded as a function of x that is constant almost everywhere.
template <FloatScalar S>
Tensor<S> record_steps(Tensor<S> y, const char* name, const Tensor<S>& x) {
  if (!autograd::recording(x)) return y;
  autograd::record(y, name, autograd::vjp(x, [](const auto& grad) { return zeros_like(grad); }));
  return y;
}

}  // namespace brasa::detail
