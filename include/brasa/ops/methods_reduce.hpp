#pragma once

#include <cstdint>

#include "brasa/core/tensor.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/cumulate.hpp"
#include "brasa/ops/extrema.hpp"
#include "brasa/ops/matmul.hpp"
#include "brasa/ops/moments.hpp"
#include "brasa/ops/norm.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/sort.hpp"
#include "brasa/ops/truth.hpp"

/// Tensor's methods that reduce, multiply and sort. The functions that they call are documented
/// where they stand.
namespace brasa {

// ---- reductions ----

template <TensorScalar S>
Tensor<sum_of<S>> Tensor<S>::sum() const {
  return brasa::sum(*this);
}
template <TensorScalar S>
Tensor<sum_of<S>> Tensor<S>::sum(const Dims& dim, bool keepdim) const {
  return brasa::sum(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<sum_of<S>> Tensor<S>::prod() const {
  return brasa::prod(*this);
}
template <TensorScalar S>
Tensor<sum_of<S>> Tensor<S>::prod(std::int64_t dim, bool keepdim) const {
  return brasa::prod(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::mean() const {
  return brasa::mean(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::mean(const Dims& dim, bool keepdim) const {
  return brasa::mean(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::var() const {
  return brasa::var(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::var(const Dims& dim, double correction, bool keepdim) const {
  return brasa::var(*this, dim, correction, keepdim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::std() const {
  return brasa::std(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::std(const Dims& dim, double correction, bool keepdim) const {
  return brasa::std(*this, dim, correction, keepdim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::norm(double p) const {
  return brasa::norm(*this, p);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::norm(double p, const Dims& dim, bool keepdim) const {
  return brasa::norm(*this, p, dim, keepdim);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::logsumexp(const Dims& dim, bool keepdim) const {
  return brasa::logsumexp(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::max() const {
  return brasa::max(*this);
}
template <TensorScalar S>
ValuesAndIndices<S> Tensor<S>::max(std::int64_t dim, bool keepdim) const {
  return brasa::max(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::min() const {
  return brasa::min(*this);
}
template <TensorScalar S>
ValuesAndIndices<S> Tensor<S>::min(std::int64_t dim, bool keepdim) const {
  return brasa::min(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::amax(const Dims& dim, bool keepdim) const {
  return brasa::amax(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::amin(const Dims& dim, bool keepdim) const {
  return brasa::amin(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<std::int64_t> Tensor<S>::argmax() const {
  return brasa::argmax(*this);
}
template <TensorScalar S>
Tensor<std::int64_t> Tensor<S>::argmax(std::int64_t dim, bool keepdim) const {
  return brasa::argmax(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<std::int64_t> Tensor<S>::argmin() const {
  return brasa::argmin(*this);
}
template <TensorScalar S>
Tensor<std::int64_t> Tensor<S>::argmin(std::int64_t dim, bool keepdim) const {
  return brasa::argmin(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<bool> Tensor<S>::all() const {
  return brasa::all(*this);
}
template <TensorScalar S>
Tensor<bool> Tensor<S>::all(const Dims& dim, bool keepdim) const {
  return brasa::all(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<bool> Tensor<S>::any() const {
  return brasa::any(*this);
}
template <TensorScalar S>
Tensor<bool> Tensor<S>::any(const Dims& dim, bool keepdim) const {
  return brasa::any(*this, dim, keepdim);
}
template <TensorScalar S>
Tensor<sum_of<S>> Tensor<S>::cumsum(std::int64_t dim) const {
  return brasa::cumsum(*this, dim);
}
template <TensorScalar S>
Tensor<sum_of<S>> Tensor<S>::cumprod(std::int64_t dim) const {
  return brasa::cumprod(*this, dim);
}
template <TensorScalar S>
bool Tensor<S>::allclose(const Tensor& other, double rtol, double atol, bool equal_nan) const {
  return brasa::allclose(*this, other, rtol, atol, equal_nan);
}
template <TensorScalar S>
bool Tensor<S>::equal(const Tensor& other) const {
  return brasa::equal(*this, other);
}

// ---- products and order ----

template <TensorScalar S>
Tensor<S> Tensor<S>::matmul(const Tensor& other) const {
  return brasa::matmul(*this, other);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::mm(const Tensor& mat2) const {
  return brasa::mm(*this, mat2);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::mv(const Tensor& vec) const {
  return brasa::mv(*this, vec);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::bmm(const Tensor& mat2) const {
  return brasa::bmm(*this, mat2);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::dot(const Tensor& other) const {
  return brasa::dot(*this, other);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::outer(const Tensor& other) const {
  return brasa::outer(*this, other);
}
template <TensorScalar S>
ValuesAndIndices<S> Tensor<S>::topk(std::int64_t k, std::int64_t dim, bool largest,
                                    bool sorted) const {
  return brasa::topk(*this, k, dim, largest, sorted);
}
template <TensorScalar S>
ValuesAndIndices<S> Tensor<S>::sort(std::int64_t dim, bool descending, bool stable) const {
  return brasa::sort(*this, dim, descending, stable);
}
template <TensorScalar S>
Tensor<std::int64_t> Tensor<S>::argsort(std::int64_t dim, bool descending, bool stable) const {
  return brasa::argsort(*this, dim, descending, stable);
}

}  // namespace brasa
