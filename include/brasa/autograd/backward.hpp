#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include "brasa/autograd/gradient_walk.hpp"
#include "brasa/core/tensor.hpp"

namespace brasa {

namespace detail {

/// Hooks may return nothing, a typed tensor, or an AnyTensor.
template <TensorScalar S, class Hook>
std::function<AnyTensor(const AnyTensor&)> typed_hook(Hook hook) {
  return [hook = std::move(hook)](const AnyTensor& grad) -> AnyTensor {
    if constexpr (std::is_void_v<std::invoke_result_t<const Hook&, Tensor<S>>>) {
      hook(grad.as<S>());
      return {};
    } else {
      return hook(grad.as<S>());
    }
  };
}

}  // namespace detail

template <TensorScalar S>
void Tensor<S>::backward(const Tensor& gradient, bool retain_graph, bool create_graph) const {
  static_assert(FloatScalar<S>, "brasa: only tensors of float and double have gradients");
  detail::GradientWalk walk(retain_graph || create_graph, create_graph);
  walk.start(*this, detail::initial_gradient("backward", *this, gradient));
  walk.run();
}

template <TensorScalar S>
Tensor<S>& Tensor<S>::requires_grad_(bool requires_grad) {
  if (!is_leaf()) {
    detail::raise<AutogradError>("requires_grad_",
                                 "only leaves can be told whether they require a "
                                 "gradient: use detach() to leave the graph");
  }
  if constexpr (FloatScalar<S>) {
    auto& meta = impl().autograd_meta();
    meta.requires_grad = requires_grad;
    meta.arithmetic = &detail::grad_arithmetic<S>;
  } else if (requires_grad) {
    detail::raise<DtypeError>("requires_grad_",
                              "only tensors of floating point can require "
                              "gradients, this one is of ",
                              dtype_name(dtype()));
  }
  return *this;
}

template <TensorScalar S>
void Tensor<S>::set_grad(const Tensor& grad) {
  if (grad.defined() && grad.shape() != shape()) {
    detail::raise<ShapeError>("set_grad", "expected a gradient of shape ", shape_text(shape()),
                              ", got ", shape_text(grad.shape()));
  }
  if (grad.defined() && grad.is(*this)) {
    detail::raise<AutogradError>("set_grad", "a tensor cannot be its own gradient");
  }
  if (grad.defined() || impl().autograd) impl().autograd_meta().grad = grad.impl_ref();
}

template <TensorScalar S>
void Tensor<S>::retain_grad() {
  if (!requires_grad()) {
    detail::raise<AutogradError>("retain_grad", "this tensor does not require a gradient");
  }
  if (!is_leaf()) impl().autograd->grad_fn->retains_grad = true;
}

template <TensorScalar S>
template <class Hook>
RemovableHandle Tensor<S>::register_hook(Hook hook) const {
  if (!requires_grad()) {
    detail::raise<AutogradError>("register_hook", "this tensor does not require a gradient");
  }
  auto& meta = *impl().autograd;
  return (meta.grad_fn ? meta.grad_fn->hooks : meta.hooks)
      .add(detail::typed_hook<S>(std::move(hook)));
}

template <TensorScalar S>
template <class Hook>
RemovableHandle Tensor<S>::register_post_accumulate_grad_hook(Hook hook) const {
  if (!requires_grad() || !is_leaf()) {
    detail::raise<AutogradError>("register_post_accumulate_grad_hook",
                                 "expected a leaf that requires a gradient");
  }
  return impl().autograd->accumulated_hooks.add([hook = std::move(hook)](const AnyTensor& leaf) {
    hook(leaf.as<S>());
    return AnyTensor();
  });
}

}  // namespace brasa
