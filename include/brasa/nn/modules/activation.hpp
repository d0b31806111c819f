#pragma once

/// All activations as modules: `nn::GELU<> activation;`.

#include "brasa/nn/modules/activation_gated.hpp"
#include "brasa/nn/modules/activation_piecewise.hpp"
#include "brasa/nn/modules/activation_slopes.hpp"
#include "brasa/nn/modules/activation_smooth.hpp"
#include "brasa/nn/modules/activation_softmax.hpp"
