#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/fused.hpp"
#include "brasa/ops/number.hpp"

/// Powers of tensors and numbers.
namespace brasa {
namespace detail {

/// base^exponent modulo 2^n, by squaring, for an exponent that is not negative.
template <std::integral S, std::integral E>
constexpr S integer_power(S base, E exponent) {
  S result = 1;
  for (; exponent > 0; exponent = static_cast<E>(exponent / 2)) {
    if (exponent % 2 != 0) result = wrapping_mul(result, base);
    base = wrapping_mul(base, base);
  }
  return result;
}

/// base^exponent. Of integers, a negative power is 1 or −1 where that is so, and else 0.
template <TensorScalar S>
S power(S base, S exponent) {
  if constexpr (FloatScalar<S>) {
    return std::pow(base, exponent);
  } else {
    if (exponent >= 0) return integer_power(base, exponent);
    if (base == 1) return 1;
    if constexpr (std::is_signed_v<S>) {
      if (base == -1) return exponent % 2 == 0 ? S{1} : S{-1};
    }
    return 0;
  }
}

/// x^exponent; the exponents that occur most without a call of std::pow.
template <FloatScalar S>
Tensor<S> power_of_number(const Tensor<S>& x, double exponent) {
  if (exponent == 2) return map<S>(x, [](S v) { return v * v; });
  if (exponent == 3) return map<S>(x, [](S v) { return v * v * v; });
  if (exponent == 1) return map<S>(x, [](S v) { return v; });
  if (exponent == 0.5) return map<S>(x, [](S v) { return std::sqrt(v); });
  if (exponent == -0.5) return map<S>(x, [](S v) { return 1 / std::sqrt(v); });
  if (exponent == -1) return map<S>(x, [](S v) { return 1 / v; });
  if (exponent == -2) return map<S>(x, [](S v) { return 1 / (v * v); });
  return map<S>(x, [e = static_cast<S>(exponent)](S v) { return std::pow(v, e); });
}

template <TensorScalar S, Number N>
Tensor<S> pow_by_number(const Tensor<S>& x, N number) {
  if constexpr (!FloatScalar<S>) {
    const auto exponent = to_element<std::int64_t>("pow", number);
    if (exponent < 0) {
      raise<ValueError>("pow", "expected an exponent that is not negative for a tensor of ",
                        dtype_name(dtype_of<S>), ", got ", exponent,
                        "; convert the tensor first, for example with x.to<float>()");
    }
    return map<S>(x, [exponent](S v) { return integer_power(v, exponent); });
  } else {
    const auto exponent = static_cast<double>(number);
    return record_elementwise<Keep::input>(
        power_of_number(x, exponent), "PowBackward0", x,
        [exponent](const auto& grad, const auto& v) {
          using std::pow;
          const double factor = exponent == 0 ? 1 : exponent;  // 0 · x⁻¹ would be NaN at 0
          return grad * ((exponent == 0 ? 0 : factor) * pow(v, factor - 1));
        });
  }
}

template <TensorScalar S>
Tensor<S> pow_tensors(const Tensor<S>& a, const Tensor<S>& b) {
  auto out = zip<S>("pow", a, b, [](S x, S y) { return power(x, y); });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(a, b)) {
      autograd::record(out, "PowBackward1",
                       autograd::vjp(
                           a,
                           [shape = a.shape()](const auto& grad, const auto& x, const auto& y) {
                             return sum_to(where(y == 0, 0, grad * (y * pow(x, y - 1))), shape);
                           },
                           autograd::save(a), autograd::save(b)),
                       autograd::vjp(
                           b,
                           [shape = b.shape()](const auto& grad, const auto& x, const auto& y,
                                               const auto& result) {
                             return sum_to(where((x == 0) & (y >= 0), 0, grad * (result * log(x))),
                                           shape);
                           },
                           autograd::save(a), autograd::save(b), autograd::save_result(out)));
    }
  }
  return out;
}

template <TensorScalar S>
Tensor<S> pow_of_number(S base, const Tensor<S>& x) {
  auto out = map<S>(x, [base](S v) { return power(base, v); });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "PowBackward2",
                       autograd::vjp(
                           x,
                           [base](const auto& grad, const auto& y, const auto& result) {
                             const auto slope = grad * (result * std::log(base));
                             return base == 0 ? where(y >= 0, 0, slope) : slope;
                           },
                           autograd::save(x), autograd::save_result(out)));
    }
  }
  return out;
}

}  // namespace detail

/// aᵇ for tensors that broadcast, and for a tensor and a number.
///
/// Integers are computed modulo 2^n. A negative number as their exponent raises ValueError (convert
/// them to float); in a tensor of exponents, negative powers are rounded towards 0, as in PyTorch.
///
/// At a = 0 the gradient of b is 0 if b ≥ 0.
template <class A, class B>
requires detail::Operands<A, B>
auto pow(const A& a, const B& b) {
  using S = detail::common_scalar<A, B>;
  static_assert(!std::is_same_v<S, bool>, "brasa: pow is not for bool tensors");
  if constexpr (IsTensor<A> && IsTensor<B>) {
    return detail::pow_tensors<S>(a, b);
  } else if constexpr (IsTensor<A>) {
    return detail::pow_by_number<S>(a, b);
  } else {
    return detail::pow_of_number<S>(static_cast<S>(a), b);
  }
}

/// x²
template <TensorScalar S>
Tensor<S> square(const Tensor<S>& x) {
  return pow(x, 2);
}

}  // namespace brasa

#include "brasa/ops/compare.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/unary.hpp"
#include "brasa/ops/where.hpp"
