#pragma once

#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/number.hpp"

/// a + b, a − b, a · b and a / b for tensors that broadcast and for a tensor and a number. The
/// quotients that are rounded stand in division.hpp.
///
/// Both tensors have the same element type. A number is cast to it, so it must not be of a higher
/// category (1.5 beside integers, 1 beside bool): PyTorch would convert the tensor, here that has
/// to be written. Integers are computed modulo 2^n; bools add to "or" and multiply to "and".
///
/// Raised is ShapeError where the shapes do not broadcast.
namespace brasa {
namespace detail {

/// f(a, b) for two operands, of which numbers have been cast to S.
template <TensorScalar R, TensorScalar S, Operand A, Operand B, class F>
Tensor<R> zip_as(std::string_view op, const A& a, const B& b, F f) {
  return zip<R>(op, as_operand<S>(a), as_operand<S>(b), f);
}

/// For a node that in PyTorch keeps a number as a tensor, and so can be passed once only.
template <TensorScalar S>
autograd::Saved<Tensor<S>> save_number() {
  return autograd::save(Tensor<S>());
}

/// True for tensors and for numbers of type S. All other numbers are cast to S first, so that an
/// operation is compiled for one type of numbers only.
template <class S, class T>
inline constexpr bool is_plain_operand = IsTensor<T> || std::is_same_v<T, S>;

template <class S, class N>
constexpr void check_alpha_type() {
  static_assert(std::is_floating_point_v<S> || !std::is_floating_point_v<N>,
                "brasa: alpha must not be a floating point number beside integer tensors");
}

}  // namespace detail

template <class A, class B>
requires detail::Operands<A, B>
auto mul(const A& a, const B& b);

/// a + alpha · b
template <class A, class B, Number N = int>
requires detail::Operands<A, B>
auto add(const A& a, const B& b, N alpha = N{1}) {
  using S = detail::common_scalar<A, B>;
  detail::check_alpha_type<S, N>();
  if constexpr (!IsTensor<A>) {
    return add(alpha == N{1} ? b : mul(b, alpha), a);
  } else if constexpr (!detail::is_plain_operand<S, B>) {
    return add(a, detail::as_operand<S>(b), alpha);
  } else {
    const bool plain = alpha == N{1};
    auto out = detail::zip_as<S, S>("add", a, b, [plain, k = static_cast<S>(alpha)](S x, S y) {
      return detail::wrapping_add(x, plain ? y : detail::wrapping_mul(k, y));
    });
    if constexpr (FloatScalar<S>) {
      if (autograd::recording(a, detail::as_input(b))) {
        autograd::record(
            out, "AddBackward0",
            autograd::vjp(a, [shape = a.shape()](const auto& grad) { return sum_to(grad, shape); }),
            autograd::vjp(detail::as_input(b),
                          [shape = detail::operand_shape(b), plain, alpha](const auto& grad) {
                            return sum_to(plain ? grad : mul(grad, alpha), shape);
                          }));
      }
    }
    return out;
  }
}

/// a − alpha · b. Not for bool: that would be `^`.
template <class A, class B, Number N = int>
requires detail::Operands<A, B>
auto sub(const A& a, const B& b, N alpha = N{1}) {
  using S = detail::common_scalar<A, B>;
  static_assert(!std::is_same_v<S, bool>,
                "brasa: bool tensors cannot be subtracted; use a ^ b or logical_xor(a, b)");
  detail::check_alpha_type<S, N>();
  const bool plain = alpha == N{1};
  auto out = detail::zip_as<S, S>("sub", a, b, [plain, k = static_cast<S>(alpha)](S x, S y) {
    return detail::wrapping_sub(x, plain ? y : detail::wrapping_mul(k, y));
  });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(detail::as_input(a), detail::as_input(b))) {
      autograd::record(
          out, IsTensor<A> ? "SubBackward0" : "RsubBackward1",
          autograd::vjp(detail::as_input(a), [shape = detail::operand_shape(a)](
                                                 const auto& grad) { return sum_to(grad, shape); }),
          autograd::vjp(detail::as_input(b),
                        [shape = detail::operand_shape(b), plain, alpha](const auto& grad) {
                          return sum_to(plain ? neg(grad) : neg(mul(grad, alpha)), shape);
                        }));
    }
  }
  return out;
}

/// a · b
template <class A, class B>
requires detail::Operands<A, B>
auto mul(const A& a, const B& b) {
  using S = detail::common_scalar<A, B>;
  if constexpr (!IsTensor<A>) {
    return mul(b, a);
  } else if constexpr (!detail::is_plain_operand<S, B>) {
    return mul(a, detail::as_operand<S>(b));
  } else {
    auto out =
        detail::zip_as<S, S>("mul", a, b, [](S x, S y) { return detail::wrapping_mul(x, y); });
    if constexpr (FloatScalar<S> && IsTensor<B>) {
      if (autograd::recording(a, b)) {
        autograd::record(out, "MulBackward0",
                         autograd::vjp(
                             a,
                             [shape = a.shape()](const auto& grad, const auto& other) {
                               return sum_to(mul(grad, other), shape);
                             },
                             autograd::save<Tensor<S>>(b)),
                         autograd::vjp(
                             b,
                             [shape = b.shape()](const auto& grad, const auto& self) {
                               return sum_to(mul(grad, self), shape);
                             },
                             autograd::save<Tensor<S>>(a)));
      }
    } else if constexpr (FloatScalar<S>) {
      if (autograd::recording(a)) {
        autograd::record(out, "MulBackward0",
                         autograd::vjp(
                             a, [b](const auto& grad, const auto&) { return mul(grad, b); },
                             detail::save_number<S>()));
      }
    }
    return out;
  }
}

/// a / b. Integers and bools give float; division by zero gives infinity or NaN.
///
/// A number over a tensor is computed as number · (1 / b), as in PyTorch.
template <class A, class B>
requires detail::Operands<A, B>
auto div(const A& a, const B& b) {
  using S = detail::tensor_scalar_of<A, B>;
  using R = float_of<S>;
  if constexpr (!IsTensor<A>) {
    return mul(reciprocal(b), static_cast<R>(a));
  } else {
    const auto divide = [](auto x, auto y) { return static_cast<R>(x) / static_cast<R>(y); };
    if constexpr (IsTensor<B>) {
      auto out = detail::zip<R, S, S>("div", a, b, divide);
      if constexpr (FloatScalar<S>) {
        if (autograd::recording(a, b)) {
          autograd::record(
              out, "DivBackward0",
              autograd::vjp(
                  a,
                  [shape = a.shape()](const auto& grad, const auto& other) {
                    return sum_to(div(grad, other), shape);
                  },
                  autograd::save<Tensor<S>>(b)),
              autograd::vjp(
                  b,
                  [shape = b.shape()](const auto& grad, const auto& self, const auto& other) {
                    return sum_to(mul(neg(grad), div(div(self, other), other)), shape);
                  },
                  autograd::save<Tensor<S>>(a), autograd::save<Tensor<S>>(b)));
        }
      }
      return out;
    } else {
      auto out = detail::zip<R, S>("div", a, static_cast<R>(b), divide);
      if constexpr (FloatScalar<S>) {
        if (autograd::recording(a)) {
          autograd::record(out, "DivBackward0",
                           autograd::vjp(
                               a, [b](const auto& grad, const auto&) { return div(grad, b); },
                               detail::save_number<S>()));
        }
      }
      return out;
    }
  }
}

/// −x. Not for bool: that would be `!x`.
template <TensorScalar S>
Tensor<S> neg(const Tensor<S>& x) {
  static_assert(!std::is_same_v<S, bool>,
                "brasa: a bool tensor has no negative; use !x or logical_not(x)");
  auto out = detail::map<S>(x, [](S v) {
    if constexpr (FloatScalar<S>) return -v;
    return detail::wrapping_sub(S{0}, v);
  });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "NegBackward0",
                       autograd::vjp(x, [](const auto& grad) { return neg(grad); }));
    }
  }
  return out;
}

template <class A, class B>
requires detail::Operands<A, B>
auto operator+(const A& a, const B& b) { return add(a, b); }
template <class A, class B>
requires detail::Operands<A, B>
auto operator-(const A& a, const B& b) { return sub(a, b); }
template <class A, class B>
requires detail::Operands<A, B>
auto operator*(const A& a, const B& b) { return mul(a, b); }
template <class A, class B>
requires detail::Operands<A, B>
auto operator/(const A& a, const B& b) { return div(a, b); }
template <TensorScalar S>
Tensor<S> operator-(const Tensor<S>& x) {
  return neg(x);
}
template <TensorScalar S>
Tensor<S> operator+(const Tensor<S>& x) {
  return x;
}

}  // namespace brasa

#include "brasa/ops/reduce.hpp"
#include "brasa/ops/unary.hpp"
