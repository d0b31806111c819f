#pragma once

#include <cmath>
#include <string_view>
#include <type_traits>

#include "brasa/nn/functional/loss_elementwise.hpp"
#include "brasa/ops/cast.hpp"

/// Losses for answers that are yes or no.
namespace brasa::nn {

/// For the losses whose elements may be weighted.
template <FloatScalar S = float>
struct WeightedLossOptions {
  /// A factor for each element; broadcasts to the input's shape.
  Tensor<S> weight = {};
  Reduction reduction = Reduction::mean;
};

/// The optional arguments of BCEWithLogitsLoss.
template <FloatScalar S = float>
struct BCEWithLogitsLossOptions {
  /// A factor for each element; broadcasts to the input's shape.
  Tensor<S> weight = {};
  Reduction reduction = Reduction::mean;
  /// How much more a yes counts than a no; broadcasts to the input's shape.
  Tensor<S> pos_weight = {};
};

namespace functional {
namespace detail {

/// Raises ValueError unless all elements are between 0 and 1.
template <FloatScalar S>
void check_probabilities(std::string_view op, std::string_view name, const Tensor<S>& tensor) {
  for (const S value : tensor.span()) {
    if (value >= 0 && value <= 1) continue;
    raise<ValueError>(op, "expected all elements of ", name, " between 0 and 1, got ", value);
  }
}

/// The losses and gradients of binary_cross_entropy_with_logits, where a yes counts `p` times.
struct LogitsFormulas {
  template <class S>
  static S loss(S x, S y, S p) {
    return (1 - y) * x - ((p - 1) * y + 1) * logsigmoid(x);
  }
  static constexpr auto to_input = [](const auto& grad, const auto& x, const auto& y,
                                      const auto& p) {
    const auto yes = p * y;
    return ((yes + 1 - y) * sigmoid(x) - yes) * grad;
  };
  static constexpr auto to_target = [](const auto& grad, const auto& x, const auto&,
                                       const auto& p) {
    return (logsigmoid(-x) - p * logsigmoid(x)) * grad;
  };
};

}  // namespace detail

/// −w·(y·log x + (1 − y)·log(1 − x)), where logarithms below −100 count as −100
///
/// The input holds probabilities; where it is computed by a sigmoid,
/// binary_cross_entropy_with_logits is more accurate. Shapes: input and target `(*)`; the loss is a
/// number, or with `none` `(*)`. Errors: ShapeError; ValueError for elements of input or target
/// that are not between 0 and 1; AutogradError for a weight that requires a gradient. Source:
/// torch.nn.functional.binary_cross_entropy.
template <FloatScalar S>
Tensor<S> binary_cross_entropy(const Tensor<S>& input,
                               const std::type_identity_t<Tensor<S>>& target,
                               const WeightedLossOptions<S>& options = {}) {
  constexpr std::string_view kOp = "binary_cross_entropy";
  detail::check_same_shape(kOp, input, target);
  detail::check_probabilities(kOp, "input", input);
  detail::check_probabilities(kOp, "target", target);
  return detail::weighted_loss(
      kOp, "BinaryCrossEntropyBackward0", options.reduction,
      [](S x, S y) {
        const S log_no = std::max(std::log1p(-x), S{-100});
        const S log_yes = std::max(std::log(x), S{-100});
        return (y - 1) * log_no - y * log_yes;
      },
      [](const auto& grad, const auto& x, const auto& y) {
        // PyTorch's smallest divisor is a float, also for doubles.
        constexpr S kSmallest = static_cast<S>(1e-12f);
        return grad * (x - y) / detail::at_least((1 - x) * x, kSmallest);
      },
      [](const auto& grad, const auto& x, const auto&) {
        using std::log;
        return grad * (log(1 - x) - log(x));
      },
      options.weight, input, target);
}

/// −w·(p·y·log σ(x) + (1 − y)·log(1 − σ(x))) with σ(x) = 1 / (1 + e⁻ˣ), computed without overflow
///
/// Shapes: input and target `(*)`; the loss is a number, or with `none` `(*)`.
/// Errors: ShapeError; AutogradError for a weight or pos_weight that requires a gradient.
/// Source: torch.nn.functional.binary_cross_entropy_with_logits.
template <FloatScalar S>
Tensor<S> binary_cross_entropy_with_logits(const Tensor<S>& input,
                                           const std::type_identity_t<Tensor<S>>& target,
                                           const BCEWithLogitsLossOptions<S>& options = {}) {
  constexpr std::string_view kOp = "binary_cross_entropy_with_logits";
  constexpr const char* kNode = "BinaryCrossEntropyWithLogitsBackward0";
  using Formulas = detail::LogitsFormulas;
  detail::check_same_shape(kOp, input, target);
  if (options.pos_weight.defined()) {
    return detail::weighted_loss(
        kOp, kNode, options.reduction, Formulas::loss<S>, Formulas::to_input, Formulas::to_target,
        options.weight, input, target,
        detail::weight_for(kOp, "pos_weight", options.pos_weight, input.shape()));
  }
  return detail::weighted_loss(
      kOp, kNode, options.reduction, [](S x, S y) { return (1 - y) * x - detail::logsigmoid(x); },
      [](const auto& grad, const auto& x, const auto& y) {
        return (detail::sigmoid(x) - y) * grad;
      },
      [](const auto& grad, const auto& x, const auto&) { return -x * grad; }, options.weight, input,
      target);
}

/// log(1 + e^(−y·x)) for targets y of 1 and −1
///
/// As in PyTorch it overflows where y·x is below −88 (for double −709).
///
/// Shapes: input `(*)`, target of a shape that broadcasts; the loss is a number, or with `none` of
/// their shape. Errors: ShapeError; AutogradError for a target that requires a gradient.
/// Source: torch.nn.functional.soft_margin_loss.
template <FloatScalar S>
Tensor<S> soft_margin_loss(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& target,
                           const LossOptions& options = {}) {
  const auto [x, y] = detail::broadcast("soft_margin_loss", input, target);
  return detail::elementwise_loss(
      "soft_margin_loss", "SoftMarginLossBackward0", options.reduction,
      [](S a, S b) { return std::log1p(std::exp(-b * a)); },
      [](const auto& grad, const auto& a, const auto& b) {
        using std::exp;
        const auto z = exp(-b * a);
        return grad * (-b * z / (1 + z));
      },
      detail::NotDifferentiable(), x, y);
}

/// −w·Σ꜀ (y·log σ(x) + (1 − y)·log(1 − σ(x))) / C, where the C classes are the last dimension
///
/// Shapes: input `(*, C)`, target of any element type and a shape that broadcasts; the loss is a
/// number, or with `none`
/// `(*)`. Errors: ShapeError. Source: torch.nn.functional.multilabel_soft_margin_loss.
template <FloatScalar S, TensorScalar T>
Tensor<S> multilabel_soft_margin_loss(const Tensor<S>& input, const Tensor<T>& target,
                                      const WeightedLossOptions<S>& options = {}) {
  if (input.dim() == 0) {
    detail::raise<ShapeError>("multilabel_soft_margin_loss",
                              "expected an input with a dimension for the classes, got shape ()");
  }
  const Tensor<S> y = brasa::to<S>(target);
  auto losses = -(y * detail::logsigmoid(input) + (1 - y) * detail::logsigmoid(-input));
  if (options.weight.defined()) losses = losses * options.weight;
  return detail::reduce("multilabel_soft_margin_loss",
                        brasa::sum(losses, input.dim() - 1) / input.size(-1), options.reduction);
}

}  // namespace functional
}  // namespace brasa::nn
