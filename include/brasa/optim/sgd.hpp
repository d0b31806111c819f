#pragma once

#include <optional>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/rule.hpp"

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
  static constexpr const char* kNewer[] = {"nesterov", "maximize", "foreach", "differentiable"};
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

struct SGDRule {
  static constexpr StateKey kKeys[] = {{.name = "momentum_buffer", .when = StateKey::kLater}};

  GradientOptions gradient;
  Real minus_lr, momentum, one_minus_dampening;
  bool nesterov;

  explicit SGDRule(const ParamGroup& group)
      : gradient(group),
        minus_lr(-group.number("lr")),
        momentum(group.number("momentum")),
        one_minus_dampening(Real(1) - group.number("dampening")),
        nesterov(group.flag("nesterov")) {}
  template <FloatScalar S>
  void operator()(const Slot<S>& slot) const {
    const kernels::SgdStep<S> step{
        .gradient = gradient.rule<S>(),
        .minus_lr = static_cast<S>(minus_lr.value()),
        .momentum = static_cast<S>(momentum.value()),
        .one_minus_dampening = static_cast<S>(one_minus_dampening.value()),
        .nesterov = nesterov};
    if (momentum == Real(0)) return kernels::sgd(step, slot.count, slot.param, slot.grad);
    Dict& kept = slot.dict();
    const Value* old = kept.find("momentum_buffer");
    const bool first = old == nullptr || old->is_none();
    if (first) kept.set("momentum_buffer", filled_like(slot.tensor(), 0));
    kernels::sgd_momentum(step, first, slot.count, slot.param, slot.grad,
                          slot.buffer("momentum_buffer"));
  }
};

}  // namespace detail

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
class SGD final : public RuleOptimizer<SGDOptions, detail::SGDRule> {
 public:
  using RuleOptimizer::RuleOptimizer;

 private:
  void complete(Dict& options) const override {
    RuleOptimizer::complete(options);
    options.set_default("fused", false);
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

}  // namespace brasa::optim
