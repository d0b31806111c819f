#pragma once

#include "brasa/nn/any_module.hpp"
#include "brasa/nn/modules/activation_piecewise.hpp"
#include "brasa/nn/modules/linear.hpp"

// Linear and the ReLU behind it in one pass over memory, where nobody can tell: Sequential's.

namespace brasa::nn::detail {

/// True for a Linear and a ReLU that are called without hooks, on an x for which nothing is
/// recorded.
template <FloatScalar S>
bool can_fuse(const AnyModule<S>& first, const AnyModule<S>& second, const Tensor<S>& x) {
  if (!first.template is<Linear<S>>() || !second.template is<ReLU<S>>()) return false;
  for (const AnyModule<S>* module : {&first, &second}) {
    const Module<S>& called = **module;
    if (!called.forward_pre_hooks().empty() || !called.forward_hooks().empty()) return false;
  }
  const auto& linear = first.template as<Linear<S>>();
  return x.defined() && linear.weight.defined() &&
         is_plain_linear<S>(x, linear.weight, linear.bias);
}

/// relu(linear(x)) for two modules that can be fused. Errors name the Linear.
template <FloatScalar S>
Tensor<S> linear_relu(const AnyModule<S>& first, const Tensor<S>& x) {
  const auto& linear = first.template as<Linear<S>>();
  const ModuleFrame<S> frame(linear);
  check_linear<S>(x, linear.weight, false);
  return plain_linear<S>(x, linear.weight, linear.bias, true);
}

}  // namespace brasa::nn::detail
