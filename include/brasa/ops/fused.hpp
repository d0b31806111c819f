#pragma once

#include <cstdint>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/parallel.hpp"
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

/// A formula for `fused`, and a kernel that computes it for numbers faster than a loop would.
template <FloatScalar S, class F>
struct FormulaWithKernel {
  F formula;
  void (*kernel)(const S* grad, const S* x, std::int64_t count, S* out);
};
template <FloatScalar S, class F>
FormulaWithKernel<S, F> with_kernel(void (&kernel)(const S*, const S*, std::int64_t, S*),
                                    F formula) {
  return {formula, &kernel};
}

template <FloatScalar S, class F>
Tensor<S> fused(const Tensor<S>& grad, const Tensor<S>& x, const FormulaWithKernel<S, F>& fast) {
  if (autograd::recording(grad, x)) return fast.formula(grad, x);
  Tensor<S> out = Tensor<S>::empty(grad.shape());
  kernels::zip_in_parts(*fast.kernel, grad.data(), x.data(), grad.numel(), out.data());
  return out;
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
