#pragma once

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>

#include "brasa/autograd/backward.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/methods.hpp"

namespace brasa::nn {
namespace detail {

using namespace brasa::detail;

/// The values copied to memory of their own; nothing of the graph.
template <TensorScalar S>
Tensor<S> copy_of(const Tensor<S>& tensor) {
  if (!tensor.defined()) return {};
  auto copy = Tensor<S>::empty(tensor.shape());
  const InPlaceWrite write(*copy.impl().storage);
  std::copy_n(tensor.data(), tensor.numel(), copy.data());
  return copy;
}

/// What `auto w = layer.weight;` comes to, an alias in Python: an error instead of a silent copy.
template <class Owned>
void refuse_silent_copy() {
  static_assert(
      !std::same_as<Owned, Owned>,
      "brasa: this would copy a Parameter or Buffer silently: write `Tensor<float> w = "
      "layer.weight;` for another handle to it, `Parameter<float> w(layer.weight);` for a "
      "copy");
}

/// What `Parameter<double>(tensor)` comes to for a tensor of float: one sentence.
template <class Given, class Owned>
void refuse_other_scalar() {
  static_assert(
      std::is_same_v<Given, Owned>,
      "brasa: a Parameter or Buffer is made from a tensor of its own Scalar: write "
      "`Parameter<double>(x.to<double>())`, or `Parameter<float>(x)` for a tensor of float");
}

/// The rule that Parameter and Buffer share: copying copies the value, moving moves the handle.
/// That makes modules values: a copied module is independent, a moved one keeps its tensors, so
/// that an optimizer's handles stay valid.
template <TensorScalar S>
class OwnedTensor : public Tensor<S> {
 public:
  OwnedTensor() noexcept = default;
  OwnedTensor(OwnedTensor&&) noexcept = default;
  OwnedTensor& operator=(OwnedTensor&&) noexcept = default;
  explicit OwnedTensor(const OwnedTensor& other) : Tensor<S>(copy_of<S>(other)) {}
  /// Takes over the values; where the shape is the same also the memory stays, and with it the
  /// handles that others have.
  OwnedTensor& operator=(const OwnedTensor& other) {
    if (this->is(other)) return *this;
    if (this->defined() && other.defined() && this->shape() == other.shape()) {
      const InPlaceWrite write(*this->impl().storage);
      std::copy_n(other.data(), other.numel(), this->data());
    } else {
      *this = OwnedTensor(other);
    }
    return *this;
  }

 protected:
  explicit OwnedTensor(const Tensor<S>& tensor) : Tensor<S>(tensor) {}
};

}  // namespace detail

/// A tensor that a module learns: it requires a gradient and `parameters()` lists it.
///
/// A default-constructed Parameter is `None`: a layer without bias has one, and it is skipped.
/// Copying copies the value and the gradient, moving moves the handle; `Tensor<S> w =
/// layer.weight;` is another handle to the same tensor. The copy constructor is explicit, so that
/// `auto w = layer.weight;`, an alias in Python, does not compile instead of copying silently.
template <FloatScalar S = float>
class Parameter : public detail::OwnedTensor<S> {
 public:
  Parameter() noexcept = default;
  /// A parameter over the memory of `data`, as `nn.Parameter(data)`.
  explicit Parameter(const Tensor<S>& data, bool requires_grad = true)
      : detail::OwnedTensor<S>(data.detach()) {
    this->impl().is_parameter = true;
    this->requires_grad_(requires_grad);
  }
  template <TensorScalar Other>
  requires(!std::same_as<Other, S>) explicit Parameter(const Tensor<Other>&, bool = true) {
    detail::refuse_other_scalar<Other, S>();
  }
  Parameter(Parameter&&) noexcept = default;
  Parameter& operator=(Parameter&&) noexcept = default;
  explicit Parameter(const Parameter& other) : detail::OwnedTensor<S>(other) {
    if (!this->defined()) return;
    this->impl().is_parameter = true;
    this->requires_grad_(other.requires_grad());
    if (const Tensor<S> grad = other.grad(); grad.defined()) this->set_grad(detail::copy_of(grad));
  }
  template <std::same_as<Parameter> Same>
  Parameter(const Same&) {
    detail::refuse_silent_copy<Same>();
  }
  Parameter& operator=(const Parameter& other) {
    if (this->defined() && other.defined() && this->shape() == other.shape()) {
      detail::OwnedTensor<S>::operator=(other);
    } else {
      *this = Parameter(other);
    }
    return *this;
  }

  /// Makes this the same parameter as `other`, as `self.b.weight = self.a.weight` does in Python:
  /// `parameters()` lists it once, and a step of an optimizer moves both. `other` may be a handle
  /// from `parameters()`. Copying the module unties them: each copy gets its own value.
  /// Errors: ValueError if `other` is no parameter.
  void tie(const Tensor<S>& other) {
    if (!other.is_parameter()) {
      detail::raise<ValueError>("tie", "expected a parameter, got a tensor of shape ",
                                shape_text(other.shape()));
    }
    this->impl_ = other.impl_ref();
  }
};

/// A tensor that belongs to a module's state but is not learned, e.g. a running mean. It is in the
/// state_dict unless `persistent` is false. May be of any scalar type.
template <TensorScalar S = float>
class Buffer : public detail::OwnedTensor<S> {
 public:
  Buffer() noexcept = default;
  /// A buffer over the memory of `data`, as `nn.Buffer(data, persistent)`.
  explicit Buffer(const Tensor<S>& data, bool persistent = true)
      : detail::OwnedTensor<S>(data.detach()), persistent_(persistent) {}
  template <TensorScalar Other>
  requires(!std::same_as<Other, S>) explicit Buffer(const Tensor<Other>&, bool = true) {
    detail::refuse_other_scalar<Other, S>();
  }
  Buffer(Buffer&&) noexcept = default;
  Buffer& operator=(Buffer&&) noexcept = default;
  explicit Buffer(const Buffer& other) = default;
  Buffer& operator=(const Buffer& other) = default;
  template <std::same_as<Buffer> Same>
  Buffer(const Same&) {
    detail::refuse_silent_copy<Same>();
  }

  bool persistent() const noexcept { return persistent_; }

 private:
  bool persistent_ = true;
};

}  // namespace brasa::nn
