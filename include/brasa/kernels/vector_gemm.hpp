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

}  // namespace brasa::kernels

#endif
