#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {
namespace detail {

/// Epochs and how often each was named, Python's Counter.
class Milestones {
 public:
  explicit Milestones(const std::vector<std::int64_t>& epochs = {}) {
    for (const std::int64_t epoch : epochs) counts_.set(epoch, count(epoch) + 1);
  }

  std::int64_t count(std::int64_t epoch) const {
    const Value* found = counts_.find(epoch);
    return found ? found->as_int() : 0;
  }
  /// How many are not after an epoch.
  Real count_up_to(std::int64_t last) const {
    Real total = 0;
    for (const auto& [epoch, times] : counts_) {
      if (epoch.integer() <= last) total = total + times.as_int();
    }
    return total;
  }

  Value to_value() const { return Value::dict(counts_); }
  static Milestones from_value(const ValueAt& value) {
    Milestones milestones;
    for (const auto& [epoch, times] : value.as_dict()) {
      if (epoch.is_string() || !times.is_int() || times.as_int() < 0) {
        raise<ValueError>("", value.path(), ": expected epochs and how often each counts, found ",
                          described(value));
      }
      milestones.counts_.set(epoch, times);
    }
    return milestones;
  }

 private:
  Dict counts_{DictType::counter};
};

}  // namespace detail

/// What `MultiStepLR` takes besides its milestones.
struct MultiStepLROptions {
  Real gamma = 0.1;              ///< factor of each decay
  std::int64_t last_epoch = -1;  ///< epoch to go on from
};

/// lr ← γ·lr at each milestone, an epoch; one that is listed twice counts twice.
///
///     optim::lr_scheduler::MultiStepLR scheduler(optimizer, {30, 80}, {.gamma = 0.1});
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.MultiStepLR.html
class MultiStepLR final : public LawScheduler {
 public:
  MultiStepLR(const Optimizer& optimizer, const std::vector<std::int64_t>& milestones,
              const MultiStepLROptions& options = {})
      : LawScheduler("MultiStepLR", optimizer), milestones_(milestones), gamma_(options.gamma) {
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override {
    const std::int64_t times = milestones_.count(p.epoch.integer());
    return times == 0 ? p.lr : p.lr * pow(gamma_, times);
  }
  std::optional<Real> closed_form(const Point& p) const override {
    return p.base() * pow(gamma_, milestones_.count_up_to(p.epoch.integer()));
  }
  void attributes(const Attributes& attribute) override {
    attribute("milestones", milestones_);
    attribute("gamma", gamma_);
    LawScheduler::attributes(attribute);
  }

  detail::Milestones milestones_;
  Real gamma_;
};

}  // namespace brasa::optim::lr_scheduler
