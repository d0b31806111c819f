#pragma once

#include <optional>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/rule.hpp"

namespace brasa::optim {

/// What `Adadelta` takes; what is left out has the value in parentheses.
struct AdadeltaOptions {
  std::optional<Real> lr = {};            ///< factor of each change (1.0)
  std::optional<Real> rho = {};           ///< decay of the two averages (0.9)
  std::optional<Real> eps = {};           ///< added under the roots (1e-6)
  std::optional<Real> weight_decay = {};  ///< factor of an L2 penalty (0)
  std::optional<bool> maximize = {};      ///< go up instead of down (false)

  // For brasa's own use.
  static constexpr const char* kName = "Adadelta";
  static constexpr const char* kNewer[] = {"foreach", "maximize", "differentiable", "capturable"};
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

namespace detail {

struct AdadeltaRule {
  static constexpr StateKey kKeys[] = {{"step", StateKey::step}, {"square_avg"}, {"acc_delta"}};

  GradientOptions gradient;
  Real minus_lr, rho, eps;

  explicit AdadeltaRule(const ParamGroup& group)
      : gradient(group),
        minus_lr(-group.number("lr")),
        rho(group.number("rho")),
        eps(group.number("eps")) {}
  template <FloatScalar S>
  void operator()(const Slot<S>& slot) const {
    slot.advance();
    const kernels::AdadeltaStep<S> step{.gradient = gradient.rule<S>(),
                                        .average = kernels::SquareAverage<S>(rho.value()),
                                        .minus_lr = static_cast<S>(minus_lr.value()),
                                        .eps = static_cast<S>(eps.value())};
    kernels::adadelta(step, slot.count, slot.param, slot.grad, slot.buffer("square_avg"),
                      slot.buffer("acc_delta"));
  }
};

}  // namespace detail

/// s ← ρs + (1 − ρ)g², δ = √(d + eps)/√(s + eps)·g, d ← ρd + (1 − ρ)δ², p ← p − lr·δ. Weight decay
/// adds weight_decay·p to g.
///
/// State of a parameter: `step`, `square_avg` (s), `acc_delta` (d).
///
/// Errors: ValueError for negative numbers and for rho above 1.
///
/// Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.Adadelta.html
class Adadelta final : public RuleOptimizer<AdadeltaOptions, detail::AdadeltaRule> {
 public:
  using RuleOptimizer::RuleOptimizer;
};

inline Dict AdadeltaOptions::defaults() {
  return {
      {"lr", 1.0},         {"rho", 0.9},          {"eps", 1e-6},        {"weight_decay", 0},
      {"maximize", false}, {"capturable", false}, {"foreach", nullptr}, {"differentiable", false}};
}

inline Dict AdadeltaOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"rho", rho},
                               {"eps", eps},
                               {"weight_decay", weight_decay},
                               {"maximize", maximize}});
}

inline void AdadeltaOptions::check(const Dict& all) {
  const detail::Checks checks(kName, all);
  checks.lr();
  const Real rho = checks.number("rho");
  if (!(Real(0) <= rho && rho <= Real(1))) {
    detail::raise<ValueError>(kName, "Invalid rho value: ", detail::python_text(rho),
                              ", expected one in [0, 1]");
  }
  checks.eps();
  checks.weight_decay();
}

}  // namespace brasa::optim
