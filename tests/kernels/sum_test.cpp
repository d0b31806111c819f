#include "brasa/kernels/sum.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.hpp"
#include "support/cpu_levels.hpp"
#include "support/guarded.hpp"

using brasa_test::AtLevel;
using brasa_test::Guarded;

namespace {

/// How many of the sums are wrong. The elements are multiples of 1/16 and small, so that each order
/// of additions gives the same.
template <class T>
int wrong_sums(std::int64_t outer, std::int64_t count, std::int64_t inner, double divisor) {
  static std::mt19937 generator(5);
  std::uniform_int_distribution<int> sixteenths(-1000, 1000);
  const Guarded<T> x(static_cast<std::size_t>(outer * count * inner));
  const Guarded<T> out(static_cast<std::size_t>(outer * inner), T(42));
  for (T& value : x) value = static_cast<T>(sixteenths(generator)) / 16;
  brasa::kernels::sum(x.data(), {outer, count, inner}, divisor, out.data());
  int wrong = 0;
  for (std::int64_t i = 0; i < outer * inner; ++i) {
    double sum = 0;
    for (std::int64_t j = 0; j < count; ++j) {
      sum += static_cast<double>(
          x[static_cast<std::size_t>(i / inner * count * inner + j * inner + i % inner)]);
    }
    if (out[static_cast<std::size_t>(i)] != static_cast<T>(sum / divisor)) ++wrong;
  }
  return wrong;
}

}  // namespace

TEMPLATE_TEST_CASE("Sums over rows and columns of all lengths", "[kernels][sum]", float, double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    CAPTURE(brasa::cpu_level_name(level));
    int wrong = 0;
    for (std::int64_t size = 1; size <= 100; ++size) {
      wrong += wrong_sums<TestType>(3, size, 1, 1);
      wrong += wrong_sums<TestType>(3, 5, size, 3);
    }
    wrong += wrong_sums<TestType>(2, 1000, 33, 1000);
    CHECK(wrong == 0);
  }
}

TEMPLATE_TEST_CASE("A sum of nothing is 0", "[kernels][sum]", float, double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    CHECK(wrong_sums<TestType>(2, 0, 1, 1) == 0);
    CHECK(wrong_sums<TestType>(2, 0, 70, 1) == 0);
  }
}

// 0.1f · 2^20. torch.full((2**20,), 0.1).sum() is 104857.6171875.
TEST_CASE("A sum of a million floats is exact", "[kernels][sum]") {
  const std::vector<float> x(1 << 20, 0.1f);
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    float sum = 0;
    brasa::kernels::sum(x.data(), {1, 1 << 20, 1}, 1, &sum);
    CHECK(sum == 104857.6015625f);
  }
}

TEMPLATE_TEST_CASE("NaN and infinities come out of sums", "[kernels][sum]", float, double) {
  constexpr auto kInf = std::numeric_limits<TestType>::infinity();
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    for (std::size_t place = 0; place < 70; ++place) {
      std::vector<TestType> x(70, TestType(1));
      x[place] = kInf;
      TestType sum = 0;
      brasa::kernels::sum(x.data(), {1, 70, 1}, 1, &sum);
      CHECK(sum == kInf);
      x[69 - place] = -kInf;
      x[place] = std::numeric_limits<TestType>::quiet_NaN();
      brasa::kernels::sum(x.data(), {1, 70, 1}, 1, &sum);
      CHECK(std::isnan(sum));
    }
  }
}
