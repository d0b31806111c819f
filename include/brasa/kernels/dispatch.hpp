#pragma once

#include <atomic>
#include <cstdlib>
#include <string_view>

#include "brasa/core/error.hpp"

/// True where the kernels with instruction sets of their own can be compiled: they are written with
/// the vector extensions of g++ (from 12 on) and clang (from 14 on). Elsewhere Eigen does the work.
#if defined(_MSC_VER)
#define BRASA_VECTOR_KERNELS 0
#elif defined(__clang__)
#define BRASA_VECTOR_KERNELS (__clang_major__ >= 14)
#elif defined(__GNUC__)
#define BRASA_VECTOR_KERNELS (__GNUC__ >= 12)
#else
#define BRASA_VECTOR_KERNELS 0
#endif

/// True where they are compiled for AVX2 and AVX-512, too. Not by g++ for Windows: its stack is
/// aligned to 16 bytes there and g++ may put wider vectors on it as if they were aligned (GCC bug
/// 54412); use clang.
#if BRASA_VECTOR_KERNELS && defined(__x86_64__) && (!defined(_WIN32) || defined(__clang__))
#define BRASA_AVX_KERNELS 1
#else
#define BRASA_AVX_KERNELS 0
#endif

namespace brasa {

/// The instruction sets that the kernels are compiled for, all of them in every program. `baseline`
/// is what the compiler may use anyway: SSE2 on x86-64, NEON on 64-bit Arm.
enum class CpuLevel : int {
  baseline,
  avx2,    ///< AVX2 and FMA
  avx512,  ///< AVX-512 F, BW, DQ and VL
};

/// `baseline`, `avx2` or `avx512`.
constexpr std::string_view cpu_level_name(CpuLevel level) {
  constexpr std::string_view kNames[] = {"baseline", "avx2", "avx512"};
  return kNames[static_cast<int>(level)];
}

/// The highest level that this machine and its operating system support.
inline CpuLevel best_cpu_level() {
#if BRASA_AVX_KERNELS
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  const bool avx512 =
      avx2 && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
      __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  if (avx512) return CpuLevel::avx512;
  if (avx2) return CpuLevel::avx2;
#endif
  return CpuLevel::baseline;
}

namespace detail {

/// The level that the environment variable BRASA_CPU_LEVEL asks for, or else the best one. A level
/// that the machine lacks becomes the best that it has, so that one setting serves many machines.
inline CpuLevel initial_cpu_level() {
  const CpuLevel best = best_cpu_level();
  const char* wish = std::getenv("BRASA_CPU_LEVEL");
  if (wish == nullptr || *wish == '\0') return best;
  for (const CpuLevel level : {CpuLevel::baseline, CpuLevel::avx2, CpuLevel::avx512}) {
    if (wish == cpu_level_name(level)) return level < best ? level : best;
  }
  raise<ValueError>("BRASA_CPU_LEVEL", "expected baseline, avx2 or avx512, got ", wish);
}

inline constinit std::atomic<int> chosen_cpu_level{-1};

}  // namespace detail

/// The level that the kernels run at. It is found out once, at the first call: the best one that
/// the machine has, or the one that the environment variable BRASA_CPU_LEVEL names.
///
/// Raises ValueError if that variable names none.
inline CpuLevel cpu_level() {
  int level = detail::chosen_cpu_level.load(std::memory_order_relaxed);
  if (level < 0) [[unlikely]] {
    const int initial = static_cast<int>(detail::initial_cpu_level());
    if (detail::chosen_cpu_level.compare_exchange_strong(level, initial)) level = initial;
  }
  return static_cast<CpuLevel>(level);
}

/// Makes the kernels run at this level from now on, on all threads: for tests and measurements.
/// Results of different levels differ by roundings.
///
/// Raises ValueError for a level that the machine does not have.
inline void set_cpu_level(CpuLevel level) {
  if (level > best_cpu_level()) {
    detail::raise<ValueError>("set_cpu_level", "this machine has no ", cpu_level_name(level),
                              "; its best level is ", cpu_level_name(best_cpu_level()));
  }
  detail::chosen_cpu_level.store(static_cast<int>(level));
}

}  // namespace brasa
