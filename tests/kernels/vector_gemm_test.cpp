#include "brasa/kernels/gemm.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.hpp"
#include "support/cpu_levels.hpp"
#include "support/guarded.hpp"

// The expected values are products and sums in double or long double, of numbers of the kernel's
// type. A sum of k products may be wrong by k roundings of the largest partial sum; what is allowed
// here is 8 roundings of the sum of all magnitudes, which a lost or doubled product exceeds.

using brasa_test::AtLevel;
using brasa_test::Guarded;

namespace {

struct Case {
  std::int64_t m, n, k;
  bool transpose_a, transpose_b;
};

std::size_t size_of(std::int64_t rows, std::int64_t cols) {
  return static_cast<std::size_t>(rows * cols);
}

template <class T>
void fill(const Guarded<T>& values, std::mt19937& generator) {
  std::uniform_real_distribution<T> uniform(T(-1), T(1));
  for (T& value : values) value = uniform(generator);
}

struct Dot {
  long double sum = 0, magnitude = 0;
};

template <class T>
Dot dot(const Case& size, const Guarded<T>& a, const Guarded<T>& b, std::int64_t i,
        std::int64_t j) {
  Dot result;
  for (std::int64_t p = 0; p < size.k; ++p) {
    const auto at_a = static_cast<std::size_t>(size.transpose_a ? p * size.m + i : i * size.k + p);
    const auto at_b = static_cast<std::size_t>(size.transpose_b ? j * size.k + p : p * size.n + j);
    const long double product =
        static_cast<long double>(a[at_a]) * static_cast<long double>(b[at_b]);
    result.sum += product;
    result.magnitude += std::abs(product);
  }
  return result;
}

template <class T>
bool close(T actual, long double expected, long double magnitude) {
  const long double allowed = 8 * static_cast<long double>(std::numeric_limits<T>::epsilon());
  return std::abs(static_cast<long double>(actual) - expected) <= allowed * magnitude;
}

/// How many elements of C are wrong.
template <class T>
int wrong_elements(const Case& size, T alpha, T beta, std::mt19937& generator) {
  const Guarded<T> a(size_of(size.m, size.k));
  const Guarded<T> b(size_of(size.k, size.n));
  const Guarded<T> c(size_of(size.m, size.n));
  fill(a, generator);
  fill(b, generator);
  fill(c, generator);
  const std::vector<T> before(c.begin(), c.end());
  if (beta == T(0)) std::fill(c.begin(), c.end(), std::numeric_limits<T>::quiet_NaN());
  brasa::kernels::gemm(size.transpose_a, size.transpose_b, {size.m, size.n, size.k}, alpha,
                       a.data(), b.data(), beta, c.data());
  int wrong = 0;
  for (std::int64_t i = 0; i < size.m; ++i) {
    for (std::int64_t j = 0; j < size.n; ++j) {
      const auto at = static_cast<std::size_t>(i * size.n + j);
      const Dot product = dot(size, a, b, i, j);
      const long double old = static_cast<long double>(beta) * static_cast<long double>(before[at]);
      const long double expected = static_cast<long double>(alpha) * product.sum + old;
      if (!close(c[at], expected, product.magnitude + std::abs(old))) ++wrong;
    }
  }
  return wrong;
}

template <class T>
int wrong_in_linear(std::int64_t rows, std::int64_t in, std::int64_t out, bool relu, bool packed,
                    std::mt19937& generator) {
  const Guarded<T> x(size_of(rows, in));
  const Guarded<T> weight(size_of(out, in));
  const Guarded<T> bias(size_of(1, out));
  const Guarded<T> y(size_of(rows, out));
  fill(x, generator);
  fill(weight, generator);
  fill(bias, generator);
  if (packed) {
    const Guarded<T> panels(static_cast<std::size_t>(brasa::kernels::packed_size<T>(out, in)));
    brasa::kernels::pack_matrix<T>({weight.data(), 1, in}, out, in, panels.data());
    brasa::kernels::gemm_packed<T>({rows, out, in}, x.data(), panels.data(), bias.data(), y.data(),
                                   relu);
  } else {
    brasa::kernels::gemm_bias(false, true, {rows, out, in}, T(1), x.data(), weight.data(),
                              bias.data(), y.data(), relu);
  }
  int wrong = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < out; ++j) {
      const Dot product = dot(Case{rows, out, in, false, true}, x, weight, i, j);
      const auto b = static_cast<long double>(bias[static_cast<std::size_t>(j)]);
      long double expected = product.sum + b;
      if (relu && expected < 0) expected = 0;
      const auto at = static_cast<std::size_t>(i * out + j);
      if (!close(y[at], expected, product.magnitude + std::abs(b))) ++wrong;
    }
  }
  return wrong;
}

}  // namespace

TEMPLATE_TEST_CASE("gemm multiplies matrices of all sizes around the width of vectors",
                   "[kernels][gemm]", float, double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    std::mt19937 generator(7);
    int wrong = 0;
    for (std::int64_t m : {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 25}) {
      for (std::int64_t n = 1; n <= 35; ++n) {
        for (std::int64_t k : {1, 2, 3, 4, 7, 8, 15, 16, 17, 33}) {
          const int kind = static_cast<int>(m + n + k) % 4;
          const Case size{m, n, k, (kind & 1) != 0, (kind & 2) != 0};
          wrong += wrong_elements<TestType>(size, TestType(1), TestType(0), generator);
        }
      }
    }
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(wrong == 0);
  }
}

TEMPLATE_TEST_CASE("gemm multiplies matrices of random sizes, with factors", "[kernels][gemm]",
                   float, double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    std::mt19937 generator(8);
    const auto number = [&generator](unsigned limit) {
      return static_cast<std::int64_t>(generator() % limit) + 1;
    };
    int wrong = 0;
    for (int i = 0; i < 200; ++i) {
      const Case size{number(i % 7 == 0 ? 120 : 30), number(i % 5 == 0 ? 200 : 70),
                      number(i % 3 == 0 ? 300 : 60), (generator() & 1) != 0,
                      (generator() & 1) != 0};
      const auto alpha = i % 2 == 0 ? TestType(1) : TestType(-0.5);
      const auto beta = i % 3 == 0 ? TestType(0) : i % 3 == 1 ? TestType(1) : TestType(0.25);
      wrong += wrong_elements<TestType>(size, alpha, beta, generator);
    }
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(wrong == 0);
  }
}

TEMPLATE_TEST_CASE("gemm multiplies matrices that are cut into blocks", "[kernels][gemm]", float,
                   double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    std::mt19937 generator(9);
    int wrong = 0;
    for (const bool transpose_a : {false, true}) {
      for (const bool transpose_b : {false, true}) {
        const Case deep{13, 37, 1100, transpose_a, transpose_b};
        const Case tall{211, 140, 270, transpose_a, transpose_b};
        const Case wide{3, 2100, 5, transpose_a, transpose_b};
        const Case broad{30, 2100, 9, transpose_a, transpose_b};
        for (const Case& size : {deep, tall, wide, broad}) {
          wrong += wrong_elements<TestType>(size, TestType(1), TestType(1), generator);
        }
      }
    }
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(wrong == 0);
  }
}

TEMPLATE_TEST_CASE("gemm_bias multiplies, adds the bias and drops what is negative, packed or not",
                   "[kernels][gemm]", float, double) {
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    std::mt19937 generator(10);
    int wrong = 0;
    for (std::int64_t rows : {1, 2, 3, 17, 64}) {
      for (std::int64_t out : {1, 3, 7, 8, 9, 10, 15, 16, 17, 31, 33, 48, 49, 100, 200, 300}) {
        for (std::int64_t in : {1, 5, 8, 31, 100}) {
          wrong += wrong_in_linear<TestType>(rows, in, out, in == 31, false, generator);
          if (!BRASA_VECTOR_KERNELS) continue;
          wrong += wrong_in_linear<TestType>(rows, in, out, in == 31, true, generator);
        }
      }
    }
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(wrong == 0);
  }
}

TEMPLATE_TEST_CASE("gemm multiplies a few rows with the many of a transposed matrix",
                   "[kernels][gemm]", float, double) {
  // What is computed as the transpose of B·Aᵀ: 8 to 256 rows, not more than half as many as B has,
  // and 2,048 columns; and its neighbours. The rows of B are not a multiple of those of tiles, nor
  // is what is left over always the same.
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    std::mt19937 generator(11);
    int wrong = 0;
    for (const std::int64_t m : {7, 8, 9, 15, 16, 17, 31, 32, 33, 64}) {
      for (const std::int64_t n : {15, 16, 18, 65, 127, 133, 200}) {
        for (const std::int64_t k : {1, 5, 40}) {
          const bool has_factor = (m + n + k) % 3 == 0;
          wrong += wrong_elements<TestType>({m, n, k, false, true},
                                            has_factor ? TestType(-0.5) : TestType(1), TestType(0),
                                            generator);
          wrong += wrong_in_linear<TestType>(m, k, n, n % 2 == 0, false, generator);
        }
      }
    }
    for (const std::int64_t k : {2048, 2049}) {
      wrong += wrong_in_linear<TestType>(10, k, 30, false, false, generator);
    }
    for (const std::int64_t m : {256, 257}) {
      wrong += wrong_in_linear<TestType>(m, 3, 700, true, false, generator);
    }
    CAPTURE(brasa::cpu_level_name(level));
    CHECK(wrong == 0);
  }
}

TEMPLATE_TEST_CASE("A product of nothing plus a bias is the bias", "[kernels][gemm]", float,
                   double) {
  const std::vector<TestType> bias{TestType(1), TestType(-2)};
  std::vector<TestType> y(4, TestType(9));
  const TestType* none = nullptr;
  brasa::kernels::gemm_bias(false, true, {2, 2, 0}, TestType(1), none, none, bias.data(), y.data());
  CHECK(y == std::vector<TestType>{1, -2, 1, -2});
  brasa::kernels::gemm_bias(false, true, {2, 2, 0}, TestType(1), none, none, bias.data(), y.data(),
                            true);
  CHECK(y == std::vector<TestType>{1, 0, 1, 0});
}

TEMPLATE_TEST_CASE("Infinities and NaN go through products as they should", "[kernels][gemm]",
                   float, double) {
  constexpr auto kInf = std::numeric_limits<TestType>::infinity();
  for (const auto level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    for (const std::int64_t m : {1, 3, 40}) {
      const std::int64_t n = 5, k = 6;
      std::vector<TestType> a(size_of(m, k), TestType(1));
      const std::vector<TestType> b(size_of(n, k), TestType(1));
      std::vector<TestType> c(size_of(m, n));
      a[0] = kInf;
      if (m > 1) a[static_cast<std::size_t>(k)] = -kInf;
      if (m > 2) a[static_cast<std::size_t>(2 * k)] = std::numeric_limits<TestType>::quiet_NaN();
      const std::vector<TestType> bias(size_of(1, n));
      brasa::kernels::gemm_bias(false, true, {m, n, k}, TestType(1), a.data(), b.data(),
                                bias.data(), c.data(), true);
      CAPTURE(brasa::cpu_level_name(level), m);
      CHECK(c[0] == kInf);
      if (m > 1) CHECK(c[static_cast<std::size_t>(n)] == 0);
      if (m > 2) CHECK(std::isnan(c[static_cast<std::size_t>(2 * n)]));
      if (m > 3) CHECK(c[static_cast<std::size_t>(3 * n)] == k);
    }
  }
}
