#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "brasa/autograd/backward.hpp"
#include "brasa/autograd/grad.hpp"

namespace brasa::autograd {

/// The optional arguments of gradcheck and gradgradcheck.
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

// Templates only because the operations that they need stand in ops/, above this folder. S is
// double.

template <FloatScalar S>
using CheckedTensors = std::vector<Tensor<S>>;

/// A function as gradients are checked of it: of tensors, to tensors.
template <FloatScalar S>
using CheckedFunction = std::function<CheckedTensors<S>(const CheckedTensors<S>&)>;

template <FloatScalar S>
CheckedTensors<S> as_list(const Tensor<S>& output) {
  return {output};
}
template <FloatScalar S>
const CheckedTensors<S>& as_list(const CheckedTensors<S>& outputs) {
  return outputs;
}

template <FloatScalar S, class F>
CheckedFunction<S> checked_function(const F& function) {
  return [&function](const CheckedTensors<S>& x) { return as_list(function(x)); };
}

/// For each output numbers without pattern but the same each time, with which all outputs are
/// weighed into one number; an undefined tensor where no gradient comes from.
template <FloatScalar S>
CheckedTensors<S> probe_weights(const CheckedTensors<S>& outputs) {
  CheckedTensors<S> weights;
  double step = 0;
  for (const auto& output : outputs) {
    weights.emplace_back();
    if (!output.requires_grad()) continue;
    weights.back() = Tensor<S>::empty(output.shape());
    for (S& weight : weights.back().span()) {
      weight = 0.5 + std::fmod(0.754877666 * ++step, 1.0);
    }
  }
  return weights;
}

/// Σ weight · output
template <FloatScalar S>
double probe(const CheckedFunction<S>& function, const CheckedTensors<S>& inputs,
             const CheckedTensors<S>& weights) {
  const NoGradGuard no_grad;
  const auto outputs = function(inputs);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!weights[i].defined()) continue;
    sum += outputs[i].array().matrix().dot(weights[i].array().matrix());
  }
  return sum;
}

/// d probe / d value, by central differences; `value` is an element of the inputs.
template <FloatScalar S>
double numerical_gradient(const CheckedFunction<S>& function, const CheckedTensors<S>& inputs,
                          const CheckedTensors<S>& weights, S& value, double eps) {
  const double original = value;
  value = original + eps;
  const double above = probe(function, inputs, weights);
  value = original - eps;
  const double below = probe(function, inputs, weights);
  value = original;
  return (above - below) / (2 * eps);
}

/// The gradients of Σ weight · output with respect to `inputs`; undefined where there is none.
template <FloatScalar S>
CheckedTensors<S> weighed_gradients(const CheckedTensors<S>& outputs,
                                    const CheckedTensors<S>& weights,
                                    const CheckedTensors<S>& inputs, bool create_graph) {
  CheckedTensors<S> from;
  CheckedTensors<S> grad_outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].requires_grad()) continue;
    from.push_back(outputs[i]);
    grad_outputs.push_back(weights[i]);
  }
  if (from.empty()) {
    raise<AutogradError>("gradcheck", "no output depends on an input that requires a gradient");
  }
  return autograd::grad(from, inputs, grad_outputs,
                        {.create_graph = create_graph, .allow_unused = true});
}

/// Those of `tensors` that require a gradient.
template <FloatScalar S>
CheckedTensors<S> wanting_gradients(const CheckedTensors<S>& tensors) {
  CheckedTensors<S> wanted;
  for (const auto& tensor : tensors) {
    if (tensor.requires_grad()) wanted.push_back(tensor);
  }
  if (wanted.empty()) raise<ValueError>("gradcheck", "no input requires a gradient");
  return wanted;
}

template <FloatScalar S>
bool check_gradients(const CheckedFunction<S>& function, const CheckedTensors<S>& inputs,
                     const autograd::GradcheckOptions& options) {
  CheckedTensors<S> leaves;
  for (const auto& input : inputs) {
    leaves.push_back(input.detach().clone());
    leaves.back().requires_grad_(input.requires_grad());
  }
  const auto wanted = wanting_gradients(leaves);
  const EnableGradGuard recording;
  const auto outputs = function(leaves);
  const auto weights = probe_weights(outputs);
  const auto analytical = weighed_gradients(outputs, weights, wanted, false);
  std::size_t next = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (!leaves[i].requires_grad()) continue;
    const auto& gradient = analytical[next++];
    for (std::int64_t j = 0; j < leaves[i].numel(); ++j) {
      const double expected =
          numerical_gradient(function, leaves, weights, leaves[i].data()[j], options.eps);
      const double actual = gradient.defined() ? gradient.data()[j] : 0.0;
      if (std::abs(actual - expected) <= options.atol + options.rtol * std::abs(expected)) continue;
      if (!options.raise_exception) return false;
      raise<AutogradError>("gradcheck", "the gradient of input ", i, " at element ", j, " is ",
                           actual, ", numerically it is ", expected);
    }
  }
  return true;
}

template <FloatScalar S>
bool check_second_gradients(const CheckedFunction<S>& function, const CheckedTensors<S>& inputs,
                            const autograd::GradcheckOptions& options) {
  const std::size_t count = inputs.size();
  const auto gradients = [&](const CheckedTensors<S>& x) {
    const EnableGradGuard recording;
    const CheckedTensors<S> arguments(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(count));
    const CheckedTensors<S> grad_outputs(x.begin() + static_cast<std::ptrdiff_t>(count), x.end());
    CheckedTensors<S> found =
        weighed_gradients(function(arguments), grad_outputs, wanting_gradients(arguments), true);
    std::erase_if(found, [](const auto& gradient) { return !gradient.defined(); });
    return found;
  };
  const EnableGradGuard recording;
  CheckedTensors<S> all = inputs;
  for (const auto& weight : probe_weights(function(inputs))) {
    all.push_back(weight.defined() ? weight : Tensor<S>::empty({0}));
    all.back().requires_grad_(weight.defined());
  }
  return check_gradients<S>(gradients, all, options);
}

}  // namespace brasa::detail

namespace brasa::autograd {

/// Compares the gradients that backward computes with numerical ones, (f(x+ε) − f(x−ε)) / 2ε, for
/// every element of every input that requires a gradient. Returns true if they agree within
/// atol + rtol·|numerical|.
///
///     gradcheck([](const auto& x) { return brasa::tanh(x[0]); }, {input});
///
/// `function` takes the inputs and returns a `Tensor<double>` or a vector of them; it must be the
/// same at each call, and differentiable near the inputs. Outputs that do not require a gradient
/// count for nothing.
/// Where it differs from PyTorch: all outputs are weighed into one number, which is what is
/// differentiated; a wrong gradient of any output shows in it. Inputs are of float64 only, with
/// which alone a check is worth something.
///
/// Errors: AutogradError where a gradient is wrong, and if no output depends on such an input;
/// ValueError if no input requires a gradient. Source: torch.autograd.gradcheck.
template <class F>
requires std::invocable<const F&, const DoubleTensors&>
bool gradcheck(const F& function, const DoubleTensors& inputs, GradcheckOptions options = {}) {
  return detail::check_gradients(detail::checked_function<double>(function), inputs, options);
}

/// The same for the gradients themselves, as functions of the inputs and of the gradients that come
/// from the outputs: checks second derivatives. Errors: those of gradcheck, and AutogradError for a
/// function that is not differentiable twice. Source: torch.autograd.gradgradcheck.
template <class F>
requires std::invocable<const F&, const DoubleTensors&>
bool gradgradcheck(const F& function, const DoubleTensors& inputs, GradcheckOptions options = {}) {
  return detail::check_second_gradients(detail::checked_function<double>(function), inputs,
                                        options);
}

}  // namespace brasa::autograd
