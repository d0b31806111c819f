#pragma once

#include <cstddef>
#include <optional>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/rule.hpp"

namespace brasa::optim {

/// What `Adagrad` takes; what is left out has the value in parentheses.
struct AdagradOptions {
  std::optional<Real> lr = {};                         ///< learning rate (0.01)
  std::optional<Real> lr_decay = {};                   ///< how fast it falls (0)
  std::optional<Real> weight_decay = {};               ///< factor of an L2 penalty (0)
  std::optional<Real> initial_accumulator_value = {};  ///< what the sums start from (0)
  std::optional<Real> eps = {};                        ///< added to the root (1e-10)
  std::optional<bool> maximize = {};                   ///< go up instead of down (false)

  // For brasa's own use.
  static constexpr const char* kName = "Adagrad";
  static constexpr const char* kNewer[] = {"foreach", "maximize", "differentiable", "fused"};
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

struct AdagradRule {
  static constexpr StateKey kKeys[] = {{"step", StateKey::step}, {"sum"}};

  GradientOptions gradient;
  Real lr, lr_decay, eps;

  explicit AdagradRule(const ParamGroup& group)
      : gradient(group),
        lr(group.number("lr")),
        lr_decay(group.number("lr_decay")),
        eps(group.number("eps")) {}
  template <FloatScalar S>
  void operator()(const Slot<S>& slot) const {
    const Real t = slot.advance();
    const Real minus_lr = -(lr / (Real(1) + (t - Real(1)) * lr_decay));
    const kernels::AdagradStep<S> step{.gradient = gradient.rule<S>(),
                                       .minus_lr = static_cast<S>(minus_lr.value()),
                                       .eps = static_cast<S>(eps.value())};
    kernels::adagrad(step, slot.count, slot.param, slot.grad, slot.buffer("sum"));
  }
};

/// It has its state from the beginning. A template, so that a program without Adagrad does not
/// compile it.
template <class Options>
class AdagradOf : public RuleOptimizer<Options, AdagradRule> {
 public:
  explicit AdagradOf(const Params<Options>& params, const Options& options = {})
      : RuleOptimizer<Options, AdagradRule>(params, options) {
    const Real sum = this->defaults().find("initial_accumulator_value")->as_real();
    for (const ParamGroup& group : this->param_groups()) begin(group, sum);
  }
  void add_param_group(const Group<Options>& group) {
    OptimizerOf<Options>::add_param_group(group);
    const ParamGroup& added = this->param_groups().back();
    begin(added, added.number("initial_accumulator_value"));
  }

 private:
  void begin(const ParamGroup& group, Real sum) {
    for (std::size_t i = 0; i < group.params().size(); ++i) {
      this->states().set(group.indices()[i],
                         Value::dict({{"step", scalar_tensor(0)},
                                      {"sum", filled_like(group.params()[i], sum.value())}}));
    }
  }
};

}  // namespace detail

/// s ← s + g², p ← p − lr/(1 + (t − 1)·lr_decay)·g/(√s + eps). Weight decay adds weight_decay·p to
/// g.
///
/// State of a parameter, from the beginning: `step`, `sum` (s).
///
/// Errors: ValueError for negative numbers.
///
/// As in PyTorch an `initial_accumulator_value` of a group given to the constructor is without
/// effect; that of a group that is added later, where PyTorch fails, has one.
///
/// Source: Duchi et al., "Adaptive Subgradient Methods for Online Learning and Stochastic
/// Optimization", 2011; https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adagrad.html
class Adagrad final : public detail::AdagradOf<AdagradOptions> {
 public:
  using AdagradOf::AdagradOf;
};

inline Dict AdagradOptions::defaults() {
  return {{"lr", 0.01},
          {"lr_decay", 0},
          {"eps", 1e-10},
          {"weight_decay", 0},
          {"initial_accumulator_value", 0},
          {"foreach", nullptr},
          {"maximize", false},
          {"differentiable", false},
          {"fused", nullptr}};
}

inline Dict AdagradOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"lr_decay", lr_decay},
                               {"weight_decay", weight_decay},
                               {"initial_accumulator_value", initial_accumulator_value},
                               {"eps", eps},
                               {"maximize", maximize}});
}

inline void AdagradOptions::check(const Dict& all) {
  const detail::Checks checks(kName, all);
  checks.lr();
  checks.not_negative("lr_decay", "lr_decay value");
  checks.weight_decay();
  checks.not_negative("initial_accumulator_value", "initial_accumulator_value value");
  checks.eps();
}

}  // namespace brasa::optim
