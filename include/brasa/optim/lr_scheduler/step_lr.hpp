#pragma once

#include <cstdint>
#include <optional>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// What `StepLR` takes besides the size of its steps.
struct StepLROptions {
  Real gamma = 0.1;              ///< factor of each decay
  std::int64_t last_epoch = -1;  ///< epoch to go on from
};

/// lr ← γ·lr every `step_size` epochs.
///
///     optim::lr_scheduler::StepLR scheduler(optimizer, 30, {.gamma = 0.5});
///
/// Errors: ValueError for a step_size of 0.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.StepLR.html
class StepLR final : public LawScheduler {
 public:
  StepLR(const Optimizer& optimizer, std::int64_t step_size, const StepLROptions& options = {})
      : LawScheduler("StepLR", optimizer), step_size_(step_size), gamma_(options.gamma) {
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override {
    return p.epoch == 0 || p.epoch % step_size_ != 0 ? p.lr : p.lr * gamma_;
  }
  std::optional<Real> closed_form(const Point& p) const override {
    return p.base() * pow(gamma_, floor_div(p.epoch, step_size_));
  }
  void attributes(const Attributes& attribute) override {
    attribute("step_size", step_size_);
    attribute("gamma", gamma_);
    LawScheduler::attributes(attribute);
  }

  Real step_size_;
  Real gamma_;
};

}  // namespace brasa::optim::lr_scheduler
