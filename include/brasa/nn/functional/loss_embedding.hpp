#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "brasa/nn/functional/distance.hpp"
#include "brasa/nn/functional/reduction.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/cast.hpp"
#include "brasa/ops/clamp.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/unary.hpp"
#include "brasa/ops/where.hpp"

/// Losses that move what is alike together and all else apart.
namespace brasa::nn {

/// The optional arguments of HingeEmbeddingLoss.
struct HingeEmbeddingLossOptions {
  double margin = 1;
  Reduction reduction = Reduction::mean;
};

/// The optional arguments of CosineEmbeddingLoss.
struct CosineEmbeddingLossOptions {
  double margin = 0;
  Reduction reduction = Reduction::mean;
};

/// The optional arguments of MarginRankingLoss.
struct MarginRankingLossOptions {
  double margin = 0;
  Reduction reduction = Reduction::mean;
};

/// The optional arguments of TripletMarginLoss.
struct TripletMarginLossOptions {
  double margin = 1;
  /// The norm's exponent.
  double p = 2;
  /// Added to each difference, so that no distance is 0.
  double eps = 1e-6;
  /// Takes the distance between positive and negative where that is smaller than the one between
  /// anchor and negative.
  bool swap = false;
  Reduction reduction = Reduction::mean;
};

namespace functional {
namespace detail {

inline void check_triplet_margin(std::string_view op, double margin) {
  if (margin > 0) return;
  raise<ValueError>(op, "expected a positive margin, got ", margin);
}

}  // namespace detail

/// x where y = 1, max(0, margin − x) where y = −1, and their sum where y is anything else
///
/// Shapes: input `(*)`, a distance; target of any element type and a shape that broadcasts; the
/// loss is a number, or with `none` of their shape. Errors: ShapeError. Source:
/// torch.nn.functional.hinge_embedding_loss.
template <FloatScalar S, TensorScalar T>
Tensor<S> hinge_embedding_loss(const Tensor<S>& input, const Tensor<T>& target,
                               const HingeEmbeddingLossOptions& options = {}) {
  const auto apart = brasa::clamp_min(options.margin - input, 0);
  return detail::reduce("hinge_embedding_loss",
                        brasa::where(target != 1, apart, 0) + brasa::where(target != -1, input, 0),
                        options.reduction);
}

/// 1 − cos(x1, x2) where y = 1, max(0, cos(x1, x2) − margin) where y = −1, else 0
///
/// Shapes: inputs `(N, D)` or `(D)`, which broadcast; target `(N)` or `()`, of any element type;
/// the loss is a number, or with `none` of the target's shape. Errors: ShapeError. Source:
/// torch.nn.functional.cosine_embedding_loss.
template <FloatScalar S, TensorScalar T>
Tensor<S> cosine_embedding_loss(const Tensor<S>& input1,
                                const std::type_identity_t<Tensor<S>>& input2,
                                const Tensor<T>& target,
                                const CosineEmbeddingLossOptions& options = {}) {
  const std::int64_t dim = target.dim();
  if (dim > 1 || input1.dim() != dim + 1 || input2.dim() != dim + 1) {
    detail::raise<ShapeError>("cosine_embedding_loss",
                              "expected inputs of shape (N, D) and a "
                              "target of shape (N,), or (D,) and (), got ",
                              shape_text(input1.shape()), ", ", shape_text(input2.shape()), " and ",
                              shape_text(target.shape()));
  }
  constexpr double kSmallest = 1e-12f;  // a float in PyTorch, also for doubles
  const auto square1 = brasa::sum(input1 * input1, dim) + kSmallest;
  const auto square2 = brasa::sum(input2 * input2, dim) + kSmallest;
  const auto cosine = brasa::sum(input1 * input2, dim) / brasa::sqrt(square1 * square2);
  const auto apart = brasa::clamp_min(cosine - options.margin, 0);
  return detail::reduce(
      "cosine_embedding_loss",
      brasa::where(target == 1, 1 - cosine, 0) + brasa::where(target == -1, apart, 0),
      options.reduction);
}

/// max(0, −y·(x1 − x2) + margin): with y = 1, x1 shall be the larger one; with y = −1, x2
///
/// Shapes: all three of the same number of dimensions, and broadcast; the target is of any element
/// type; the loss is a number, or with `none` of their shape. Errors: ShapeError. Source:
/// torch.nn.functional.margin_ranking_loss.
template <FloatScalar S, TensorScalar T>
Tensor<S> margin_ranking_loss(const Tensor<S>& input1,
                              const std::type_identity_t<Tensor<S>>& input2,
                              const Tensor<T>& target,
                              const MarginRankingLossOptions& options = {}) {
  if (input1.dim() != input2.dim() || input1.dim() != target.dim()) {
    detail::raise<ShapeError>("margin_ranking_loss",
                              "expected inputs and target with the same "
                              "number of dimensions, got ",
                              shape_text(input1.shape()), ", ", shape_text(input2.shape()), " and ",
                              shape_text(target.shape()));
  }
  return detail::reduce(
      "margin_ranking_loss",
      brasa::clamp_min(-brasa::to<S>(target) * (input1 - input2) + options.margin, 0),
      options.reduction);
}

/// max(0, d(a, p) − d(a, n) + margin) with d = pairwise_distance: the positive p shall be nearer to
/// the anchor a than the negative n is
///
/// Shapes: all three `(N, D)` or `(D)`, and broadcast; the loss is a number, or with `none` `(N)`
/// or
/// `()`. Errors: ValueError for a margin that is not positive; ShapeError.
/// Source: torch.nn.functional.triplet_margin_loss.
template <FloatScalar S>
Tensor<S> triplet_margin_loss(const Tensor<S>& anchor,
                              const std::type_identity_t<Tensor<S>>& positive,
                              const std::type_identity_t<Tensor<S>>& negative,
                              const TripletMarginLossOptions& options = {}) {
  constexpr std::string_view kOp = "triplet_margin_loss";
  detail::check_triplet_margin(kOp, options.margin);
  if (anchor.dim() != positive.dim() || anchor.dim() != negative.dim()) {
    detail::raise<ShapeError>(kOp,
                              "expected anchor, positive and negative with the same number of "
                              "dimensions, got ",
                              shape_text(anchor.shape()), ", ", shape_text(positive.shape()),
                              " and ", shape_text(negative.shape()));
  }
  const PairwiseDistanceOptions norm{.p = options.p, .eps = options.eps};
  const auto to_positive = pairwise_distance(anchor, positive, norm);
  auto to_negative = pairwise_distance(anchor, negative, norm);
  if (options.swap)
    to_negative = brasa::minimum(to_negative, pairwise_distance(positive, negative, norm));
  return detail::reduce(kOp, brasa::clamp_min(options.margin + to_positive - to_negative, 0),
                        options.reduction);
}

}  // namespace functional
}  // namespace brasa::nn
