#pragma once

#include <algorithm>
#include <cstdint>

#include "brasa/kernels/parallel.hpp"
#include "brasa/kernels/reduce.hpp"
#include "brasa/kernels/vector.hpp"

#if BRASA_VECTOR_KERNELS
#define BRASA_KERNEL_SOURCE "brasa/kernels/level/sum.inc"
#include "brasa/kernels/level/each.inc"
#endif

namespace brasa::kernels {

/// Σ / divisor over the middle dimension of floats or doubles: `out`, seen as (outer, inner), gets
/// one value each. Added up in double by many sums at once, whose errors grow slowly.
template <class T>
void sum(const T* x, ReduceExtent extent, double divisor, T* out) {
#if BRASA_VECTOR_KERNELS
  const auto [outer, count, inner] = extent;
  const std::int64_t size = count * inner;
  const std::int64_t grain = kElementGrain / std::max<std::int64_t>(size, 1) + 1;
  parallel_for(outer, grain,
               [=, count = count, inner = inner](std::int64_t begin, std::int64_t end) {
                 BRASA_AT_LEVEL(sum<T>)
                 (x + begin * size, end - begin, count, inner, divisor, out + begin * inner);
               });
#else
  struct Sum {
    using State = double;
    double divisor;
    double start(std::int64_t) const { return 0; }
    void add(double& sum, T value, std::int64_t) const { sum += static_cast<double>(value); }
    void merge(double& sum, double other) const { sum += other; }
    T finish(double sum) const { return static_cast<T>(sum / divisor); }
  };
  reduce(x, extent, out, Sum{divisor});
#endif
}

}  // namespace brasa::kernels
