#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"
#include "brasa/optim/lr_scheduler/momentum_cycle.hpp"
#include "brasa/optim/lr_scheduler/per_group.hpp"

namespace brasa::optim::lr_scheduler {

/// What `CyclicLR` takes besides the range of the rate.
struct CyclicLROptions {
  Real step_size_up = 2000;                 ///< steps in which the rate goes up
  std::optional<Real> step_size_down = {};  ///< steps in which it goes down; as many if left out
  std::string mode = "triangular";          ///< "triangular", "triangular2" or "exp_range"
  Real gamma = 1.0;                         ///< for "exp_range": γ^step scales the range
  std::function<Real(Real)> scale_fn = {};  ///< scales the range, instead of `mode`
  std::string scale_mode = "cycle";         ///< its argument: "cycle" (from 1) or "iterations"
  bool cycle_momentum = true;               ///< momentum goes the other way
  PerGroup<Real> base_momentum = 0.8;       ///< lowest momentum
  PerGroup<Real> max_momentum = 0.9;        ///< highest momentum
  std::int64_t last_epoch = -1;             ///< step to go on from
};

/// Up from `base_lr` to `max_lr` and down again along lines, over and over, stepped after every
/// batch. With "triangular2" each cycle is half as high as the one before, with "exp_range" the
/// height shrinks with γ^step.
///
///     optim::lr_scheduler::CyclicLR scheduler(optimizer, 0.01, 0.1, {.step_size_up = 500});
///
/// The function `scale_fn` is not part of the state.
///
/// Errors: ValueError for an unknown mode, lists that are not as long as there are groups, and
/// `cycle_momentum` with an optimizer that has no momentum.
///
/// Source: Smith, "Cyclical Learning Rates for Training Neural Networks", 2017;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CyclicLR.html
class CyclicLR final : public LawScheduler {
 public:
  CyclicLR(const Optimizer& optimizer, const PerGroup<Real>& base_lr, const PerGroup<Real>& max_lr,
           const CyclicLROptions& options = {});

 private:
  inline Rates next(const Point& p) const override;
  Real scale(Real cycle, Real step) const;
  inline void attributes(const Attributes& attribute) override;
  void check(const std::string& mode) const {
    if (scale_fn_ || mode == "triangular" || mode == "triangular2" || mode == "exp_range") return;
    detail::raise<ValueError>(name(), "mode is invalid and scale_fn is None: expected one of ",
                              "'triangular', 'triangular2', 'exp_range', got ", mode);
  }

  std::vector<Real> max_lrs_;
  Real total_size_ = 0;
  Real step_ratio_ = 0;
  std::string mode_;
  Real gamma_;
  std::function<Real(Real)> scale_fn_;
  std::string scale_mode_;
  detail::MomentumCycle momentum_;
};

inline CyclicLR::CyclicLR(const Optimizer& optimizer, const PerGroup<Real>& base_lr,
                          const PerGroup<Real>& max_lr, const CyclicLROptions& options)
    : LawScheduler("CyclicLR", optimizer),
      max_lrs_(max_lr.values(name(), "max_lr", groups().size())),
      mode_(options.mode),
      gamma_(options.gamma),
      scale_fn_(options.scale_fn),
      scale_mode_(options.scale_mode),
      momentum_(name(), *optimizer.data(), options.cycle_momentum, options.base_momentum,
                options.max_momentum) {
  const auto base_lrs = base_lr.values(name(), "base_lr", groups().size());
  check(mode_);
  if (!scale_fn_) scale_mode_ = mode_ == "exp_range" ? "iterations" : "cycle";
  const Real up = options.step_size_up.value();
  const Real down = options.step_size_down.value_or(up).value();
  total_size_ = up + down;
  step_ratio_ = up / total_size_;

  if (options.last_epoch == -1) {
    for (std::size_t i = 0; i < groups().size(); ++i) groups()[i].set_number("lr", base_lrs[i]);
    momentum_.begin(this->optimizer());
  }
  begin(options.last_epoch);
  base_lrs_ = base_lrs;
}

inline LawScheduler::Rates CyclicLR::next(const Point& p) const {
  const Real cycles = 1 + p.epoch / total_size_;
  const Real cycle = static_cast<std::int64_t>(std::floor(cycles.value()));
  const Real x = 1.0 + p.epoch / total_size_ - cycle;
  const Real height = x <= step_ratio_ ? x / step_ratio_ : (x - 1) / (step_ratio_ - 1);
  const Real scaled = scale(cycle, p.epoch);

  const Real lr = p.base() + (max_lrs_[p.index] - p.base()) * height * scaled;
  if (!momentum_.on) return lr;
  const Real low = momentum_.base[p.index];
  const Real high = momentum_.max[p.index];
  return {lr, high - (high - low) * height * scaled};
}

inline Real CyclicLR::scale(Real cycle, Real step) const {
  const Real x = scale_mode_ == "cycle" ? cycle : step;
  if (scale_fn_) return scale_fn_(x);
  if (mode_ == "triangular") return 1.0;
  return mode_ == "triangular2" ? 1 / pow(2.0, x - 1) : pow(gamma_, x);
}

inline void CyclicLR::attributes(const Attributes& attribute) {
  const std::size_t count = max_lrs_.size();
  attribute.list("max_lrs", max_lrs_, count);
  attribute("total_size", total_size_);
  attribute("step_ratio", step_ratio_);
  check(attribute("mode", mode_));
  attribute("gamma", gamma_);
  attribute("scale_mode", scale_mode_);
  if (attribute("cycle_momentum", momentum_.on)) {
    attribute.constant("use_beta1", momentum_.use_beta1);
    attribute.list("base_momentums", momentum_.base, count);
    attribute.list("max_momentums", momentum_.max, count);
  }
  LawScheduler::attributes(attribute);
  attribute.constant("_scale_fn_custom", nullptr);
}

}  // namespace brasa::optim::lr_scheduler
