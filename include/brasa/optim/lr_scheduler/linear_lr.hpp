#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// What `LinearLR` takes.
struct LinearLROptions {
  Real start_factor = 1.0 / 3;   ///< of the rate at first, in (0, 1]
  Real end_factor = 1.0;         ///< of the rate at the end, in [0, 1]
  std::int64_t total_iters = 5;  ///< epochs from the one to the other
  std::int64_t last_epoch = -1;  ///< epoch to go on from
};

/// lr times a factor that goes from `start_factor` to `end_factor` in equal steps: a warm-up.
///
///     optim::lr_scheduler::LinearLR scheduler(optimizer, {.start_factor = 0.1, .total_iters = 4});
///
/// Errors: ValueError for a factor out of its range.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.LinearLR.html
class LinearLR final : public LawScheduler {
 public:
  explicit LinearLR(const Optimizer& optimizer, const LinearLROptions& options = {})
      : LawScheduler("LinearLR", optimizer),
        start_factor_(options.start_factor),
        end_factor_(options.end_factor),
        total_iters_(options.total_iters) {
    if (start_factor_ > 1.0 || start_factor_ <= 0) {
      detail::raise<ValueError>(name(),
                                "Starting multiplicative factor expected to be greater than 0 and "
                                "less or equal to 1, got ",
                                detail::python_text(start_factor_));
    }
    if (end_factor_ > 1.0 || end_factor_ < 0) {
      detail::raise<ValueError>(name(),
                                "Ending multiplicative factor expected to be between 0 and 1, got ",
                                detail::python_text(end_factor_));
    }
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override {
    if (p.epoch == 0) return p.lr * start_factor_;
    if (p.initial || p.epoch > total_iters_) return p.lr;
    const Real rise = end_factor_ - start_factor_;
    return p.lr * (1.0 + rise / (total_iters_ * start_factor_ + (p.epoch - 1) * rise));
  }
  std::optional<Real> closed_form(const Point& p) const override {
    const Real rise = end_factor_ - start_factor_;
    return p.base() * (start_factor_ + rise * std::min(total_iters_, p.epoch) / total_iters_);
  }
  void attributes(const Attributes& attribute) override {
    attribute("start_factor", start_factor_);
    attribute("end_factor", end_factor_);
    attribute("total_iters", total_iters_);
    LawScheduler::attributes(attribute);
  }

  Real start_factor_;
  Real end_factor_;
  Real total_iters_;
};

}  // namespace brasa::optim::lr_scheduler
