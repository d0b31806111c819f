#pragma once

#include "brasa/nn/functional/loss_binary.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/loss_weight.hpp"

/// Losses for answers that are yes or no. Shapes and errors are those of the function in
/// functional/ that each of them calls. Without options the mean is taken.
namespace brasa::nn {

/// −w·(y·log x + (1 − y)·log(1 − x)). See functional::binary_cross_entropy. Buffer: `weight`, if
/// given. Errors: ShapeError; ValueError for elements of input or target that are not between 0 and
/// 1. Source: torch.nn.BCELoss.
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
///
///     nn::BCELoss<> loss;
///     loss(output.sigmoid(), target).backward();
template <FloatScalar S = float>
class BCELoss : public Module<S> {
 public:
  explicit BCELoss(WeightedLossOptions<S> options = {})
      : weight(detail::weight_buffer(options.weight)), reduction(options.reduction) {}
  template <FloatScalar From>
  explicit BCELoss(const BCELoss<From>& other)
      : BCELoss({detail::room_for<S>(other.weight), other.reduction}) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::binary_cross_entropy<S>(input, target, {weight, reduction});
  }

  Buffer<S> weight;
  Reduction reduction;
  BRASA_MODULE(BCELoss, weight)
};

/// −w·(p·y·log σ(x) + (1 − y)·log(1 − σ(x))). See functional::binary_cross_entropy_with_logits.
/// Buffers: `weight` and `pos_weight`, if given. Errors: ShapeError. Source:
/// torch.nn.BCEWithLogitsLoss.
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
///
///     nn::BCEWithLogitsLoss<> loss;
///     loss(output, target).backward();
template <FloatScalar S = float>
class BCEWithLogitsLoss : public Module<S> {
 public:
  explicit BCEWithLogitsLoss(BCEWithLogitsLossOptions<S> options = {})
      : weight(detail::weight_buffer(options.weight)),
        pos_weight(detail::weight_buffer(options.pos_weight)),
        reduction(options.reduction) {}
  template <FloatScalar From>
  explicit BCEWithLogitsLoss(const BCEWithLogitsLoss<From>& other)
      : BCEWithLogitsLoss({detail::room_for<S>(other.weight), other.reduction,
                           detail::room_for<S>(other.pos_weight)}) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::binary_cross_entropy_with_logits<S>(input, target,
                                                           {weight, reduction, pos_weight});
  }

  Buffer<S> weight;
  Buffer<S> pos_weight;
  Reduction reduction;
  BRASA_MODULE(BCEWithLogitsLoss, weight, pos_weight)
};

/// log(1 + e^(−y·x)). See functional::soft_margin_loss. Errors: ShapeError for shapes that do not
/// broadcast. Source: torch.nn.SoftMarginLoss.
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
///
///     nn::SoftMarginLoss<> loss;
///     loss(output, brasa::ones({4, 3})).backward();
template <FloatScalar S = float>
class SoftMarginLoss : public Module<S>, public LossOptions {
 public:
  explicit SoftMarginLoss(LossOptions options = {}) : LossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::soft_margin_loss(input, target, *this);
  }
  BRASA_MODULE(SoftMarginLoss)
};

/// −w·Σ꜀ (y·log σ(x) + (1 − y)·log(1 − σ(x))) / C. See functional::multilabel_soft_margin_loss.
/// Buffer: `weight`, if given. Errors: ShapeError. Source: torch.nn.MultiLabelSoftMarginLoss.
///
/// Shapes: both `(N, C)` or `(C)`; the loss is a number, or with `.reduction = "none"` one for each
/// sample.
///
///     nn::MultiLabelSoftMarginLoss<> loss;
///     loss(output, brasa::ones({4, 3})).backward();
template <FloatScalar S = float>
class MultiLabelSoftMarginLoss : public Module<S> {
 public:
  explicit MultiLabelSoftMarginLoss(WeightedLossOptions<S> options = {})
      : weight(detail::weight_buffer(options.weight)), reduction(options.reduction) {}
  template <FloatScalar From>
  explicit MultiLabelSoftMarginLoss(const MultiLabelSoftMarginLoss<From>& other)
      : MultiLabelSoftMarginLoss({detail::room_for<S>(other.weight), other.reduction}) {}

  /// The target may be of any element type.
  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input, const Tensor<T>& target) const {
    return functional::multilabel_soft_margin_loss<S>(input, target, {weight, reduction});
  }

  Buffer<S> weight;
  Reduction reduction;
  BRASA_MODULE(MultiLabelSoftMarginLoss, weight)
};

}  // namespace brasa::nn
