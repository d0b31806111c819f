#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/optimizer.hpp"

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
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

/// m ← β₁m + (1 − β₁)g, u ← max(β₂u, |g| + eps), p ← p − lr/(1 − β₁ᵗ)·m/u. Weight decay adds
/// weight_decay·p to g.
///
/// State of a parameter: `step`, `exp_avg` (m), `exp_inf` (u).
///
/// Errors: ValueError for negative numbers and for betas outside [0, 1).
///
/// Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, section 7;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adamax.html
class Adamax final : public OptimizerOf<AdamaxOptions> {
 public:
  using OptimizerOf::OptimizerOf;

 private:
  inline void update(const ParamGroup& group) override;
  std::vector<detail::StateKey> state_keys(const ParamGroup&) const override {
    using detail::StateKey;
    return {{"step", StateKey::step}, {"exp_avg", StateKey::buffer}, {"exp_inf", StateKey::buffer}};
  }
  void complete(Dict& options) const override {
    detail::set_defaults(options, {{"foreach", nullptr},
                                   {"maximize", false},
                                   {"differentiable", false},
                                   {"capturable", false}});
  }
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

inline void AdamaxOptions::check(const Dict& all) {
  const detail::Checks checks(kName, all);
  checks.lr();
  checks.eps();
  checks.betas();
  checks.weight_decay();
}

inline void Adamax::update(const ParamGroup& group) {
  const detail::GradientOptions gradient(group);
  const auto [beta1, beta2] = group.betas();
  const Real lr = group.number("lr");
  const Real eps = group.number("eps");
  for_each_gradient(group, [&, b1 = beta1, b2 = beta2]<FloatScalar S>(
                               Tensor<S>& param, const Tensor<S>& grad, std::int64_t index) {
    Dict& kept = state(index);
    if (kept.empty()) {
      kept.set("step", detail::scalar_tensor(0));
      kept.set("exp_avg", detail::filled_like(param, 0));
      kept.set("exp_inf", detail::filled_like(param, 0));
    }
    const Real t = advance(index, kept);
    const Real step_size = lr / (Real(1) - pow(b1, t));
    const kernels::AdamaxStep<S> step{.gradient = gradient.rule<S>(),
                                      .mean = kernels::Lerp<S>((Real(1) - b1).value()),
                                      .beta2 = static_cast<S>(b2.value()),
                                      .eps = static_cast<S>(eps.value()),
                                      .minus_step_size = static_cast<S>((-step_size).value())};
    kernels::adamax(step, param.numel(), param.data(), grad.data(),
                    buffer(index, kept, "exp_avg", param), buffer(index, kept, "exp_inf", param));
  });
}

}  // namespace brasa::optim
