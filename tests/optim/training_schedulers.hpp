#pragma once

// The schedulers of the recorded training runs.

#include <functional>
#include <map>
#include <string>

#include "brasa/optim/optimizer.hpp"
#include "support/golden.hpp"

namespace training {

/// What follows each step of the optimizer; it is given the loss of that step. It owns its
/// scheduler.
using AfterStep = std::function<void(double loss)>;

/// Makes a scheduler from its kwargs in JSON, as `make_scheduler` does in
/// tests/golden/recorder/training.py. Called once, before the first step.
using MakeScheduler = AfterStep (*)(brasa::optim::Optimizer& optimizer, const golden::Json& kwargs);

/// By the name in torch.optim.lr_scheduler. Runs with one that is not here are counted as skipped.
inline const std::map<std::string, MakeScheduler>& schedulers() {
  static const std::map<std::string, MakeScheduler> table{};
  return table;
}

}  // namespace training
