#pragma once

#include <cstdint>

#include "brasa/kernels/gemm_task.hpp"
#include "brasa/kernels/scratch.hpp"
#include "brasa/kernels/vector.hpp"

#if BRASA_VECTOR_KERNELS

#define BRASA_KERNEL_SOURCE "brasa/kernels/level/gemm.inc"
#include "brasa/kernels/level/each.inc"

namespace brasa::kernels {

/// Computes C by the kernels of the chosen level. The sizes are positive.
template <class T>
void multiply(const GemmTask<T>& task) {
  const Scratch<T> scratch(BRASA_AT_LEVEL(scratch_of<T>)(task));
  BRASA_AT_LEVEL(multiply<T>)(task, scratch.data());
}

// ---- for products that are cut into parts ----

/// Multiples of every level's tiles: where a product may be cut.
inline constexpr std::int64_t kGemmRows = 12, kGemmCols = 64;
static_assert(kGemmRows % baseline::kTileRows == 0 && kGemmCols % baseline::kTileCols<float> == 0);
#if defined(__x86_64__)
static_assert(kGemmRows % avx2::kTileRows == 0 && kGemmCols % avx2::kTileCols<float> == 0);
static_assert(kGemmRows % avx512::kTileRows == 0 && kGemmCols % avx512::kTileCols<float> == 0);
#endif

/// How many elements of scratch memory `multiply` needs, and the same with memory that is given,
/// aligned to 64 bytes.
template <class T>
std::int64_t gemm_scratch(const GemmTask<T>& task) {
  return BRASA_AT_LEVEL(scratch_of<T>)(task);
}
template <class T>
void multiply(const GemmTask<T>& task, T* scratch) {
  BRASA_AT_LEVEL(multiply<T>)(task, scratch);
}

}  // namespace brasa::kernels

#endif
