#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "brasa/core/warning.hpp"
#include "brasa/optim/lr_scheduler/per_group.hpp"
#include "brasa/optim/lr_scheduler/scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// What `ReduceLROnPlateau` takes.
struct ReduceLROnPlateauOptions {
  std::string mode = "min";            ///< "min": the metric should fall; "max": it should rise
  Real factor = 0.1;                   ///< of each reduction, below 1
  std::int64_t patience = 10;          ///< epochs without improvement that are let pass
  Real threshold = 1e-4;               ///< what counts as an improvement
  std::string threshold_mode = "rel";  ///< "rel": as a part of the best; "abs": as a difference
  std::int64_t cooldown = 0;           ///< epochs after a reduction that do not count
  PerGroup<Real> min_lr = 0;           ///< lowest rate
  Real eps = 1e-8;                     ///< smaller changes of the rate are not made
};

/// lr ← factor·lr when a metric has not got better for more than `patience` epochs.
///
///     optim::lr_scheduler::ReduceLROnPlateau scheduler(optimizer, {.factor = 0.5, .patience = 4});
///     for (…) scheduler.step(validation_loss);
///
/// Since `step` takes the metric, it is no `LRScheduler`: it fits neither into SequentialLR nor
/// into ChainedScheduler, which PyTorch refuses when it runs.
///
/// Errors: ValueError for a factor of 1 or more, an unknown mode, or `min_lr` with more or fewer
/// rates than groups.
///
/// Source:
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
class ReduceLROnPlateau final : public SchedulerBase {
 public:
  explicit ReduceLROnPlateau(const Optimizer& optimizer,
                             const ReduceLROnPlateauOptions& options = {})
      : SchedulerBase("ReduceLROnPlateau", optimizer.data()),
        factor_(options.factor),
        default_min_lr_(options.min_lr.is_list() ? std::nullopt
                                                 : std::optional(options.min_lr.front())),
        min_lrs_(options.min_lr.values(name(), "min_lr", groups().size())),
        patience_(options.patience),
        cooldown_(options.cooldown),
        eps_(options.eps),
        mode_(options.mode),
        threshold_(options.threshold),
        threshold_mode_(options.threshold_mode) {
    if (factor_ >= 1.0) {
      detail::raise<ValueError>(name(), "Factor should be < 1.0, got ",
                                detail::python_text(factor_));
    }
    check(mode_, threshold_mode_);
    best_ = worst();
    keep_last_lr();
  }

  /// The next epoch, with what it reached.
  void step(Real metrics) { step_at(last_epoch_ + 1, metrics); }
  /// The same with a tensor that has one element.
  template <FloatScalar S>
  void step(const Tensor<S>& metrics) {
    step(metrics.item());
  }
  /// With the number of the epoch, which PyTorch discourages and so warns of.
  void step(Real metrics, std::int64_t epoch) {
    detail::warn("The epoch parameter in `scheduler.step()` is deprecated.");
    step_at(epoch, metrics);
  }

  std::int64_t last_epoch() const noexcept { return last_epoch_; }

 private:
  bool is_min() const { return mode_ == "min"; }
  Real worst() const {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return is_min() ? kInfinity : -kInfinity;
  }
  bool is_better(Real metric) const {
    if (threshold_mode_ == "rel") {
      return is_min() ? metric < best_ * (1.0 - threshold_) : metric > best_ * (threshold_ + 1.0);
    }
    return is_min() ? metric < best_ - threshold_ : metric > best_ + threshold_;
  }
  void check(const std::string& mode, const std::string& threshold_mode) const {
    if (mode != "min" && mode != "max") {
      detail::raise<ValueError>(name(), "mode ", mode, " is unknown, expected min or max");
    }
    if (threshold_mode != "rel" && threshold_mode != "abs") {
      detail::raise<ValueError>(name(), "threshold mode ", threshold_mode,
                                " is unknown, expected rel or abs");
    }
  }

  void step_at(std::int64_t epoch, Real metrics);
  void reduce();
  inline void attributes(const Attributes& attribute) override;

  Real factor_;
  std::optional<Real> default_min_lr_;  // none if there was one for each group
  std::vector<Real> min_lrs_;
  Real patience_;
  Real cooldown_;
  Real eps_;
  std::int64_t last_epoch_ = 0;
  std::string mode_;
  Real threshold_;
  std::string threshold_mode_;
  Real best_ = 0;
  std::int64_t cooldown_counter_ = 0;
  std::int64_t num_bad_epochs_ = 0;
};

inline void ReduceLROnPlateau::step_at(std::int64_t epoch, Real metrics) {
  const Real metric = metrics.value();
  last_epoch_ = epoch;
  if (is_better(metric)) {
    best_ = metric;
    num_bad_epochs_ = 0;
  } else {
    ++num_bad_epochs_;
  }
  if (cooldown_counter_ > 0) {
    --cooldown_counter_;
    num_bad_epochs_ = 0;
  }
  if (num_bad_epochs_ > patience_) {
    reduce();
    cooldown_counter_ = cooldown_.integer();
    num_bad_epochs_ = 0;
  }
  keep_last_lr();
}

inline void ReduceLROnPlateau::reduce() {
  if (min_lrs_.size() != groups().size()) {
    if (!default_min_lr_) {
      detail::raise<ValueError>(name(), "the optimizer has ", groups().size(),
                                " groups, min_lr has ", min_lrs_.size(),
                                " rates: was a group added after the scheduler "
                                "was made?");
    }
    min_lrs_.assign(groups().size(), *default_min_lr_);
  }
  for (std::size_t i = 0; i < groups().size(); ++i) {
    const Real old_lr = groups()[i].lr();
    const Real new_lr = std::max(old_lr * factor_, min_lrs_[i]);
    if (old_lr - new_lr > eps_) groups()[i].set_number("lr", new_lr);
  }
}

inline void ReduceLROnPlateau::attributes(const Attributes& attribute) {
  attribute("factor", factor_);
  attribute("default_min_lr", default_min_lr_);
  attribute("min_lrs", min_lrs_);
  attribute("patience", patience_);
  attribute("cooldown", cooldown_);
  attribute("eps", eps_);
  attribute("last_epoch", last_epoch_);
  attribute.optional("_last_lr", last_lr_);
  attribute.constant("mode_worse", worst());
  const std::string mode = attribute("mode", mode_);
  attribute("threshold", threshold_);
  check(mode, attribute("threshold_mode", threshold_mode_));
  attribute("best", best_);
  attribute("cooldown_counter", cooldown_counter_);
  attribute("num_bad_epochs", num_bad_epochs_);
}

}  // namespace brasa::optim::lr_scheduler
