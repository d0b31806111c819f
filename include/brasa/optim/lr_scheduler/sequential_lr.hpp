#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "brasa/optim/lr_scheduler/composite.hpp"
#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// Schedulers one after the other: the next one begins, at its epoch 0, at each milestone.
///
///     namespace lr_scheduler = optim::lr_scheduler;
///     lr_scheduler::SequentialLR scheduler(
///         optimizer,
///         {lr_scheduler::LinearLR(optimizer), lr_scheduler::ExponentialLR(optimizer, 0.97)}, {5});
///
/// It owns its schedulers. Only the first may itself be a SequentialLR or a ChainedScheduler, as in
/// PyTorch, where the others fail at their milestone.
///
/// Errors: ValueError for schedulers of another optimizer, and unless there is one more of them
/// than milestones.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.SequentialLR.html
class SequentialLR final : public CompositeScheduler {
 public:
  SequentialLR(const Optimizer& optimizer, const std::vector<Child>& schedulers,
               const std::vector<std::int64_t>& milestones, const LastEpoch& options = {})
      : CompositeScheduler("SequentialLR", optimizer.data(), schedulers),
        milestones_(milestones),
        last_epoch_(options.last_epoch + 1) {
    check(schedulers);
    for (ParamGroup& group : groups()) group.set_number("lr", group.number("initial_lr"));
    undo();
    const std::size_t first = at(0);
    begin(first);
    keep_last_lr();
  }

  void step() override {
    ++last_epoch_;
    const std::size_t i = at(last_epoch_);
    if (i > 0 && milestones_[i - 1] == last_epoch_) {
      restart(i);
    } else {
      this->schedulers()[i]->step();
    }
    keep_last_lr();
  }

  std::int64_t last_epoch() const noexcept { return last_epoch_; }

 private:
  /// The scheduler whose turn an epoch is.
  std::size_t at(std::int64_t epoch) const {
    return static_cast<std::size_t>(
        std::upper_bound(milestones_.begin(), milestones_.end(), epoch) - milestones_.begin());
  }
  void check(const std::vector<Child>& schedulers) const {
    check_not_empty(name(), schedulers);
    if (milestones_.size() != schedulers.size() - 1) {
      detail::raise<ValueError>(name(),
                                "expects number of schedulers provided to be one more than the "
                                "number of milestone points, but got ",
                                schedulers.size(), " schedulers and ", milestones_.size(),
                                " milestones");
    }
    for (std::size_t i = 1; i < schedulers.size(); ++i) {
      if (!is_composite(*schedulers[i].scheduler())) continue;
      detail::raise<ValueError>(name(), "only the first scheduler may hold others, but ",
                                schedulers[i].scheduler()->name(), " is at index ", i);
    }
  }
  void attributes(const Attributes& attribute) override {
    attribute.list("_milestones", milestones_, milestones_.size());
    attribute("last_epoch", last_epoch_);
    attribute.optional("_last_lr", last_lr_);
    attributes_of_schedulers(attribute);
  }

  std::vector<std::int64_t> milestones_;
  std::int64_t last_epoch_;
};

}  // namespace brasa::optim::lr_scheduler
