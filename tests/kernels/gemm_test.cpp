#include "brasa/kernels/gemm.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.hpp"

using namespace brasa;

namespace {

template <class T>
std::vector<T> random_values(std::int64_t count, std::mt19937& random) {
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) {
    if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<T>(std::uniform_real_distribution<double>(-1, 1)(random));
    } else {
      value = static_cast<T>(random());
    }
  }
  return values;
}

/// Element (i, j) of op(A)·op(B), in Sum, and the sum of the products' magnitudes.
template <class Sum, class T>
std::pair<Sum, double> element(bool transpose_a, bool transpose_b, kernels::GemmSizes size,
                               const std::vector<T>& a, const std::vector<T>& b, std::int64_t i,
                               std::int64_t j) {
  Sum sum = 0;
  double magnitude = 0;
  for (std::int64_t p = 0; p < size.k; ++p) {
    const T x = a[static_cast<std::size_t>(transpose_a ? p * size.m + i : i * size.k + p)];
    const T y = b[static_cast<std::size_t>(transpose_b ? j * size.k + p : p * size.n + j)];
    sum += static_cast<Sum>(x) * static_cast<Sum>(y);
    magnitude += std::abs(static_cast<double>(x) * static_cast<double>(y));
  }
  return {sum, magnitude};
}

const std::vector<kernels::GemmSizes> kSizes = {
    {1, 1, 1},  {1, 7, 300}, {7, 1, 300},  {1, 1, 500},  {2, 3, 4},   {5, 5, 1},
    {17, 9, 3}, {8, 8, 8},   {33, 65, 70}, {64, 10, 64}, {3, 100, 9}, {130, 50, 20}};

}  // namespace

TEMPLATE_TEST_CASE("gemm is the product in any orientation", "[kernels][gemm]", float, double) {
  using T = TestType;
  std::mt19937 random(1);
  for (const auto& size : kSizes) {
    for (const int flags : {0, 1, 2, 3}) {
      const bool ta = (flags & 1) != 0;
      const bool tb = (flags & 2) != 0;
      INFO(size.m << " x " << size.n << " x " << size.k << ", " << ta << ", " << tb);
      const auto a = random_values<T>(size.m * size.k, random);
      const auto b = random_values<T>(size.k * size.n, random);
      const auto before = random_values<T>(size.m * size.n, random);
      auto c = before;
      const T alpha = flags == 0 ? T(1) : T(0.5);
      const T beta = flags == 3 ? T(0) : T(flags);
      kernels::gemm(ta, tb, size, alpha, a.data(), b.data(), beta, c.data());
      bool all_close = true;
      for (std::int64_t i = 0; i < size.m; ++i) {
        for (std::int64_t j = 0; j < size.n; ++j) {
          const auto at = static_cast<std::size_t>(i * size.n + j);
          const auto [sum, magnitude] = element<double>(ta, tb, size, a, b, i, j);
          const double expected = static_cast<double>(alpha) * sum +
                                  static_cast<double>(beta) * static_cast<double>(before[at]);
          const double rounding = static_cast<double>(std::numeric_limits<T>::epsilon()) *
                                  (static_cast<double>(size.k) * magnitude + 4);
          all_close = all_close && std::abs(static_cast<double>(c[at]) - expected) <= rounding;
        }
      }
      CHECK(all_close);
    }
  }
}

TEMPLATE_TEST_CASE("gemm of integers is exact modulo their range", "[kernels][gemm]", std::int64_t,
                   std::int32_t, std::uint8_t) {
  using T = TestType;
  std::mt19937 random(2);
  const kernels::GemmSizes size{5, 4, 9};
  for (const int flags : {0, 1, 2, 3}) {
    const bool ta = (flags & 1) != 0;
    const bool tb = (flags & 2) != 0;
    const auto a = random_values<T>(size.m * size.k, random);
    const auto b = random_values<T>(size.k * size.n, random);
    auto c = random_values<T>(size.m * size.n, random);
    const auto before = c;
    kernels::gemm(ta, tb, size, T(3), a.data(), b.data(), T(flags), c.data());
    for (std::int64_t i = 0; i < size.m; ++i) {
      for (std::int64_t j = 0; j < size.n; ++j) {
        const auto at = static_cast<std::size_t>(i * size.n + j);
        const std::uint64_t sum = element<std::uint64_t>(ta, tb, size, a, b, i, j).first;
        const std::uint64_t expected =
            3 * sum + static_cast<std::uint64_t>(flags) * static_cast<std::uint64_t>(before[at]);
        CHECK(c[at] == static_cast<T>(expected));
      }
    }
  }
}

TEST_CASE("gemm writes 0 where there is nothing to add up", "[kernels][gemm]") {
  std::vector<float> c(6, std::numeric_limits<float>::quiet_NaN());
  const float* none = nullptr;
  kernels::gemm(false, false, {2, 3, 0}, 1.0f, none, none, 0.0f, c.data());
  CHECK(c == std::vector<float>(6, 0));
  c.assign(6, 3);
  kernels::gemm(false, true, {2, 3, 0}, 1.0f, none, none, 2.0f, c.data());
  CHECK(c == std::vector<float>(6, 6));
}

TEST_CASE("gemm does not read what beta = 0 throws away", "[kernels][gemm]") {
  std::vector<float> c(1, std::numeric_limits<float>::quiet_NaN());
  const float a = 2;
  const float b = 3;
  kernels::gemm(false, false, {1, 1, 1}, 1.0f, &a, &b, 0.0f, c.data());
  CHECK(c[0] == 6);
}
