#pragma once

#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/creation.hpp"

/// Choosing elements by a mask.
namespace brasa {
namespace detail {

/// An operand of `where` as a tensor of S.
template <TensorScalar S, class T>
Tensor<S> as_tensor(const T& operand) {
  if constexpr (IsTensor<T>) {
    return operand;
  } else {
    auto number = Tensor<S>::empty({});
    *number.data() = as_operand<S>(operand);
    return number;
  }
}

/// What a number becomes where there is no tensor whose type it could take.
template <Number N>
using default_scalar =
    std::conditional_t<std::is_floating_point_v<N>, float,
                       std::conditional_t<std::is_same_v<N, bool>, bool, std::int64_t>>;

template <TensorScalar S>
Tensor<S> where(const Tensor<bool>& condition, const Tensor<S>& a, const Tensor<S>& b) {
  auto out = zip<S>("where", condition, a, b, [](bool c, S x, S y) { return c ? x : y; });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(a, b)) {
      autograd::record(out, "WhereBackward0",
                       autograd::vjp(
                           a,
                           [shape = a.shape()](const auto& grad, const auto& mask) {
                             return sum_to(where(mask, grad, zeros<S>({})), shape);
                           },
                           autograd::save(condition)),
                       autograd::vjp(
                           b,
                           [shape = b.shape()](const auto& grad, const auto& mask) {
                             return sum_to(where(mask, zeros<S>({}), grad), shape);
                           },
                           autograd::save(condition)));
    }
  }
  return out;
}

template <TensorScalar S>
Tensor<S> filled(const Tensor<S>& x, const Tensor<bool>& mask, S value) {
  return zip<S>("masked_fill", x, mask, [value](S v, bool masked) { return masked ? value : v; });
}

template <TensorScalar S>
auto unmasked_gradient(const Tensor<S>& x) {
  return [shape = x.shape()](const auto& grad, const auto& mask) {
    return sum_to(masked_fill(grad, mask, 0), shape);
  };
}

}  // namespace detail

/// a where the condition is true, b elsewhere; all three broadcast. a and b are tensors of one type
/// or numbers; two numbers give float, int64 or bool, as in PyTorch.
///
/// Raises ShapeError where the shapes do not broadcast.
template <class A, class B>
requires detail::Operand<A> && detail::Operand<B>
auto where(const Tensor<bool>& condition, const A& a, const B& b) {
  if constexpr (IsTensor<A> || IsTensor<B>) {
    using S = detail::common_scalar<A, B>;
    return detail::where<S>(condition, detail::as_tensor<S>(a), detail::as_tensor<S>(b));
  } else {
    using S = detail::default_scalar<std::common_type_t<A, B>>;
    return detail::where<S>(condition, detail::as_tensor<S>(a), detail::as_tensor<S>(b));
  }
}

/// x with `value` where the mask is true; both broadcast.
///
/// Raises ValueError if the element type cannot hold the value, ShapeError where the shapes do not
/// broadcast.
template <TensorScalar S, Number N>
Tensor<S> masked_fill(const Tensor<S>& x, const Tensor<bool>& mask, N value) {
  auto out = detail::filled(x, mask, detail::to_element<S>("masked_fill", value));
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "MaskedFillBackward0",
                       autograd::vjp(x, detail::unmasked_gradient(x), autograd::save(mask)));
    }
  }
  return out;
}

/// The same with the value of a 0-d tensor, which may require a gradient.
///
/// Raises ShapeError if the value has dimensions.
template <TensorScalar S>
Tensor<S> masked_fill(const Tensor<S>& x, const Tensor<bool>& mask, const Tensor<S>& value) {
  if (value.dim() != 0) {
    detail::raise<ShapeError>("masked_fill", "expected a 0-d tensor as value, got shape ",
                              shape_text(value.shape()));
  }
  auto out = detail::filled(x, mask, value.item());
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x, value)) {
      autograd::record(
          out, "MaskedFillBackward1",
          autograd::vjp(x, detail::unmasked_gradient(x), autograd::save(mask)),
          autograd::vjp(
              value,
              [](const auto& grad, const auto& masked) { return sum(where(masked, grad, 0)); },
              autograd::save(mask)));
    }
  }
  return out;
}

}  // namespace brasa

#include "brasa/ops/reduce.hpp"
