#pragma once

#include <cstdint>

#include "brasa/kernels/elementwise.hpp"

#if BRASA_VECTOR_KERNELS
#define BRASA_KERNEL_SOURCE "brasa/kernels/level/activation.inc"
#include "brasa/kernels/level/each.inc"
#endif

/// Activations of each of `count` elements, as in elementwise.hpp. Compilers without vectors have
/// none: who calls them asks BRASA_VECTOR_KERNELS and has a loop of their own.
namespace brasa::kernels {

#if BRASA_VECTOR_KERNELS

/// x / (1 + e⁻ˣ)
template <class T>
void map_silu(const T* x, std::int64_t count, T* y) {
  BRASA_AT_LEVEL(map_silu<T>)(x, count, y);
}

/// x·tanh(log(1 + eˣ))
template <class T>
void map_mish(const T* x, std::int64_t count, T* y) {
  BRASA_AT_LEVEL(map_mish<T>)(x, count, y);
}

/// log(1 / (1 + e⁻ˣ))
template <class T>
void map_logsigmoid(const T* x, std::int64_t count, T* y) {
  BRASA_AT_LEVEL(map_logsigmoid<T>)(x, count, y);
}

/// log(1 + e^(β·x)) / β, and x where β·x is above the threshold
template <class T>
void map_softplus(const T* x, std::int64_t count, T* y, T beta, T threshold) {
  BRASA_AT_LEVEL(map_softplus<T>)(x, count, y, beta, threshold);
}

/// above·x for positive x, else below·(e^(rate·x) − 1), where the rate is not negative
template <class T>
void map_exponential_linear(const T* x, std::int64_t count, T* y, T above, T below, T rate) {
  BRASA_AT_LEVEL(map_exponential_linear<T>)(x, count, y, above, below, rate);
}

/// x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, computed in double
template <class T>
void map_gelu_tanh(const T* x, std::int64_t count, T* y) {
  BRASA_AT_LEVEL(map_gelu_tanh<T>)(x, count, y);
}

/// x·Φ(x) and erf(x), computed in double, which leaves floats but half a unit of the last place
inline void map_gelu(const float* x, std::int64_t count, float* y) {
  BRASA_AT_LEVEL(map_gelu)(x, count, y);
}
inline void map_erf(const float* x, std::int64_t count, float* y) {
  BRASA_AT_LEVEL(map_erf)(x, count, y);
}

#else

template <class T>
void map_silu(const T*, std::int64_t, T*);
template <class T>
void map_mish(const T*, std::int64_t, T*);
template <class T>
void map_logsigmoid(const T*, std::int64_t, T*);
template <class T>
void map_softplus(const T*, std::int64_t, T*, T, T);
template <class T>
void map_exponential_linear(const T*, std::int64_t, T*, T, T, T);
template <class T>
void map_gelu_tanh(const T*, std::int64_t, T*);
void map_gelu(const float*, std::int64_t, float*);
void map_erf(const float*, std::int64_t, float*);

#endif

}  // namespace brasa::kernels
