#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include "brasa/core/bit_cast.hpp"
#include "brasa/kernels/dispatch.hpp"
#include "brasa/kernels/fma.hpp"

/// Normal numbers from uniform ones (Box and Muller, 1958), sixteen at a time, to the bit as
/// PyTorch makes them on a CPU with AVX2: logf, sinf and cosf are those of Cephes, its sums and
/// products fused as written here.
namespace brasa::kernels {

/// log(x) for x in (0, 1].
template <class Fma>
[[gnu::always_inline]] inline float cephes_log(float x) {
  x = std::max(x, 0x1p-126f);
  const auto bits = detail::bit_cast<std::uint32_t>(x);
  auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 126);
  x = detail::bit_cast<float>((bits & 0x007FFFFFu) | 0x3F000000u);  // in [0.5, 1)
  const float kept = x < 0.707106781186547524f ? x : 0.f;
  if (kept != 0.f) exponent -= 1.f;
  x = (x - 1.f) + kept;
  float y = 7.0376836292e-2f;
  for (const float coefficient :
       {-1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f, -1.6668057665e-1f,
        2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f}) {
    y = Fma::run(y, x, coefficient);
  }
  const float z = x * x;
  y = Fma::run(y * x, z, exponent * -2.12194440e-4f);
  y = Fma::run(-z, 0.5f, y);
  return Fma::run(exponent, 0.693359375f, x + y);
}

struct SinCos {
  float sin, cos;
};

[[gnu::always_inline]] inline float negate_if(float x, bool negate) {
  const std::uint32_t sign = negate ? 0x80000000u : 0u;
  return detail::bit_cast<float>(detail::bit_cast<std::uint32_t>(x) ^ sign);
}

/// sin(x) and cos(x) for x in [0, 2π].
template <class Fma>
[[gnu::always_inline]] inline SinCos cephes_sincos(float x) {
  const std::int32_t octant = (static_cast<std::int32_t>(x * 1.27323954473516f) + 1) & ~1;
  const auto y = static_cast<float>(octant);
  x = Fma::run(y, -0.78515625f, x);
  x = Fma::run(y, -2.4187564849853515625e-4f, x);
  x = Fma::run(y, -3.77489497744594108e-8f, x);
  const float z = x * x;
  float c = Fma::run(2.443315711809948e-5f, z, -1.388731625493765e-3f);
  c = Fma::run(c, z, 4.166664568298827e-2f);
  c = Fma::run(c * z, z, -0.5f * z) + 1.f;
  float s = Fma::run(-1.9515295891e-4f, z, 8.3321608736e-3f);
  s = Fma::run(s, z, -1.6666654611e-1f);
  s = Fma::run(s * z, x, x);
  if ((octant & 2) != 0) std::swap(s, c);
  return {negate_if(s, (octant & 4) != 0), negate_if(c, ((octant - 2) & 4) == 0)};
}

template <class Fma>
[[gnu::always_inline]] inline void box_muller_16_by(float* x, float mean, float std) {
  for (int i = 0; i < 8; ++i) {
    const float radius = std::sqrt(-2.f * cephes_log<Fma>(1.f - x[i]));
    const auto [sin, cos] = cephes_sincos<Fma>(6.2831855f * x[i + 8]);
    x[i] = Fma::run(radius * cos, std, mean);
    x[i + 8] = Fma::run(radius * sin, std, mean);
  }
}

#if BRASA_AVX_KERNELS && !defined(__FMA__)
[[gnu::target("fma")]] inline void box_muller_16_with_instruction(float* x, float mean, float std) {
  box_muller_16_by<LibraryFma>(x, mean, std);
}
#endif

/// Turns sixteen uniform numbers from [0, 1) into normal ones.
inline void box_muller_16(float* x, float mean, float std) {
#if BRASA_AVX_KERNELS && !defined(__FMA__)
  static const bool has_fma = __builtin_cpu_supports("fma") != 0;
  if (has_fma) return box_muller_16_with_instruction(x, mean, std);
#endif
  box_muller_16_by<FloatFma>(x, mean, std);
}

/// The same for doubles, by the C library's log, sin and cos.
inline void box_muller_16(double* x, double mean, double std) {
  for (int i = 0; i < 8; ++i) {
    const double radius = std::sqrt(-2. * std::log(1. - x[i]));
    const double angle = 2. * std::numbers::pi * x[i + 8];
    x[i] = fma(radius * std::cos(angle), std, mean);
    x[i + 8] = fma(radius * std::sin(angle), std, mean);
  }
}

}  // namespace brasa::kernels
