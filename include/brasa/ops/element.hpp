#pragma once

#include <cmath>

#include "brasa/core/dtype.hpp"

/// Functions of single elements under the names that the operations on tensors have, so that a
/// formula can be written once for both:
///
///     [](const auto& grad, const auto& x) {
///       using element::sign;   // for numbers; the one for tensors is found through its argument
///       return grad * sign(x);
///     }
namespace brasa::detail::element {

/// −1, 0 or 1; 0 for NaN.
template <Number S>
constexpr S sign(S x) {
  return static_cast<S>((x > S{0}) - (x < S{0}));
}

template <FloatScalar S>
S rsqrt(S x) {
  return S{1} / std::sqrt(x);
}

/// 1 / (1 + e⁻ˣ); the power is at most 1, so that nothing overflows.
template <FloatScalar S>
S sigmoid(S x) {
  const S power = std::exp(-std::abs(x));
  return (x < 0 ? power : S{1}) / (1 + power);
}

/// min(x, max); NaN stays NaN.
template <FloatScalar S>
constexpr S clamp_max(S x, S max) {
  return x > max ? max : x;
}

template <Number S>
constexpr S where(bool condition, S a, S b) {
  return condition ? a : b;
}

}  // namespace brasa::detail::element
