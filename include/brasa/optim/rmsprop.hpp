#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"
#include "brasa/optim/optimizer.hpp"

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
  static Dict defaults();
  static void check(const Dict& all);
  Dict given() const;
};

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
class RMSprop final : public OptimizerOf<RMSpropOptions> {
 public:
  using OptimizerOf::OptimizerOf;

 private:
  inline void update(const ParamGroup& group) override;
  std::vector<detail::StateKey> state_keys(const ParamGroup& group) const override {
    using detail::StateKey;
    return {{"step", StateKey::step},
            {"square_avg", StateKey::buffer},
            {"momentum_buffer", StateKey::buffer, group.number("momentum") > Real(0)},
            {"grad_avg", StateKey::buffer, group.flag("centered")}};
  }
  void complete(Dict& options) const override {
    detail::set_defaults(options, {{"momentum", 0},
                                   {"centered", false},
                                   {"foreach", nullptr},
                                   {"maximize", false},
                                   {"differentiable", false},
                                   {"capturable", false}});
  }
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

inline void RMSprop::update(const ParamGroup& group) {
  const detail::GradientOptions gradient(group);
  const Real minus_lr = -group.number("lr");
  const Real alpha = group.number("alpha");
  const Real eps = group.number("eps");
  const Real momentum = group.number("momentum");
  const bool has_momentum = momentum > Real(0);
  const bool centered = group.flag("centered");
  for_each_gradient(group, [&]<FloatScalar S>(Tensor<S>& param, const Tensor<S>& grad,
                                              std::int64_t index) {
    Dict& kept = state(index);
    if (kept.empty()) {
      kept.set("step", detail::scalar_tensor(0));
      kept.set("square_avg", detail::filled_like(param, 0));
      if (has_momentum) kept.set("momentum_buffer", detail::filled_like(param, 0));
      if (centered) kept.set("grad_avg", detail::filled_like(param, 0));
    }
    advance(index, kept);
    const kernels::RmspropStep<S> step{.gradient = gradient.rule<S>(),
                                       .square = kernels::SquareAverage<S>(alpha.value()),
                                       .mean = kernels::Lerp<S>((Real(1) - alpha).value()),
                                       .minus_lr = static_cast<S>(minus_lr.value()),
                                       .eps = static_cast<S>(eps.value()),
                                       .momentum = static_cast<S>(momentum.value())};
    S* square = buffer(index, kept, "square_avg", param);
    S* mean = centered ? buffer(index, kept, "grad_avg", param) : nullptr;
    S* directions = has_momentum ? buffer(index, kept, "momentum_buffer", param) : nullptr;
    const auto run =
        centered
            ? (has_momentum ? kernels::rmsprop<true, true, S> : kernels::rmsprop<true, false, S>)
            : (has_momentum ? kernels::rmsprop<false, true, S> : kernels::rmsprop<false, false, S>);
    run(step, param.numel(), param.data(), grad.data(), square, mean, directions);
  });
}

}  // namespace brasa::optim
