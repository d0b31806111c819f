#pragma once

/// All losses: `namespace F = brasa::nn::functional; F::cross_entropy(logits, labels)`.

#include "brasa/nn/functional/loss_binary.hpp"
#include "brasa/nn/functional/loss_cross_entropy.hpp"
#include "brasa/nn/functional/loss_distribution.hpp"
#include "brasa/nn/functional/loss_embedding.hpp"
#include "brasa/nn/functional/loss_margin.hpp"
#include "brasa/nn/functional/loss_nll.hpp"
#include "brasa/nn/functional/loss_regression.hpp"
