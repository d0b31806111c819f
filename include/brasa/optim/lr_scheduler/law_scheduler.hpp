#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "brasa/core/warning.hpp"
#include "brasa/optim/lr_scheduler/scheduler.hpp"

namespace brasa::optim::lr_scheduler {
namespace detail {

/// Gives a group another momentum: `momentum`, or the first of its betas where the optimizer has
/// such.
inline void set_momentum(const OptimizerData& optimizer, ParamGroup& group, Real momentum) {
  if (optimizer.defaults.contains("betas")) {
    group.set("betas", Value::tuple({momentum, group.betas().second}));
  } else {
    group.set("momentum", momentum);
  }
}

}  // namespace detail

/// What schedulers that have only one are given besides their own arguments.
struct LastEpoch {
  /// The epoch to go on from, −1 to begin: the groups must have `initial_lr` otherwise, as they do
  /// in an optimizer whose state was loaded.
  std::int64_t last_epoch = -1;
};

/// A scheduler whose rates follow a law of the epoch. One's own is a class with a law, the names of
/// its attributes, and a constructor that ends with `begin(last_epoch)`.
class LawScheduler : public LRScheduler {
 public:
  void step() override { advance(std::nullopt); }
  /// Goes to an epoch, by the closed form of the law where there is one.
  ///
  /// PyTorch discourages it and so warns, except for CosineAnnealingWarmRestarts, where the epoch
  /// may have a fraction.
  void step(Real epoch) { advance(epoch); }

  /// The epoch that the present rates belong to; the constructor begins with 0.
  std::int64_t last_epoch() const noexcept { return last_epoch_; }

 protected:
  /// What a law is asked for: the rate of a group at an epoch.
  struct Point {
    Real epoch;               ///< e
    Real lr;                  ///< the group's present rate
    std::size_t index;        ///< its number
    const ParamGroup& group;  ///< it itself
    bool initial;             ///< the constructor's step
    std::int64_t step_count;  ///< steps, with this one
    const LawScheduler& law;

    /// The group's rate at the beginning, `initial_lr`. Raises ValueError for a group that was
    /// added since.
    Real base() const { return law.of_group(law.base_lrs_, index); }
  };
  /// What it answers: a rate and, if it has one, a momentum.
  struct Rates {
    Real lr;
    std::optional<Real> momentum = {};

    Rates(Real rate) : lr(rate) {}
    Rates(Real rate, std::optional<Real> its_momentum) : lr(rate), momentum(its_momentum) {}
  };

  LawScheduler(const char* name, const Optimizer& optimizer)
      : LRScheduler(name, optimizer.data()) {}

  /// The rate that follows on the present one.
  virtual Rates next(const Point& p) const = 0;
  /// The same without looking at the present one, if the law has such a form.
  virtual std::optional<Real> closed_form(const Point&) const { return std::nullopt; }

  void attributes(const Attributes& attribute) override {
    attribute.list("base_lrs", base_lrs_, base_lrs_.size());
    attribute("last_epoch", last_epoch_);
    attribute.optional("_step_count", step_count_);
    attribute.constant("_is_initial", false);
    attribute.constant("_get_lr_called_within_step", false);
    attribute.optional("_last_lr", last_lr_);
  }

  /// What was noted for a group when the scheduler was made.
  template <class T>
  const T& of_group(const std::vector<T>& list, std::size_t index) const {
    if (index < list.size()) return list[index];
    detail::raise<ValueError>(name(), "the optimizer had ", list.size(),
                              " groups when the scheduler was made, now it has ", groups().size());
  }

  /// Errors: KeyError if there is no `initial_lr` to go on from.
  void begin(std::int64_t last_epoch);
  // Inline already here: g++ puts the table of virtual functions, and with it all code, into every
  // object file otherwise.
  inline virtual void advance(std::optional<Real> epoch);
  /// Sets the rates of all groups, or throws and sets none.
  void update(std::int64_t epoch, bool by_closed_form, std::int64_t step_count);

  std::vector<Real> base_lrs_;
  std::int64_t last_epoch_ = -1;
  std::int64_t step_count_ = 0;

 private:
  void undo() override { --last_epoch_; }
  void initial_step() override {
    step_count_ = 0;
    initial_ = true;
    step();
    initial_ = false;
  }
  void restart() override { update(0, true, step_count_); }

  bool initial_ = false;
};

inline void LawScheduler::begin(std::int64_t last_epoch) {
  for (std::size_t i = 0; i < groups().size() && last_epoch != -1; ++i) {
    if (groups()[i].options().contains("initial_lr")) continue;
    detail::raise<KeyError>(name(), "param 'initial_lr' is not specified in param_groups[", i,
                            "] when resuming scheduler with last_epoch ", last_epoch,
                            ": load the optimizer's state first, or leave out last_epoch");
  }
  for (ParamGroup& group : groups()) {
    const Value lr = group["lr"];
    group.options().set_default(
        "initial_lr",
        lr.is_tensor() ? detail::converted_copy(lr.as_tensor(), lr.as_tensor().dtype()) : lr);
    base_lrs_.push_back(group.number("initial_lr"));
  }
  last_epoch_ = last_epoch;
  optimizer().watched = true;
  initial_step();
}

inline void LawScheduler::advance(std::optional<Real> epoch) {
  if (step_count_ == 1 && !optimizer().stepped) {
    detail::warn(
        "Detected call of `lr_scheduler.step()` before `optimizer.step()`: the first learning rate "
        "of the schedule is never used. Call `optimizer.step()` first.");
  }
  if (epoch) {
    detail::warn(
        "The epoch parameter in `scheduler.step()` is deprecated: it uses the closed form of the "
        "schedule, where there is one. Call `scheduler.step()` once an epoch.");
  }
  update(epoch ? epoch->integer() : last_epoch_ + 1, epoch.has_value(), step_count_ + 1);
}

inline void LawScheduler::update(std::int64_t epoch, bool by_closed_form, std::int64_t step_count) {
  std::vector<Rates> rates;
  for (std::size_t i = 0; i < groups().size(); ++i) {
    const ParamGroup& group = groups()[i];
    const Point point{epoch, group.number("lr"), i, group, initial_, step_count, *this};
    const auto closed = by_closed_form ? closed_form(point) : std::nullopt;
    rates.push_back(closed ? Rates(*closed) : next(point));
  }
  for (std::size_t i = 0; i < groups().size(); ++i) {
    groups()[i].set_number("lr", rates[i].lr);
    if (rates[i].momentum) detail::set_momentum(optimizer(), groups()[i], *rates[i].momentum);
  }
  last_epoch_ = epoch;
  step_count_ = step_count;
  keep_last_lr();
}

}  // namespace brasa::optim::lr_scheduler
