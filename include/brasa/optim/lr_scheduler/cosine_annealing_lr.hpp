#pragma once

#include <cstdint>
#include <numbers>
#include <optional>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {
namespace detail {

inline constexpr Real kPi = std::numbers::pi;

/// From `high` to `low` along half a cosine, `angle` from 0 to π.
inline Real cosine_between(Real low, Real high, Real angle) {
  return low + (high - low) * (1 + cos(angle)) / 2;
}

}  // namespace detail

/// What `CosineAnnealingLR` takes besides the half of its period.
struct CosineAnnealingLROptions {
  Real eta_min = 0.0;            ///< lowest rate
  std::int64_t last_epoch = -1;  ///< epoch to go on from
};

/// eta_min + (lr − eta_min)·(1 + cos(πe/T_max))/2 at epoch e: from the rate down to `eta_min` in
/// `T_max` epochs along a cosine, then up again in as many, and so on.
///
///     optim::lr_scheduler::CosineAnnealingLR scheduler(optimizer, 40, {.eta_min = 1e-3});
///
/// Errors: ValueError for a T_max of 0.
///
/// Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
class CosineAnnealingLR final : public LawScheduler {
 public:
  CosineAnnealingLR(const Optimizer& optimizer, std::int64_t T_max,
                    const CosineAnnealingLROptions& options = {})
      : LawScheduler("CosineAnnealingLR", optimizer), T_max_(T_max), eta_min_(options.eta_min) {
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override {
    if (p.initial) return p.lr;
    if (p.step_count == 1 && p.epoch > 0) return *closed_form(p);
    if ((p.epoch - 1 - T_max_) % (2 * T_max_) == 0) {
      return p.lr + (p.base() - eta_min_) * (1 - cos(detail::kPi / T_max_)) / 2;
    }
    return height(p.epoch) / height(p.epoch - 1) * (p.lr - eta_min_) + eta_min_;
  }
  Real height(Real epoch) const { return 1 + cos(detail::kPi * epoch / T_max_); }
  std::optional<Real> closed_form(const Point& p) const override {
    return detail::cosine_between(eta_min_, p.base(), detail::kPi * p.epoch / T_max_);
  }
  void attributes(const Attributes& attribute) override {
    attribute("T_max", T_max_);
    attribute("eta_min", eta_min_);
    LawScheduler::attributes(attribute);
  }

  Real T_max_;
  Real eta_min_;
};

}  // namespace brasa::optim::lr_scheduler
