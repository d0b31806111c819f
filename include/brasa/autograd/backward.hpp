#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/autograd/node.hpp"
#include "brasa/core/pool_allocator.hpp"

namespace brasa {
namespace detail {

/// One walk backward through the graph, from the outputs to the leaves.
///
/// Nodes are numbered as they are made, so an output has a higher number than its inputs: of all
/// nodes that gradients have reached, the one with the highest number has been reached by all it
/// will ever get. Taking that one next is the topological order, and PyTorch's; no recursion.
class GradientWalk {
 public:
  GradientWalk(bool retain_graph, bool create_graph)
      : retain_graph_(retain_graph), create_graph_(create_graph) {}
  GradientWalk(const GradientWalk&) = delete;
  GradientWalk& operator=(const GradientWalk&) = delete;
  /// Whatever an error has left on the way is cleared.
  ~GradientWalk() {
    for (const auto& node : reached_) static_cast<autograd::Node&>(*node).incoming = AnyTensor();
    for (const auto& leaf : leaves_) leaf->autograd->incoming = nullptr;
  }

  /// Walks only towards these tensors and keeps their gradients instead of adding them to `grad()`.
  template <class Tensors>
  void capture_only(const Tensors& roots, const Tensors& inputs) {
    capturing_ = true;
    for (const auto& input : inputs) captured_[key_of(input)] = {};
    Pooled<NodeRef> reached;  // a heap, as in the walk
    for (const auto& root : roots) push(reached, autograd::Edge(root).node);
    find_paths(std::move(reached));
  }

  /// A gradient sets out from `root`.
  void start(const AnyTensor& root, const AnyTensor& grad) { arrive(autograd::Edge(root), grad); }

  void run() {
    if (create_graph_) {
      EnableGradGuard recording;
      walk();
    } else {
      NoGradGuard not_recording;
      walk();
    }
  }

  /// The captured gradient of an input, undefined if no path led to it.
  AnyTensor captured(const AnyTensor& input) { return captured_[key_of(input)]; }

 private:
  using NodeRef = Ref<GradNode>;
  // From the pool: a training step allocates nothing.
  template <class T>
  using Pooled = std::vector<T, PoolAllocator<T>>;

  struct Explored {
    std::uint64_t number;  // of the node
    bool leads_to_input;
  };

  /// The leaf, or the node that made the tensor.
  static const void* key_of(const AnyTensor& input) {
    if (input.is_leaf()) return input.impl_ref().get();
    return input.impl().autograd->grad_fn.get();
  }

  static std::uint64_t number(const NodeRef& node) {
    return static_cast<const autograd::Node&>(*node).sequence();
  }
  static bool earlier(const NodeRef& a, const NodeRef& b) { return number(a) < number(b); }

  static void push(Pooled<NodeRef>& heap, const NodeRef& node) {
    if (!node) return;
    heap.push_back(node);
    std::push_heap(heap.begin(), heap.end(), earlier);
  }
  /// The node with the highest number.
  static NodeRef pop(Pooled<NodeRef>& heap) {
    std::pop_heap(heap.begin(), heap.end(), earlier);
    NodeRef last = std::move(heap.back());
    heap.pop_back();
    return last;
  }

  void arrive(const autograd::Edge& edge, const AnyTensor& grad) {
    if (edge.leaf) {
      Ref<TensorImpl>& incoming = edge.leaf->autograd->incoming;
      if (!incoming) leaves_.push_back(edge.leaf);
      incoming = (incoming ? edge.leaf->autograd->arithmetic->sum(AnyTensor(incoming), grad) : grad)
                     .impl_ref();
    } else if (edge.node) {
      auto& node = static_cast<autograd::Node&>(*edge.node);
      if (node.incoming.defined()) {
        node.incoming = node.arithmetic->sum(node.incoming, grad);
      } else {
        node.incoming = grad;
        push(reached_, edge.node);
      }
    }
  }

  bool wanted(const autograd::Edge& edge) const {
    if (!edge) return false;
    if (!capturing_) return true;
    if (edge.leaf) return captured_.contains(edge.leaf.get());
    const auto found = std::lower_bound(
        explored_.begin(), explored_.end(), number(edge.node),
        [](const Explored& each, std::uint64_t value) { return each.number > value; });
    return found != explored_.end() && found->number == number(edge.node) && found->leads_to_input;
  }

  void walk() {
    while (!reached_.empty()) {
      const NodeRef ref = pop(reached_);
      pass(static_cast<autograd::Node&>(*ref));
    }
    while (!leaves_.empty()) {
      const Ref<TensorImpl> leaf = std::move(leaves_.back());
      leaves_.pop_back();
      finish(leaf);
    }
  }

  void pass(autograd::Node& node) {
    AnyTensor grad = std::exchange(node.incoming, AnyTensor());
    run_hooks(node.hooks, grad);
    if (node.retains_grad) node.retained_grad = grad.impl_ref();
    if (const auto found = captured_.find(&static_cast<GradNode&>(node));
        found != captured_.end()) {
      found->second = grad;
    }
    const auto edges = node.edges();
    for (std::size_t i = 0; i < edges.size(); ++i) {
      if (!wanted(edges[i])) continue;
      if (!node.usable()) {
        raise<AutogradError>("backward",
                             "the graph has been walked already and the tensors saved "
                             "for ",
                             node.name(),
                             " have been freed: pass retain_graph = true to "
                             "the first backward to walk it again");
      }
      const AnyTensor input_grad = node.input_gradient(i, grad);
      if (input_grad.defined()) arrive(edges[i], input_grad);
    }
    if (!retain_graph_) node.release_saved();
  }

  /// All gradients of a leaf have come together.
  void finish(const Ref<TensorImpl>& leaf) {
    AutogradMeta& meta = *leaf->autograd;
    AnyTensor grad(std::exchange(meta.incoming, nullptr));
    run_hooks(meta.hooks, grad);
    if (capturing_) {
      captured_[leaf.get()] = grad;
      return;
    }
    accumulate(meta, grad);
    meta.accumulated_hooks.for_each([&](const auto& hook) { hook(AnyTensor(leaf)); });
  }

  void accumulate(AutogradMeta& meta, AnyTensor& grad) const {
    if (!meta.grad) {
      // Nobody else may change what a leaf keeps: it takes only a tensor that nobody else holds.
      const bool shared = grad.impl_ref()->use_count() > 1 || grad.impl().storage->use_count() > 1;
      if (create_graph_ || shared) grad = meta.arithmetic->clone(grad);
      meta.grad = grad.impl_ref();
    } else if (create_graph_) {
      meta.grad = meta.arithmetic->sum(AnyTensor(meta.grad), grad).impl_ref();
    } else {
      AnyTensor total(meta.grad);
      meta.arithmetic->add_in_place(total, grad);
    }
  }

  static void run_hooks(const GradHooks& hooks, AnyTensor& grad) {
    hooks.for_each([&](const auto& hook) {
      const AnyTensor replaced = hook(grad);
      if (!replaced.defined()) return;
      if (replaced.shape() != grad.shape() || replaced.dtype() != grad.dtype()) {
        raise<AutogradError>("register_hook", "a hook must return a gradient of shape ",
                             shape_text(grad.shape()), " and dtype ", dtype_name(grad.dtype()),
                             ", got ", shape_text(replaced.shape()), " and ",
                             dtype_name(replaced.dtype()));
      }
      grad = replaced;
    });
  }

  /// Finds the nodes from which a path leads to a captured input: first all nodes, the highest
  /// number first, then from the last one on what of each of them is known of its inputs.
  void find_paths(Pooled<NodeRef> reached) {
    std::vector<NodeRef> nodes;
    while (!reached.empty()) {
      NodeRef node = pop(reached);
      if (!nodes.empty() && nodes.back() == node) continue;  // another way has led here
      for (const auto& edge : static_cast<autograd::Node&>(*node).edges()) push(reached, edge.node);
      explored_.push_back({number(node), false});
      nodes.push_back(std::move(node));
    }
    for (std::size_t i = nodes.size(); i-- > 0;) {
      bool leads = captured_.contains(nodes[i].get());
      for (const auto& edge : static_cast<autograd::Node&>(*nodes[i]).edges()) {
        leads = leads || wanted(edge);
      }
      explored_[i].leads_to_input = leads;
    }
  }

  bool retain_graph_;
  bool create_graph_;
  bool capturing_ = false;
  Pooled<NodeRef> reached_;  // a heap, the highest number first
  Pooled<Ref<TensorImpl>> leaves_;
  std::map<const void*, AnyTensor> captured_;  // by leaf or by node
  std::vector<Explored> explored_;             // what leads to them, by number, the highest first
};

/// The gradient that a backward begins with, checked.
template <FloatScalar S>
Tensor<S> initial_gradient(std::string_view op, const Tensor<S>& output, const Tensor<S>& given) {
  if (!output.requires_grad()) {
    raise<AutogradError>(op,
                         "this tensor does not require a gradient and no recorded operation "
                         "made it");
  }
  if (given.defined()) {
    if (given.shape() != output.shape()) {
      raise<ShapeError>(op, "expected a gradient of shape ", shape_text(output.shape()), ", got ",
                        shape_text(given.shape()));
    }
    return given;
  }
  if (output.numel() != 1) {
    raise<AutogradError>(op,
                         "only for a tensor with one element can the gradient be left out, "
                         "this one has shape ",
                         shape_text(output.shape()));
  }
  auto ones = Tensor<S>::empty(output.shape());
  ones.array().setOnes();
  return ones;
}

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

namespace autograd {

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

}  // namespace autograd

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
