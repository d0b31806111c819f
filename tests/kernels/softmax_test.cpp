#include "brasa/kernels/softmax.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.hpp"
#include "support/cpu_levels.hpp"
#include "support/guarded.hpp"

// The expected values are computed in long double. What x − max loses when it is rounded, up to
// half a unit of its last place, exp turns into a relative error: hence the allowance grows with
// it.

using brasa_test::AtLevel;
using brasa_test::Guarded;

namespace {

template <class T>
int wrong_in_rows(std::int64_t rows, std::int64_t count, std::int64_t inner, T spread,
                  std::mt19937& generator) {
  const auto numel = static_cast<std::size_t>(rows * count * inner);
  const Guarded<T> x(numel);
  const Guarded<T> y(numel);
  const Guarded<T> log_y(numel);
  std::uniform_real_distribution<T> uniform(-spread, spread);
  for (T& value : x) value = uniform(generator);
  brasa::kernels::softmax<false>(x.data(), {rows, count, inner}, y.data());
  brasa::kernels::softmax<true>(x.data(), {rows, count, inner}, log_y.data());
  const auto epsilon = static_cast<long double>(std::numeric_limits<T>::epsilon());
  int wrong = 0;
  for (std::int64_t r = 0; r < rows * inner; ++r) {
    const auto at = [&](std::int64_t p) {
      return static_cast<std::size_t>(r / inner * count * inner + p * inner + r % inner);
    };
    long double largest = x[at(0)];
    for (std::int64_t p = 1; p < count; ++p) {
      largest = std::max(largest, static_cast<long double>(x[at(p)]));
    }
    long double sum = 0;
    for (std::int64_t p = 0; p < count; ++p) sum += std::exp(x[at(p)] - largest);
    for (std::int64_t p = 0; p < count; ++p) {
      const long double log_p = x[at(p)] - largest - std::log(sum);
      const long double allowed =
          epsilon * (4 + std::abs(log_p) + std::sqrt(static_cast<long double>(count)) / 10);
      if (!(std::abs(y[at(p)] - std::exp(log_p)) <= allowed * std::exp(log_p))) ++wrong;
      if (!(std::abs(log_y[at(p)] - log_p) <= allowed)) ++wrong;
    }
  }
  return wrong;
}

}  // namespace

TEMPLATE_TEST_CASE("softmax and its logarithm, of rows of all lengths", "[kernels][softmax]", float,
                   double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    std::mt19937 generator(3);
    int wrong = 0;
    for (std::int64_t count = 1; count <= 100; ++count) {
      for (const std::int64_t rows : {1, 3, 8, 17, 35}) {
        wrong += wrong_in_rows<TestType>(rows, count, 1, TestType(5), generator);
      }
    }
    wrong += wrong_in_rows<TestType>(5, 10'000, 1, TestType(1), generator);
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(wrong == 0);
  }
}

TEMPLATE_TEST_CASE("softmax over a dimension that is not the last one", "[kernels][softmax]", float,
                   double) {
  std::mt19937 generator(4);
  int wrong = 0;
  for (const std::int64_t inner : {2, 63, 64, 65}) {
    wrong += wrong_in_rows<TestType>(3, 10, inner, TestType(5), generator);
  }
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("softmax of large numbers does not overflow", "[kernels][softmax]", float,
                   double) {
  using T = TestType;
  const T huge = std::numeric_limits<T>::max();
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    for (const std::int64_t count : {2, 40}) {  // short rows and long ones
      const std::int64_t rows = 16;
      std::vector<T> x(static_cast<std::size_t>(rows * count), -huge);
      std::vector<T> y(x.size());
      for (std::size_t r = 0; r < 16; ++r) x[r * static_cast<std::size_t>(count)] = huge;
      brasa::kernels::softmax<false>(x.data(), {rows, count, 1}, y.data());
      for (std::size_t i = 0; i < y.size(); ++i) {
        CHECK(y[i] == (i % static_cast<std::size_t>(count) == 0 ? T(1) : T(0)));
      }
    }
  }
}

// torch.softmax(torch.tensor([1, nan]), 0), of [inf, 1], of [-inf, -inf]: all NaN; of [-inf, 1]: 0,
// 1
TEMPLATE_TEST_CASE("A row with a NaN or an infinite largest element becomes NaN",
                   "[kernels][softmax]", float, double) {
  using T = TestType;
  const T inf = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    for (const std::size_t count : {std::size_t{3}, std::size_t{50}}) {
      for (const T odd : {nan, inf}) {
        for (std::size_t place = 0; place < count; ++place) {
          std::vector<T> x(16 * count, T(1));
          for (std::size_t r = 0; r < 16; ++r) x[r * count + place] = odd;
          std::vector<T> y(x.size());
          brasa::kernels::softmax<false>(x.data(), {16, static_cast<std::int64_t>(count), 1},
                                         y.data());
          // inf: elsewhere exp(1 - inf) = 0, over a sum of NaN
          CHECK(std::all_of(y.begin(), y.end(), [](T v) { return std::isnan(v); }));
        }
      }
      std::vector<T> x(16 * count, -inf);
      std::vector<T> y(x.size());
      const brasa::kernels::ReduceExtent rows{16, static_cast<std::int64_t>(count), 1};
      brasa::kernels::softmax<false>(x.data(), rows, y.data());
      CHECK(std::all_of(y.begin(), y.end(), [](T v) { return std::isnan(v); }));
      for (std::size_t r = 0; r < 16; ++r) x[r * count + 1] = T(1);
      brasa::kernels::softmax<false>(x.data(), rows, y.data());
      for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == (i % count == 1 ? T(1) : T(0)));
    }
  }
}
