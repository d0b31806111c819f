#include "brasa/kernels/activation.hpp"

#if BRASA_VECTOR_KERNELS

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <type_traits>

#include "support/catch.hpp"
#include "support/cpu_levels.hpp"
#include "support/map_accuracy.hpp"

// The expected values are the C library's in long double.

using brasa_test::AtLevel;
using brasa_test::wide_exp;
using brasa_test::worst_ulps;
using brasa_test::wrong_at_ends;
namespace kernels = brasa::kernels;

namespace {

long double logistic(long double x) {
  const long double power = wide_exp(-std::abs(x));
  return (x < 0 ? power : 1) / (1 + power);
}

long double silu(long double x) { return x * logistic(x); }

long double mish(long double x) {
  const long double n = wide_exp(x) * (wide_exp(x) + 2);
  return x > 50 ? x : x * n / (n + 2);
}

long double softplus(long double x) { return x > 20 ? x : std::log1p(wide_exp(x)); }

long double logsigmoid(long double x) {
  return std::min(x, 0.0L) - std::log1p(wide_exp(-std::abs(x)));
}

long double elu(long double x) { return x > 0 ? x : std::expm1(x); }

long double gelu(long double x) {
  return 0.5L * x * std::erfc(-x / std::numbers::sqrt2_v<long double>);
}

long double gelu_tanh(long double x) {
  const long double scale =
      std::numbers::sqrt2_v<long double> * std::numbers::inv_sqrtpi_v<long double>;
  return x * logistic(2 * scale * (x + 0.044715L * x * x * x));
}

template <class T>
void map_softplus(const T* x, std::int64_t count, T* y) {
  kernels::map_softplus(x, count, y, T(1), T(20));
}
template <class T>
void map_elu(const T* x, std::int64_t count, T* y) {
  kernels::map_exponential_linear(x, count, y, T(1), T(1), T(1));
}

}  // namespace

TEMPLATE_TEST_CASE("Activations are exact to the last digits, for all exponents",
                   "[kernels][activation]", float, double) {
  using T = TestType;
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(worst_ulps<T>(kernels::map_silu<T>, silu) < 3.25);
    CHECK(worst_ulps<T>(kernels::map_mish<T>, mish) < 4);
    CHECK(worst_ulps<T>(kernels::map_logsigmoid<T>, logsigmoid) < 2.5);
    CHECK(worst_ulps<T>(map_softplus<T>, softplus) < 2.5);
    CHECK(worst_ulps<T>(map_elu<T>, elu) < 1.5);
    if constexpr (std::is_same_v<T, float>) {
      CHECK(worst_ulps<T>(kernels::map_gelu_tanh<T>, gelu_tanh) < 0.51);
      CHECK(worst_ulps<T>(kernels::map_gelu, gelu) < 0.51);
      CHECK(worst_ulps<T>(kernels::map_erf, [](long double x) { return std::erf(x); }) < 0.51);
    }
  }
}

TEMPLATE_TEST_CASE("The parameters of softplus and of exponential-linear units",
                   "[kernels][activation]", float, double) {
  using T = TestType;
  const T x[] = {T(-3), T(-0.5), T(0), T(0.25), T(4), T(7)};
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    T y[6];
    kernels::map_softplus(x, 6, y, T(2), T(10));
    for (int i = 0; i < 6; ++i) {
      const T expected = x[i] > 5 ? x[i] : std::log1p(std::exp(2 * x[i])) / 2;
      CHECK(std::abs(y[i] - expected) <= 4 * std::numeric_limits<T>::epsilon() * expected);
    }
    kernels::map_exponential_linear(x, 6, y, T(3), T(2), T(0.5));
    for (int i = 0; i < 6; ++i) {
      const T expected = x[i] > 0 ? 3 * x[i] : 2 * std::expm1(x[i] / 2);
      CHECK(std::abs(y[i] - expected) <=
            4 * std::numeric_limits<T>::epsilon() * std::abs(expected));
    }
  }
}

TEMPLATE_TEST_CASE("Activations touch their elements and no more", "[kernels][activation]", float,
                   double) {
  using T = TestType;
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    CHECK(wrong_at_ends<T>(kernels::map_silu<T>) == 0);
    CHECK(wrong_at_ends<T>(kernels::map_mish<T>) == 0);
    CHECK(wrong_at_ends<T>(kernels::map_logsigmoid<T>) == 0);
    CHECK(wrong_at_ends<T>(map_softplus<T>) == 0);
    CHECK(wrong_at_ends<T>(map_elu<T>) == 0);
    CHECK(wrong_at_ends<T>(kernels::map_gelu_tanh<T>) == 0);
    if constexpr (std::is_same_v<T, float>) {
      CHECK(wrong_at_ends<T>(kernels::map_gelu) == 0);
      CHECK(wrong_at_ends<T>(kernels::map_erf) == 0);
    }
  }
}

#endif  // BRASA_VECTOR_KERNELS
