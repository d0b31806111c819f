#include "brasa/kernels/normal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>

#include "brasa/core/bit_cast.hpp"
#include "brasa/kernels/fma.hpp"
#include "support/catch.hpp"

using namespace brasa;

namespace {

constexpr int kRounds = 200'000;

using Bits = std::mt19937_64;

bool same(float a, float b) {
  return brasa::detail::bit_cast<std::uint32_t>(a) == brasa::detail::bit_cast<std::uint32_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

// a·b + c, rounded once: by definition what std::fma gives, but that of mingw-w64 rounds twice, as
// does musl's for floats on WebAssembly, which has no rounding modes.
#if defined(__MINGW32__)
[[gnu::target("fma")]] float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
[[gnu::target("fma")]] double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
#elif defined(__EMSCRIPTEN__)
/// In the 113 bits of a long double nothing is lost of the product's 48 and the addend's 24, once
/// the smaller one is not too small: below the last bit of the larger one its size is all the same.
float fused(float a, float b, float c) {
  const auto not_too_small = [](long double x, long double beside) {
    if (x == 0 || !std::isfinite(beside)) return x;
    return std::copysign(std::max(std::abs(x), std::abs(beside) * 0x1p-60L), x);
  };
  const long double product = static_cast<long double>(a) * static_cast<long double>(b);
  const long double addend = static_cast<long double>(c);
  return static_cast<float>(not_too_small(product, addend) + not_too_small(addend, product));
}
double fused(double a, double b, double c) { return std::fma(a, b, c); }
#else
float fused(float a, float b, float c) { return std::fma(a, b, c); }
double fused(double a, double b, double c) { return std::fma(a, b, c); }
#endif

struct Fused {
  static float run(float a, float b, float c) { return fused(a, b, c); }
};

/// A float of this exponent, of whose 23 mantissa bits only the first few may be set: so products
/// and sums often end in the middle between two floats.
float short_float(Bits& bits, int exponent, unsigned mantissa_bits) {
  const auto random = static_cast<std::uint32_t>(bits());
  const std::uint32_t mantissa = (random & 0x7FFFFFu) >> (23 - mantissa_bits)
                                                             << (23 - mantissa_bits);
  return brasa::detail::bit_cast<float>(
      (random & 0x80000000u) | (static_cast<std::uint32_t>(exponent + 127) << 23) | mantissa);
}

int between(Bits& bits, int low, int high) {
  return low + static_cast<int>(bits() % static_cast<std::uint64_t>(high - low + 1));
}

/// How often the two disagree over `kRounds` of `a, b, c = next()`.
template <class Next>
int differences(Next next) {
  int count = 0;
  for (int i = 0; i < kRounds; ++i) {
    const auto [a, b, c] = next();
    if (!same(kernels::DoubleFma::run(a, b, c), fused(a, b, c))) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("A fused multiply-add by double arithmetic is rounded once", "[kernels]") {
  Bits bits(1);
  const auto any = [&] {
    return brasa::detail::bit_cast<float>(static_cast<std::uint32_t>(bits()));
  };
  CHECK(differences([&] { return std::array{any(), any(), any()}; }) == 0);
  const auto close = [&] {
    const auto part = [&](int range) {
      return short_float(bits, between(bits, -range, range),
                         static_cast<unsigned>(between(bits, 0, 23)));
    };
    return std::array{part(15), part(15), part(40)};
  };
  CHECK(differences(close) == 0);
  const auto denormal = [&] {  // the product is about as small as a denormal number
    const int exponent = between(bits, -60, 0);
    const auto addend = static_cast<std::uint32_t>(bits()) & 0x80FFFFFFu;
    return std::array{short_float(bits, exponent, 23),
                      short_float(bits, between(bits, -126, -100) - exponent / 2 + 10, 12),
                      brasa::detail::bit_cast<float>(addend)};
  };
  CHECK(differences(denormal) == 0);
  const auto huge = [&] {
    return std::array{short_float(bits, 63, 23), short_float(bits, between(bits, 60, 64), 23),
                      short_float(bits, between(bits, 90, 127), 23)};
  };
  CHECK(differences(huge) == 0);
}

TEST_CASE("A fused multiply-add of doubles is rounded once", "[kernels]") {
  Bits bits(4);
  const auto number = [&] {
    const int kept = between(bits, 1, 52);  // of 52 bits: so sums often end in the middle
    const std::uint64_t random = bits();
    const std::uint64_t mantissa = (random & ((std::uint64_t{1} << 52) - 1)) >> (52 - kept)
                                                                                    << (52 - kept);
    return std::ldexp(brasa::detail::bit_cast<double>((random & (std::uint64_t{1} << 63)) |
                                                      (std::uint64_t{1023} << 52) | mantissa),
                      between(bits, -40, 40));
  };
  int different = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double a = number(), b = number(), c = number();
    const double nearly_cancels = std::nextafter(-a * b, c);
    for (const double addend : {c, c * 0x1p-60, c * 0x1p60, nearly_cancels}) {
      if (kernels::fma(a, b, addend) != fused(a, b, addend)) ++different;
#if !defined(__FMA__) && !defined(__ARM_FEATURE_FMA)
      if (kernels::ErrorFreeFma::run(a, b, addend) != fused(a, b, addend)) ++different;
#endif
    }
  }
  CHECK(different == 0);
}

TEST_CASE("Normal numbers do not depend on how products and sums are fused", "[kernels]") {
  Bits bits(2);
  int different = 0;
  for (int round = 0; round < 5000; ++round) {
    std::array<float, 16> by_double{};
    for (float& u : by_double) u = static_cast<float>(bits() & 0xFFFFFFu) * 0x1p-24f;
    auto fused_once = by_double;
    auto chosen = by_double;
    kernels::box_muller_16_by<kernels::DoubleFma>(by_double.data(), 0.5f, 1.5f);
    kernels::box_muller_16_by<Fused>(fused_once.data(), 0.5f, 1.5f);
    kernels::box_muller_16(chosen.data(), 0.5f, 1.5f);
    if (!std::equal(by_double.begin(), by_double.end(), fused_once.begin(), same)) ++different;
    if (!std::equal(by_double.begin(), by_double.end(), chosen.begin(), same)) ++different;
  }
  CHECK(different == 0);
}

// The formula in float64 as the reference.
TEST_CASE("Normal numbers follow Box and Muller's formula", "[kernels]") {
  Bits bits(3);
  double worst = 0;
  for (int round = 0; round < 5000; ++round) {
    std::array<float, 16> single{};
    std::array<double, 16> exact{};
    for (std::size_t i = 0; i < 16; ++i) {
      single[i] = static_cast<float>(bits() & 0xFFFFFFu) * 0x1p-24f;
      exact[i] = static_cast<double>(single[i]);
    }
    kernels::box_muller_16(single.data(), 0.f, 1.f);
    kernels::box_muller_16(exact.data(), 0., 1.);
    for (std::size_t i = 0; i < 16; ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(single[i]) - exact[i]));
    }
  }
  CHECK(worst < 3e-6);
}

TEST_CASE("The ends of the interval give finite normal numbers", "[kernels]") {
  for (const float radius : {0.f, 1.f - 0x1p-24f}) {
    for (const float angle : {0.f, 0.125f, 0.25f, 0.5f, 0.875f, 1.f - 0x1p-24f}) {
      std::array<float, 16> x{};
      std::fill_n(x.begin(), 8, radius);
      std::fill_n(x.begin() + 8, 8, angle);
      kernels::box_muller_16(x.data(), 0.f, 1.f);
      for (const float value : x) CHECK(std::abs(value) < 6.f);
    }
  }
}
