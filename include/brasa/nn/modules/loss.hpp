#pragma once

/// All losses as modules: `nn::CrossEntropyLoss<> loss; loss(logits, labels).backward();`.

#include "brasa/nn/modules/loss_binary.hpp"
#include "brasa/nn/modules/loss_classification.hpp"
#include "brasa/nn/modules/loss_embedding.hpp"
#include "brasa/nn/modules/loss_regression.hpp"
