#pragma once

#include <cstdint>
#include <optional>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// What `ConstantLR` takes.
struct ConstantLROptions {
  Real factor = 1.0 / 3;         ///< of the rate at first, in [0, 1]
  std::int64_t total_iters = 5;  ///< epochs that it lasts
  std::int64_t last_epoch = -1;  ///< epoch to go on from
};

/// lr·factor for `total_iters` epochs, then lr.
///
///     optim::lr_scheduler::ConstantLR scheduler(optimizer, {.factor = 0.5, .total_iters = 4});
///
/// Errors: ValueError for a factor out of its range.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ConstantLR.html
class ConstantLR final : public LawScheduler {
 public:
  explicit ConstantLR(const Optimizer& optimizer, const ConstantLROptions& options = {})
      : LawScheduler("ConstantLR", optimizer),
        factor_(options.factor),
        total_iters_(options.total_iters) {
    if (factor_ > 1.0 || factor_ < 0) {
      detail::raise<ValueError>(
          name(), "Constant multiplicative factor expected to be between 0 and 1, got ",
          detail::python_text(factor_));
    }
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override {
    if (p.epoch == 0) return p.lr * factor_;
    return p.epoch != total_iters_ ? p.lr : p.lr * (1.0 / factor_);
  }
  std::optional<Real> closed_form(const Point& p) const override {
    const Real over = p.epoch >= total_iters_ ? 1 : 0;
    return p.base() * (factor_ + over * (1 - factor_));
  }
  void attributes(const Attributes& attribute) override {
    attribute("factor", factor_);
    attribute("total_iters", total_iters_);
    LawScheduler::attributes(attribute);
  }

  Real factor_;
  Real total_iters_;
};

}  // namespace brasa::optim::lr_scheduler
