#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/nn/functional/loss_cross_entropy.hpp"
#include "brasa/nn/functional/loss_margin.hpp"
#include "brasa/nn/functional/loss_nll.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/loss_weight.hpp"

/// Losses of samples whose right classes are known. Shapes and errors are those of the function in
/// functional/ that each of them calls. Without options the mean is taken.
namespace brasa::nn {

/// −w_y·x_y for a logarithm of probability x of each class. See functional::nll_loss. Buffer:
/// `weight (C,)`, if given. Errors: ShapeError; IndexError for a target that is no class. Source:
/// torch.nn.NLLLoss.
///
/// Shapes: input `(C)`, `(N, C)` or `(N, C, d₁, …, dₖ)`; target `()`, `(N)` or `(N, d₁, …, dₖ)`;
/// the loss is a number, or with `.reduction = "none"` one for each target.
///
///     nn::NLLLoss<> loss;
///     loss(nn::LogSoftmax(1)(logits), labels).backward();
template <FloatScalar S = float>
class NLLLoss : public Module<S> {
 public:
  explicit NLLLoss(NLLLossOptions<S> options = {})
      : weight(detail::weight_buffer(options.weight)),
        ignore_index(options.ignore_index),
        reduction(options.reduction) {}
  template <FloatScalar From>
  explicit NLLLoss(const NLLLoss<From>& other)
      : NLLLoss({detail::room_for<S>(other.weight), other.ignore_index, other.reduction}) {}

  /// The target is of int64 or uint8.
  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input, const Tensor<T>& target) const {
    return functional::nll_loss<S>(input, target, {weight, ignore_index, reduction});
  }

  Buffer<S> weight;
  std::int64_t ignore_index;
  Reduction reduction;
  BRASA_MODULE(NLLLoss, weight)
};

/// −w_y·log softmax(x)_y. See functional::cross_entropy. Buffer: `weight (C,)`, if given. Errors:
/// ShapeError; IndexError for a target that is no class. Source: torch.nn.CrossEntropyLoss.
///
///     nn::CrossEntropyLoss<> loss({.label_smoothing = 0.1});
///     loss(logits, labels).backward();
///
/// Shapes: input `(C)`, `(N, C)` or `(N, C, d₁, …, dₖ)`; target `()`, `(N)` or `(N, d₁, …, dₖ)` of
/// classes, or of probabilities as the input; the loss is a number, or with `.reduction = "none"`
/// one for each target.
template <FloatScalar S = float>
class CrossEntropyLoss : public Module<S> {
 public:
  explicit CrossEntropyLoss(CrossEntropyLossOptions<S> options = {})
      : weight(detail::weight_buffer(options.weight)),
        ignore_index(options.ignore_index),
        reduction(options.reduction),
        label_smoothing(options.label_smoothing) {}
  template <FloatScalar From>
  explicit CrossEntropyLoss(const CrossEntropyLoss<From>& other)
      : CrossEntropyLoss({detail::room_for<S>(other.weight), other.ignore_index, other.reduction,
                          other.label_smoothing}) {}

  /// The target holds class indices (int64 or uint8) or probabilities.
  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input, const Tensor<T>& target) const {
    return functional::cross_entropy<S>(input, target,
                                        {weight, ignore_index, reduction, label_smoothing});
  }

  Buffer<S> weight;
  std::int64_t ignore_index;
  Reduction reduction;
  double label_smoothing;
  BRASA_MODULE(CrossEntropyLoss, weight)
};

/// The optional arguments of LinearCrossEntropyLoss.
template <FloatScalar S = float>
struct LinearCrossEntropyLossOptions {
  /// The sizes d₁, …, dₖ of a K-dimensional loss.
  Shape out_features = {};
  /// Whether the linear layer has a bias.
  bool bias = false;
  Reduction reduction = Reduction::mean;
  /// A factor for each class, of shape `(C,)`.
  Tensor<S> weight = {};
  /// Class indices of this value count for nothing; −100 if it is not given.
  std::optional<std::int64_t> ignore_index = {};
  /// How much of the probability is shared among all classes, 0 to 1.
  double label_smoothing = 0;
};

/// The cross entropy of x·Wᵀ + b. See functional::linear_cross_entropy.
///
///     nn::LinearCrossEntropyLoss<> loss(128, 10);
///
/// Child: `linear`, a Linear from in_features to C·d₁·…·dₖ features, initialised as such. Buffer:
/// `weight (C,)`, if given. Errors: ShapeError for a weight of another shape; ValueError for a
/// label_smoothing that is not between 0 and 1. Where it differs from PyTorch: the options to
/// compute it in chunks are left out. Source: torch.nn.LinearCrossEntropyLoss.
template <FloatScalar S = float>
class LinearCrossEntropyLoss : public Module<S> {
 public:
  LinearCrossEntropyLoss(std::int64_t in_features, std::int64_t num_classes_,
                         LinearCrossEntropyLossOptions<S> options = {})
      : weight(detail::weight_buffer(options.weight)),
        linear(in_features, checked_outputs(num_classes_, options), {.bias = options.bias}),
        num_classes(num_classes_),
        out_features(options.out_features),
        ignore_index(options.ignore_index),
        label_smoothing(options.label_smoothing),
        reduction(options.reduction) {}
  template <FloatScalar From>
  explicit LinearCrossEntropyLoss(const LinearCrossEntropyLoss<From>& other)
      : LinearCrossEntropyLoss(
            other.linear.in_features, other.num_classes,
            {other.out_features, other.linear.bias.defined(), other.reduction,
             detail::room_for<S>(other.weight), other.ignore_index, other.label_smoothing}) {}

  /// The target holds class indices (int64 or uint8) or probabilities.
  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input, const Tensor<T>& target) const {
    Shape outputs{num_classes};
    outputs.append(out_features);
    Shape weight_shape = outputs;
    weight_shape.push_back(linear.in_features);
    const Tensor<S> bias = linear.bias.defined() ? linear.bias.reshape(outputs) : Tensor<S>();
    return functional::linear_cross_entropy<S>(
        input, linear.weight.reshape(weight_shape), target,
        {bias, weight, reduction, ignore_index, label_smoothing});
  }

  std::string extra_repr() const override {
    return "in_features=" + detail::python_text(linear.in_features) +
           ", num_classes=" + detail::python_text(num_classes) +
           ", out_features=" + detail::python_text(out_features) +
           ", bias=" + detail::python_text(linear.bias.defined()) +
           ", reduction=" + std::string(reduction.text()) +
           ", ignore_index=" + detail::python_text(ignore_index) +
           ", label_smoothing=" + detail::python_text(label_smoothing) + ", options=None";
  }

  Buffer<S> weight;
  Linear<S> linear;
  std::int64_t num_classes;
  Shape out_features;
  std::optional<std::int64_t> ignore_index;
  double label_smoothing;
  Reduction reduction;
  BRASA_MODULE(LinearCrossEntropyLoss, weight, linear)

 private:
  /// C·d₁·…·dₖ, after the options have been checked.
  static std::int64_t checked_outputs(std::int64_t classes,
                                      const LinearCrossEntropyLossOptions<S>& options) {
    constexpr const char* kOp = "LinearCrossEntropyLoss";
    functional::detail::check_class_weight(kOp, options.weight, classes);
    if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1)) {
      detail::raise<ValueError>(kOp, "expected a label_smoothing between 0 and 1, got ",
                                options.label_smoothing);
    }
    Shape outputs{classes};
    outputs.append(options.out_features);
    return detail::checked_numel(kOp, outputs);
  }
};

/// Σ_{j≠y} w_y·max(0, margin − x_y + x_j)^p / C. See functional::multi_margin_loss.
/// Buffer: `weight (C,)`, if given. Errors: ValueError for a p that is neither 1 nor 2, ShapeError
/// for a weight that is not 1-d. Source: torch.nn.MultiMarginLoss.
///
/// Shapes: input `(C)` or `(N, C)`; target `()` or `(N)`; the loss is a number, or with `.reduction
/// = "none"` one for each sample.
///
///     nn::MultiMarginLoss<> loss({.margin = 0.5});
///     loss(logits, labels).backward();
template <FloatScalar S = float>
class MultiMarginLoss : public Module<S> {
 public:
  explicit MultiMarginLoss(MultiMarginLossOptions<S> options = {})
      : weight(detail::weight_buffer(options.weight)),
        p(options.p),
        margin(options.margin),
        reduction(options.reduction) {
    if (p != 1 && p != 2) {
      detail::raise<ValueError>("MultiMarginLoss", "expected a p of 1 or 2, got ", p);
    }
    if (weight.defined() && weight.dim() != 1) {
      detail::raise<ShapeError>("MultiMarginLoss", "expected a 1-d weight, got shape ",
                                shape_text(weight.shape()));
    }
  }
  template <FloatScalar From>
  explicit MultiMarginLoss(const MultiMarginLoss<From>& other)
      : MultiMarginLoss(
            {other.p, other.margin, detail::room_for<S>(other.weight), other.reduction}) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<std::int64_t>& target) const {
    return functional::multi_margin_loss<S>(input, target, {p, margin, weight, reduction});
  }

  Buffer<S> weight;
  int p;
  double margin;
  Reduction reduction;
  BRASA_MODULE(MultiMarginLoss, weight)
};

/// Σ_{t in y} Σ_{j not in y} max(0, 1 − x_t + x_j) / C. See functional::multilabel_margin_loss.
/// Errors: ShapeError. Source: torch.nn.MultiLabelMarginLoss.
///
/// Shapes: both `(C)` or `(N, C)`; the loss is a number, or with `.reduction = "none"` one for each
/// sample.
///
///     nn::MultiLabelMarginLoss<> loss;
///     const auto classes = brasa::tensor<std::int64_t>({3, 0, -1, 1});  // 3 and 0
///     loss(brasa::rand({4}), classes);
template <FloatScalar S = float>
class MultiLabelMarginLoss : public Module<S>, public LossOptions {
 public:
  explicit MultiLabelMarginLoss(LossOptions options = {}) : LossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<std::int64_t>& target) const {
    return functional::multilabel_margin_loss(input, target, *this);
  }
  BRASA_MODULE(MultiLabelMarginLoss)
};

}  // namespace brasa::nn
