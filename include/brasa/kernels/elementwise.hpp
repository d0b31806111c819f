#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "brasa/kernels/vector.hpp"

#if BRASA_VECTOR_KERNELS
#define BRASA_KERNEL_SOURCE "brasa/kernels/level/math.inc"
#include "brasa/kernels/level/each.inc"
#define BRASA_KERNEL_SOURCE "brasa/kernels/level/map.inc"
#include "brasa/kernels/level/each.inc"
#endif

/// Functions of each of `count` elements, float or double: y[i] = f(x[i]), where y may be x.
namespace brasa::kernels {

/// eˣ
template <class T>
void map_exp(const T* x, std::int64_t count, T* y) {
#if BRASA_VECTOR_KERNELS
  BRASA_AT_LEVEL(map_exp<T>)(x, count, y);
#else
  for (std::int64_t i = 0; i < count; ++i) y[i] = std::exp(x[i]);
#endif
}

/// ln x
template <class T>
void map_log(const T* x, std::int64_t count, T* y) {
#if BRASA_VECTOR_KERNELS
  BRASA_AT_LEVEL(map_log<T>)(x, count, y);
#else
  for (std::int64_t i = 0; i < count; ++i) y[i] = std::log(x[i]);
#endif
}

/// tanh x
template <class T>
void map_tanh(const T* x, std::int64_t count, T* y) {
#if BRASA_VECTOR_KERNELS
  BRASA_AT_LEVEL(map_tanh<T>)(x, count, y);
#else
  for (std::int64_t i = 0; i < count; ++i) y[i] = std::tanh(x[i]);
#endif
}

/// 1 / (1 + e⁻ˣ)
template <class T>
void map_sigmoid(const T* x, std::int64_t count, T* y) {
#if BRASA_VECTOR_KERNELS
  BRASA_AT_LEVEL(map_sigmoid<T>)(x, count, y);
#else
  for (std::int64_t i = 0; i < count; ++i) y[i] = 1 / (1 + std::exp(-x[i]));
#endif
}

/// max(0, x); NaN stays NaN
template <class T>
void map_relu(const T* x, std::int64_t count, T* y) {
#if BRASA_VECTOR_KERNELS
  BRASA_AT_LEVEL(map_relu<T>)(x, count, y);
#else
  for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] < 0 ? 0 : x[i];
#endif
}

// ---- gradients, from those of the results: out[i] = f(grad[i], y[i]); out may be either ----

/// The gradient of max(0, x), which is y.
template <class T>
void zip_relu_gradient(const T* grad, const T* y, std::int64_t count, T* out) {
#if BRASA_VECTOR_KERNELS
  BRASA_AT_LEVEL(zip_relu_gradient<T>)(grad, y, count, out);
#else
  for (std::int64_t i = 0; i < count; ++i) out[i] = y[i] <= 0 ? 0 : grad[i];
#endif
}

/// The gradient of tanh x, which is y.
template <class T>
void zip_tanh_gradient(const T* grad, const T* y, std::int64_t count, T* out) {
#if BRASA_VECTOR_KERNELS
  BRASA_AT_LEVEL(zip_tanh_gradient<T>)(grad, y, count, out);
#else
  for (std::int64_t i = 0; i < count; ++i) out[i] = grad[i] * (1 - y[i] * y[i]);
#endif
}

/// The gradient of 1 / (1 + e⁻ˣ), which is y.
template <class T>
void zip_sigmoid_gradient(const T* grad, const T* y, std::int64_t count, T* out) {
#if BRASA_VECTOR_KERNELS
  BRASA_AT_LEVEL(zip_sigmoid_gradient<T>)(grad, y, count, out);
#else
  for (std::int64_t i = 0; i < count; ++i) out[i] = grad[i] * (1 - y[i]) * y[i];
#endif
}

}  // namespace brasa::kernels
