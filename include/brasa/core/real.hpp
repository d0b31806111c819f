#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "brasa/core/error.hpp"
#include "brasa/core/python_text.hpp"

namespace brasa {

/// A number as Python has it: an int or a float, which print differently (`0`, `0.0`) and are kept
/// apart in a checkpoint. C++ integers become ints, float and double become floats.
///
/// Arithmetic is Python's: ints stay ints where Python keeps them so, `/` always gives a float,
/// each operation is rounded by itself whatever the compiler would like to fuse. So the learning
/// rates of a scheduler are Python's to the bit. An int that would leave 64 bits becomes a float.
class Real {
 public:
  template <std::integral T>
  requires(!std::same_as<T, bool>) constexpr Real(T value) noexcept
      : is_int_(std::in_range<std::int64_t>(value)) {
    if (is_int_) {
      int_ = static_cast<std::int64_t>(value);
    } else {
      float_ = static_cast<double>(value);
    }
  }
  template <std::floating_point T>
  constexpr Real(T value) noexcept : float_(static_cast<double>(value)) {}

  constexpr bool is_int() const noexcept { return is_int_; }
  constexpr double value() const noexcept { return is_int_ ? static_cast<double>(int_) : float_; }
  /// The value of an int. Raises ValueError for a float.
  std::int64_t integer() const {
    if (!is_int_) {
      detail::raise<ValueError>("", "expected an int, got the float ", detail::python_text(float_));
    }
    return int_;
  }

  friend Real operator-(Real a) { return a.is_int_ ? Real(0) - a : Real(-a.float_); }
  friend Real operator+(Real a, Real b) {
    const double sum = rounded(a.value() + b.value());
    return ints(a, b) && fits(sum) ? Real(a.int_ + b.int_) : Real(sum);
  }
  friend Real operator-(Real a, Real b) {
    const double difference = rounded(a.value() - b.value());
    return ints(a, b) && fits(difference) ? Real(a.int_ - b.int_) : Real(difference);
  }
  friend Real operator*(Real a, Real b) {
    const double product = rounded(a.value() * b.value());
    return ints(a, b) && fits(product) ? Real(a.int_ * b.int_) : Real(product);
  }
  /// Raises ValueError for a division by zero.
  friend Real operator/(Real a, Real b) {
    check_divisor(b);
    return rounded(a.value() / b.value());
  }
  /// The remainder, with the sign of the divisor.
  friend Real operator%(Real a, Real b) {
    if (ints(a, b)) return a - floor_div(a, b) * b;
    check_divisor(b);
    const double remainder = std::fmod(a.value(), b.value());
    if (remainder == 0) return std::copysign(0.0, b.value());
    return (remainder < 0) == (b.value() < 0) ? remainder : rounded(remainder + b.value());
  }
  /// `a // b` of two ints: the quotient, rounded down.
  friend Real floor_div(Real a, Real b) {
    check_divisor(b);
    const std::int64_t dividend = a.integer();
    const std::int64_t divisor = b.integer();
    if (divisor == -1) return -a;  // the only one whose quotient may not fit
    const bool below = dividend % divisor != 0 && (dividend < 0) != (divisor < 0);
    return dividend / divisor - (below ? 1 : 0);
  }
  /// `base ** exponent`; an int for ints with a result below 2^52.
  friend Real pow(Real base, Real exponent) {
    const double power = std::pow(base.value(), exponent.value());
    const bool is_int = ints(base, exponent) && exponent.int_ >= 0 && std::abs(power) < 0x1p52;
    return is_int ? Real(static_cast<std::int64_t>(std::nearbyint(power))) : Real(power);
  }
  friend Real cos(Real x) { return std::cos(x.value()); }

  friend bool operator==(Real a, Real b) noexcept {
    return ints(a, b) ? a.int_ == b.int_ : a.value() == b.value();
  }
  friend bool operator<(Real a, Real b) noexcept {
    return ints(a, b) ? a.int_ < b.int_ : a.value() < b.value();
  }
  friend bool operator>(Real a, Real b) noexcept { return b < a; }
  friend bool operator<=(Real a, Real b) noexcept { return a < b || a == b; }
  friend bool operator>=(Real a, Real b) noexcept { return b <= a; }

 private:
  static bool ints(Real a, Real b) noexcept { return a.is_int_ && b.is_int_; }
  static bool fits(double value) noexcept { return std::abs(value) < 0x1p62; }
  static void check_divisor(Real b) {
    if (b == Real(0)) detail::raise<ValueError>("", "division by zero");
  }
  /// Lets g++ not fuse a product with the sum that it goes into. (clang does so only within one
  /// expression.)
  static double rounded(double value) noexcept {
#if defined(__GNUC__) && !defined(__clang__)
    asm("" : "+m"(value));
#endif
    return value;
  }

  bool is_int_ = false;
  std::int64_t int_ = 0;
  double float_ = 0;
};

namespace detail {

inline std::string python_text(Real value) {
  return value.is_int() ? std::to_string(value.integer()) : python_text(value.value());
}

}  // namespace detail
}  // namespace brasa
