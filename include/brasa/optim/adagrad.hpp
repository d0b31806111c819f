#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/optimizer.hpp"

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
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

/// s ← s + g², p ← p − lr/(1 + (t − 1)·lr_decay)·g/(√s + eps). Weight decay adds weight_decay·p to
/// g.
///
/// State of a parameter, from the beginning: `step`, `sum` (s).
///
/// Errors: ValueError for negative numbers.
///
/// Source: Duchi et al., "Adaptive Subgradient Methods for Online Learning and Stochastic
/// Optimization", 2011; https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adagrad.html
class Adagrad final : public OptimizerOf<AdagradOptions> {
 public:
  /// As all optimizers.
  explicit Adagrad(const Params<AdagradOptions>& params, const AdagradOptions& options = {})
      : OptimizerOf(params, options) {
    for (const ParamGroup& group : param_groups()) {
      for (std::size_t i = 0; i < group.params().size(); ++i) {
        const AnyTensor& param = group.params()[i];
        detail::visit_param(param, [&](auto typed) { begin(typed, state(group.indices()[i])); });
      }
    }
  }

 private:
  template <FloatScalar S>
  void begin(const Tensor<S>& param, Dict& kept) const {
    const double sum = defaults().find("initial_accumulator_value")->as_double();
    kept.set("step", detail::scalar_tensor(0));
    kept.set("sum", detail::filled_like(param, sum));
  }
  inline void update(const ParamGroup& group) override;
  std::vector<detail::StateKey> state_keys(const ParamGroup&) const override {
    return {{"step", detail::StateKey::step}, {"sum", detail::StateKey::buffer}};
  }
  void complete(Dict& options) const override {
    detail::set_defaults(
        options,
        {{"foreach", nullptr}, {"maximize", false}, {"differentiable", false}, {"fused", nullptr}});
  }
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

inline void Adagrad::update(const ParamGroup& group) {
  const detail::GradientOptions gradient(group);
  const Real lr = group.number("lr");
  const Real lr_decay = group.number("lr_decay");
  const Real eps = group.number("eps");
  for_each_gradient(
      group, [&]<FloatScalar S>(Tensor<S>& param, const Tensor<S>& grad, std::int64_t index) {
        Dict& kept = state(index);
        if (kept.empty()) begin(param, kept);
        const Real t = advance(index, kept);
        const Real minus_lr = -(lr / (Real(1) + (t - Real(1)) * lr_decay));
        const kernels::AdagradStep<S> step{.gradient = gradient.rule<S>(),
                                           .minus_lr = static_cast<S>(minus_lr.value()),
                                           .eps = static_cast<S>(eps.value())};
        kernels::adagrad(step, param.numel(), param.data(), grad.data(),
                         buffer(index, kept, "sum", param));
      });
}

}  // namespace brasa::optim
