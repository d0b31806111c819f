#pragma once

// What LBFGS goes down on: `objective` of tests/conformance/optim_recorder/optimizers.py.

#include <vector>

#include "brasa/core/tensor.hpp"
#include "brasa/optim/optimizer.hpp"

namespace optimizers {

/// A valley in the first parameter, a vector, bowls in the second and the third, which is 0-d, and
/// the sum of the fourth. Others have no part in it.
template <brasa::FloatScalar S>
brasa::Tensor<S> objective(const std::vector<brasa::Tensor<S>>& params, S steepness);

/// A step of the optimizer on it; gives the loss.
template <brasa::FloatScalar S>
brasa::Tensor<S> descend(brasa::optim::Optimizer& optimizer,
                         const std::vector<brasa::Tensor<S>>& params, S steepness);

}  // namespace optimizers
