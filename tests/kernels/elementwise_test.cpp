#include "brasa/kernels/elementwise.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "support/catch.hpp"
#include "support/cpu_levels.hpp"
#include "support/guarded.hpp"

// The expected values are the C library's in long double.

using brasa_test::AtLevel;
using brasa_test::Guarded;

namespace {

template <class T>
using Map = void (&)(const T*, std::int64_t, T*);

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
    x.push_back(std::bit_cast<T>(static_cast<Bits>(i * (~Bits{0} / kSteps) + i)));
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

template <class T>
double worst_ulps(Map<T> map, long double (*expected)(long double)) {
  static const std::vector<T> x = sweep<T>();
  std::vector<T> y(x.size());
  map(x.data(), static_cast<std::int64_t>(x.size()), y.data());
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = std::max(worst, ulps(y[i], expected(static_cast<long double>(x[i]))));
  }
  return worst;
}

}  // namespace

TEMPLATE_TEST_CASE("exp, log, tanh and sigmoid are exact to the last digits, for all exponents",
                   "[kernels][elementwise]", float, double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(worst_ulps<TestType>(brasa::kernels::map_exp<TestType>,
                               [](long double x) { return std::exp(x); }) < 1.25);
    CHECK(worst_ulps<TestType>(brasa::kernels::map_log<TestType>,
                               [](long double x) { return std::log(x); }) < 1.25);
    CHECK(worst_ulps<TestType>(brasa::kernels::map_tanh<TestType>,
                               [](long double x) { return std::tanh(x); }) < 3);
    CHECK(worst_ulps<TestType>(brasa::kernels::map_sigmoid<TestType>,
                               [](long double x) { return 1 / (1 + std::exp(-x)); }) < 3);
  }
}

TEMPLATE_TEST_CASE("relu keeps NaN and what is positive", "[kernels][elementwise]", float, double) {
  constexpr auto kInf = std::numeric_limits<TestType>::infinity();
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    const std::vector<TestType> x{-1,    0,    2,
                                  -kInf, kInf, std::numeric_limits<TestType>::quiet_NaN()};
    std::vector<TestType> y(x.size());
    brasa::kernels::map_relu(x.data(), static_cast<std::int64_t>(x.size()), y.data());
    CHECK(std::vector<TestType>(y.begin(), y.end() - 1) == std::vector<TestType>{0, 0, 2, 0, kInf});
    CHECK(std::isnan(y.back()));
  }
}

TEMPLATE_TEST_CASE("A zero keeps its sign under tanh", "[kernels][elementwise]", float, double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    TestType zeros[] = {TestType(0), -TestType(0)};
    brasa::kernels::map_tanh(zeros, 2, zeros);
    CHECK_FALSE(std::signbit(zeros[0]));
    CHECK(std::signbit(zeros[1]));
  }
}

TEMPLATE_TEST_CASE("Functions of elements touch their elements and no more",
                   "[kernels][elementwise]", float, double) {
  using T = TestType;
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    for (auto* map :
         {&brasa::kernels::map_exp<T>, &brasa::kernels::map_log<T>, &brasa::kernels::map_tanh<T>,
          &brasa::kernels::map_sigmoid<T>, &brasa::kernels::map_relu<T>}) {
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
          if (alone != y[i + 1] && !(std::isnan(alone) && std::isnan(y[i + 1]))) ++wrong;
        }
        map(x.data(), static_cast<std::int64_t>(count), x.data());  // in place
        for (std::size_t i = 0; i < count; ++i) {
          if (x[i] != y[i + 1] && !(std::isnan(x[i]) && std::isnan(y[i + 1]))) ++wrong;
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEMPLATE_TEST_CASE("Gradients of relu, tanh and sigmoid, for all lengths", "[kernels][elementwise]",
                   float, double) {
  using T = TestType;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const T epsilon = std::numeric_limits<T>::epsilon();
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    int wrong = 0;
    for (std::size_t count = 0; count <= 70; ++count) {
      const Guarded<T> y(count);
      const Guarded<T> grad(count);
      const Guarded<T> out(count);
      for (std::size_t i = 0; i < count; ++i) {
        y[i] = static_cast<T>((i * 7) % 11) / T(5) - T(1);  // from -1 to 1
        grad[i] = static_cast<T>(i) - T(30);
      }
      const auto check = [&](auto& kernel, auto expected) {
        kernel(grad.data(), y.data(), static_cast<std::int64_t>(count), out.data());
        for (std::size_t i = 0; i < count; ++i) {
          if (!(std::abs(out[i] - expected(grad[i], y[i])) <= 4 * epsilon * std::abs(grad[i]))) {
            ++wrong;
          }
        }
      };
      check(brasa::kernels::zip_relu_gradient<T>, [](T g, T v) { return v > 0 ? g : T(0); });
      check(brasa::kernels::zip_tanh_gradient<T>, [](T g, T v) { return g * (1 - v * v); });
      check(brasa::kernels::zip_sigmoid_gradient<T>, [](T g, T v) { return g * (1 - v) * v; });
    }
    CHECK(wrong == 0);
    // x = torch.tensor([float("nan")], requires_grad=True); torch.relu(x).backward(); x.grad: 1
    T passed = 0;
    const T one = 1;
    brasa::kernels::zip_relu_gradient(&one, &nan, 1, &passed);
    CHECK(passed == 1);
  }
}
