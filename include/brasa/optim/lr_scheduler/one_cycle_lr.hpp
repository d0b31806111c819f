#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "brasa/optim/lr_scheduler/cosine_annealing_lr.hpp"
#include "brasa/optim/lr_scheduler/law_scheduler.hpp"
#include "brasa/optim/lr_scheduler/momentum_cycle.hpp"
#include "brasa/optim/lr_scheduler/per_group.hpp"

namespace brasa::optim::lr_scheduler {

/// What `OneCycleLR` takes besides the highest rate: `total_steps`, or `epochs` and
/// `steps_per_epoch`, must be given.
struct OneCycleLROptions {
  std::optional<std::int64_t> total_steps = {};      ///< steps of the cycle
  std::optional<std::int64_t> epochs = {};           ///< or so many epochs
  std::optional<std::int64_t> steps_per_epoch = {};  ///< of so many steps
  Real pct_start = 0.3;                              ///< the part in which the rate goes up
  std::string anneal_strategy = "cos";               ///< "cos" or "linear"
  bool cycle_momentum = true;                        ///< momentum goes the other way
  PerGroup<Real> base_momentum = 0.85;               ///< lowest momentum
  PerGroup<Real> max_momentum = 0.95;                ///< highest momentum
  Real div_factor = 25.0;        ///< the highest rate is so many times the first
  Real final_div_factor = 1e4;   ///< the first rate is so many times the last
  bool three_phase = false;      ///< down to the first rate as long as up, then on to the last
  std::int64_t last_epoch = -1;  ///< epoch to go on from
};

namespace detail {

/// A part of the cycle: from one rate, an option of the group, to another.
struct CyclePhase {
  Real end_step;
  std::string start_lr, end_lr, start_momentum, end_momentum;

  Value to_value() const {
    return Value::dict({{"end_step", end_step},
                        {"start_lr", start_lr},
                        {"end_lr", end_lr},
                        {"start_momentum", start_momentum},
                        {"end_momentum", end_momentum}});
  }
  static CyclePhase from_value(const ValueAt& value) {
    return {value["end_step"].as_real(), value["start_lr"].as_string(), value["end_lr"].as_string(),
            value["start_momentum"].as_string(), value["end_momentum"].as_string()};
  }
};

}  // namespace detail

/// One cycle, stepped after every batch: the rate goes from max_lr/div_factor to `max_lr` in the
/// first `pct_start` of the steps, then down to that first rate divided by `final_div_factor`,
/// along a cosine or a line.
///
///     optim::lr_scheduler::OneCycleLR scheduler(optimizer, 0.2, {.total_steps = 1000});
///
/// The group's own rate does not matter; it is given `initial_lr`, `max_lr`, `min_lr`,
/// `max_momentum` and `base_momentum`.
///
/// Errors: ValueError for arguments that make no sense, and for more than `total_steps` steps.
///
/// Source: Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large
/// Learning Rates", 2019;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.OneCycleLR.html
class OneCycleLR final : public LawScheduler {
 public:
  OneCycleLR(const Optimizer& optimizer, const PerGroup<Real>& max_lr,
             const OneCycleLROptions& options);

 private:
  inline Rates next(const Point& p) const override;
  Real anneal(Real start, Real end, Real part) const {
    return anneal_strategy_ == "cos" ? end + (start - end) / 2.0 * (cos(detail::kPi * part) + 1)
                                     : (end - start) * part + start;
  }
  inline void attributes(const Attributes& attribute) override;
  static Real steps(const char* name, const OneCycleLROptions& options);
  void check(const std::string& anneal_strategy) const {
    if (anneal_strategy == "cos" || anneal_strategy == "linear") return;
    detail::raise<ValueError>(
        name(), "anneal_strategy must be one of 'cos' or 'linear', instead got ", anneal_strategy);
  }

  Real total_steps_;
  std::vector<detail::CyclePhase> phases_;
  std::string anneal_strategy_;
  detail::MomentumCycle momentum_;
};

inline Real OneCycleLR::steps(const char* name, const OneCycleLROptions& options) {
  const auto positive = [name](const char* what, std::int64_t number) -> Real {
    if (number > 0) return number;
    detail::raise<ValueError>(name, "Expected positive integer ", what, ", but got ", number);
  };
  if (options.total_steps) return positive("total_steps", *options.total_steps);
  if (!options.epochs || !options.steps_per_epoch) {
    detail::raise<ValueError>(name,
                              "You must define either total_steps OR (epochs AND steps_per_epoch)");
  }
  return positive("epochs", *options.epochs) *
         positive("steps_per_epoch", *options.steps_per_epoch);
}

inline OneCycleLR::OneCycleLR(const Optimizer& optimizer, const PerGroup<Real>& max_lr,
                              const OneCycleLROptions& options)
    : LawScheduler("OneCycleLR", optimizer),
      total_steps_(steps(name(), options)),
      anneal_strategy_(options.anneal_strategy),
      momentum_(name(), *optimizer.data(), options.cycle_momentum, options.base_momentum,
                options.max_momentum) {
  const Real pct = options.pct_start;
  if (!(pct >= 0 && pct <= 1)) {
    detail::raise<ValueError>(name(), "Expected float between 0 and 1 pct_start, but got ",
                              detail::python_text(pct));
  }
  check(anneal_strategy_);
  const Real peak = Real((pct * total_steps_).value()) - 1;
  phases_.push_back({peak, "initial_lr", "max_lr", "max_momentum", "base_momentum"});
  if (options.three_phase) {
    const Real back = Real((2 * pct * total_steps_).value()) - 2;
    phases_.push_back({back, "max_lr", "initial_lr", "base_momentum", "max_momentum"});
    phases_.push_back({total_steps_ - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"});
  } else {
    phases_.push_back({total_steps_ - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"});
  }

  const auto max_lrs = max_lr.values(name(), "max_lr", groups().size());
  if (options.last_epoch == -1) {
    for (std::size_t i = 0; i < groups().size(); ++i) {
      const Real initial_lr = max_lrs[i] / options.div_factor;
      const Real min_lr = initial_lr / options.final_div_factor;
      groups()[i].set("initial_lr", initial_lr);
      groups()[i].set("max_lr", max_lrs[i]);
      groups()[i].set("min_lr", min_lr);
    }
    momentum_.begin(this->optimizer());
  }
  begin(options.last_epoch);
}

inline LawScheduler::Rates OneCycleLR::next(const Point& p) const {
  if (p.epoch > total_steps_) {
    detail::raise<ValueError>(name(), "Tried to step ", p.epoch.integer(),
                              " times. The specified number of total steps is ",
                              detail::python_text(total_steps_));
  }
  Real start = 0.0;
  auto phase = phases_.begin();
  while (phase + 1 != phases_.end() && p.epoch > phase->end_step) start = phase++->end_step;
  const Real part = (p.epoch - start) / (phase->end_step - start);

  const auto option = [&p](const std::string& key) { return p.group.number(key); };
  const Real lr = anneal(option(phase->start_lr), option(phase->end_lr), part);
  if (!momentum_.on) return lr;
  return {lr, anneal(option(phase->start_momentum), option(phase->end_momentum), part)};
}

inline void OneCycleLR::attributes(const Attributes& attribute) {
  attribute("total_steps", total_steps_);
  if (attribute("_schedule_phases", phases_).empty()) {
    detail::raise<ValueError>(name(), "['_schedule_phases']: expected at least one, found none");
  }
  check(attribute("_anneal_func_type", anneal_strategy_));
  if (attribute("cycle_momentum", momentum_.on)) {
    attribute.constant("use_beta1", momentum_.use_beta1);
  }
  LawScheduler::attributes(attribute);
}

}  // namespace brasa::optim::lr_scheduler
