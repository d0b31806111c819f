#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/optimizer.hpp"

namespace brasa::optim {

/// What `SGD` takes; what is left out has the value in parentheses.
struct SGDOptions {
  std::optional<Real> lr = {};            ///< learning rate (0.001)
  std::optional<Real> momentum = {};      ///< how much of the last direction is kept (0)
  std::optional<Real> dampening = {};     ///< how much of the gradient momentum leaves out (0)
  std::optional<Real> weight_decay = {};  ///< factor of an L2 penalty (0)
  std::optional<bool> nesterov = {};      ///< Nesterov's momentum (false)
  std::optional<bool> maximize = {};      ///< go up instead of down (false)

  // For brasa's own use.
  static constexpr const char* kName = "SGD";
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

/// p ← p − lr·d, where d is the gradient g or, with momentum, d = b ← momentum·b + (1 −
/// dampening)·g; with Nesterov's d = g + momentum·b. The first b is g. Weight decay adds
/// weight_decay·p to g.
///
///     optim::SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
///
/// State of a parameter, with momentum: `momentum_buffer`.
///
/// Errors: ValueError for negative numbers, and for Nesterov's without momentum or with dampening.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.SGD.html. Nesterov's is that of
/// Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
class SGD final : public OptimizerOf<SGDOptions> {
 public:
  using OptimizerOf::OptimizerOf;

 private:
  inline void update(const ParamGroup& group) override;
  std::vector<detail::StateKey> state_keys(const ParamGroup&) const override {
    return {{"momentum_buffer", detail::StateKey::buffer, false}};
  }
  void complete(Dict& options) const override {
    detail::set_defaults(options, {{"nesterov", false},
                                   {"maximize", false},
                                   {"foreach", nullptr},
                                   {"differentiable", false},
                                   {"fused", false}});
  }
};

inline Dict SGDOptions::defaults() {
  return {{"lr", 0.001},        {"momentum", 0},           {"dampening", 0},
          {"weight_decay", 0},  {"nesterov", false},       {"maximize", false},
          {"foreach", nullptr}, {"differentiable", false}, {"fused", nullptr}};
}

inline Dict SGDOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"momentum", momentum},
                               {"dampening", dampening},
                               {"weight_decay", weight_decay},
                               {"nesterov", nesterov},
                               {"maximize", maximize}});
}

inline void SGDOptions::check(const Dict& all) {
  const detail::Checks checks(kName, all);
  checks.lr();
  checks.not_negative("momentum", "momentum value");
  checks.weight_decay();
  if (checks.flag("nesterov") &&
      (checks.number("momentum") <= Real(0) || !(checks.number("dampening") == Real(0)))) {
    detail::raise<ValueError>(kName, "Nesterov momentum requires a momentum and zero dampening");
  }
}

inline void SGD::update(const ParamGroup& group) {
  const detail::GradientOptions gradient(group);
  const Real minus_lr = -group.number("lr");
  const Real momentum = group.number("momentum");
  const Real one_minus_dampening = Real(1) - group.number("dampening");
  const bool nesterov = group.flag("nesterov");
  for_each_gradient(
      group, [&]<FloatScalar S>(Tensor<S>& param, const Tensor<S>& grad, std::int64_t index) {
        const kernels::SgdStep<S> step{
            .gradient = gradient.rule<S>(),
            .minus_lr = static_cast<S>(minus_lr.value()),
            .momentum = static_cast<S>(momentum.value()),
            .one_minus_dampening = static_cast<S>(one_minus_dampening.value()),
            .nesterov = nesterov};
        if (momentum == Real(0)) {
          kernels::sgd(step, param.numel(), param.data(), grad.data());
          return;
        }
        Dict& kept = state(index);
        const Value* old = kept.find("momentum_buffer");
        const bool first = old == nullptr || old->is_none();
        if (first) kept.set("momentum_buffer", Tensor<S>::empty(param.shape()));
        kernels::sgd_momentum(step, first, param.numel(), param.data(), grad.data(),
                              buffer(index, kept, "momentum_buffer", param));
      });
}

}  // namespace brasa::optim
