#pragma once

#include <type_traits>

#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/number.hpp"

/// Logic of masks, where everything but 0 counts as true, and of the bits of integers.
///
/// `&&` and `||` are operations on tensors: both sides are always evaluated.
namespace brasa {
namespace detail {

template <class A, class B, class F>
Tensor<bool> logical(std::string_view op, const A& a, const B& b, F f) {
  using S = tensor_scalar_of<A, B>;
  const auto combine = [f](auto x, auto y) { return f(x != 0, y != 0); };
  if constexpr (IsTensor<A> && IsTensor<B>) {
    return zip<bool, S, S>(op, a, b, combine);
  } else if constexpr (IsTensor<A>) {
    return zip<bool, S>(op, a, b, combine);
  } else {
    return zip<bool, A, S>(op, a, b, combine);
  }
}

template <class A, class B, class F>
auto bitwise(std::string_view op, const A& a, const B& b, F f) {
  using S = common_scalar<A, B>;
  static_assert(!FloatScalar<S>,
                "brasa: the operators & | ^ ~ are for tensors of bool and of integers");
  return zip<S>(op, as_operand<S>(a), as_operand<S>(b), f);
}

}  // namespace detail

/// True where both are not 0.
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> logical_and(const A& a, const B& b) {
  return detail::logical("logical_and", a, b, [](bool x, bool y) { return x && y; });
}
/// True where one of them is not 0.
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> logical_or(const A& a, const B& b) {
  return detail::logical("logical_or", a, b, [](bool x, bool y) { return x || y; });
}
/// True where exactly one of them is not 0.
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> logical_xor(const A& a, const B& b) {
  return detail::logical("logical_xor", a, b, [](bool x, bool y) { return x != y; });
}
/// True where x is 0.
template <TensorScalar S>
Tensor<bool> logical_not(const Tensor<S>& x) {
  return detail::map<bool>(x, [](S v) { return v == S{0}; });
}

/// The bits that are set in both; of bools: "and".
template <class A, class B>
requires detail::Operands<A, B>
auto bitwise_and(const A& a, const B& b) {
  return detail::bitwise("bitwise_and", a, b, [](auto x, auto y) { return x & y; });
}
/// The bits that are set in one of them; of bools: "or".
template <class A, class B>
requires detail::Operands<A, B>
auto bitwise_or(const A& a, const B& b) {
  return detail::bitwise("bitwise_or", a, b, [](auto x, auto y) { return x | y; });
}
/// The bits that are set in exactly one of them; of bools: "not equal".
template <class A, class B>
requires detail::Operands<A, B>
auto bitwise_xor(const A& a, const B& b) {
  return detail::bitwise("bitwise_xor", a, b, [](auto x, auto y) { return x ^ y; });
}
/// The bits that are not set; of bools: "not".
template <TensorScalar S>
Tensor<S> bitwise_not(const Tensor<S>& x) {
  static_assert(!FloatScalar<S>,
                "brasa: the operators & | ^ ~ are for tensors of bool and of integers");
  return detail::map<S>(x, [](S v) {
    if constexpr (std::is_same_v<S, bool>) {
      return !v;
    } else {
      return ~v;
    }
  });
}

template <class A, class B>
requires detail::Operands<A, B> Tensor<bool>
operator&&(const A& a, const B& b) { return logical_and(a, b); }
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool>
operator||(const A& a, const B& b) { return logical_or(a, b); }
template <TensorScalar S>
Tensor<bool> operator!(const Tensor<S>& x) {
  return logical_not(x);
}
template <class A, class B>
requires detail::Operands<A, B>
auto operator&(const A& a, const B& b) { return bitwise_and(a, b); }
template <class A, class B>
requires detail::Operands<A, B>
auto operator|(const A& a, const B& b) { return bitwise_or(a, b); }
template <class A, class B>
requires detail::Operands<A, B>
auto operator^(const A& a, const B& b) { return bitwise_xor(a, b); }
template <TensorScalar S>
Tensor<S> operator~(const Tensor<S>& x) {
  return bitwise_not(x);
}

}  // namespace brasa
