#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "brasa/optim/lr_scheduler/scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// A scheduler that is handed over to one that holds several. One that has a name is moved in:
/// `{std::move(warmup), std::move(decay)}`.
class Child {
 public:
  template <std::derived_from<LRScheduler> S>
  Child(S&& scheduler)  // S is no reference: what comes is a temporary
      : scheduler_(std::make_shared<S>(std::forward<S>(scheduler))) {}
  /// One that the caller keeps a hold of.
  template <std::derived_from<LRScheduler> S>
  Child(std::shared_ptr<S> scheduler) : scheduler_(std::move(scheduler)) {}

  const std::shared_ptr<LRScheduler>& scheduler() const noexcept { return scheduler_; }

 private:
  std::shared_ptr<LRScheduler> scheduler_;
};

/// What SequentialLR and ChainedScheduler share: they hold schedulers of one optimizer.
class CompositeScheduler : public LRScheduler {
 public:
  /// Those that it holds.
  const std::vector<std::shared_ptr<LRScheduler>>& schedulers() const noexcept {
    return schedulers_;
  }

 protected:
  CompositeScheduler(const char* name, std::shared_ptr<detail::OptimizerData> optimizer,
                     const std::vector<Child>& schedulers)
      : LRScheduler(name, std::move(optimizer)) {
    for (const Child& child : schedulers) {
      if (child.scheduler() == nullptr) {
        detail::raise<ValueError>(name, "scheduler ", schedulers_.size(), " is a null pointer");
      }
      if (child.scheduler()->shared_optimizer() != shared_optimizer()) {
        detail::raise<ValueError>(
            name, "expects all schedulers to belong to the same optimizer, but scheduler ",
            child.scheduler()->name(), " at index ", schedulers_.size(), " has another one");
      }
      schedulers_.push_back(child.scheduler());
    }
  }

  /// The optimizer of the first of them.
  static std::shared_ptr<detail::OptimizerData> first_optimizer(
      const char* name, const std::vector<Child>& schedulers) {
    check_not_empty(name, schedulers);
    const auto& first = schedulers.front().scheduler();
    return first ? first->shared_optimizer() : nullptr;
  }
  static void check_not_empty(const char* name, const std::vector<Child>& schedulers) {
    if (!schedulers.empty()) return;
    detail::raise<ValueError>(name, "expects at least one scheduler, but got no scheduler");
  }

  void attributes_of_schedulers(const Attributes& attribute) {
    if (is_held_) {  // PyTorch notes the constructor's step also where it means nothing
      attribute.constant("_step_count", 0);
      attribute.constant("_is_initial", false);
    }
    attribute.nested("_schedulers", schedulers_.size(),
                     [&](std::size_t i, const Attributes& its) { attributes_of(i, its); });
  }
  static bool is_composite(const LRScheduler& scheduler) { return scheduler.holds_others(); }
  void begin(std::size_t i) { schedulers_[i]->initial_step(); }
  void restart(std::size_t i) { schedulers_[i]->restart(); }
  void undo() override {
    for (const auto& scheduler : schedulers_) scheduler->undo();
  }

 private:
  bool holds_others() const noexcept override { return true; }
  void attributes_of(std::size_t i, const Attributes& attribute) {
    static_cast<SchedulerBase&>(*schedulers_[i]).attributes(attribute);
  }
  void initial_step() override {
    is_held_ = true;
    step();
  }
  void restart() override {
    detail::raise<ValueError>(name(),
                              "cannot begin at a milestone: only the first scheduler of a "
                              "SequentialLR may hold others");
  }

  std::vector<std::shared_ptr<LRScheduler>> schedulers_;
  bool is_held_ = false;  // by a SequentialLR
};

}  // namespace brasa::optim::lr_scheduler
