#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"

/// Copies of a tensor: of its own type, and of another.
namespace brasa {
namespace detail {

/// What a C++ cast makes of `value`, and where that is undefined, what PyTorch's make of it on the
/// machines it is mostly used on: a floating point number that is out of range becomes the smallest
/// int32 or int64, and so does NaN; uint8 takes the low bits of the int64. Everything but 0 is
/// true.
template <TensorScalar To, TensorScalar From>
To cast_like_c(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != From{0};
  } else if constexpr (std::is_floating_point_v<From> && std::is_same_v<To, std::uint8_t>) {
    return static_cast<To>(cast_like_c<std::int64_t>(value));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr To kLowest = std::numeric_limits<To>::min();
    constexpr auto kBound = -static_cast<From>(kLowest);  // a power of two, so exact
    const From whole = std::trunc(value);
    return whole >= -kBound && whole < kBound ? static_cast<To>(whole) : kLowest;
  } else {
    return static_cast<To>(value);
  }
}

/// The elements in memory of their own, outside of the graph.
template <TensorScalar S>
Tensor<S> copy_of(const Tensor<S>& x) {
  auto out = Tensor<S>::empty(x.shape());
  const InPlaceWrite write(*out.impl().storage);
  std::copy_n(x.data(), x.numel(), out.data());
  return out;
}

}  // namespace detail

/// A copy of x.
template <TensorScalar S>
Tensor<S> clone(const Tensor<S>& x) {
  auto out = detail::copy_of(x);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "CloneBackward0",
                       autograd::vjp(x, [](const auto& grad) { return grad; }));
    }
  }
  return out;
}

/// The elements of x as another type: `to<double>(x)`. x itself if it is of that type already.
///
/// As in PyTorch, fractions are cut off, integers wrap around, and what is not 0 is true; what an
/// integer type cannot hold at all (NaN, 1e30) is as good as any other number. Gradients go through
/// between float and double.
template <TensorScalar To, TensorScalar S>
Tensor<To> to(const Tensor<S>& x) {
  if constexpr (std::is_same_v<To, S>) {
    return x;
  } else {
    auto out = detail::map<To>(x, [](S v) { return detail::cast_like_c<To>(v); });
    if constexpr (FloatScalar<S> && FloatScalar<To>) {
      if (autograd::recording(x)) {
        autograd::record(out, "ToCopyBackward0",
                         autograd::vjp(x, [](const auto& grad) { return to<S>(grad); }));
      }
    }
    return out;
  }
}

}  // namespace brasa
