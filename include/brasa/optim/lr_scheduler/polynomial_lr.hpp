#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// What `PolynomialLR` takes.
struct PolynomialLROptions {
  std::int64_t total_iters = 5;  ///< epochs until the rate is 0
  Real power = 1.0;              ///< of the polynomial
  std::int64_t last_epoch = -1;  ///< epoch to go on from
};

/// lr·(1 − e/total_iters)^power at epoch e, and 0 after `total_iters`.
///
///     optim::lr_scheduler::PolynomialLR scheduler(optimizer, {.total_iters = 80, .power = 2.0});
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.PolynomialLR.html
class PolynomialLR final : public LawScheduler {
 public:
  explicit PolynomialLR(const Optimizer& optimizer, const PolynomialLROptions& options = {})
      : LawScheduler("PolynomialLR", optimizer),
        total_iters_(options.total_iters),
        power_(options.power) {
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override {
    if (p.initial || p.epoch > total_iters_) return p.lr;
    const Real left = 1.0 - p.epoch / total_iters_;
    const Real left_before = 1.0 - (p.epoch - 1) / total_iters_;
    return p.lr * pow(left / left_before, power_);
  }
  std::optional<Real> closed_form(const Point& p) const override {
    return p.base() * pow(1.0 - std::min(total_iters_, p.epoch) / total_iters_, power_);
  }
  void attributes(const Attributes& attribute) override {
    attribute("total_iters", total_iters_);
    attribute("power", power_);
    LawScheduler::attributes(attribute);
  }

  Real total_iters_;
  Real power_;
};

}  // namespace brasa::optim::lr_scheduler
