#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>

#include "brasa/kernels/gemm_task.hpp"

/// Products of matrices for compilers that our own kernels are not written for.
namespace brasa::kernels {
namespace gemm_detail {

/// C += alpha·op(A)·op(B) by Eigen's blocked product. Eigen's product expressions end there too,
/// but on the way they compile half a dozen other ways to multiply: five times the compile time.
template <bool kTransposeA, bool kTransposeB, class T>
void multiply(const GemmTask<T>& task) {
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
  Blocking blocking(task.m, task.n, task.k, 1, true);
  Product::run(task.m, task.n, task.k, task.a.data, kTransposeA ? task.a.col : task.a.row,
               task.b.data, kTransposeB ? task.b.col : task.b.row, task.c, 1, task.c_row,
               task.alpha, blocking);
}

}  // namespace gemm_detail

/// Computes C by Eigen. The sizes are positive; op(B) is not packed.
template <class T>
void multiply(const GemmTask<T>& task) {
  for (std::int64_t i = 0; i < task.m; ++i) {
    T* row = task.c + i * task.c_row;
    if (!task.accumulate) std::fill_n(row, task.n, T(0));
    for (std::int64_t j = 0; task.bias != nullptr && j < task.n; ++j) row[j] += task.bias[j];
  }
  const bool transpose_a = task.a.col != 1;
  const bool transpose_b = task.b.col != 1;
  if (transpose_a) {
    transpose_b ? gemm_detail::multiply<true, true>(task)
                : gemm_detail::multiply<true, false>(task);
  } else {
    transpose_b ? gemm_detail::multiply<false, true>(task)
                : gemm_detail::multiply<false, false>(task);
  }
  for (std::int64_t i = 0; task.relu && i < task.m; ++i) {
    T* row = task.c + i * task.c_row;
    for (std::int64_t j = 0; j < task.n; ++j) row[j] = row[j] < T(0) ? T(0) : row[j];
  }
}

/// Eigen packs by itself, each time.
template <class T>
std::int64_t packed_size(std::int64_t, std::int64_t) {
  return 0;
}
template <class T>
void pack_matrix(const GemmOperand<T>&, std::int64_t, std::int64_t, T*) {}

// ---- for products that are cut into parts ----

/// Multiples of Eigen's tiles: where a product may be cut.
inline constexpr std::int64_t kGemmRows = 48, kGemmCols = 48;

/// Eigen has scratch memory of its own.
template <class T>
std::int64_t gemm_scratch(const GemmTask<T>&) {
  return 0;
}
template <class T>
void multiply(const GemmTask<T>& task, T*) {
  multiply(task);
}

}  // namespace brasa::kernels
