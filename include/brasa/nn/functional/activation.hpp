#pragma once

/// All activations: `namespace F = brasa::nn::functional; F::gelu(x)`.
///
/// Where they differ from PyTorch: none has an `inplace`, which would change an argument that C++
/// passes as const; they are for floating point only, but for relu, sigmoid and tanh.

#include "brasa/nn/functional/activation_gated.hpp"
#include "brasa/nn/functional/activation_piecewise.hpp"
#include "brasa/nn/functional/activation_slopes.hpp"
#include "brasa/nn/functional/activation_smooth.hpp"
#include "brasa/nn/functional/activation_softmax.hpp"
