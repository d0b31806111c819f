#pragma once

/// The methods of Tensor: `x.sum(1)` for `brasa::sum(x, 1)`. Those of autograd stand in
/// autograd/backward.hpp, those that draw random numbers in ops/random.hpp.
#include "brasa/ops/methods_elementwise.hpp"
#include "brasa/ops/methods_reduce.hpp"
#include "brasa/ops/methods_shape.hpp"
