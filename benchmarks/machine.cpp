#include "machine.hpp"

namespace bench {
namespace {

// Enough sums that none waits for its last addition (two units, four or five cycles each), few
// enough to stay in the registers of every level.
constexpr int kSums = 12;

template <class T, int kBytes>
using Vector [[gnu::vector_size(kBytes)]] = T;

/// Only inlined into functions that have the instructions for such vectors.
template <class T, int kBytes>
[[gnu::always_inline]] inline double rounds_of(std::int64_t rounds) {
  using V = Vector<T, kBytes>;
  V sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = V{} + static_cast<T>(i + 1);
  V factor = V{} + T(0.999);
  V term = V{} + T(0.001);
  __asm__("" : "+x"(factor), "+x"(term));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * factor + term;
  }
  V total = sums[0];
  for (int i = 1; i < kSums; ++i) total += sums[i];
  __asm__ volatile("" : : "x"(total));
  return 2.0 * static_cast<double>(rounds) * kSums * (kBytes / static_cast<int>(sizeof(T)));
}

#if defined(__x86_64__)
template <class T>
[[gnu::target("avx512f")]] double rounds_avx512(std::int64_t rounds) {
  return rounds_of<T, 64>(rounds);
}
template <class T>
[[gnu::target("avx2,fma")]] double rounds_avx2(std::int64_t rounds) {
  return rounds_of<T, 32>(rounds);
}
#endif

template <class T>
double widest(std::int64_t rounds) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") != 0) return rounds_avx512<T>(rounds);
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) {
    return rounds_avx2<T>(rounds);
  }
#endif
  return rounds_of<T, 16>(rounds);
}

}  // namespace

double multiply_and_add(std::int64_t rounds, float /*type*/) { return widest<float>(rounds); }
double multiply_and_add(std::int64_t rounds, double /*type*/) { return widest<double>(rounds); }

}  // namespace bench
