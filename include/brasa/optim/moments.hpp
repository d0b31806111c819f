#pragma once

#include <utility>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/gradient_rule.hpp"

namespace brasa::optim::detail {

/// What Adam, NAdam and RAdam have in common: running averages of the gradient and its square, and
/// the factors that correct them for having started from 0.
struct Moments {
  Real lr, beta1, beta2, eps;
  GradientOptions gradient;
  Real param_decay = 1;

  explicit Moments(const ParamGroup& group) : Moments(group, group.betas()) {}

  template <FloatScalar S>
  kernels::MomentsStep<S> step() const {
    return {.gradient = gradient.rule<S>(),
            .param_decay = static_cast<S>(param_decay.value()),
            .mean = kernels::Lerp<S>((Real(1) - beta1).value()),
            .square = kernels::SquareAverage<S>(beta2.value()),
            .eps = static_cast<S>(eps.value())};
  }
  Real correction1(Real t) const { return Real(1) - pow(beta1, t); }
  Real correction2(Real t) const { return Real(1) - pow(beta2, t); }

 private:
  Moments(const ParamGroup& group, std::pair<Real, Real> betas)
      : lr(group.number("lr")),
        beta1(betas.first),
        beta2(betas.second),
        eps(group.number("eps")),
        gradient(group) {
    gradient.decoupled = group.flag("decoupled_weight_decay");
    if (gradient.decoupled) param_decay = Real(1) - lr * gradient.weight_decay;
  }
};

}  // namespace brasa::optim::detail
