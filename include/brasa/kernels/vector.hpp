#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "brasa/kernels/dispatch.hpp"

/// The vectors of each level, and what can be done with them: see level/vector.inc and groups.inc.
#define BRASA_KERNEL_SOURCE "brasa/kernels/level/vector.inc"
#include "brasa/kernels/level/each.inc"
#if BRASA_VECTOR_KERNELS
#define BRASA_KERNEL_SOURCE "brasa/kernels/level/groups.inc"
#include "brasa/kernels/level/each.inc"
#endif

/// The function of that name which the chosen level has: BRASA_AT_LEVEL(multiply<T>)(task, scratch)
#if !BRASA_VECTOR_KERNELS
#define BRASA_AT_LEVEL(...) (::brasa::kernels::portable::__VA_ARGS__)
#elif BRASA_AVX_KERNELS
#define BRASA_AT_LEVEL(...)                                           \
  ::brasa::kernels::at_level(::brasa::kernels::baseline::__VA_ARGS__, \
                             ::brasa::kernels::avx2::__VA_ARGS__,     \
                             ::brasa::kernels::avx512::__VA_ARGS__)
#else
#define BRASA_AT_LEVEL(...) (::brasa::kernels::baseline::__VA_ARGS__)
#endif

#if BRASA_VECTOR_KERNELS
namespace brasa::kernels {

template <class Result, class... Args>
auto at_level(Result (&baseline)(Args...), Result (&avx2)(Args...), Result (&avx512)(Args...)) {
  switch (cpu_level()) {
    case CpuLevel::avx512:
      return &avx512;
    case CpuLevel::avx2:
      return &avx2;
    case CpuLevel::baseline:
      break;
  }
  return &baseline;
}

}  // namespace brasa::kernels

#endif  // BRASA_VECTOR_KERNELS
