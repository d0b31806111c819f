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

/// C += alpha·op(A)·op(B) by Eigen's blocked product. Eigen's product expressions end there too,
/// but on the way they compile half a dozen other ways to multiply: five times the compile time.
template <bool kTransposeA, bool kTransposeB, class T>
void multiply(GemmSizes size, T alpha, const T* a, const T* b, T* c) {
  using Eigen::ColMajor;
  using Eigen::RowMajor;
  using Index = Eigen::Index;
  // A row-major matrix read as column-major is its transpose. Eigen computes a row-major C as the
  // column-major Cᵀ = op(B)ᵀ·op(A)ᵀ.
  constexpr int kOrderA = kTransposeA ? ColMajor : RowMajor;
  constexpr int kOrderB = kTransposeB ? ColMajor : RowMajor;
  using Product = Eigen::internal::general_matrix_matrix_product<Index, T, kOrderA, false, T,
                                                                 kOrderB, false, RowMajor, 1>;
  using Blocking = Eigen::internal::gemm_blocking_space<RowMajor, T, T, Eigen::Dynamic,
                                                        Eigen::Dynamic, Eigen::Dynamic>;
  Blocking blocking(size.m, size.n, size.k, 1, true);
  Product::run(size.m, size.n, size.k, a, kTransposeA ? size.m : size.k, b,
               kTransposeB ? size.k : size.n, c, 1, size.n, alpha, blocking);
}

/// Integers wrap around where they overflow, as in PyTorch; in C++ only unsigned ones may.
template <class T>
using wrapping = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

}  // namespace gemm_detail

/// C = alpha·op(A)·op(B) + beta·C for row-major matrices without gaps, where op transposes or not.
/// With beta = 0, what was in C does not count, not even a NaN.
template <class T>
void gemm(bool transpose_a, bool transpose_b, GemmSizes size, T alpha, const T* a, const T* b,
          T beta, T* c) {
  if (size.m == 0 || size.n == 0) return;
  const std::int64_t numel = size.m * size.n;
  if constexpr (std::is_floating_point_v<T>) {
    if (beta == T(0)) {
      std::fill_n(c, numel, T(0));
    } else if (beta != T(1)) {
      std::for_each_n(c, numel, [&](T& value) { value *= beta; });
    }
    if (size.k == 0) return;
    if (transpose_a) {
      transpose_b ? gemm_detail::multiply<true, true>(size, alpha, a, b, c)
                  : gemm_detail::multiply<true, false>(size, alpha, a, b, c);
    } else {
      transpose_b ? gemm_detail::multiply<false, true>(size, alpha, a, b, c)
                  : gemm_detail::multiply<false, false>(size, alpha, a, b, c);
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
