#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>

#include "brasa/nn/functional/linear.hpp"
#include "brasa/nn/functional/loss_nll.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/softmax.hpp"
#include "brasa/ops/where.hpp"

/// The cross entropy between what a model thinks of the classes and which one it is.
namespace brasa::nn {

/// The optional arguments of CrossEntropyLoss.
template <FloatScalar S = float>
struct CrossEntropyLossOptions {
  /// A factor for each class, of shape `(C,)`.
  Tensor<S> weight = {};
  /// Class indices of this value count for nothing.
  std::int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
  /// How much of the probability is shared among all classes, 0 to 1.
  double label_smoothing = 0;
};

namespace functional {

/// The optional arguments of linear_cross_entropy.
template <FloatScalar S>
struct LinearCrossEntropyOptions {
  Tensor<S> linear_bias = {};
  /// A factor for each class, of shape `(C,)`.
  Tensor<S> weight = {};
  Reduction reduction = Reduction::mean;
  /// Class indices of this value count for nothing; −100 if it is not given.
  std::optional<std::int64_t> ignore_index = {};
  /// How much of the probability is shared among all classes, 0 to 1.
  double label_smoothing = 0;
};

namespace detail {

/// The dimension of the classes.
inline std::int64_t class_dim(const Shape& input) { return input.size() < 2 ? 0 : 1; }

/// A weight for each class as it broadcasts to the input.
template <FloatScalar S>
Tensor<S> class_weight_for(const Tensor<S>& weight, const Shape& input) {
  if (!weight.defined() || input.size() < 3) return weight;
  Shape shape = Shape::filled(input.size() - 1, 1);
  shape[0] = weight.numel();
  return brasa::reshape(weight, shape);
}

/// x / n under the name that PyTorch gives it in this loss.
template <FloatScalar S>
Tensor<S> mean_of_batch(const Tensor<S>& sum, double count) {
  auto out = Tensor<S>::empty({});
  *out.data() = static_cast<S>(static_cast<double>(sum.item()) / count);
  if (autograd::recording(sum)) {
    autograd::record(out, "DivBackward1",
                     autograd::vjp(sum, [count](const auto& grad) { return grad / count; }));
  }
  return out;
}

/// The loss of a target that is equally likely each of the classes: −Σ꜀ w·log p, 0 where ignored.
template <FloatScalar S>
Tensor<S> uniform_loss(const Tensor<S>& log_p, const Tensor<std::int64_t>& target,
                       const CrossEntropyLossOptions<S>& options) {
  const Shape& shape = log_p.shape();
  const auto weight = class_weight_for(options.weight, shape);
  const auto losses = -brasa::sum(weight.defined() ? log_p * weight : log_p, class_dim(shape));
  const auto ignored = brasa::reshape(target, losses.shape()) == options.ignore_index;
  const auto counted = brasa::masked_fill(losses, ignored, 0);
  if (options.reduction != Reduction::mean) {
    return reduce("cross_entropy", counted, options.reduction);
  }
  const ClassPick pick{shape, {}, ClassLayout(shape), options.ignore_index, options.reduction, 1};
  return brasa::sum(counted) / pick.total_weight(target, options.weight);
}

template <FloatScalar S, TensorScalar T>
Tensor<S> cross_entropy_of_classes(const Tensor<S>& input, const Tensor<T>& target,
                                   const CrossEntropyLossOptions<S>& options) {
  check_constant("cross_entropy", "weight", options.weight);
  const std::int64_t classes = ClassLayout(input.shape()).classes;
  const auto indices = class_indices("cross_entropy", target, classes, options.ignore_index);
  const auto log_p = brasa::log_softmax(input, class_dim(input.shape()));
  auto loss =
      nll_of_classes(log_p, indices, {options.weight, options.ignore_index, options.reduction});
  const double smoothing = options.label_smoothing;
  if (smoothing == 0) return loss;
  return (1 - smoothing) * loss +
         smoothing / static_cast<double>(classes) * uniform_loss(log_p, indices, options);
}

template <FloatScalar S>
Tensor<S> cross_entropy_of_probabilities(const Tensor<S>& input, const Tensor<S>& target,
                                         const CrossEntropyLossOptions<S>& options) {
  if (options.ignore_index >= 0) {
    raise<ValueError>("cross_entropy",
                      "ignore_index is for class indices: with probabilities, "
                      "leave it out");
  }
  const Shape& shape = input.shape();
  const ClassLayout layout(shape);
  const double smoothing = options.label_smoothing;
  const auto p = smoothing > 0
                     ? target * (1 - smoothing) + smoothing / static_cast<double>(layout.classes)
                     : target;
  auto products = brasa::log_softmax(input, class_dim(shape)) * p;
  const auto weight = class_weight_for(options.weight, shape);
  if (weight.defined()) products = products * weight;
  if (options.reduction == Reduction::none) return -brasa::sum(products, class_dim(shape));
  const auto total = -brasa::sum(products);
  if (options.reduction == Reduction::sum) return total;
  if (input.numel() == 0) return -(brasa::sum(products) * std::numeric_limits<double>::quiet_NaN());
  return mean_of_batch(total, static_cast<double>(layout.targets()));
}

}  // namespace detail

/// −w_y·log softmax(x)_y for an index y of the right class; for probabilities y of all classes
/// −Σ꜀ w꜀·y꜀·log softmax(x)꜀
///
///     F::cross_entropy(logits, labels, {.ignore_index = 0, .label_smoothing = 0.1});
///
/// Shapes: input `(C)`, `(N, C)` or `(N, C, d₁, …, dₖ)`, without a softmax; target class indices
/// `()` or `(1)`, `(N)` or `(N, d₁, …, dₖ)`, of int64 or uint8, or probabilities of the input's
/// shape and type; the loss is a number, or with `none` one for each target. `mean` divides by the
/// weights of the targets that count, with probabilities by the number of targets. Errors:
/// ShapeError; IndexError for a target that is no class; ValueError for a label_smoothing that is
/// not between 0 and 1 and for an ignore_index beside probabilities; AutogradError for a weight
/// that requires a gradient beside class indices. Where it differs from PyTorch: the type of the
/// target tells whether it holds indices or probabilities, not its shape; a negative
/// label_smoothing is refused. Source: torch.nn.functional.cross_entropy.
template <FloatScalar S, TensorScalar T>
Tensor<S> cross_entropy(const Tensor<S>& input, const Tensor<T>& target,
                        const CrossEntropyLossOptions<S>& options = {}) {
  static_assert(!FloatScalar<T> || std::is_same_v<S, T>,
                "brasa: the target of cross_entropy is a Tensor<std::int64_t> of class indices, or "
                "probabilities of the input's element type");
  constexpr std::string_view kOp = "cross_entropy";
  detail::check_reduction(kOp, options.reduction);
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1)) {
    detail::raise<ValueError>(kOp, "expected a label_smoothing between 0 and 1, got ",
                              options.label_smoothing);
  }
  if constexpr (!FloatScalar<T>) {
    detail::check_target_shape(kOp, input.shape(), target.shape());
  } else if (input.dim() == 0 || input.shape() != target.shape()) {
    detail::raise<ShapeError>(kOp, "expected probabilities of the input's shape ",
                              shape_text(input.shape()), ", got ", shape_text(target.shape()),
                              "; class indices are a Tensor<std::int64_t>");
  }
  detail::check_class_weight(kOp, options.weight, detail::ClassLayout(input.shape()).classes);
  if constexpr (FloatScalar<T>) {
    return detail::cross_entropy_of_probabilities(input, target, options);
  } else {
    return detail::cross_entropy_of_classes(input, target, options);
  }
}

/// cross_entropy(x·Wᵀ + b, target)
///
/// Shapes: input `(in_features)` or `(N, in_features)`; linear_weight `(C, in_features)`, or
/// `(C, d₁, …, dₖ, in_features)` for an input with N; linear_bias `(C)` or `(C, d₁, …, dₖ)`; target
/// as for cross_entropy with logits `(C)`, `(N, C)` or `(N, C, d₁, …, dₖ)`. Errors: ShapeError;
/// ValueError for an ignore_index beside probabilities; those of cross_entropy. Where it differs
/// from PyTorch: the options to compute it in chunks are left out. Source:
/// torch.nn.functional.linear_cross_entropy.
template <FloatScalar S, TensorScalar T>
Tensor<S> linear_cross_entropy(const Tensor<S>& input,
                               const std::type_identity_t<Tensor<S>>& linear_weight,
                               const Tensor<T>& target,
                               const LinearCrossEntropyOptions<S>& options = {}) {
  constexpr std::string_view kOp = "linear_cross_entropy";
  const Shape& sizes = linear_weight.shape();
  if (input.dim() < 1 || input.dim() > 2 || sizes.size() < 2 || input.size(-1) != sizes.back() ||
      (sizes.size() > 2 && input.dim() == 1)) {
    detail::raise<ShapeError>(kOp,
                              "expected an input of shape (N, in_features) and a weight of "
                              "shape (C, …, in_features), got ",
                              shape_text(input.shape()), " and ", shape_text(sizes));
  }
  const Shape outputs = sizes.slice(0, sizes.size() - 1);
  if (options.linear_bias.defined() && options.linear_bias.shape() != outputs) {
    detail::raise<ShapeError>(kOp, "expected a bias of shape ", shape_text(outputs), ", got ",
                              shape_text(options.linear_bias.shape()));
  }
  if (FloatScalar<T> && options.ignore_index) {
    detail::raise<ValueError>(kOp,
                              "ignore_index is for class indices: with probabilities, leave "
                              "it out");
  }
  const std::int64_t count = brasa::detail::numel_of(outputs);
  const auto flat_bias = options.linear_bias.defined() && outputs.size() > 1
                             ? brasa::reshape(options.linear_bias, {count})
                             : options.linear_bias;
  const auto flat_weight =
      outputs.size() > 1 ? brasa::reshape(linear_weight, {count, sizes.back()}) : linear_weight;
  Shape logits = input.shape().slice(0, input.shape().size() - 1);
  logits.append(outputs);
  return cross_entropy(brasa::reshape(functional::linear(input, flat_weight, flat_bias), logits),
                       target,
                       {.weight = options.weight,
                        .ignore_index = options.ignore_index.value_or(-100),
                        .reduction = options.reduction,
                        .label_smoothing = options.label_smoothing});
}

}  // namespace functional
}  // namespace brasa::nn
