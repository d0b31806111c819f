#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/moments.hpp"
#include "brasa/optim/optimizer.hpp"

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
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

/// The rule that Adam and AdamW share.
template <class Options>
class AdamRule : public OptimizerOf<Options> {
 public:
  using OptimizerOf<Options>::OptimizerOf;

 protected:
  inline void update(const ParamGroup& group) override;
  std::vector<StateKey> state_keys(const ParamGroup& group) const override {
    auto keys = moments_keys();
    keys.push_back({"max_exp_avg_sq", StateKey::buffer, group.flag("amsgrad")});
    return keys;
  }
  void complete(Dict& options) const override {
    set_defaults(options, {{"amsgrad", false},
                           {"maximize", false},
                           {"foreach", nullptr},
                           {"capturable", false},
                           {"differentiable", false},
                           {"decoupled_weight_decay", false},
                           {"fused", nullptr}});
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
class Adam final : public detail::AdamRule<AdamOptions> {
 public:
  using AdamRule::AdamRule;
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
  checks.lr();
  checks.eps();
  checks.betas();
  checks.weight_decay();
  for (const Value& beta : all.find("betas")->as_tuple()) {
    if (!beta.is_double()) {
      raise<ValueError>(name, "betas must be either both floats or both Tensors, got ",
                        repr(*all.find("betas")));
    }
  }
}

template <class Options>
void AdamRule<Options>::update(const ParamGroup& group) {
  const Moments moments(group);
  const bool amsgrad = group.flag("amsgrad");
  this->for_each_gradient(
      group, [&]<FloatScalar S>(Tensor<S>& param, const Tensor<S>& grad, std::int64_t index) {
        Dict& kept = this->state(index);
        if (kept.empty()) {
          kept.set("step", scalar_tensor(0));
          kept.set("exp_avg", filled_like(param, 0));
          kept.set("exp_avg_sq", filled_like(param, 0));
          if (amsgrad) kept.set("max_exp_avg_sq", filled_like(param, 0));
        }
        const Real t = this->advance(index, kept);
        const kernels::AdamStep<S> step{
            .moments = moments.step<S>(),
            .minus_step_size = static_cast<S>((-(moments.lr / moments.correction1(t))).value()),
            .root_correction = static_cast<S>(pow(moments.correction2(t), 0.5).value())};
        kernels::adam(step, param.numel(), param.data(), grad.data(),
                      this->buffer(index, kept, "exp_avg", param),
                      this->buffer(index, kept, "exp_avg_sq", param),
                      amsgrad ? this->buffer(index, kept, "max_exp_avg_sq", param) : nullptr);
      });
}

}  // namespace detail

inline void AdamOptions::check(const Dict& all) { detail::check_adam(kName, all); }

}  // namespace brasa::optim
