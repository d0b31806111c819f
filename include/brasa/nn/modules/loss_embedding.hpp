#pragma once

#include "brasa/nn/functional/loss_embedding.hpp"
#include "brasa/nn/module.hpp"

/// Losses that move what is alike together and all else apart. Shapes and errors are those of the
/// function in functional/ that each of them calls. Without options the mean is taken.
namespace brasa::nn {

/// x where y = 1, max(0, margin − x) where y = −1. See functional::hinge_embedding_loss. Source:
/// torch.nn.HingeEmbeddingLoss.
template <FloatScalar S = float>
class HingeEmbeddingLoss : public Module<S> {
 public:
  explicit HingeEmbeddingLoss(HingeEmbeddingLossOptions options = {})
      : margin(options.margin), reduction(options.reduction) {}
  template <FloatScalar From>
  explicit HingeEmbeddingLoss(const HingeEmbeddingLoss<From>& other)
      : margin(other.margin), reduction(other.reduction) {}

  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input, const Tensor<T>& target) const {
    return functional::hinge_embedding_loss(input, target, {margin, reduction});
  }

  double margin;
  Reduction reduction;
  BRASA_MODULE(HingeEmbeddingLoss)
};

/// 1 − cos(x1, x2) where y = 1, max(0, cos(x1, x2) − margin) where y = −1. See
/// functional::cosine_embedding_loss. Source: torch.nn.CosineEmbeddingLoss.
template <FloatScalar S = float>
class CosineEmbeddingLoss : public Module<S> {
 public:
  explicit CosineEmbeddingLoss(CosineEmbeddingLossOptions options = {})
      : margin(options.margin), reduction(options.reduction) {}
  template <FloatScalar From>
  explicit CosineEmbeddingLoss(const CosineEmbeddingLoss<From>& other)
      : margin(other.margin), reduction(other.reduction) {}

  template <TensorScalar T>
  Tensor<S> forward(const Tensor<S>& input1, const Tensor<S>& input2,
                    const Tensor<T>& target) const {
    return functional::cosine_embedding_loss(input1, input2, target, {margin, reduction});
  }

  double margin;
  Reduction reduction;
  BRASA_MODULE(CosineEmbeddingLoss)
};

/// max(0, −y·(x1 − x2) + margin). See functional::margin_ranking_loss. Source:
/// torch.nn.MarginRankingLoss.
template <FloatScalar S = float>
class MarginRankingLoss : public Module<S> {
 public:
  explicit MarginRankingLoss(MarginRankingLossOptions options = {})
      : margin(options.margin), reduction(options.reduction) {}
  template <FloatScalar From>
  explicit MarginRankingLoss(const MarginRankingLoss<From>& other)
      : margin(other.margin), reduction(other.reduction) {}

  Tensor<S> forward(const Tensor<S>& input1, const Tensor<S>& input2,
                    const Tensor<S>& target) const {
    return functional::margin_ranking_loss(input1, input2, target, {margin, reduction});
  }

  double margin;
  Reduction reduction;
  BRASA_MODULE(MarginRankingLoss)
};

/// max(0, d(a, p) − d(a, n) + margin). See functional::triplet_margin_loss.
/// Errors: ValueError for a margin that is not positive. Source: torch.nn.TripletMarginLoss.
template <FloatScalar S = float>
class TripletMarginLoss : public Module<S> {
 public:
  explicit TripletMarginLoss(TripletMarginLossOptions options = {})
      : margin(options.margin),
        p(options.p),
        eps(options.eps),
        swap(options.swap),
        reduction(options.reduction) {
    if (!(margin > 0)) {
      detail::raise<ValueError>("TripletMarginLoss", "expected a positive margin, got ", margin);
    }
  }
  template <FloatScalar From>
  explicit TripletMarginLoss(const TripletMarginLoss<From>& other)
      : TripletMarginLoss({other.margin, other.p, other.eps, other.swap, other.reduction}) {}

  Tensor<S> forward(const Tensor<S>& anchor, const Tensor<S>& positive,
                    const Tensor<S>& negative) const {
    return functional::triplet_margin_loss(anchor, positive, negative,
                                           {margin, p, eps, swap, reduction});
  }

  double margin;
  double p;
  double eps;
  bool swap;
  Reduction reduction;
  BRASA_MODULE(TripletMarginLoss)
};

}  // namespace brasa::nn
