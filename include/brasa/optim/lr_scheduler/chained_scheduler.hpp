#pragma once

#include <vector>

#include "brasa/optim/lr_scheduler/composite.hpp"

namespace brasa::optim::lr_scheduler {

/// Schedulers at the same time: each step steps all of them, in order.
///
///     namespace lr_scheduler = optim::lr_scheduler;
///     lr_scheduler::ChainedScheduler scheduler(
///         {lr_scheduler::ConstantLR(optimizer), lr_scheduler::ExponentialLR(optimizer, 0.97)});
///
/// It owns its schedulers.
///
/// Errors: ValueError for none, or schedulers of different optimizers.
///
/// Source:
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ChainedScheduler.html
class ChainedScheduler final : public CompositeScheduler {
 public:
  explicit ChainedScheduler(const std::vector<Child>& schedulers)
      : CompositeScheduler(kName, first_optimizer(kName, schedulers), schedulers) {
    keep_last_lr();
  }
  /// The same, with the optimizer that they are to belong to.
  ChainedScheduler(const std::vector<Child>& schedulers, const Optimizer& optimizer)
      : CompositeScheduler(kName, optimizer.data(), schedulers) {
    check_not_empty(kName, schedulers);
    keep_last_lr();
  }

  void step() override {
    for (const auto& scheduler : schedulers()) scheduler->step();
    keep_last_lr();
  }

 private:
  static constexpr const char* kName = "ChainedScheduler";

  void attributes(const Attributes& attribute) override {
    attribute.optional("_last_lr", last_lr_);
    attributes_of_schedulers(attribute);
  }
};

}  // namespace brasa::optim::lr_scheduler
