#pragma once

#include <cmath>
#include <string_view>
#include <type_traits>

#include "brasa/nn/functional/loss_elementwise.hpp"
#include "brasa/ops/element.hpp"
#include "brasa/ops/power.hpp"

/// Losses between numbers and the numbers they should be. Input and target have one shape `(*)`; if
/// they have not, they broadcast, with a warning. The loss is a number, or with `none` of shape
/// `(*)`.
namespace brasa::nn {

/// The optional arguments of SmoothL1Loss.
struct SmoothL1LossOptions {
  Reduction reduction = Reduction::mean;
  double beta = 1;
};

/// The optional arguments of HuberLoss.
struct HuberLossOptions {
  Reduction reduction = Reduction::mean;
  double delta = 1;
};

namespace functional {

/// For mse_loss and l1_loss.
template <FloatScalar S>
struct WeightedRegressionOptions {
  Reduction reduction = Reduction::mean;
  /// A factor for each element, of the input's shape; `mean` is then the weighted mean.
  Tensor<S> weight = {};
};

/// The optional arguments of huber_loss.
template <FloatScalar S>
struct WeightedHuberOptions {
  Reduction reduction = Reduction::mean;
  double delta = 1;
  /// A factor for each element, of the input's shape; unlike elsewhere `mean` still divides by
  /// their number, as in PyTorch.
  Tensor<S> weight = {};
};

namespace detail {

template <FloatScalar S>
void check_regression_weight(std::string_view op, const Tensor<S>& input, const Tensor<S>& weight) {
  if (weight.shape() == input.shape()) return;
  raise<ShapeError>(op, "expected a weight of the input's shape ", shape_text(input.shape()),
                    ", got ", shape_text(weight.shape()));
}

/// value(x − y) over all elements, reduced and recorded as `node`. `slope`, the derivative of
/// value, is odd. Both are formulas for numbers, slope also for tensors.
template <FloatScalar S, class Value, class Slope>
Tensor<S> difference_loss(std::string_view op, const char* node, Reduction reduction, Value value,
                          Slope slope, const Tensor<S>& input, const Tensor<S>& target) {
  const auto [x, y] = broadcast_target(op, input, target);
  return elementwise_loss(
      op, node, reduction, [value](S a, S b) { return value(a - b); },
      [slope](const auto& grad, const auto& a, const auto& b) { return slope(a - b) * grad; },
      [slope](const auto& grad, const auto& a, const auto& b) { return slope(b - a) * grad; }, x,
      y);
}

/// Σ wᵢ·lossᵢ / Σ wᵢ, or their sum, or the products.
template <FloatScalar S>
Tensor<S> reduce_weighted(std::string_view op, const Tensor<S>& losses, const Tensor<S>& weight,
                          Reduction reduction) {
  const auto products = losses * weight;
  if (reduction == Reduction::mean) return brasa::sum(products) / brasa::sum(weight);
  return reduce(op, products, reduction);
}

}  // namespace detail

/// (x − y)²
///
/// Errors: ShapeError where the shapes do not broadcast, or for a weight of another shape.
/// Source: torch.nn.functional.mse_loss.
template <FloatScalar S>
Tensor<S> mse_loss(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                   const WeightedRegressionOptions<S>& options = {}) {
  if (options.weight.defined()) {
    const auto [x, y] = detail::broadcast_target("mse_loss", input, target);
    detail::check_regression_weight("mse_loss", input, options.weight);
    return detail::reduce_weighted("mse_loss", brasa::pow(x - y, 2), options.weight,
                                   options.reduction);
  }
  return detail::difference_loss(
      "mse_loss", "MseLossBackward0", options.reduction, [](S d) { return d * d; },
      [](const auto& d) { return 2 * d; }, input, target);
}

/// |x − y|. The gradient where both are equal is 0.
///
/// Errors: ShapeError where the shapes do not broadcast, or for a weight of another shape.
/// Source: torch.nn.functional.l1_loss.
template <FloatScalar S>
Tensor<S> l1_loss(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                  const WeightedRegressionOptions<S>& options = {}) {
  detail::check_reduction("l1_loss", options.reduction);
  const auto [x, y] = detail::broadcast_target("l1_loss", input, target);
  const auto losses = brasa::abs(x - y);
  if (!options.weight.defined()) return detail::reduce("l1_loss", losses, options.reduction);
  detail::check_regression_weight("l1_loss", input, options.weight);
  return detail::reduce_weighted("l1_loss", losses, options.weight, options.reduction);
}

/// (x − y)² / 2β where |x − y| < β, else |x − y| − β/2. With β = 0 it is l1_loss.
///
/// Errors: ValueError for a negative β; ShapeError where the shapes do not broadcast.
/// Source: torch.nn.functional.smooth_l1_loss.
template <FloatScalar S>
Tensor<S> smooth_l1_loss(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                         const SmoothL1LossOptions& options = {}) {
  if (!(options.beta >= 0)) {
    detail::raise<ValueError>("smooth_l1_loss", "expected a beta that is not negative, got ",
                              options.beta);
  }
  if (options.beta == 0) return l1_loss(input, target, {.reduction = options.reduction});
  const S beta = static_cast<S>(options.beta);
  return detail::difference_loss(
      "smooth_l1_loss", "SmoothL1LossBackward0", options.reduction,
      [beta](S d) {
        const S distance = std::abs(d);
        return distance < beta ? distance * distance / (2 * beta) : distance - beta / 2;
      },
      [beta](const auto& d) {
        using brasa::detail::element::sign;
        using brasa::detail::element::where;
        using std::abs;
        return where(abs(d) >= beta, sign(d), d / beta);
      },
      input, target);
}

/// (x − y)² / 2 where |x − y| ≤ δ, else δ·(|x − y| − δ/2)
///
/// Errors: ValueError for a δ that is not positive; ShapeError where the shapes do not broadcast,
/// or for a weight of another shape. Source: torch.nn.functional.huber_loss.
template <FloatScalar S>
Tensor<S> huber_loss(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                     const WeightedHuberOptions<S>& options = {}) {
  if (!(options.delta > 0)) {
    detail::raise<ValueError>("huber_loss", "expected a positive delta, got ", options.delta);
  }
  const S delta = static_cast<S>(options.delta);
  const bool weighted = options.weight.defined();
  if (weighted) detail::check_regression_weight("huber_loss", input, options.weight);
  const auto loss = detail::difference_loss(
      "huber_loss", "HuberLossBackward0", weighted ? Reduction(Reduction::none) : options.reduction,
      [delta](S d) {
        const S distance = std::abs(d);
        return distance <= delta ? distance * distance / 2 : delta * (distance - delta / 2);
      },
      [delta](const auto& d) {
        using brasa::detail::element::sign;
        using brasa::detail::element::where;
        using std::abs;
        return where(abs(d) > delta, delta * sign(d), d);
      },
      input, target);
  return weighted ? detail::reduce("huber_loss", loss * options.weight, options.reduction) : loss;
}

}  // namespace functional
}  // namespace brasa::nn
