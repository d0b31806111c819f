#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "brasa/core/value.hpp"
#include "brasa/optim/lr_scheduler/attributes.hpp"
#include "brasa/optim/optimizer.hpp"

namespace brasa::optim::lr_scheduler {

/// What all schedulers have. They share the optimizer's groups with it: it may be moved.
class SchedulerBase {
 public:
  SchedulerBase(const SchedulerBase&) = delete;
  SchedulerBase& operator=(const SchedulerBase&) = delete;
  SchedulerBase(SchedulerBase&&) noexcept = default;
  SchedulerBase& operator=(SchedulerBase&&) noexcept = default;
  virtual ~SchedulerBase() = default;

  /// The type's name.
  const char* name() const noexcept { return name_; }
  /// The learning rate of each group as this scheduler has left it.
  std::vector<double> get_last_lr() const {
    std::vector<double> rates;
    for (const Real rate : last_lr_) rates.push_back(rate.value());
    return rates;
  }

  /// PyTorch's dict of the attributes. It does not hold the optimizer's, which has a state_dict of
  /// its own; save both.
  Value state_dict() const {
    Dict state;
    // Collecting only reads.
    const_cast<SchedulerBase*>(this)->attributes(Attributes(state));
    return Value::dict(std::move(state));
  }
  /// Takes over the state of a scheduler of the same type; what it does not know is left out. The
  /// learning rates of the optimizer stay as they are.
  ///
  /// Errors: KeyError and ValueError for what is missing or does not fit; nothing has been changed
  /// then.
  void load_state_dict(const Value& state_dict) {
    attributes(Attributes(ValueAt(state_dict, ""), false));
    attributes(Attributes(ValueAt(state_dict, ""), true));
  }

 protected:
  SchedulerBase(const char* name, std::shared_ptr<detail::OptimizerData> optimizer)
      : name_(name), optimizer_(std::move(optimizer)) {}

  /// Names all attributes, in PyTorch's order.
  virtual void attributes(const Attributes& attribute) = 0;

  detail::OptimizerData& optimizer() const noexcept { return *optimizer_; }
  const std::shared_ptr<detail::OptimizerData>& shared_optimizer() const noexcept {
    return optimizer_;
  }
  std::vector<ParamGroup>& groups() const noexcept { return optimizer_->groups; }

  /// Notes what the learning rates are now.
  void keep_last_lr() {
    last_lr_.clear();
    for (const ParamGroup& group : groups()) last_lr_.push_back(group.number("lr"));
  }

  std::vector<Real> last_lr_;

 private:
  friend class CompositeScheduler;

  const char* name_;
  std::shared_ptr<detail::OptimizerData> optimizer_;
};

/// A scheduler that is stepped once an epoch (or batch), after the optimizer:
///
///     optim::SGD optimizer(model.parameters(), {.lr = 0.1});
///     optim::lr_scheduler::StepLR scheduler(optimizer, 30, {.gamma = 0.5});
///     for (int epoch = 0; epoch < 100; ++epoch) {
///       train(model, optimizer);
///       scheduler.step();
///     }
///
/// That is all of them but ReduceLROnPlateau, whose `step` takes a metric.
///
/// Where it differs from PyTorch: there is no `get_lr`; with a learning rate that is a tensor,
/// rates are computed in double and rounded to its dtype once.
class LRScheduler : public SchedulerBase {
 public:
  /// The next epoch: sets the learning rate of each group.
  virtual void step() = 0;

 protected:
  using SchedulerBase::SchedulerBase;

 private:
  friend class CompositeScheduler;

  // What SequentialLR does with those that it holds.
  /// Takes back the step that the constructor made.
  virtual void undo() = 0;
  /// The step that a constructor makes.
  virtual void initial_step() = 0;
  /// Begins at epoch 0, by the closed form where there is one.
  virtual void restart() = 0;
  /// Whether it holds others. (A dynamic_cast would ask for -frtti.)
  virtual bool holds_others() const noexcept { return false; }
};

}  // namespace brasa::optim::lr_scheduler
