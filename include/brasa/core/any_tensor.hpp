#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "brasa/core/dtype.hpp"
#include "brasa/core/error.hpp"
#include "brasa/core/hooks.hpp"
#include "brasa/core/shape.hpp"
#include "brasa/core/storage.hpp"

namespace brasa {

template <TensorScalar Scalar>
class Tensor;

class AnyTensor;

namespace detail {

struct TensorImpl;
using GradHooks = HookList<std::function<AnyTensor(const AnyTensor&)>>;

/// What a backward does to gradients, for their scalar: so that the walk itself is no template.
struct GradArithmetic {
  AnyTensor (*sum)(const AnyTensor& a, const AnyTensor& b);
  void (*add_in_place)(AnyTensor& total, const AnyTensor& grad);
  AnyTensor (*clone)(const AnyTensor& grad);
};

/// What the core knows of a node of the autograd graph: its name, and how to end it without
/// recursion. The rest is in autograd/node.hpp.
class GradNode : public RefCounted {
 public:
  /// PyTorch's name of the operation, e.g. `MulBackward0`.
  const char* name() const noexcept { return name_; }

  const GradArithmetic* arithmetic;  // of the gradient of the node's output,
  GradHooks hooks;                   // and what it passes before the node does
  bool retains_grad = false;         // retain_grad() was called on the output,
  Ref<TensorImpl> retained_grad;     // whose gradient is then kept here

  /// Ends a node. A node holds the nodes before it, so a long chain would recurse as deep as it is
  /// long: nodes that die while another one is being ended wait in a list instead.
  static void destroy(GradNode* node) noexcept {
    thread_local GradNode* waiting = nullptr;
    thread_local bool draining = false;
    node->next_dead_ = std::exchange(waiting, node);
    if (draining) return;
    draining = true;
    while (waiting != nullptr) {
      GradNode* dead = std::exchange(waiting, waiting->next_dead_);
      dead->dispose();
    }
    draining = false;
  }

 protected:
  GradNode(const char* name, const GradArithmetic& its_arithmetic) noexcept
      : arithmetic(&its_arithmetic), name_(name) {}
  ~GradNode() = default;
  virtual void dispose() noexcept = 0;  // destroys the object and frees its memory

 private:
  const char* name_;
  GradNode* next_dead_ = nullptr;
};

/// What autograd keeps about a tensor that requires a gradient.
struct AutogradMeta {
  bool requires_grad = false;
  Ref<GradNode> grad_fn;     // null for a leaf
  Ref<TensorImpl> grad;      // of a leaf, once a backward has reached it
  Ref<TensorImpl> incoming;  // of a leaf: what the backward that is under way has summed up so far
  const GradArithmetic* arithmetic = nullptr;  // of a leaf
  GradHooks hooks;              // of a leaf: on its gradient, before it is accumulated
  GradHooks accumulated_hooks;  // of a leaf: after that
};

/// How a tensor stood in the file that it was read from, where no tensor here is like that: so that
/// it can be saved again as what it was. See checkpoint/saved_form.hpp.
struct SavedForm : RefCounted {
  static void destroy(SavedForm* form) noexcept { pool_delete(form); }

  Ref<Storage> storage;        // all of the memory that it was a view of,
  std::int64_t offset = 0;     // where it began in that,
  Shape strides;               // and how far its elements were apart, all in elements
  bool negated = false;        // its elements were those of the memory with the other sign
  bool requires_grad = false;  // what is loaded does not
};

/// What the handles of one tensor share. Tensors that share a Storage (reshaped ones) have an impl
/// each.
struct TensorImpl : RefCounted {
  TensorImpl(Ref<Storage> storage_, const Shape& shape_, Dtype dtype_)
      : TensorImpl(std::move(storage_), shape_, numel_of(shape_), dtype_) {}
  TensorImpl(Ref<Storage> storage_, const Shape& shape_, std::int64_t numel_, Dtype dtype_)
      : storage(std::move(storage_)), shape(shape_), numel(numel_), dtype(dtype_) {}
  ~TensorImpl() {
    if (autograd) pool_delete(autograd);
  }
  static void destroy(TensorImpl* impl) noexcept { pool_delete(impl); }

  AutogradMeta& autograd_meta() {
    if (!autograd) autograd = pool_new<AutogradMeta>();
    return *autograd;
  }

  Ref<Storage> storage;
  Shape shape;
  std::int64_t numel;
  Dtype dtype;
  bool is_parameter = false;
  AutogradMeta* autograd = nullptr;  // only if needed
  Ref<SavedForm> saved_form;         // likewise
};

/// A new, uninitialised tensor of a shape that may come from anywhere.
inline Ref<TensorImpl> new_impl(Dtype dtype, const Shape& shape, std::string_view op = "empty") {
  const std::int64_t numel = checked_numel(op, shape);
  auto storage = Storage::allocate(static_cast<std::size_t>(numel) * dtype_size(dtype));
  return Ref<TensorImpl>::adopt(pool_new<TensorImpl>(std::move(storage), shape, numel, dtype));
}

}  // namespace detail

/// A handle to a tensor of any dtype: what a state_dict or a checkpoint holds. It knows its sizes
/// and its dtype; `as<Scalar>()` gives the `Tensor<Scalar>` that can compute.
class AnyTensor {
 public:
  /// No tensor at all: `defined()` is false.
  AnyTensor() noexcept = default;
  explicit AnyTensor(detail::Ref<detail::TensorImpl> impl) noexcept : impl_(std::move(impl)) {}

  /// An uninitialised tensor.
  static AnyTensor empty(Dtype dtype, const Shape& shape) {
    return AnyTensor(detail::new_impl(dtype, shape));
  }

  bool defined() const noexcept { return static_cast<bool>(impl_); }
  explicit operator bool() const noexcept = delete;  // ask defined() or item()

  Dtype dtype() const { return impl().dtype; }
  const Shape& shape() const { return impl().shape; }
  /// The number of dimensions.
  std::int64_t dim() const { return static_cast<std::int64_t>(shape().size()); }
  /// The size along one dimension, negative ones counted from the end.
  std::int64_t size(std::int64_t dim) const {
    if (shape().empty()) {
      detail::raise<IndexError>("size", "dimension specified as ", dim,
                                " but the tensor has no dimensions");
    }
    return shape()[detail::wrap_dim("size", dim, shape().size())];
  }
  /// The number of elements.
  std::int64_t numel() const { return impl().numel; }
  std::size_t nbytes() const { return static_cast<std::size_t>(numel()) * dtype_size(dtype()); }

  /// True for the parameters of a module, which print as such.
  bool is_parameter() const { return impl().is_parameter; }

  /// True if operations on it are recorded for backward.
  bool requires_grad() const {
    const auto* meta = impl().autograd;
    return meta != nullptr && (meta->requires_grad || meta->grad_fn);
  }
  /// True if no recorded operation made it.
  bool is_leaf() const {
    const auto* meta = impl().autograd;
    return meta == nullptr || !meta->grad_fn;
  }

  /// The bytes, row-major. Writing through the non-const one is not seen by autograd.
  const void* raw_data() const { return impl().storage->data(); }
  void* raw_data() {
    detail::Storage& storage = *impl().storage;
    storage.set_exposed(true);
    return storage.data();
  }

  /// True if both are handles of the same tensor (`is` in Python).
  bool is(const AnyTensor& other) const noexcept { return impl_ == other.impl_; }
  /// True if both look at the same memory.
  bool shares_storage(const AnyTensor& other) const {
    return impl().storage == other.impl().storage;
  }

  /// True if the elements are of type Scalar.
  template <TensorScalar Scalar>
  bool holds() const {
    return dtype() == dtype_of<Scalar>;
  }
  /// The same tensor as a `Tensor<Scalar>`. Raises DtypeError where it has another dtype; `to`
  /// converts.
  template <TensorScalar Scalar>
  Tensor<Scalar> as() const;

  /// For brasa's own use.
  const detail::Ref<detail::TensorImpl>& impl_ref() const noexcept { return impl_; }
  detail::TensorImpl& impl() const {
    if (!impl_) detail::raise<ValueError>("", "this tensor is empty: nothing was assigned to it");
    return *impl_;
  }

 protected:
  detail::Ref<detail::TensorImpl> impl_;
};

}  // namespace brasa
