#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "brasa/optim/optimizer.hpp"

// What most optimizers are: a rule that moves each parameter by its gradient and by what is kept
// for it. LBFGS is not.

namespace brasa::optim {
namespace detail {

/// An entry that an optimizer keeps for a parameter: the number of steps, another number, or a
/// tensor as large as the parameter.
struct StateKey {
  enum Kind { step, scalar, buffer };
  static constexpr std::string_view kAlways{}, kLater = "later";

  std::string_view name;
  Kind kind = buffer;
  double initial = 0;
  std::string_view when = kAlways;  // the option with which it is there from the first step on

  bool required(const ParamGroup& group) const {
    if (when == kAlways) return true;
    if (when == kLater) return false;
    const Value* option = group.options().find(when);
    return option != nullptr &&
           (option->is_bool() ? option->as_bool() : group.number(when) > Real(0));
  }
};
using StateKeys = std::span<const StateKey>;

/// What is kept for one parameter.
class ParamState {
 public:
  ParamState(const std::string& optimizer, Dict& states, StateKeys keys, const ParamGroup& group,
             std::size_t position, const AnyTensor& grad)
      : optimizer_(optimizer),
        states_(states),
        keys_(keys),
        group_(group),
        index_(group.indices()[position]),
        param_(group.params()[position]),
        grad_(grad) {}

  /// The dict; at first it is made, with the initial values.
  inline Dict& dict() const;
  /// Counts a step; gives the number of steps taken, this one included.
  double advance() const { return update_scalar("step", 1, 1); }
  /// A number times a factor, rounded to the dtype in which it is kept.
  double multiply(std::string_view key, double factor) const {
    return update_scalar(key, factor, 0);
  }

  /// The parameter itself.
  const AnyTensor& tensor() const { return param_; }

 protected:
  /// The memory of a tensor of the parameter's dtype and shape, which overlaps with nothing else.
  inline void* buffer_data(std::string_view key) const;

 private:
  std::string path(std::string_view key) const {
    return "state[" + std::to_string(index_) + "][" + python_quoted(key) + ']';
  }
  /// x ← factor·x + term, of a tensor with one element; gives x.
  inline double update_scalar(std::string_view key, double factor, double term) const;

  const std::string& optimizer_;
  Dict& states_;
  StateKeys keys_;
  const ParamGroup& group_;
  std::int64_t index_;
  const AnyTensor& param_;
  const AnyTensor& grad_;
};

/// A loaded state of a parameter: checked, converted, a copy.
inline Dict loaded_entries(const std::string& optimizer, StateKeys keys, const ParamGroup& group,
                           const AnyTensor& param, const ValueAt& saved);

/// One parameter, as a rule sees it. The arrays do not overlap.
template <FloatScalar S>
class Slot : public ParamState {
 public:
  Slot(const ParamState& state, AnyTensor its_param, const AnyTensor& its_grad)
      : ParamState(state),
        count(its_param.numel()),
        param(static_cast<S*>(its_param.raw_data())),
        grad(static_cast<const S*>(its_grad.raw_data())) {}

  const std::int64_t count;
  S* const param;
  const S* const grad;

  S* buffer(std::string_view key) const { return static_cast<S*>(buffer_data(key)); }
};

}  // namespace detail

/// An optimizer that goes by a rule. `Rule(group)` takes what it needs from the options of a group,
/// `rule(slot)` is one step of a parameter, `Rule::kKeys` is what it keeps for one.
template <class Options, class Rule>
class RuleOptimizer : public OptimizerOf<Options> {
 public:
  using OptimizerOf<Options>::OptimizerOf;

 protected:
  void run(const Optimizer::Closure& closure) override {
    if (closure) closure();
    for (const ParamGroup& group : this->param_groups()) {
      const Rule rule(group);
      for (std::size_t i = 0; i < group.params().size(); ++i) {
        const AnyTensor& param = group.params()[i];
        AnyTensor grad = detail::gradient_of(param);
        if (!grad.defined()) continue;
        if (grad.shares_storage(param)) grad = detail::converted_copy(grad, grad.dtype());
        const brasa::detail::InPlaceWrite write(*param.impl().storage);
        const detail::ParamState state(this->name(), this->states(), Rule::kKeys, group, i, grad);
        if (param.holds<double>()) {
          rule(detail::Slot<double>(state, param, grad));
        } else {
          rule(detail::Slot<float>(state, param, grad));
        }
      }
    }
  }
  Dict loaded_state(const ParamGroup& group, const AnyTensor& param,
                    const ValueAt& saved) const override {
    return detail::loaded_entries(this->name(), Rule::kKeys, group, param, saved);
  }
};

}  // namespace brasa::optim

#include "brasa/optim/rule_state.hpp"
