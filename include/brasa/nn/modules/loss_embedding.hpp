#pragma once

#include "brasa/nn/functional/loss_embedding.hpp"
#include "brasa/nn/module.hpp"

/// Losses that move what is alike together and all else apart. Shapes and errors are those of the
/// function in functional/ that each of them calls. Without options the mean is taken.
namespace brasa::nn {

/// x where y = 1, max(0, margin − x) where y = −1. See functional::hinge_embedding_loss. Errors:
/// ShapeError for shapes that do not broadcast. Source: torch.nn.HingeEmbeddingLoss.
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
///
///     nn::HingeEmbeddingLoss<> loss({.margin = 2});
///     loss(output, brasa::ones({4, 3})).backward();
template <FloatScalar S = float>
class HingeEmbeddingLoss : public Module<S>, public HingeEmbeddingLossOptions {
 public:
  explicit HingeEmbeddingLoss(HingeEmbeddingLossOptions options = {})
      : HingeEmbeddingLossOptions(options) {}

  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input, const Tensor<T>& target) const {
    return functional::hinge_embedding_loss(input, target, *this);
  }
  BRASA_MODULE(HingeEmbeddingLoss)
};

/// 1 − cos(x1, x2) where y = 1, max(0, cos(x1, x2) − margin) where y = −1. See
/// functional::cosine_embedding_loss. Errors: ShapeError for shapes that do not broadcast. Source:
/// torch.nn.CosineEmbeddingLoss.
///
/// Shapes: inputs `(N, D)` or `(D)`, target `(N)` or `()`; the loss is a number, or with
/// `.reduction = "none"` one for each sample.
///
///     nn::CosineEmbeddingLoss<> loss({.margin = 0.2});
///     loss(output, target, brasa::ones({4})).backward();
template <FloatScalar S = float>
class CosineEmbeddingLoss : public Module<S>, public CosineEmbeddingLossOptions {
 public:
  explicit CosineEmbeddingLoss(CosineEmbeddingLossOptions options = {})
      : CosineEmbeddingLossOptions(options) {}

  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input1, const Tensor<S>& input2,
                    const Tensor<T>& target) const {
    return functional::cosine_embedding_loss(input1, input2, target, *this);
  }
  BRASA_MODULE(CosineEmbeddingLoss)
};

/// max(0, −y·(x1 − x2) + margin). See functional::margin_ranking_loss. Errors: ShapeError for
/// shapes that do not broadcast. Source: torch.nn.MarginRankingLoss.
///
/// Shapes: all three `(*)`; the loss is a number, or with `.reduction = "none"` one for each
/// element.
///
///     nn::MarginRankingLoss<> loss({.margin = 0.1});
///     loss(output, target, brasa::ones({4, 3})).backward();
template <FloatScalar S = float>
class MarginRankingLoss : public Module<S>, public MarginRankingLossOptions {
 public:
  explicit MarginRankingLoss(MarginRankingLossOptions options = {})
      : MarginRankingLossOptions(options) {}

  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input1, const Tensor<S>& input2,
                    const Tensor<T>& target) const {
    return functional::margin_ranking_loss(input1, input2, target, *this);
  }
  BRASA_MODULE(MarginRankingLoss)
};

/// max(0, d(a, p) − d(a, n) + margin). See functional::triplet_margin_loss.
/// Errors: ValueError for a margin that is not positive. Source: torch.nn.TripletMarginLoss.
///
/// Shapes: all three `(N, D)` or `(D)`; the loss is a number, or with `.reduction = "none"` one for
/// each sample.
///
///     nn::TripletMarginLoss<> loss({.margin = 0.5});
///     loss(output, brasa::rand({4, 3}), brasa::rand({4, 3})).backward();
template <FloatScalar S = float>
class TripletMarginLoss : public Module<S>, public TripletMarginLossOptions {
 public:
  explicit TripletMarginLoss(TripletMarginLossOptions options = {})
      : TripletMarginLossOptions(options) {
    functional::detail::check_triplet_margin("TripletMarginLoss", margin);
  }

  Tensor<S> forward(const Tensor<S>& anchor, const Tensor<S>& positive,
                    const Tensor<S>& negative) const {
    return functional::triplet_margin_loss(anchor, positive, negative, *this);
  }
  BRASA_MODULE(TripletMarginLoss)
};

}  // namespace brasa::nn
