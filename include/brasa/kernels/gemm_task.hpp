#pragma once

#include <cstdint>

namespace brasa::kernels {

/// A matrix in memory: element (i, j) is data[i·row + j·col]. One of the strides is 1.
template <class T>
struct GemmOperand {
  const T* data;
  std::int64_t row, col;
};

/// op(X), a (rows, cols) matrix, where X lies row after row without gaps.
template <class T>
GemmOperand<T> gemm_operand(const T* x, bool transposed, std::int64_t rows, std::int64_t cols) {
  // Of a matrix with one row or column both readings are true; that of rows is the faster one.
  if (!transposed || rows == 1) return {x, cols, 1};
  return {x, 1, cols == 1 ? 1 : rows};
}

/// C = alpha·op(A)·op(B), where op(A) is (m, k), op(B) (k, n) and C (m, n), whose element (i, j) is
/// c[i·c_row + j·c_col]; and then, if asked for, plus what was in C or plus a bias, not both, and
/// max(0, ·) of it all. One of C's strides is 1: if that is c_row, nothing is accumulated.
template <class T>
struct GemmTask {
  std::int64_t m, n, k;
  T alpha = T(1);
  GemmOperand<T> a, b;
  bool packed = false;  // b.data points to what `pack_matrix` made of op(B)
  bool accumulate = false;
  T* c;
  std::int64_t c_row, c_col = 1;
  const T* bias = nullptr;  // n elements, or m for a transposed C; or null
  bool relu = false;

  bool is_transposed() const { return c_col != 1; }
};

}  // namespace brasa::kernels
