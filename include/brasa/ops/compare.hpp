#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <type_traits>

#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/number.hpp"

/// Comparisons of each element; the operators, too, give a Tensor<bool>. Two tensors must have the
/// same element type and broadcast (else ShapeError). With NaN everything but `!=` is false.
///
/// Beside a tensor of floating point a number is cast to its type, so `x == 0.1` holds for the
/// float nearest to 0.1. Beside integers it keeps its value: `bytes < 300` is true everywhere,
/// where PyTorch first casts 300 to a byte; a floating point number is compared in double, in
/// PyTorch in float32.
namespace brasa {
namespace detail {

/// relation(a, b) where neither is floating point or both are.
template <TensorScalar S, class Relation>
struct Compare {
  Relation relation;
  bool operator()(S a, S b) const { return relation(a, b); }
  /// Beside integers: as the wider of the two types.
  template <class B>
  bool operator()(S a, B b) const {
    return relation(static_cast<B>(a), b);
  }
};

template <TensorScalar S, Number N, class Relation>
Tensor<bool> compare_number(std::string_view op, const Tensor<S>& x, N number, Relation relation) {
  const Compare<S, Relation> compare{relation};
  if constexpr (FloatScalar<S>) {
    return zip<bool>(op, x, static_cast<S>(number), compare);
  } else if constexpr (std::is_floating_point_v<N>) {
    return zip<bool>(op, x, static_cast<double>(number), compare);
  } else {
    if constexpr (std::is_unsigned_v<N> && sizeof(N) >= sizeof(std::int64_t)) {
      if (number > static_cast<N>(std::numeric_limits<std::int64_t>::max())) {
        return zip<bool>(op, x, std::numeric_limits<double>::infinity(), compare);
      }
    }
    return zip<bool>(op, x, static_cast<std::int64_t>(number), compare);
  }
}

template <class A, class B, class Relation>
Tensor<bool> compare(std::string_view op, const A& a, const B& b, Relation relation) {
  using S = tensor_scalar_of<A, B>;
  if constexpr (!IsTensor<B>) {
    return compare_number<S>(op, a, b, relation);
  } else if constexpr (!IsTensor<A>) {
    return compare_number<S>(op, b, a, [relation](auto x, auto y) { return relation(y, x); });
  } else {
    return zip<bool, S, S>(op, a, b, relation);
  }
}

}  // namespace detail

/// a = b
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> eq(const A& a, const B& b) {
  return detail::compare("eq", a, b, std::equal_to<>());
}
/// a ≠ b
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> ne(const A& a, const B& b) {
  return detail::compare("ne", a, b, std::not_equal_to<>());
}
/// a < b
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> lt(const A& a, const B& b) {
  return detail::compare("lt", a, b, std::less<>());
}
/// a ≤ b
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> le(const A& a, const B& b) {
  return detail::compare("le", a, b, std::less_equal<>());
}
/// a > b
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> gt(const A& a, const B& b) {
  return detail::compare("gt", a, b, std::greater<>());
}
/// a ≥ b
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool> ge(const A& a, const B& b) {
  return detail::compare("ge", a, b, std::greater_equal<>());
}

template <class A, class B>
requires detail::Operands<A, B> Tensor<bool>
operator==(const A& a, const B& b) { return eq(a, b); }
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool>
operator!=(const A& a, const B& b) { return ne(a, b); }
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool>
operator<(const A& a, const B& b) { return lt(a, b); }
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool>
operator<=(const A& a, const B& b) { return le(a, b); }
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool>
operator>(const A& a, const B& b) { return gt(a, b); }
template <class A, class B>
requires detail::Operands<A, B> Tensor<bool>
operator>=(const A& a, const B& b) { return ge(a, b); }

// ---- kinds of numbers ----

/// True where x is not a number.
template <TensorScalar S>
Tensor<bool> isnan(const Tensor<S>& x) {
  return detail::map<bool>(x, [](S v) { return v != v; });
}
/// True where x is ∞ or −∞.
template <TensorScalar S>
Tensor<bool> isinf(const Tensor<S>& x) {
  return detail::map<bool>(x, [](S v) {
    if constexpr (FloatScalar<S>) return std::isinf(v);
    return false;
  });
}
/// True where x is neither infinite nor NaN.
template <TensorScalar S>
Tensor<bool> isfinite(const Tensor<S>& x) {
  return detail::map<bool>(x, [](S v) {
    if constexpr (FloatScalar<S>) return std::isfinite(v);
    return true;
  });
}

// ---- closeness ----

/// True where |a − b| ≤ atol + rtol · |b|; where a = b, infinities included; and, with `equal_nan`,
/// where both are NaN. Integers are compared as float.
///
/// Raises ValueError for negative tolerances, ShapeError where the shapes do not broadcast.
template <TensorScalar S>
Tensor<bool> isclose(const Tensor<S>& a, const std::type_identity_t<Tensor<S>>& b,
                     double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) {
  if (!(rtol >= 0) || !(atol >= 0)) {
    detail::raise<ValueError>("isclose", "expected tolerances that are not negative, got rtol ",
                              rtol, " and atol ", atol);
  }
  using R = float_of<S>;
  return detail::zip<bool>("isclose", a, b, [=](S x, S y) {
    if (x == y) return true;
    if (equal_nan && x != x && y != y) return true;
    const R allowed = static_cast<R>(atol) + std::abs(static_cast<R>(rtol) * static_cast<R>(y));
    const R actual = std::abs(static_cast<R>(x) - static_cast<R>(y));
    return std::isfinite(actual) && actual <= allowed;
  });
}

/// True if `isclose` is true everywhere.
template <TensorScalar S>
bool allclose(const Tensor<S>& a, const std::type_identity_t<Tensor<S>>& b, double rtol = 1e-5,
              double atol = 1e-8, bool equal_nan = false) {
  const Tensor<bool> close = isclose(a, b, rtol, atol, equal_nan);
  for (const bool is_close : close.span()) {
    if (!is_close) return false;
  }
  return true;
}

/// True if both have the same shape and the same elements. NaN equals nothing.
template <TensorScalar S>
bool equal(const Tensor<S>& a, const std::type_identity_t<Tensor<S>>& b) {
  if (!(a.shape() == b.shape())) return false;
  const S* x = a.data();
  const S* y = b.data();
  for (std::int64_t i = 0; i < a.numel(); ++i) {
    if (!(x[i] == y[i])) return false;
  }
  return true;
}

}  // namespace brasa
