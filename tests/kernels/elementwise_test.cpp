#include "brasa/kernels/elementwise.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "support/cpu_levels.hpp"
#include "support/guarded.hpp"
#include "support/map_accuracy.hpp"

// The expected values are the C library's in long double.

using brasa_test::AtLevel;
using brasa_test::Guarded;
using brasa_test::wide_exp;
using brasa_test::worst_ulps;
using brasa_test::wrong_at_ends;

TEMPLATE_TEST_CASE("exp, log, tanh and sigmoid are exact to the last digits, for all exponents",
                   "[kernels][elementwise]", float, double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(worst_ulps<TestType>(brasa::kernels::map_exp<TestType>, wide_exp) < 1.25);
    CHECK(worst_ulps<TestType>(brasa::kernels::map_log<TestType>,
                               [](long double x) { return std::log(x); }) < 1.25);
    CHECK(worst_ulps<TestType>(brasa::kernels::map_tanh<TestType>,
                               [](long double x) { return std::tanh(x); }) < 3);
    CHECK(worst_ulps<TestType>(brasa::kernels::map_sigmoid<TestType>,
                               [](long double x) { return 1 / (1 + wide_exp(-x)); }) < 3);
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
    CHECK(wrong_at_ends<T>(brasa::kernels::map_exp<T>) == 0);
    CHECK(wrong_at_ends<T>(brasa::kernels::map_log<T>) == 0);
    CHECK(wrong_at_ends<T>(brasa::kernels::map_tanh<T>) == 0);
    CHECK(wrong_at_ends<T>(brasa::kernels::map_sigmoid<T>) == 0);
    CHECK(wrong_at_ends<T>(brasa::kernels::map_relu<T>) == 0);
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
