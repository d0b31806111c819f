#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/autograd/node.hpp"
#include "brasa/core/pool_allocator.hpp"

namespace brasa::detail {

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

}  // namespace brasa::detail
