#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

#include "brasa/autograd/backward.hpp"

namespace brasa::autograd {

struct GradcheckOptions {
  double eps = 1e-6;
  double atol = 1e-5;
  double rtol = 1e-3;
  /// A gradient that is not the numerical one raises an AutogradError that says where; if false,
  /// the function returns false instead.
  bool raise_exception = true;
};

using DoubleTensors = std::vector<Tensor<double>>;

}  // namespace brasa::autograd

namespace brasa::detail {

/// Numbers without pattern but the same each time: the weights that a tensor of outputs is reduced
/// with, so that one number stands for all of them.
inline Tensor<double> probe_weights(const Shape& shape) {
  auto weights = Tensor<double>::empty(shape);
  for (std::int64_t i = 0; i < weights.numel(); ++i) {
    weights.data()[i] = 0.5 + std::fmod(0.754877666 * static_cast<double>(i + 1), 1.0);
  }
  return weights;
}

/// Σᵢ weightᵢ · outputᵢ over all outputs of `function`.
template <class F>
double probe(const F& function, const autograd::DoubleTensors& inputs) {
  NoGradGuard no_grad;
  const Tensor<double> output = function(inputs);
  return output.array().matrix().dot(probe_weights(output.shape()).array().matrix());
}

/// d probe / d inputs[i][j], by central differences.
template <class F>
double numerical_gradient(const F& function, autograd::DoubleTensors& inputs, std::size_t i,
                          std::int64_t j, double eps) {
  double& value = inputs[i].data()[j];
  const double original = value;
  value = original + eps;
  const double above = probe(function, inputs);
  value = original - eps;
  const double below = probe(function, inputs);
  value = original;
  return (above - below) / (2 * eps);
}

}  // namespace brasa::detail

namespace brasa::autograd {

/// Compares the gradients that backward computes with numerical ones, (f(x+ε) − f(x−ε)) / 2ε, for
/// every element of every input that requires a gradient.
///
///     gradcheck([](const auto& x) { return brasa::tanh(x[0]); }, {input});
///
/// `function` takes the inputs and returns one `Tensor<double>`; it must be the same at each call.
/// Where it differs from PyTorch: all outputs are weighed into one number, which is what is
/// differentiated; a wrong gradient of any output shows in it.
///
/// Errors: AutogradError where a gradient is wrong. Source: torch.autograd.gradcheck.
template <class F>
requires std::invocable<const F&, const DoubleTensors&>
bool gradcheck(const F& function, const DoubleTensors& inputs, GradcheckOptions options = {}) {
  DoubleTensors leaves;
  DoubleTensors wanted;
  for (const auto& input : inputs) {
    leaves.push_back(input.detach().clone());
    if (input.requires_grad()) wanted.push_back(leaves.back().requires_grad_());
  }
  const EnableGradGuard recording;
  const Tensor<double> output = function(leaves);
  if (!output.requires_grad()) {
    detail::raise<AutogradError>("gradcheck",
                                 "the output does not depend on an input that requires "
                                 "a gradient");
  }
  const auto analytical =
      grad(DoubleTensors{output}, wanted, DoubleTensors{detail::probe_weights(output.shape())},
           {.allow_unused = true});
  std::size_t next = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (!inputs[i].requires_grad()) continue;
    const Tensor<double> gradient = analytical[next++];
    for (std::int64_t j = 0; j < leaves[i].numel(); ++j) {
      const double expected = detail::numerical_gradient(function, leaves, i, j, options.eps);
      const double actual = gradient.defined() ? gradient.data()[j] : 0.0;
      if (std::abs(actual - expected) <= options.atol + options.rtol * std::abs(expected)) continue;
      if (!options.raise_exception) return false;
      detail::raise<AutogradError>("gradcheck", "the gradient of input ", i, " at element ", j,
                                   " is ", actual, ", numerically it is ", expected);
    }
  }
  return true;
}

/// The same for the gradient itself: checks second derivatives.
template <class F>
requires std::invocable<const F&, const DoubleTensors&>
bool gradgradcheck(const F& function, const DoubleTensors& inputs, GradcheckOptions options = {}) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) continue;
    const auto gradient = [&](const DoubleTensors& x) {
      const EnableGradGuard recording;
      DoubleTensors leaves = x;
      // A numerical step evaluates without recording, so the inputs may be no part of a graph yet.
      if (!leaves[i].requires_grad()) leaves[i] = leaves[i].detach().requires_grad_();
      const Tensor<double> output = function(leaves);
      return grad(output, leaves[i], detail::probe_weights(output.shape()), {.create_graph = true});
    };
    if (!gradcheck(gradient, inputs, options)) return false;
  }
  return true;
}

}  // namespace brasa::autograd
