#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <type_traits>

#include "brasa/nn/functional/loss_elementwise.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/power.hpp"
#include "brasa/ops/view.hpp"

/// Losses between distributions, and between observations and the distribution they are taken
/// from.
namespace brasa::nn {

/// The optional arguments of KLDivLoss.
struct KLDivLossOptions {
  Reduction reduction = Reduction::mean;
  /// The target holds logarithms of probabilities, as the input does.
  bool log_target = false;
};

/// The optional arguments of PoissonNLLLoss.
struct PoissonNLLLossOptions {
  /// The input is the logarithm of the expectation.
  bool log_input = true;
  /// Adds Stirling's approximation of log y!.
  bool full = false;
  /// Keeps log(x + ε) finite where the input is an expectation of 0.
  double eps = 1e-8;
  Reduction reduction = Reduction::mean;
};

/// The optional arguments of GaussianNLLLoss.
struct GaussianNLLLossOptions {
  /// Adds the constant log(2π)/2.
  bool full = false;
  /// A variance below is taken to be ε.
  double eps = 1e-6;
  Reduction reduction = Reduction::mean;
};

namespace functional {
namespace detail {

/// x·log y, which is 0 where x is 0, unless y is NaN
template <FloatScalar S>
Tensor<S> xlogy(const Tensor<S>& x, const Tensor<S>& y) {
  auto out = brasa::detail::zip<S>("xlogy", x, y, [](S a, S b) {
    if (b != b) return b;
    return a == 0 ? S{0} : a * std::log(b);
  });
  if (autograd::recording(x, y)) {
    autograd::record(
        out, "XlogyBackward0",
        autograd::vjp(
            x,
            [](const auto& grad, const auto& a, const auto& b) {
              return masked_fill(xlogy(grad, b), (a == 0) & (b <= 0), 0);
            },
            autograd::save(x), autograd::save(y)),
        autograd::vjp(
            y, [](const auto& grad, const auto& a, const auto& b) { return grad * a / b; },
            autograd::save(x), autograd::save(y)));
  }
  return out;
}

/// The variance in a shape that broadcasts to the input's. Raises ShapeError if there is none.
template <FloatScalar S>
Tensor<S> variance_for(const Tensor<S>& var, const Shape& shape) {
  if (var.shape() == shape) return var;
  if (!shape.empty() && var.shape() == shape.slice(0, shape.size() - 1)) {
    return brasa::unsqueeze(var, -1);
  }
  bool fits = var.shape().size() == shape.size();
  int repeated = 0;
  for (std::size_t i = 0; fits && i < shape.size(); ++i) {
    if (var.shape()[i] == shape[i]) continue;
    ++repeated;
    fits = var.shape()[i] == 1;
  }
  if (!fits || repeated != 1) {
    raise<ShapeError>("gaussian_nll_loss", "expected a var of the input's shape ",
                      shape_text(shape), ", without its last dimension or with one size of 1, got ",
                      shape_text(var.shape()));
  }
  return var;
}

}  // namespace detail

/// The Kullback-Leibler divergence: y·(log y − x), or with `log_target` eʸ·(y − x), where the input
/// x holds logarithms of probabilities.
///
/// Shapes: input `(*)`, target of a shape that broadcasts; the loss is a number, or with `none` of
/// their shape. `batchmean` divides the sum by the first size and is what the divergence is defined
/// as; `mean` divides by the number of elements, and warns about it, as in PyTorch.
/// Errors: ShapeError. Source: torch.nn.functional.kl_div.
template <FloatScalar S>
Tensor<S> kl_div(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                 const KLDivLossOptions& options = {}) {
  if (options.reduction == Reduction::mean) {
    brasa::detail::warn(
        "reduction: 'mean' divides the total loss by both the batch size and the support "
        "size.'batchmean' divides only by the batch size, and aligns with the KL div math "
        "definition.'mean' will be changed to behave the same as 'batchmean' in the next major "
        "release.");
  }
  const auto losses = options.log_target ? brasa::exp(target) * (target - input)
                                         : detail::xlogy(target, target) - target * input;
  if (options.reduction != Reduction::batchmean) {
    return detail::reduce("kl_div", losses, options.reduction);
  }
  const auto total = brasa::sum(losses);
  return input.dim() == 0 ? total : total / input.size(0);
}

/// The negative logarithm of the Poisson distribution with expectation λ, but for log y!:
/// λ − y·log λ, where λ is eˣ, or with `.log_input = false` x itself, in whose logarithm ε is
/// added. With `full`, y·log y − y + log(2πy)/2 is added where y > 1.
///
/// Shapes: input `(*)`, target of a shape that broadcasts; the loss is a number, or with `none` of
/// their shape. Errors: ShapeError. Source: torch.nn.functional.poisson_nll_loss.
template <FloatScalar S>
Tensor<S> poisson_nll_loss(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                           const PoissonNLLLossOptions& options = {}) {
  auto losses = options.log_input ? brasa::exp(input) - target * input
                                  : input - target * brasa::log(input + options.eps);
  if (options.full) {
    const auto stirling =
        target * brasa::log(target) - target + 0.5 * brasa::log(2 * std::numbers::pi * target);
    losses = losses + brasa::masked_fill(stirling, target <= 1, 0);
  }
  return detail::reduce("poisson_nll_loss", losses, options.reduction);
}

/// The negative logarithm of the normal distribution: (log v + (x − y)² / v) / 2, where the
/// variance v is at least ε. With `full`, log(2π)/2 is added.
///
/// Shapes: input `(*)`, target of a shape that broadcasts, `var` of the input's shape, without its
/// last dimension, or with one size of 1; the loss is a number, or with `none` of the input's
/// shape. The gradient of a variance below ε is that at ε. Errors: ValueError for a negative
/// variance; ShapeError. Source: torch.nn.functional.gaussian_nll_loss.
template <FloatScalar S>
Tensor<S> gaussian_nll_loss(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                            const std::type_identity_t<Tensor<S>>& var,
                            const GaussianNLLLossOptions& options = {}) {
  for (const S value : var.span()) {
    if (value < 0) {
      detail::raise<ValueError>("gaussian_nll_loss", "expected no var that is negative, got ",
                                value);
    }
  }
  const auto variance = detail::raised_to(detail::variance_for(var, input.shape()), options.eps);
  auto losses = 0.5 * (brasa::log(variance) + brasa::pow(input - target, 2) / variance);
  if (options.full) losses = losses + 0.5 * std::log(2 * std::numbers::pi);
  return detail::reduce("gaussian_nll_loss", losses, options.reduction);
}

/// The same with one variance for all elements.
template <FloatScalar S>
Tensor<S> gaussian_nll_loss(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                            double var, const GaussianNLLLossOptions& options = {}) {
  return gaussian_nll_loss(input, target, brasa::full<S>(input.shape(), var), options);
}

}  // namespace functional
}  // namespace brasa::nn
