#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "brasa/kernels/dispatch.hpp"
#include "brasa/kernels/gemm_task.hpp"
#include "brasa/kernels/parallel.hpp"
#include "brasa/kernels/scratch.hpp"
#if BRASA_VECTOR_KERNELS
#include "brasa/kernels/vector_gemm.hpp"
#else
#include "brasa/kernels/eigen_gemm.hpp"
#endif

namespace brasa::kernels {

/// op(A) is (m, k), op(B) is (k, n), C is (m, n).
struct GemmSizes {
  std::int64_t m, n, k;
};

namespace gemm_detail {

/// Integers wrap around where they overflow, as in PyTorch; in C++ only unsigned ones may.
template <class T>
using wrapping = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

}  // namespace gemm_detail

/// The part of a product that gives the rows, or else the columns, from `begin` to `end`.
template <class T>
GemmTask<T> part_of(GemmTask<T> task, bool rows, std::int64_t begin, std::int64_t end) {
  if (rows) {
    task.m = end - begin;
    task.a.data += begin * task.a.row;
    task.c += begin * task.c_row;
  } else {
    task.n = end - begin;
    task.b.data += begin * (task.packed ? task.k : task.b.col);
    task.c += begin * task.c_col;
  }
  if (task.bias != nullptr && rows == task.is_transposed()) task.bias += begin;
  return task;
}

/// Computes C, in as many parts as there are threads. Each element comes out as it does from the
/// whole: the depth is not cut, and parts begin where tiles do.
template <class T>
void multiply_in_parts(const GemmTask<T>& task, int threads) {
  // What each part has to read whole is the smaller matrix.
  const bool rows = task.m >= task.n;
  const std::int64_t size = rows ? task.m : task.n;
  const std::int64_t step = rows ? kGemmRows : kGemmCols;
  std::int64_t grain = ((size + threads - 1) / threads + step - 1) / step * step;
  // One or two rows could be multiplied as vectors, and be rounded otherwise than in the whole.
  while (grain < size && size % grain > 0 && size % grain < 3) grain += step;
  const auto part = [&](std::int64_t begin) {
    return part_of(task, rows, begin, std::min(begin + grain, size));
  };
  // From this thread's pool, whichever threads come to help: so the second time it costs nothing.
  constexpr std::int64_t kLine = 64;  // elements: each part's memory is aligned
  const std::int64_t parts = (size + grain - 1) / grain;
  const std::int64_t needed =
      std::max(gemm_scratch(part(0)), gemm_scratch(part((parts - 1) * grain)));
  const std::int64_t room = (needed + kLine - 1) / kLine * kLine;
  const Scratch<T> scratch(room * parts);
  parallel_for(size, grain, [&](std::int64_t begin, std::int64_t end) {
    for (; begin < end; begin += grain)
      multiply(part(begin), scratch.data() + begin / grain * room);
  });
}

/// True for C = A·Bᵀ with few rows, which is computed as Cᵀ = B·Aᵀ: the factor that products read
/// from panels is the small one then.
template <class T>
bool has_few_rows(const GemmTask<T>& task) {
  constexpr std::int64_t kFewest = 8, kMost = 256, kDeepest = 2048;
  if (task.m < kFewest || task.m > kMost || 2 * task.m > task.n || task.k > kDeepest) return false;
  return task.a.col == 1 && task.b.row == 1 && task.b.col != 1 && !task.packed && !task.accumulate;
}

/// The task that gives Cᵀ = op(B)ᵀ·op(A)ᵀ, and so C.
template <class T>
GemmTask<T> transposed(const GemmTask<T>& task) {
  GemmTask<T> turned = task;
  turned.m = task.n;
  turned.n = task.m;
  turned.a = {task.b.data, task.b.col, task.b.row};
  turned.b = {task.a.data, task.a.col, task.a.row};
  turned.c_row = task.c_col;
  turned.c_col = task.c_row;
  return turned;
}

/// Computes C, by several threads where that pays. The sizes are positive.
template <class T>
void multiply_task(const GemmTask<T>& task) {
  constexpr std::int64_t kGrain = 1 << 20;  // fewer multiplications are done sooner by one thread
  if constexpr (BRASA_VECTOR_KERNELS != 0) {
    if (has_few_rows(task)) return multiply_task(transposed(task));
  }
  const int threads = get_num_threads();
  if (threads == 1 || task.m * task.n < kGrain / task.k) return multiply(task);
  multiply_in_parts(task, threads);
}

/// C = alpha·op(A)·op(B) for row-major matrices without gaps.
template <class T>
GemmTask<T> gemm_task(bool transpose_a, bool transpose_b, GemmSizes size, T alpha, const T* a,
                      const T* b, T* c) {
  return {.m = size.m,
          .n = size.n,
          .k = size.k,
          .alpha = alpha,
          .a = gemm_operand(a, transpose_a, size.m, size.k),
          .b = gemm_operand(b, transpose_b, size.k, size.n),
          .c = c,
          .c_row = size.n};
}

/// C = alpha·op(A)·op(B) + beta·C for row-major matrices without gaps, where op transposes or not.
/// With beta = 0, what was in C does not count, not even a NaN.
template <class T>
void gemm(bool transpose_a, bool transpose_b, GemmSizes size, T alpha, const T* a, const T* b,
          T beta, T* c) {
  if (size.m == 0 || size.n == 0) return;
  const std::int64_t numel = size.m * size.n;
  if constexpr (std::is_floating_point_v<T>) {
    if (size.k == 0 && beta == T(0)) std::fill_n(c, numel, T(0));
    if (beta != T(0) && beta != T(1)) std::for_each_n(c, numel, [&](T& value) { value *= beta; });
    if (size.k == 0) return;
    GemmTask<T> task = gemm_task(transpose_a, transpose_b, size, alpha, a, b, c);
    task.accumulate = beta != T(0);
    multiply_task(task);
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

/// C = alpha·op(A)·op(B) + bias, which has n elements, or is null, and is added to each row; with
/// `relu`, what is negative becomes 0.
template <class T>
void gemm_bias(bool transpose_a, bool transpose_b, GemmSizes size, T alpha, const T* a, const T* b,
               const T* bias, T* c, bool relu = false) {
  if (size.m == 0 || size.n == 0) return;
  if (size.k == 0) {
    for (std::int64_t i = 0; i < size.m * size.n; ++i) {
      const T value = bias != nullptr ? bias[i % size.n] : T(0);
      c[i] = relu && value < T(0) ? T(0) : value;
    }
    return;
  }
  GemmTask<T> task = gemm_task(transpose_a, transpose_b, size, alpha, a, b, c);
  task.bias = bias;
  task.relu = relu;
  multiply_task(task);
}

/// The same of A and an op(B) that `pack_matrix` has packed.
template <class T>
void gemm_packed(GemmSizes size, const T* a, const T* panels, const T* bias, T* c, bool relu) {
  if (size.m == 0 || size.n == 0) return;
  GemmTask<T> task = gemm_task(false, false, size, T(1), a, panels, c);
  task.packed = true;
  task.bias = bias;
  task.relu = relu;
  multiply_task(task);
}

}  // namespace brasa::kernels
