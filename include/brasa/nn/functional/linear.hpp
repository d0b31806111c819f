#pragma once

#include "brasa/ops/matmul.hpp"

namespace brasa::nn::functional {

/// y = x·Wᵀ + b
///
/// Shapes: input `(*, in_features)`, weight `(out_features, in_features)`, bias `(out_features)` or
/// undefined, output `(*, out_features)`.
/// Errors: ShapeError. Source: torch.nn.functional.linear.
using brasa::linear;

}  // namespace brasa::nn::functional
