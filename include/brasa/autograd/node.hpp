#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/core/tensor.hpp"

/// Recording an operation, in the words of an op's file:
///
///     if (autograd::recording(a, b)) {
///       autograd::record(out, "MulBackward0",
///           vjp(a, [](const auto& grad, const auto& b) { return grad * b; }, save(b)),
///           vjp(b, [](const auto& grad, const auto& a) { return grad * a; }, save(a)));
///     }
///
/// A node is its inputs and, for each, the vector-Jacobian product: a function of the output's
/// gradient and of the tensors saved for it. It calls differentiable operations, so that gradients
/// can be differentiated again. Only shapes and numbers go into a lambda's captures: a tensor is
/// passed through `save`, which notices if it was changed in the meantime, and `save_result` for
/// the output itself.
namespace brasa::detail {

template <FloatScalar S>
struct GradFunctions {
  // The operator stands in ops/ and is found where this is instantiated.
  static AnyTensor sum(const AnyTensor& a, const AnyTensor& b) { return a.as<S>() + b.as<S>(); }
  static void add_in_place(AnyTensor& total, const AnyTensor& grad) {
    const Tensor<S> addend = grad.as<S>();
    total.as<S>().array() += addend.array();
    total.impl().storage->bump_version();
  }
  static AnyTensor clone(const AnyTensor& grad) { return grad.as<S>().clone(); }
};

template <FloatScalar S>
inline constexpr GradArithmetic grad_arithmetic{
    &GradFunctions<S>::sum, &GradFunctions<S>::add_in_place, &GradFunctions<S>::clone};

}  // namespace brasa::detail

namespace brasa::autograd {

/// Where a gradient goes: to the node that made the input, or to the input itself if it is a leaf.
struct Edge {
  detail::Ref<detail::GradNode> node;
  detail::Ref<detail::TensorImpl> leaf;

  Edge() = default;
  explicit Edge(const AnyTensor& input) {
    if (!input.defined() || !input.requires_grad()) return;
    if (input.is_leaf()) {
      leaf = input.impl_ref();
    } else {
      node = input.impl().autograd->grad_fn;
    }
  }
  /// False where no gradient is wanted.
  explicit operator bool() const noexcept { return node || leaf; }
};

/// A recorded operation.
class Node : public detail::GradNode {
 public:
  std::span<const Edge> edges() const noexcept { return edges_; }
  /// The gradient of input `i`, given the gradient of the output.
  AnyTensor input_gradient(std::size_t i, const AnyTensor& grad) { return run_vjp(i, &grad); }
  /// Lets go of the saved tensors, if there are any.
  void release_saved() {
    if (!keeps_tensors_) return;
    usable_ = false;
    for (std::size_t i = 0; i < edges_.size(); ++i) run_vjp(i, nullptr);
  }
  /// False if the saved tensors have been let go: the node cannot be passed again.
  bool usable() const noexcept { return usable_; }

  /// Nodes are numbered as they are made, so that a node's inputs have lower numbers than itself.
  std::uint64_t sequence() const noexcept { return sequence_; }
  /// The sum of the gradients that have arrived during the backward that is under way.
  AnyTensor incoming;

 protected:
  Node(const char* name, const detail::GradArithmetic& its_arithmetic) noexcept
      : GradNode(name, its_arithmetic), sequence_(next_sequence()) {}
  ~Node() = default;
  /// Tells of the edges, which the node that derives from this one holds.
  void set_edges(std::span<const Edge> edges, bool keeps_tensors) noexcept {
    edges_ = edges;
    keeps_tensors_ = keeps_tensors;
  }
  /// The gradient of input `i`; without a gradient: lets go of what was saved for it.
  virtual AnyTensor run_vjp(std::size_t i, const AnyTensor* grad) = 0;

 private:
  static std::uint64_t next_sequence() noexcept {
    static std::atomic<std::uint64_t> counter{0};
    return counter.fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t sequence_;
  std::span<const Edge> edges_;
  bool keeps_tensors_ = false;
  bool usable_ = true;
};

/// A tensor kept for backward, with the version it had.
template <class T>
class Saved {
 public:
  Saved(const T& value, bool is_result) : value_(value), is_result_(is_result) {
    if (!value.defined()) return;
    version_ = value.impl().storage->version();
    // A node that held its own output would never be freed.
    if (is_result) value_ = value.detach();
  }

  /// The tensor, which for a result is once more the output of `node`.
  T unpack(Node& node) const {
    if (!value_.defined()) return value_;
    if (value_.impl().storage->version() != version_) {
      detail::raise<AutogradError>(
          "", "a tensor of shape ", shape_text(value_.shape()), " needed for the gradient (",
          node.name(), ") has been modified by an in-place operation: it is at version ",
          value_.impl().storage->version(), ", expected version ", version_);
    }
    if (!is_result_) return value_;
    T result = value_.detach();
    result.impl().autograd_meta().grad_fn = detail::Ref<detail::GradNode>::share(&node);
    return result;
  }
  void release() { value_ = T(); }

 private:
  T value_;
  std::uint64_t version_ = 0;
  bool is_result_;
};

/// Keeps an input, or any other tensor, for the gradient.
template <class T>
Saved<T> save(const T& value) {
  return {value, false};
}
/// Keeps the operation's own output for the gradient.
template <class T>
Saved<T> save_result(const T& value) {
  return {value, true};
}

/// One input of an operation: where its gradient goes and how it is computed.
template <class F>
struct Vjp {
  Edge edge;
  bool keeps_tensors;
  F run;  // run(node, grad): the input's gradient; without a grad: lets go of what was saved
};

/// `function(grad, saved…)` is the gradient of `input`.
template <class F, class... Kept>
auto vjp(const AnyTensor& input, F function, Saved<Kept>... saved) {
  Edge edge(input);
  if (!edge) (saved.release(), ...);  // it will never be asked for
  auto run = [function = std::move(function), ... kept = std::move(saved)](
                 [[maybe_unused]] Node& node, const auto* grad) mutable -> AnyTensor {
    if (grad == nullptr) {
      (kept.release(), ...);
      return {};
    }
    return function(*grad, kept.unpack(node)...);
  };
  return Vjp<decltype(run)>{std::move(edge), sizeof...(Kept) > 0, std::move(run)};
}

/// True if an operation on these tensors has to be recorded. Undefined tensors (no bias) and other
/// types count for nothing.
template <class... Inputs>
bool recording(const Inputs&... inputs) {
  if (!is_grad_enabled()) return false;
  const auto wants = [](const auto& input) {
    if constexpr (std::is_base_of_v<AnyTensor, std::remove_cvref_t<decltype(input)>>) {
      return input.defined() && input.requires_grad();
    } else {  // a list of tensors
      for (const auto& tensor : input) {
        if (tensor.requires_grad()) return true;
      }
      return false;
    }
  };
  return (wants(inputs) || ...);
}

}  // namespace brasa::autograd

namespace brasa::detail {

/// Functions one after the other, the i-th of which can be called.
template <class... Fs>
struct FunctionChain {
  template <class... Args>
  AnyTensor call(std::size_t, Args&&...) {
    return {};
  }
};
template <class First, class... Rest>
struct FunctionChain<First, Rest...> {
  First first;
  FunctionChain<Rest...> rest;

  explicit FunctionChain(First&& f, Rest&&... others)
      : first(std::move(f)), rest(std::move(others)...) {}
  template <class... Args>
  AnyTensor call(std::size_t i, Args&&... args) {
    return i == 0 ? first(args...) : rest.call(i - 1, args...);
  }
};

/// An operation with a fixed number of inputs.
template <FloatScalar S, class... Fs>
class OpNode final : public autograd::Node {
 public:
  OpNode(const char* name, autograd::Vjp<Fs>&&... vjps)
      : Node(name, grad_arithmetic<S>),
        edges_{std::move(vjps.edge)...},
        functions_(std::move(vjps.run)...) {
    set_edges(edges_, (vjps.keeps_tensors || ...));
  }

 protected:
  AnyTensor run_vjp(std::size_t i, const AnyTensor* grad) override {
    const Tensor<S> typed = grad ? grad->as<S>() : Tensor<S>();
    return functions_.call(i, static_cast<Node&>(*this), grad ? &typed : nullptr);
  }
  void dispose() noexcept override { pool_delete(this); }

 private:
  std::array<autograd::Edge, sizeof...(Fs)> edges_;
  FunctionChain<Fs...> functions_;
};

/// An operation on a list of tensors, which keeps nothing but sizes.
template <FloatScalar S, class F>
class ListNode final : public autograd::Node {
 public:
  template <class Inputs>
  ListNode(const char* name, const Inputs& inputs, F function)
      : Node(name, grad_arithmetic<S>), function_(std::move(function)) {
    for (const auto& input : inputs) edges_.emplace_back(input);
    set_edges(edges_, false);
  }

 protected:
  AnyTensor run_vjp(std::size_t i, const AnyTensor* grad) override {
    return function_(grad->as<S>(), i);
  }
  void dispose() noexcept override { pool_delete(this); }

 private:
  std::vector<autograd::Edge> edges_;
  F function_;
};

inline void attach_node(const AnyTensor& out, GradNode* node) {
  out.impl().autograd_meta().grad_fn = Ref<GradNode>::adopt(node);
}

}  // namespace brasa::detail

namespace brasa::autograd {

/// Makes `out` the output of a new node with one `vjp` for each input. Call it only if
/// `recording(inputs…)`.
template <FloatScalar S, class... Fs>
void record(const Tensor<S>& out, const char* name, Vjp<Fs>&&... vjps) {
  detail::attach_node(out, detail::pool_new<detail::OpNode<S, Fs...>>(name, std::move(vjps)...));
}

/// The same for an operation on a list of tensors: `function(grad, i)` is the gradient of the i-th.
template <FloatScalar S, class Inputs, class F>
void record_list(const Tensor<S>& out, const char* name, const Inputs& inputs, F function) {
  detail::attach_node(out,
                      detail::pool_new<detail::ListNode<S, F>>(name, inputs, std::move(function)));
}

}  // namespace brasa::autograd
