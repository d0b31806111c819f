#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "brasa/core/bit_cast.hpp"
#include "support/guarded.hpp"

/// What tests of kernels that map arrays have in common.
namespace brasa_test {

/// eˣ. WebAssembly's long doubles have 113 bits, but musl's functions of them are those of double:
/// in range and digits too little to be a reference for doubles.
inline long double wide_exp(long double x) {
#if defined(__EMSCRIPTEN__)
  if (std::abs(x) > 1e-20 && std::abs(x) < 1500) {  // else it is 1, 0 or infinite
    constexpr long double kLn2 = 0.693147180559945309417232121458176568L;  // libc++'s is a double
    const long double twos = std::round(x / kLn2);
    const long double rest = x - twos * kLn2;
    long double sum = 1;
    for (int n = 18; n > 0; --n) sum = 1 + sum * rest / static_cast<long double>(n);
    return std::ldexp(sum, static_cast<int>(twos));
  }
#endif
  return std::exp(x);
}

/// How far `actual` is from `expected`, in units of the last place of a T there.
template <class T>
double ulps(T actual, long double expected) {
  const T rounded = static_cast<T>(expected);
  if (std::isnan(rounded) || std::isnan(actual)) {
    return std::isnan(rounded) && std::isnan(actual) ? 0 : HUGE_VAL;
  }
  if (std::isinf(rounded) || std::isinf(actual)) return rounded == actual ? 0 : HUGE_VAL;
  using Limits = std::numeric_limits<T>;
  int exponent = Limits::min_exponent;
  if (expected != 0) std::frexp(expected, &exponent);
  exponent = std::max(exponent, Limits::min_exponent) - Limits::digits;
  return static_cast<double>(std::abs(static_cast<long double>(actual) - expected) /
                             std::ldexp(1.0L, exponent));
}

/// Numbers of all signs and exponents, many of them where the functions bend, and all odd ones.
template <class T>
std::vector<T> sweep() {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits kSteps = 300'007;  // prime: the mantissas differ, too
  std::vector<T> x;
  for (Bits i = 0; i < kSteps; ++i) {
    x.push_back(brasa::detail::bit_cast<T>(static_cast<Bits>(i * (~Bits{0} / kSteps) + i)));
  }
  for (int i = -100'000; i <= 100'000; ++i) {
    x.push_back(static_cast<T>(i) / T(900));
    x.push_back(T(1) + static_cast<T>(i) / T(300'000));
    x.push_back(static_cast<T>(i) / T(130));
  }
  using Limits = std::numeric_limits<T>;
  for (const T v : {T(0), Limits::infinity(), Limits::quiet_NaN(), Limits::max(), Limits::min(),
                    Limits::denorm_min(), T(88.72283), T(88.7229), T(103.97), T(104.1),
                    T(709.782712), T(709.7828), T(745.13), T(745.2)}) {
    x.push_back(v);
    x.push_back(-v);
  }
  return x;
}

/// How far the results of a kernel are from the true ones, at most, over all of `sweep`.
template <class T, class Map>
double worst_ulps(Map&& map, long double (*expected)(long double)) {
  static const std::vector<T> x = sweep<T>();
  std::vector<T> y(x.size());
  map(x.data(), static_cast<std::int64_t>(x.size()), y.data());
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = std::max(worst, ulps(y[i], expected(static_cast<long double>(x[i]))));
  }
  return worst;
}

/// How many elements are wrong of arrays of all lengths that end where memory ends: each element
/// has to be what it is alone, or in place, and nothing else may be written.
template <class T, class Map>
int wrong_at_ends(Map&& map) {
  const auto same = [](T a, T b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  int wrong = 0;
  for (std::size_t count = 0; count <= 100; ++count) {
    const Guarded<T> x(count);
    const Guarded<T> y(count + 1, T(42));
    for (std::size_t i = 0; i < count; ++i) x[i] = static_cast<T>(i) / T(10) - T(1);
    map(x.data(), static_cast<std::int64_t>(count), y.data() + 1);
    if (y[0] != T(42)) ++wrong;
    for (std::size_t i = 0; i < count; ++i) {
      T alone;
      map(&x[i], 1, &alone);
      if (!same(alone, y[i + 1])) ++wrong;
    }
    map(x.data(), static_cast<std::int64_t>(count), x.data());  // in place
    for (std::size_t i = 0; i < count; ++i) {
      if (!same(x[i], y[i + 1])) ++wrong;
    }
  }
  return wrong;
}

}  // namespace brasa_test
