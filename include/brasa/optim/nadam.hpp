#pragma once

#include <optional>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/moments.hpp"
#include "brasa/optim/rule.hpp"

namespace brasa::optim {

/// What `NAdam` takes; what is left out has the value in parentheses.
struct NAdamOptions {
  std::optional<Real> lr = {};              ///< learning rate (0.002)
  Betas betas = {};                         ///< decay of the two averages (0.9, 0.999)
  std::optional<Real> eps = {};             ///< added to the root (1e-8)
  std::optional<Real> weight_decay = {};    ///< factor of an L2 penalty (0)
  std::optional<Real> momentum_decay = {};  ///< ψ, see below (0.004)
  /// Weight decay shrinks the parameter instead of adding to the gradient, as in AdamW (false).
  std::optional<bool> decoupled_weight_decay = {};
  std::optional<bool> maximize = {};  ///< go up instead of down (false)

  // For brasa's own use.
  static constexpr const char* kName = "NAdam";
  static constexpr const char* kNewer[] = {"maximize", "foreach", "capturable", "differentiable",
                                           "decoupled_weight_decay"};
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

struct NAdamRule {
  static constexpr StateKey kKeys[] = {
      {"step", StateKey::step}, {"mu_product", StateKey::scalar, 1}, {"exp_avg"}, {"exp_avg_sq"}};

  Moments moments;
  Real momentum_decay;

  explicit NAdamRule(const ParamGroup& group)
      : moments(group), momentum_decay(group.number("momentum_decay")) {}
  Real mu(Real t) const {
    return moments.beta1 * (Real(1.0) - Real(0.5) * pow(Real(0.96), t * momentum_decay));
  }
  template <FloatScalar S>
  void operator()(const Slot<S>& slot) const {
    const Real t = slot.advance();
    const Real mu_now = mu(t);
    const Real mu_next = mu(t + Real(1));
    const Real product = slot.multiply("mu_product", mu_now.value());
    const Real grad_factor = -moments.lr * (Real(1.0) - mu_now) / (Real(1.0) - product);
    const Real mean_factor = -moments.lr * mu_next / (Real(1.0) - product * mu_next);
    const kernels::NadamStep<S> step{.moments = moments.step<S>(),
                                     .correction = static_cast<S>(moments.correction2(t).value()),
                                     .grad_factor = static_cast<S>(grad_factor.value()),
                                     .mean_factor = static_cast<S>(mean_factor.value())};
    kernels::nadam(step, slot.count, slot.param, slot.grad, slot.buffer("exp_avg"),
                   slot.buffer("exp_avg_sq"));
  }
};

}  // namespace detail

/// Adam with Nesterov's momentum: m and v as in Adam, μₜ = β₁(1 − 0.96^(tψ)/2),
/// p ← p − lr·((1 − μₜ)/(1 − ∏μ)·g + μₜ₊₁/(1 − μₜ₊₁∏μ)·m)/(√v̂ + eps), with the product over μ₁ …
/// μₜ.
///
/// State of a parameter: `step`, `mu_product` (the product, float32), `exp_avg` (m), `exp_avg_sq`
/// (v).
///
/// Errors: ValueError for negative numbers and for betas outside [0, 1).
///
/// Source: Dozat, "Incorporating Nesterov Momentum into Adam", 2016;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.NAdam.html
class NAdam final : public RuleOptimizer<NAdamOptions, detail::NAdamRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

inline Dict NAdamOptions::defaults() {
  static const Value betas = Value::tuple({0.9, 0.999});  // as in PyTorch, one object for all
  return {{"lr", 0.002},
          {"betas", betas},
          {"eps", 1e-8},
          {"weight_decay", 0},
          {"momentum_decay", 0.004},
          {"decoupled_weight_decay", false},
          {"maximize", false},
          {"foreach", nullptr},
          {"capturable", false},
          {"differentiable", false}};
}

inline Dict NAdamOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"betas", betas},
                               {"eps", eps},
                               {"weight_decay", weight_decay},
                               {"momentum_decay", momentum_decay},
                               {"decoupled_weight_decay", decoupled_weight_decay},
                               {"maximize", maximize}});
}

inline void NAdamOptions::check(const Dict& all) {
  const detail::Checks checks(kName, all);
  checks.adam();
  checks.not_negative("momentum_decay", "momentum_decay value");
}

}  // namespace brasa::optim
