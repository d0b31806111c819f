#pragma once

#include <cmath>
#include <cstdint>

#include "brasa/core/bit_cast.hpp"

/// a·b + c, rounded once, on every machine and whatever the compiler makes of products and sums.
namespace brasa::kernels {

struct ExactSum {
  double sum, lost;
};

/// a + b, and what rounding takes away from it (Knuth).
[[gnu::always_inline]] inline ExactSum exact_sum(double a, double b) {
  const double sum = a + b;
  const double rest = sum - a;
  return {sum, (a - (sum - rest)) + (b - rest)};
}

/// The sum, of the two doubles around it the one with an odd last bit if it lost something: rounded
/// again it is as the whole sum would have been (Boldo and Melquiond, "Emulation of a FMA and
/// correctly rounded sums", 2008).
inline double rounded_to_odd(ExactSum s) {
  const auto bits = detail::bit_cast<std::uint64_t>(s.sum);
  const bool inexact = s.lost < 0 || s.lost > 0;  // false for NaN
  if (!inexact || (bits & 1) != 0) return s.sum;
  const bool away_from_zero = (s.lost > 0) == (s.sum > 0);
  return detail::bit_cast<double>(away_from_zero ? bits + 1 : bits - 1);
}

/// By the C library, which makes it one instruction where the compiler may use it.
struct LibraryFma {
  [[gnu::always_inline]] static float run(float a, float b, float c) { return std::fma(a, b, c); }
};

/// By double arithmetic, which holds a·b exactly. Rounding its sum again, to float, is wrong only
/// if the sum lies in the middle between two floats, and lost something: an odd last bit then tells
/// that it is not quite there. Slower than the instruction, faster than the C library without it.
struct DoubleFma {
  [[gnu::always_inline]] static float run(float a, float b, float c) {
    const double product = static_cast<double>(a) * static_cast<double>(b);
    const double addend = static_cast<double>(c);
    const double sum = product + addend;
    constexpr std::uint64_t kBelowFloat = (std::uint64_t{1} << 29) - 1;
    constexpr std::uint64_t kMiddle = std::uint64_t{1} << 28;
    const bool in_the_middle = (detail::bit_cast<std::uint64_t>(sum) & kBelowFloat) == kMiddle;
    constexpr double kSmallest = 0x1p-126;  // denormal floats have their middle elsewhere
    if (!in_the_middle && std::abs(sum) >= kSmallest) return static_cast<float>(sum);
    return static_cast<float>(rounded_to_odd(exact_sum(product, addend)));
  }
};

#if !defined(__FMA__) && !defined(__ARM_FEATURE_FMA)  // which would fuse what must be rounded here
/// For doubles, by sums and products whose errors are kept (Dekker, 1971; Boldo and Melquiond).
struct ErrorFreeFma {
  static double run(double a, double b, double c) {
    const double product = a * b;
    const bool has_errors = std::abs(product) > 0x1p-900 && std::abs(product) < 0x1p1000 &&
                            std::abs(a) < 0x1p990 && std::abs(b) < 0x1p990 &&
                            std::abs(c) < 0x1p1000;
    if (!has_errors) return std::fma(a, b, c);
    const ExactSum low = exact_sum(c, error_of(a, b, product));
    const ExactSum high = exact_sum(product, low.sum);
    return high.sum + rounded_to_odd(exact_sum(low.lost, high.lost));
  }

 private:
  /// The upper half of the bits.
  static double upper(double x) {
    const double shifted = x * 0x1.0000002p27;  // 2^27 + 1
    return shifted - (shifted - x);
  }
  /// a·b − product
  static double error_of(double a, double b, double product) {
    const double a1 = upper(a), b1 = upper(b);
    const double a2 = a - a1, b2 = b - b1;
    return ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2;
  }
};
#endif

#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA)
using FloatFma = LibraryFma;
#else
using FloatFma = DoubleFma;
#endif

inline float fma(float a, float b, float c) { return FloatFma::run(a, b, c); }
#if defined(__MINGW32__) && !defined(__FMA__)  // its C library rounds twice
inline double fma(double a, double b, double c) { return ErrorFreeFma::run(a, b, c); }
#else
inline double fma(double a, double b, double c) { return std::fma(a, b, c); }
#endif

}  // namespace brasa::kernels
