#pragma once

#include <optional>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/moments.hpp"
#include "brasa/optim/rule.hpp"

namespace brasa::optim {

/// What `Adam` takes; what is left out has the value in parentheses.
struct AdamOptions {
  std::optional<Real> lr = {};            ///< learning rate (0.001)
  Betas betas = {};                       ///< decay of the two averages (0.9, 0.999)
  std::optional<Real> eps = {};           ///< added to the root (1e-8)
  std::optional<Real> weight_decay = {};  ///< factor of an L2 penalty (0)
  std::optional<bool> amsgrad = {};       ///< divide by the largest root so far (false)
  std::optional<bool> maximize = {};      ///< go up instead of down (false)
  /// Weight decay shrinks the parameter instead of adding to the gradient, as in AdamW (false).
  std::optional<bool> decoupled_weight_decay = {};

  // For brasa's own use.
  static constexpr const char* kName = "Adam";
  static constexpr const char* kNewer[] = {"amsgrad",    "maximize",       "foreach",
                                           "capturable", "differentiable", "decoupled_weight_decay",
                                           "fused"};
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

struct AdamRule {
  static constexpr StateKey kKeys[] = {{"step", StateKey::step},
                                       {"exp_avg"},
                                       {"exp_avg_sq"},
                                       {.name = "max_exp_avg_sq", .when = "amsgrad"}};

  Moments moments;
  bool amsgrad;

  explicit AdamRule(const ParamGroup& group) : moments(group), amsgrad(group.flag("amsgrad")) {}
  template <FloatScalar S>
  void operator()(const Slot<S>& slot) const {
    const Real t = slot.advance();
    const Real step_size = moments.lr / moments.correction1(t);
    const kernels::AdamStep<S> step{
        .moments = moments.step<S>(),
        .minus_step_size = static_cast<S>((-step_size).value()),
        .root_correction = static_cast<S>(pow(moments.correction2(t), 0.5).value())};
    kernels::adam(step, slot.count, slot.param, slot.grad, slot.buffer("exp_avg"),
                  slot.buffer("exp_avg_sq"), amsgrad ? slot.buffer("max_exp_avg_sq") : nullptr);
  }
};

}  // namespace detail

/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − lr·m̂/(√v̂ + eps), where m̂ = m/(1 − β₁ᵗ) and
/// v̂ = v/(1 − β₂ᵗ). With amsgrad the largest v so far stands for v. Weight decay adds
/// weight_decay·p to g.
///
///     optim::Adam optimizer(model.parameters(), {.lr = 1e-3, .betas = {0.9, 0.99}});
///
/// State of a parameter: `step`, `exp_avg` (m), `exp_avg_sq` (v), with amsgrad `max_exp_avg_sq`.
///
/// Errors: ValueError for negative numbers, for betas outside [0, 1), and for betas given as ints.
///
/// Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015; Reddi et al., "On the
/// Convergence of Adam and Beyond", 2018;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adam.html
class Adam final : public RuleOptimizer<AdamOptions, detail::AdamRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

inline Dict AdamOptions::defaults() {
  return {{"lr", 0.001},
          {"betas", Value::tuple({0.9, 0.999})},
          {"eps", 1e-8},
          {"weight_decay", 0},
          {"amsgrad", false},
          {"maximize", false},
          {"foreach", nullptr},
          {"capturable", false},
          {"differentiable", false},
          {"fused", nullptr},
          {"decoupled_weight_decay", false}};
}

inline Dict AdamOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"betas", betas},
                               {"eps", eps},
                               {"weight_decay", weight_decay},
                               {"amsgrad", amsgrad},
                               {"maximize", maximize},
                               {"decoupled_weight_decay", decoupled_weight_decay}});
}

namespace detail {

inline void check_adam(const char* name, const Dict& all) {
  const Checks checks(name, all);
  checks.adam();
  for (const Value& beta : all.find("betas")->as_tuple()) {
    if (!beta.is_double()) {
      raise<ValueError>(name, "betas must be either both floats or both Tensors, got ",
                        repr(*all.find("betas")));
    }
  }
}

}  // namespace detail

inline void AdamOptions::check(const Dict& all) { detail::check_adam(kName, all); }

}  // namespace brasa::optim
