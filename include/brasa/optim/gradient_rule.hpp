#pragma once

#include "brasa/core/dtype.hpp"
#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/param_group.hpp"

namespace brasa::optim::detail {

/// What `maximize` and `weight_decay` of a group make of a gradient. With decoupled weight decay
/// the latter acts on the parameter instead.
struct GradientOptions {
  bool maximize;
  Real weight_decay;
  bool decoupled = false;

  explicit GradientOptions(const ParamGroup& group)
      : maximize(group.flag("maximize")), weight_decay(group.number("weight_decay")) {}

  template <FloatScalar S>
  kernels::GradientRule<S> rule() const {
    return {.maximize = maximize,
            .decays = !decoupled && !(weight_decay == Real(0)),
            .weight_decay = static_cast<S>(weight_decay.value())};
  }
};

}  // namespace brasa::optim::detail
