#pragma once

#include <optional>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/rule.hpp"

namespace brasa::optim {

/// What `Adamax` takes; what is left out has the value in parentheses.
struct AdamaxOptions {
  std::optional<Real> lr = {};            ///< learning rate (0.002)
  Betas betas = {};                       ///< decay of the average and of the norm (0.9, 0.999)
  std::optional<Real> eps = {};           ///< added to the size of the gradient (1e-8)
  std::optional<Real> weight_decay = {};  ///< factor of an L2 penalty (0)
  std::optional<bool> maximize = {};      ///< go up instead of down (false)

  // For brasa's own use.
  static constexpr const char* kName = "Adamax";
  static constexpr const char* kNewer[] = {"foreach", "maximize", "differentiable", "capturable"};
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

struct AdamaxRule {
  static constexpr StateKey kKeys[] = {{"step", StateKey::step}, {"exp_avg"}, {"exp_inf"}};

  GradientOptions gradient;
  std::pair<Real, Real> betas;
  Real lr, eps;

  explicit AdamaxRule(const ParamGroup& group)
      : gradient(group), betas(group.betas()), lr(group.number("lr")), eps(group.number("eps")) {}
  template <FloatScalar S>
  void operator()(const Slot<S>& slot) const {
    const auto& [beta1, beta2] = betas;
    const Real step_size = lr / (Real(1) - pow(beta1, slot.advance()));
    const kernels::AdamaxStep<S> step{.gradient = gradient.rule<S>(),
                                      .mean = kernels::Lerp<S>((Real(1) - beta1).value()),
                                      .beta2 = static_cast<S>(beta2.value()),
                                      .eps = static_cast<S>(eps.value()),
                                      .minus_step_size = static_cast<S>((-step_size).value())};
    kernels::adamax(step, slot.count, slot.param, slot.grad, slot.buffer("exp_avg"),
                    slot.buffer("exp_inf"));
  }
};

}  // namespace detail

/// m ← β₁m + (1 − β₁)g, u ← max(β₂u, |g| + eps), p ← p − lr/(1 − β₁ᵗ)·m/u. Weight decay adds
/// weight_decay·p to g.
///
/// State of a parameter: `step`, `exp_avg` (m), `exp_inf` (u).
///
/// Errors: ValueError for negative numbers and for betas outside [0, 1).
///
/// Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, section 7;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adamax.html
class Adamax final : public RuleOptimizer<AdamaxOptions, detail::AdamaxRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

inline Dict AdamaxOptions::defaults() {
  static const Value betas = Value::tuple({0.9, 0.999});  // as in PyTorch, one object for all
  return {{"lr", 0.002},
          {"betas", betas},
          {"eps", 1e-8},
          {"weight_decay", 0},
          {"foreach", nullptr},
          {"maximize", false},
          {"differentiable", false},
          {"capturable", false}};
}

inline Dict AdamaxOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"betas", betas},
                               {"eps", eps},
                               {"weight_decay", weight_decay},
                               {"maximize", maximize}});
}

inline void AdamaxOptions::check(const Dict& all) { detail::Checks(kName, all).adam(); }

}  // namespace brasa::optim
