#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "brasa/optim/lr_scheduler/cosine_annealing_lr.hpp"
#include "brasa/optim/lr_scheduler/law_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// What `CosineAnnealingWarmRestarts` takes besides its first period.
struct CosineAnnealingWarmRestartsOptions {
  std::int64_t T_mult = 1;       ///< factor by which each period is longer than the one before
  Real eta_min = 0.0;            ///< lowest rate
  std::int64_t last_epoch = -1;  ///< epoch to go on from
};

/// eta_min + (lr − eta_min)·(1 + cos(πT_cur/T_i))/2, T_cur epochs after the last restart: from the
/// rate down to `eta_min` along a cosine, in `T_0` epochs the first time, then from the top again.
///
///     optim::lr_scheduler::CosineAnnealingWarmRestarts scheduler(optimizer, 15, {.T_mult = 2});
///
/// `step(epoch)` takes fractions: `scheduler.step(epoch + double(i) / batches)`.
///
/// Errors: ValueError for a T_0 or T_mult below 1, or a negative epoch.
///
/// Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
class CosineAnnealingWarmRestarts final : public LawScheduler {
 public:
  CosineAnnealingWarmRestarts(const Optimizer& optimizer, std::int64_t T_0,
                              const CosineAnnealingWarmRestartsOptions& options = {})
      : LawScheduler("CosineAnnealingWarmRestarts", optimizer),
        T_0_(T_0),
        T_i_(T_0),
        T_mult_(options.T_mult),
        eta_min_(options.eta_min),
        T_cur_(options.last_epoch) {
    if (T_0 <= 0) detail::raise<ValueError>(name(), "Expected positive integer T_0, but got ", T_0);
    if (options.T_mult < 1) {
      detail::raise<ValueError>(name(), "Expected integer T_mult >= 1, but got ", options.T_mult);
    }
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override {
    return detail::cosine_between(eta_min_, p.base(), detail::kPi * T_cur_ / T_i_);
  }

  void advance(std::optional<Real> epoch) override {
    if (!epoch && last_epoch_ < 0) epoch = 0;
    if (epoch) {
      find_period(*epoch);
    } else {
      T_cur_ = T_cur_ + 1;
      if (T_cur_ >= T_i_) {
        T_cur_ = T_cur_ % T_i_;
        T_i_ = T_i_ * T_mult_;
      }
    }
    const double last = epoch ? std::floor(epoch->value()) : 0;
    update(epoch ? static_cast<std::int64_t>(last) : last_epoch_ + 1, false, step_count_);
  }

  /// The period that an epoch falls into.
  void find_period(Real epoch) {
    constexpr double kMost = 0x1p53;  // epochs above are not told apart
    if (!(epoch >= 0 && epoch <= kMost)) {
      detail::raise<ValueError>(name(), "Expected non-negative epoch, but got ",
                                detail::python_text(epoch));
    }
    if (epoch < T_0_) {
      T_i_ = T_0_;
      T_cur_ = epoch;
    } else if (T_mult_ == 1) {
      T_cur_ = epoch % T_0_;
    } else {
      const double ratio = (epoch / T_0_ * (T_mult_ - 1) + 1).value();
      const auto n = static_cast<std::int64_t>(std::log(ratio) / std::log(T_mult_.value()));
      T_cur_ = epoch - T_0_ * (pow(T_mult_, n) - 1) / (T_mult_ - 1);
      T_i_ = T_0_ * pow(T_mult_, n);
    }
  }

  void attributes(const Attributes& attribute) override {
    attribute("T_0", T_0_);
    attribute("T_i", T_i_);
    attribute("T_mult", T_mult_);
    attribute("eta_min", eta_min_);
    attribute("T_cur", T_cur_);
    LawScheduler::attributes(attribute);
  }

  Real T_0_;
  Real T_i_;
  Real T_mult_;
  Real eta_min_;
  Real T_cur_;
};

}  // namespace brasa::optim::lr_scheduler
