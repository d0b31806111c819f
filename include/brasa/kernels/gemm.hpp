#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "brasa/core/dtype.hpp"

namespace brasa::kernels {

/// op(A) is (m, k), op(B) is (k, n), C is (m, n).
struct GemmSizes {
  std::int64_t m, n, k;
};

namespace gemm_detail {

template <class T, bool kTransposed>
auto operand(const T* data, std::int64_t rows, std::int64_t cols) {
  // A row-major matrix read as column-major is its transpose.
  constexpr auto kOrder = kTransposed ? Eigen::ColMajor : Eigen::RowMajor;
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, kOrder>;
  return Eigen::Map<const Matrix>(data, rows, cols);
}

template <bool kTransposeA, bool kTransposeB, class T>
void multiply(GemmSizes size, T alpha, const T* a, const T* b, bool accumulate, T* c) {
  const auto left = operand<T, kTransposeA>(a, size.m, size.k);
  const auto right = operand<T, kTransposeB>(b, size.k, size.n);
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<Matrix> result(c, size.m, size.n);
  if (accumulate) {
    result.noalias() += alpha * (left * right);
  } else if (alpha == T(1)) {
    result.noalias() = left * right;
  } else {
    result.noalias() = alpha * (left * right);
  }
}

/// Integers wrap around where they overflow, as in PyTorch; in C++ only unsigned ones may.
template <class T>
using wrapping = std::conditional_t<sizeof(T) < 4, std::uint32_t, std::make_unsigned_t<T>>;

}  // namespace gemm_detail

/// C = alpha·op(A)·op(B) + beta·C for row-major matrices without gaps, where op transposes or not.
/// With beta = 0, what was in C does not count, not even a NaN.
template <class T>
void gemm(bool transpose_a, bool transpose_b, GemmSizes size, T alpha, const T* a, const T* b,
          T beta, T* c) {
  if (size.m == 0 || size.n == 0) return;
  const std::int64_t numel = size.m * size.n;
  if constexpr (std::is_floating_point_v<T>) {
    if (beta != T(0) && beta != T(1)) std::for_each_n(c, numel, [&](T& value) { value *= beta; });
    if (size.k == 0) {
      if (beta == T(0)) std::fill_n(c, numel, T(0));
      return;
    }
    const bool accumulate = beta != T(0);
    if (transpose_a) {
      transpose_b ? gemm_detail::multiply<true, true>(size, alpha, a, b, accumulate, c)
                  : gemm_detail::multiply<true, false>(size, alpha, a, b, accumulate, c);
    } else {
      transpose_b ? gemm_detail::multiply<false, true>(size, alpha, a, b, accumulate, c)
                  : gemm_detail::multiply<false, false>(size, alpha, a, b, accumulate, c);
    }
  } else {
    using U = gemm_detail::wrapping<T>;
    const std::int64_t row_a = transpose_a ? 1 : size.k;
    const std::int64_t col_a = transpose_a ? size.m : 1;
    const std::int64_t row_b = transpose_b ? 1 : size.n;
    const std::int64_t col_b = transpose_b ? size.k : 1;
    for (std::int64_t i = 0; i < size.m; ++i) {
      for (std::int64_t j = 0; j < size.n; ++j) {
        U sum = 0;
        for (std::int64_t p = 0; p < size.k; ++p) {
          sum +=
              static_cast<U>(a[i * row_a + p * col_a]) * static_cast<U>(b[p * row_b + j * col_b]);
        }
        T& out = c[i * size.n + j];
        const U before =
            beta == T(0) ? U{0} : static_cast<U>(static_cast<U>(beta) * static_cast<U>(out));
        out = static_cast<T>(static_cast<U>(static_cast<U>(alpha) * sum) + before);
      }
    }
  }
}

}  // namespace brasa::kernels
