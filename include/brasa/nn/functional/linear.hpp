#pragma once

#include "brasa/ops/matmul.hpp"

namespace brasa::nn::functional {

/// y = x·Wᵀ + b
///
/// Shapes: input `(*, in_features)`, weight `(out_features, in_features)`, bias `(out_features)` or
/// undefined, output `(*, out_features)`.
/// Errors: ShapeError. Source: torch.nn.functional.linear.
template <FloatScalar S>
Tensor<S> linear(const Tensor<S>& input, const Tensor<S>& weight, const Tensor<S>& bias = {}) {
  return brasa::linear(input, weight, bias);
}

}  // namespace brasa::nn::functional
