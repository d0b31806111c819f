#pragma once

// The schedulers of the recorded training runs.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "brasa/optim/lr_scheduler.hpp"
#include "brasa/optim/optimizer.hpp"
#include "support/golden.hpp"
#include "support/schedulers.hpp"

namespace training {

/// What follows each step of the optimizer; it is given the loss of that step. It owns its
/// scheduler.
using AfterStep = std::function<void(double loss)>;

/// Makes a scheduler from its kwargs in JSON, as `make_scheduler` does in
/// tests/golden/recorder/training.py. Called once, before the first step.
using MakeScheduler =
    std::function<AfterStep(brasa::optim::Optimizer& optimizer, const golden::Json& kwargs)>;

inline AfterStep stepped(::schedulers::Made made) {
  using namespace brasa::optim::lr_scheduler;
  const std::shared_ptr<SchedulerBase> scheduler = std::move(made);
  if (const auto plateau = std::dynamic_pointer_cast<ReduceLROnPlateau>(scheduler)) {
    return [plateau](double loss) { plateau->step(loss); };
  }
  const auto plain = std::dynamic_pointer_cast<LRScheduler>(scheduler);
  return [plain](double) { plain->step(); };
}

/// By the name in torch.optim.lr_scheduler.
inline const std::map<std::string, MakeScheduler>& schedulers() {
  static const auto table = [] {
    std::map<std::string, MakeScheduler> makers;
    const auto add = [&makers](const std::string& name, const char* fixed_kwargs = nullptr) {
      makers[name] = [name, fixed_kwargs](const auto& optimizer, const golden::Json& kwargs) {
        return stepped(::schedulers::make(
            optimizer, name, fixed_kwargs ? golden::Json::parse(fixed_kwargs) : kwargs));
      };
    };
    for (const char* name : {"StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR",
                             "CosineAnnealingWarmRestarts", "LinearLR", "ConstantLR",
                             "PolynomialLR", "OneCycleLR", "CyclicLR", "ReduceLROnPlateau"}) {
      add(name);
    }
    add("LambdaLR", R"({"lr_lambda": {"function": "inverse"}})");
    add("SequentialLR", R"({"milestones": [12], "schedulers": [
        {"type": "ConstantLR", "kwargs": {"factor": 0.5, "total_iters": 10}},
        {"type": "ExponentialLR", "kwargs": {"gamma": 0.97}}]})");
    add("ChainedScheduler", R"({"schedulers": [
        {"type": "ConstantLR", "kwargs": {"factor": 0.5, "total_iters": 10}},
        {"type": "ExponentialLR", "kwargs": {"gamma": 0.97}}]})");
    return makers;
  }();
  return table;
}

}  // namespace training
