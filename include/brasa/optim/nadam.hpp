#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/moments.hpp"
#include "brasa/optim/optimizer.hpp"

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
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

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
class NAdam final : public OptimizerOf<NAdamOptions> {
 public:
  using OptimizerOf::OptimizerOf;

 private:
  inline void update(const ParamGroup& group) override;
  std::vector<detail::StateKey> state_keys(const ParamGroup&) const override {
    auto keys = detail::moments_keys();
    keys.push_back({"mu_product", detail::StateKey::scalar});
    return keys;
  }
  void complete(Dict& options) const override {
    detail::set_defaults(options, {{"maximize", false},
                                   {"foreach", nullptr},
                                   {"capturable", false},
                                   {"differentiable", false},
                                   {"decoupled_weight_decay", false}});
  }
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
  checks.lr();
  checks.eps();
  checks.betas();
  checks.weight_decay();
  checks.not_negative("momentum_decay", "momentum_decay value");
}

inline void NAdam::update(const ParamGroup& group) {
  const detail::Moments moments(group);
  const Real decay = group.number("momentum_decay");
  const auto mu = [&](Real t) {
    return moments.beta1 * (Real(1.0) - Real(0.5) * pow(Real(0.96), t * decay));
  };
  for_each_gradient(group, [&]<FloatScalar S>(Tensor<S>& param, const Tensor<S>& grad,
                                              std::int64_t index) {
    Dict& kept = state(index);
    if (kept.empty()) {
      kept.set("step", detail::scalar_tensor(0));
      kept.set("mu_product", detail::scalar_tensor(1));
      kept.set("exp_avg", detail::filled_like(param, 0));
      kept.set("exp_avg_sq", detail::filled_like(param, 0));
    }
    const Real t = advance(index, kept);
    const Real mu_now = mu(t);
    const Real mu_next = mu(t + Real(1));
    const Real product = multiply(index, kept, "mu_product", mu_now.value());
    const Real minus_lr = -moments.lr;
    const Real grad_factor = minus_lr * (Real(1.0) - mu_now) / (Real(1.0) - product);
    const Real mean_factor = minus_lr * mu_next / (Real(1.0) - product * mu_next);
    const kernels::NadamStep<S> step{.moments = moments.step<S>(),
                                     .correction = static_cast<S>(moments.correction2(t).value()),
                                     .grad_factor = static_cast<S>(grad_factor.value()),
                                     .mean_factor = static_cast<S>(mean_factor.value())};
    kernels::nadam(step, param.numel(), param.data(), grad.data(),
                   buffer(index, kept, "exp_avg", param), buffer(index, kept, "exp_avg_sq", param));
  });
}

}  // namespace brasa::optim
