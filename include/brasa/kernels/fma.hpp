#pragma once

#include <cmath>
#include <cstdint>

#include "brasa/core/bit_cast.hpp"

/// a·b + c, rounded once, on every machine and whatever the compiler makes of products and sums.
namespace brasa::kernels {

/// By the C library, which makes it one instruction where the compiler may use it.
struct LibraryFma {
  [[gnu::always_inline]] static float run(float a, float b, float c) { return std::fma(a, b, c); }
};

/// By double arithmetic, which holds a·b exactly. Rounding its sum again, to float, is wrong only
/// if the sum lies in the middle between two floats, and lost something: an odd last bit then tells
/// that it is not quite there (Boldo and Melquiond, "Emulation of a FMA and correctly rounded
/// sums", 2008). Slower than the instruction, faster than the C library without it.
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
    return round_odd(product, addend, sum);
  }

 private:
  static float round_odd(double product, double addend, double sum) {
    const auto bits = detail::bit_cast<std::uint64_t>(sum);
    const double rest = sum - product;
    const double lost = (product - (sum - rest)) + (addend - rest);
    const bool inexact = lost < 0 || lost > 0;  // false for NaN
    if (!inexact || (bits & 1) != 0) return static_cast<float>(sum);
    const bool away_from_zero = (lost > 0) == (sum > 0);
    return static_cast<float>(detail::bit_cast<double>(away_from_zero ? bits + 1 : bits - 1));
  }
};

#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA)
using FloatFma = LibraryFma;
#else
using FloatFma = DoubleFma;
#endif

inline float fma(float a, float b, float c) { return FloatFma::run(a, b, c); }
inline double fma(double a, double b, double c) { return std::fma(a, b, c); }

}  // namespace brasa::kernels
