#pragma once

#include <cstdint>
#include <vector>

#include "brasa/core/row_iterator.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/index.hpp"
#include "brasa/ops/join.hpp"
#include "brasa/ops/permute.hpp"
#include "brasa/ops/rearrange.hpp"
#include "brasa/ops/slice.hpp"
#include "brasa/ops/view.hpp"
#include "brasa/ops/where.hpp"

/// Tensor's methods that change shapes and pick elements. The functions that they call are
/// documented where they stand.
namespace brasa {

// ---- shape: share memory ----

template <TensorScalar S>
Tensor<S> Tensor<S>::reshape(const Shape& shape) const {
  return brasa::reshape(*this, shape);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::view(const Shape& shape) const {
  return brasa::view(*this, shape);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::view_as(const AnyTensor& other) const {
  return brasa::view_as(*this, other);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::flatten(std::int64_t start_dim, std::int64_t end_dim) const {
  return brasa::flatten(*this, start_dim, end_dim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::unflatten(std::int64_t dim, const Shape& sizes) const {
  return brasa::unflatten(*this, dim, sizes);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::squeeze() const {
  return brasa::squeeze(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::squeeze(const Dims& dim) const {
  return brasa::squeeze(*this, dim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::unsqueeze(std::int64_t dim) const {
  return brasa::unsqueeze(*this, dim);
}

// ---- shape: copy ----

template <TensorScalar S>
Tensor<S> Tensor<S>::transpose(std::int64_t dim0, std::int64_t dim1) const {
  return brasa::transpose(*this, dim0, dim1);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::t() const {
  return brasa::t(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::mT() const {
  return brasa::mT(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::permute(const Shape& dims) const {
  return brasa::permute(*this, dims);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::expand(const Shape& sizes) const {
  return brasa::expand(*this, sizes);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::expand_as(const AnyTensor& other) const {
  return brasa::expand_as(*this, other);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::repeat(const Shape& repeats) const {
  return brasa::repeat(*this, repeats);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::flip(const Dims& dims) const {
  return brasa::flip(*this, dims);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::roll(const Dims& shifts, const Dims& dims) const {
  return brasa::roll(*this, shifts, dims);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::tril(std::int64_t diagonal) const {
  return brasa::tril(*this, diagonal);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::triu(std::int64_t diagonal) const {
  return brasa::triu(*this, diagonal);
}
template <TensorScalar S>
std::vector<Tensor<S>> Tensor<S>::split(std::int64_t split_size, std::int64_t dim) const {
  return brasa::split(*this, split_size, dim);
}
template <TensorScalar S>
std::vector<Tensor<S>> Tensor<S>::split(const Shape& sizes, std::int64_t dim) const {
  return brasa::split(*this, sizes, dim);
}
template <TensorScalar S>
std::vector<Tensor<S>> Tensor<S>::chunk(std::int64_t chunks, std::int64_t dim) const {
  return brasa::chunk(*this, chunks, dim);
}
template <TensorScalar S>
std::vector<Tensor<S>> Tensor<S>::unbind(std::int64_t dim) const {
  return brasa::unbind(*this, dim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::narrow(std::int64_t dim, std::int64_t start, std::int64_t length) const {
  return brasa::narrow(*this, dim, start, length);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::select(std::int64_t dim, std::int64_t index) const {
  return brasa::select(*this, dim, index);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::index_select(std::int64_t dim, const Tensor<std::int64_t>& index) const {
  return brasa::index_select(*this, dim, index);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::gather(std::int64_t dim, const Tensor<std::int64_t>& index) const {
  return brasa::gather(*this, dim, index);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::masked_fill(const Tensor<bool>& mask, double value) const {
  return brasa::masked_fill(*this, mask, value);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::masked_select(const Tensor<bool>& mask) const {
  return brasa::masked_select(*this, mask);
}

}  // namespace brasa
