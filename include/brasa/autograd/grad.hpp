#pragma once

#include <cstddef>
#include <vector>

#include "brasa/autograd/gradient_walk.hpp"
#include "brasa/core/tensor.hpp"

namespace brasa::autograd {

/// The optional arguments of grad.
struct GradOptions {
  bool retain_graph = false;
  bool create_graph = false;
  bool allow_unused = false;
};

/// The gradients of `sum(grad_outputs · outputs)` with respect to the inputs, which may be leaves
/// or results of operations; their `grad()` is left alone. With `create_graph` the gradients can be
/// differentiated again (and the graph is retained). `grad_outputs` may be left out for outputs
/// with one element.
///
/// Errors: AutogradError if an input was not used, unless `allow_unused`: then its gradient is
/// undefined.
template <FloatScalar S>
std::vector<Tensor<S>> grad(const std::vector<Tensor<S>>& outputs,
                            const std::vector<Tensor<S>>& inputs,
                            const std::vector<Tensor<S>>& grad_outputs = {},
                            GradOptions options = {}) {
  if (inputs.empty()) detail::raise<ValueError>("grad", "expected at least one input, got none");
  if (!grad_outputs.empty() && grad_outputs.size() != outputs.size()) {
    detail::raise<ValueError>("grad", "expected as many gradients as outputs, got ",
                              grad_outputs.size(), " for ", outputs.size());
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) {
      detail::raise<AutogradError>("grad", "input ", i, " does not require a gradient");
    }
  }
  detail::GradientWalk walk(options.retain_graph || options.create_graph, options.create_graph);
  walk.capture_only(outputs, inputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    walk.start(outputs[i],
               detail::initial_gradient("grad", outputs[i],
                                        grad_outputs.empty() ? Tensor<S>() : grad_outputs[i]));
  }
  walk.run();
  std::vector<Tensor<S>> result;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const AnyTensor captured = walk.captured(inputs[i]);
    if (!captured.defined() && !options.allow_unused) {
      detail::raise<AutogradError>("grad", "input ", i,
                                   " was not used to compute the outputs: set "
                                   "allow_unused = true if that is intended");
    }
    result.push_back(captured.defined() ? captured.as<S>() : Tensor<S>());
  }
  return result;
}

/// The same for one output and one input.
template <FloatScalar S>
Tensor<S> grad(const Tensor<S>& output, const Tensor<S>& input, const Tensor<S>& grad_output = {},
               GradOptions options = {}) {
  using Tensors = std::vector<Tensor<S>>;
  return grad(Tensors{output}, Tensors{input},
              grad_output.defined() ? Tensors{grad_output} : Tensors{}, options)[0];
}

}  // namespace brasa::autograd
