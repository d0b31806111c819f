#pragma once

#include <optional>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/rule.hpp"

namespace brasa::optim {

/// What `RMSprop` takes; what is left out has the value in parentheses.
struct RMSpropOptions {
  std::optional<Real> lr = {};            ///< learning rate (0.01)
  std::optional<Real> alpha = {};         ///< decay of the average of squares (0.99)
  std::optional<Real> eps = {};           ///< added to the root (1e-8)
  std::optional<Real> weight_decay = {};  ///< factor of an L2 penalty (0)
  std::optional<Real> momentum = {};      ///< how much of the last direction is kept (0)
  std::optional<bool> centered = {};      ///< divide by the deviation instead (false)
  std::optional<bool> maximize = {};      ///< go up instead of down (false)

  // For brasa's own use.
  static constexpr const char* kName = "RMSprop";
  static constexpr const char* kNewer[] = {"momentum", "centered",       "foreach",
                                           "maximize", "differentiable", "capturable"};
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

struct RMSpropRule {
  static constexpr StateKey kKeys[] = {{"step", StateKey::step},
                                       {"square_avg"},
                                       {.name = "momentum_buffer", .when = "momentum"},
                                       {.name = "grad_avg", .when = "centered"}};

  GradientOptions gradient;
  Real minus_lr, alpha, eps, momentum;
  bool centered;

  explicit RMSpropRule(const ParamGroup& group)
      : gradient(group),
        minus_lr(-group.number("lr")),
        alpha(group.number("alpha")),
        eps(group.number("eps")),
        momentum(group.number("momentum")),
        centered(group.flag("centered")) {}
  template <FloatScalar S>
  void operator()(const Slot<S>& slot) const {
    slot.advance();
    const kernels::RmspropStep<S> step{.gradient = gradient.rule<S>(),
                                       .square = kernels::SquareAverage<S>(alpha.value()),
                                       .mean = kernels::Lerp<S>((Real(1) - alpha).value()),
                                       .minus_lr = static_cast<S>(minus_lr.value()),
                                       .eps = static_cast<S>(eps.value()),
                                       .momentum = static_cast<S>(momentum.value())};
    const bool moves = momentum > Real(0);
    kernels::rmsprop(step, slot.count, slot.param, slot.grad, slot.buffer("square_avg"),
                     centered ? slot.buffer("grad_avg") : nullptr,
                     moves ? slot.buffer("momentum_buffer") : nullptr);
  }
};

}  // namespace detail

/// s ← αs + (1 − α)g², p ← p − lr·g/(√s + eps). Centered: a ← αa + (1 − α)g, and s − a² stands
/// under the root. With momentum: b ← momentum·b + g/(√… + eps), p ← p − lr·b. Weight decay adds
/// weight_decay·p to g.
///
/// State of a parameter: `step`, `square_avg` (s), with momentum `momentum_buffer` (b), if centered
/// `grad_avg` (a).
///
/// Errors: ValueError for negative numbers.
///
/// Source: Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012; Graves, "Generating
/// Sequences With Recurrent Neural Networks", 2013 (centered);
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.RMSprop.html
class RMSprop final : public RuleOptimizer<RMSpropOptions, detail::RMSpropRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

inline Dict RMSpropOptions::defaults() {
  return {
      {"lr", 0.01},        {"momentum", 0},          {"alpha", 0.99},       {"eps", 1e-8},
      {"centered", false}, {"weight_decay", 0},      {"capturable", false}, {"foreach", nullptr},
      {"maximize", false}, {"differentiable", false}};
}

inline Dict RMSpropOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"alpha", alpha},
                               {"eps", eps},
                               {"weight_decay", weight_decay},
                               {"momentum", momentum},
                               {"centered", centered},
                               {"maximize", maximize}});
}

inline void RMSpropOptions::check(const Dict& all) {
  const detail::Checks checks(kName, all);
  checks.lr();
  checks.eps();
  checks.not_negative("momentum", "momentum value");
  checks.weight_decay();
  checks.not_negative("alpha", "alpha value");
}

}  // namespace brasa::optim
