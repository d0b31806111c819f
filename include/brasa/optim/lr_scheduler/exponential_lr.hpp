#pragma once

#include <optional>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// lr ← γ·lr at every epoch.
///
///     optim::lr_scheduler::ExponentialLR scheduler(optimizer, 0.98);
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ExponentialLR.html
class ExponentialLR final : public LawScheduler {
 public:
  ExponentialLR(const Optimizer& optimizer, Real gamma, const LastEpoch& options = {})
      : LawScheduler("ExponentialLR", optimizer), gamma_(gamma) {
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override { return p.initial ? p.lr : p.lr * gamma_; }
  std::optional<Real> closed_form(const Point& p) const override {
    return p.base() * pow(gamma_, p.epoch);
  }
  void attributes(const Attributes& attribute) override {
    attribute("gamma", gamma_);
    LawScheduler::attributes(attribute);
  }

  Real gamma_;
};

}  // namespace brasa::optim::lr_scheduler
