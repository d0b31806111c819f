#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "brasa/nn/functional/operands.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/norm.hpp"
#include "brasa/ops/reduce.hpp"

/// How far vectors are from each other, and how much they point in one direction.
namespace brasa::nn {

/// The optional arguments of pairwise_distance.
struct PairwiseDistanceOptions {
  /// The norm's exponent.
  double p = 2;
  /// Added to each difference, so that no distance is 0.
  double eps = 1e-6;
  bool keepdim = false;
};

/// The optional arguments of cosine_similarity.
struct CosineSimilarityOptions {
  std::int64_t dim = 1;
  /// A norm below counts as ε.
  double eps = 1e-8;
};

namespace functional {

/// (Σᵢ |x1ᵢ − x2ᵢ + ε|^p)^(1/p), where i runs along the last dimension
///
/// Shapes: x1 and x2 `(*, D)`, which broadcast; the result is `(*)`, with keepdim `(*, 1)`.
/// Errors: ShapeError. Source: torch.nn.functional.pairwise_distance.
template <FloatScalar S>
Tensor<S> pairwise_distance(const Tensor<S>& x1, const std::type_identity_t<Tensor<S>>& x2,
                            const PairwiseDistanceOptions& options = {}) {
  return brasa::detail::norm_over(x1 - x2 + options.eps, options.p, {-1}, options.keepdim,
                                  "NormBackward1");
}

/// x1·x2 / (max(‖x1‖, ε)·max(‖x2‖, ε)) along one dimension
///
/// Shapes: x1 and x2 broadcast to one shape; the result is that without the dimension. The gradient
/// of a norm below ε is that at ε.
/// Errors: ShapeError; IndexError for a dimension out of range.
/// Source: torch.nn.functional.cosine_similarity.
template <FloatScalar S>
Tensor<S> cosine_similarity(const Tensor<S>& x1, const std::type_identity_t<Tensor<S>>& x2,
                            const CosineSimilarityOptions& options = {}) {
  const auto [a, b] = detail::broadcast("cosine_similarity", x1, x2);
  const auto direction = [&options](const Tensor<S>& x) {
    return x / detail::raised_to(brasa::norm(x, 2, options.dim, true), options.eps);
  };
  return brasa::sum(direction(a) * direction(b), options.dim);
}

}  // namespace functional
}  // namespace brasa::nn
