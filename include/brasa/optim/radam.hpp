#pragma once

#include <optional>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/moments.hpp"
#include "brasa/optim/rule.hpp"

namespace brasa::optim {

/// What `RAdam` takes; what is left out has the value in parentheses.
struct RAdamOptions {
  std::optional<Real> lr = {};            ///< learning rate (0.001)
  Betas betas = {};                       ///< decay of the two averages (0.9, 0.999)
  std::optional<Real> eps = {};           ///< added to the root (1e-8)
  std::optional<Real> weight_decay = {};  ///< factor of an L2 penalty (0)
  /// Weight decay shrinks the parameter instead of adding to the gradient, as in AdamW (false).
  std::optional<bool> decoupled_weight_decay = {};
  std::optional<bool> maximize = {};  ///< go up instead of down (false)

  // For brasa's own use.
  static constexpr const char* kName = "RAdam";
  static constexpr const char* kNewer[] = {"foreach", "maximize", "differentiable",
                                           "decoupled_weight_decay", "capturable"};
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

struct RAdamRule {
  static constexpr StateKey kKeys[] = {{"step", StateKey::step}, {"exp_avg"}, {"exp_avg_sq"}};

  Moments moments;

  explicit RAdamRule(const ParamGroup& group) : moments(group) {}
  template <FloatScalar S>
  void operator()(const Slot<S>& slot) const {
    const Real t = slot.advance();
    const Real correction2 = moments.correction2(t);
    const Real rho_inf = Real(2) / (Real(1) - moments.beta2) - Real(1);
    const Real rho = rho_inf - Real(2) * t * pow(moments.beta2, t) / correction2;
    kernels::RadamStep<S> step{.moments = moments.step<S>(),
                               .correction = static_cast<S>(moments.correction1(t).value()),
                               .lr = static_cast<S>(moments.lr.value()),
                               .rectified = rho > Real(5.0)};
    if (step.rectified) {
      const Real square = (rho - Real(4)) * (rho - Real(2)) * rho_inf /
                          ((rho_inf - Real(4)) * (rho_inf - Real(2)) * rho);
      step.root_correction = static_cast<S>(pow(correction2, 0.5).value());
      step.rectification = static_cast<S>(pow(square, 0.5).value());
    }
    kernels::radam(step, slot.count, slot.param, slot.grad, slot.buffer("exp_avg"),
                   slot.buffer("exp_avg_sq"));
  }
};

}  // namespace detail

/// Adam whose adaptive rate is held back while its variance is large: m and v as in Adam,
/// ρ∞ = 2/(1 − β₂) − 1, ρ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ). If ρ > 5, p ← p − lr·m̂·r·√(1 − β₂ᵗ)/(√v + eps)
/// with r² = (ρ − 4)(ρ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρ), else p ← p − lr·m̂.
///
/// State of a parameter: `step`, `exp_avg` (m), `exp_avg_sq` (v).
///
/// Errors: ValueError for negative numbers and for betas outside [0, 1).
///
/// Source: Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2020;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.RAdam.html
class RAdam final : public RuleOptimizer<RAdamOptions, detail::RAdamRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

inline Dict RAdamOptions::defaults() {
  static const Value betas = Value::tuple({0.9, 0.999});  // as in PyTorch, one object for all
  return {{"lr", 0.001},
          {"betas", betas},
          {"eps", 1e-8},
          {"weight_decay", 0},
          {"maximize", false},
          {"foreach", nullptr},
          {"capturable", false},
          {"decoupled_weight_decay", false},
          {"differentiable", false}};
}

inline Dict RAdamOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"betas", betas},
                               {"eps", eps},
                               {"weight_decay", weight_decay},
                               {"decoupled_weight_decay", decoupled_weight_decay},
                               {"maximize", maximize}});
}

inline void RAdamOptions::check(const Dict& all) { detail::Checks(kName, all).adam(); }

}  // namespace brasa::optim
