#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "brasa/kernels/elementwise.hpp"
#include "brasa/kernels/parallel.hpp"
#include "brasa/kernels/reduce.hpp"

#if BRASA_VECTOR_KERNELS
#define BRASA_KERNEL_SOURCE "brasa/kernels/level/softmax.inc"
#include "brasa/kernels/level/each.inc"
#endif

namespace brasa::kernels {

/// Softmax over the middle dimension, or its logarithm: with m the largest element and
/// s = Σⱼ exp(xⱼ − m), it is exp(xᵢ − m) / s or xᵢ − m − log s.
template <bool kLog, class T>
void softmax(const T* x, ReduceExtent extent, T* out) {
  constexpr std::int64_t kColumns = 64;
  const auto [outer, count, inner] = extent;
#if BRASA_VECTOR_KERNELS
  if (inner == 1) {
    if (get_num_threads() == 1) return BRASA_AT_LEVEL(softmax_rows<kLog, T>)(x, outer, count, out);
    // Short rows are taken some at a time, the last ones one by one: parts begin where such groups
    // do. An element takes some four times as long as in other functions.
    const std::int64_t step = count <= baseline::kShortRow ? 64 : 1;
    const std::int64_t rows = (kElementGrain / 4 / count / step + 1) * step;
    parallel_for(outer, rows, [&, row = count](std::int64_t begin, std::int64_t end) {
      BRASA_AT_LEVEL(softmax_rows<kLog, T>)
      (x + begin * row, end - begin, row, out + begin * row);
    });
    return;
  }
#endif
  for (std::int64_t o = 0; o < outer; ++o, x += count * inner, out += count * inner) {
    for (std::int64_t first = 0; first < inner; first += kColumns) {
      const std::int64_t width = std::min(kColumns, inner - first);
      T largest[kColumns];
      double sum[kColumns];
      std::fill_n(largest, width, -std::numeric_limits<T>::infinity());
      std::fill_n(sum, width, 0.0);
      for (std::int64_t j = 0; j < count; ++j) {
        const T* row = x + j * inner + first;
        for (std::int64_t k = 0; k < width; ++k) largest[k] = std::max(largest[k], row[k]);
      }
      for (std::int64_t j = 0; j < count; ++j) {
        const T* row = x + j * inner + first;
        T* to = out + j * inner + first;
        for (std::int64_t k = 0; k < width; ++k) {
          to[k] = std::exp(row[k] - largest[k]);
          sum[k] += static_cast<double>(to[k]);
        }
      }
      for (std::int64_t j = 0; j < count; ++j) {
        const T* row = x + j * inner + first;
        T* to = out + j * inner + first;
        for (std::int64_t k = 0; k < width; ++k) {
          if constexpr (kLog) {
            to[k] = row[k] - largest[k] - static_cast<T>(std::log(sum[k]));
          } else {
            to[k] = static_cast<T>(static_cast<double>(to[k]) / sum[k]);
          }
        }
      }
    }
  }
}

}  // namespace brasa::kernels
