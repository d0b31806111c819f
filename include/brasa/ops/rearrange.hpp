#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/index.hpp"
#include "brasa/ops/permute.hpp"
#include "brasa/ops/view.hpp"

namespace brasa {
namespace detail {

/// x with its elements moved on by `shift` along one dimension, those that fall off coming in again
/// at the other end. The shift is in [0, size). Records nothing.
template <TensorScalar S>
Tensor<S> roll_along(const Tensor<S>& x, std::size_t dim, std::int64_t shift) {
  if (shift == 0 || x.numel() == 0) return x;
  Tensor<S> out = Tensor<S>::empty(x.shape(), "roll");
  const auto [outer, size, inner] = around(x.shape(), dim);
  const S* from = x.data();
  S* to = out.data();
  for (std::int64_t o = 0; o < outer; ++o, from += size * inner, to += size * inner) {
    std::rotate_copy(from, from + (size - shift) * inner, from + size * inner, to);
  }
  return out;
}

/// x with the elements for which `keep(row, column)` is false set to 0, in each matrix of the
/// batch.
template <TensorScalar S, class Keep>
Tensor<S> triangle(const char* op, const Tensor<S>& x, Keep keep) {
  const std::size_t rank = x.shape().size();
  if (rank < 2) {
    raise<ShapeError>(op, "expected a tensor with at least 2 dimensions, got shape ",
                      shape_text(x.shape()));
  }
  Tensor<S> out = Tensor<S>::empty(x.shape(), op);
  if (x.numel() == 0) return out;
  const std::int64_t rows = x.shape()[rank - 2];
  const std::int64_t columns = x.shape()[rank - 1];
  const S* from = x.data();
  S* to = out.data();
  for (std::int64_t row = 0; row < x.numel() / columns; ++row) {
    for (std::int64_t column = 0; column < columns; ++column, ++from) {
      *to++ = keep(row % rows, column) ? *from : S(0);
    }
  }
  return out;
}

}  // namespace detail

/// x with the order of its elements reversed along the given dimensions. Copies.
///
/// Raises IndexError for a dimension out of range, ValueError for one given twice.
template <TensorScalar S>
Tensor<S> flip(const Tensor<S>& x, const Dims& dims) {
  const Shape marked = detail::marked_dims("flip", dims, x.shape().size());
  Shape strides = detail::strides_of(x.shape());
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    if (marked[i] == 0) continue;
    offset += strides[i] * (x.shape()[i] - 1);
    strides[i] = -strides[i];
  }
  Tensor<S> out = detail::gather_strided("flip", x, x.shape(), strides, offset);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "FlipBackward0",
                       autograd::vjp(x, [dims](const auto& grad) { return flip(grad, dims); }));
    }
  }
  return out;
}

/// x with its elements moved on by `shifts[i]` along `dims[i]`, those that fall off coming in again
/// at the other end. Without dims, x is rolled as if it were flat, by one shift. Copies.
///
/// Raises ValueError unless there is one shift for each dimension, IndexError for a dimension out
/// of range.
template <TensorScalar S>
Tensor<S> roll(const Tensor<S>& x, const Dims& shifts, const Dims& dims = Shape()) {
  if (shifts.empty() || shifts.size() != std::max<std::size_t>(dims.size(), 1)) {
    detail::raise<ValueError>("roll",
                              "expected as many shifts as dims, or one shift without dims, ",
                              "got shifts ", shape_text(shifts), " and dims ", shape_text(dims));
  }
  Tensor<S> out = dims.empty() ? detail::alias(x, {x.numel()}) : x;
  Shape back = shifts;  // the shifts that undo it
  for (std::size_t i = 0; i < shifts.size(); ++i) {
    const std::size_t dim = detail::wrap_own_dim("roll", dims.empty() ? 0 : dims[i], out.shape());
    const std::int64_t size = std::max<std::int64_t>(out.shape()[dim], 1);
    const std::int64_t shift = (shifts[i] % size + size) % size;
    back[i] = size - shift;
    out = detail::roll_along(out, dim, shift);
  }
  // Where nothing moved, it still has to be a copy.
  out = out.shares_storage(x) ? detail::gather_strided("roll", x, {x.numel()}, {1}) : out;
  out = detail::alias(out, x.shape());
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "RollBackward0", autograd::vjp(x, [back, dims](const auto& grad) {
                         return roll(grad, back, dims);
                       }));
    }
  }
  return out;
}

/// The lower triangle of each matrix `(*, N, M)`: elements above the given diagonal become 0.
/// Diagonal 0 is the main one, 1 the one above it. Copies.
///
/// Raises ShapeError for fewer than 2 dimensions.
template <TensorScalar S>
Tensor<S> tril(const Tensor<S>& x, std::int64_t diagonal = 0) {
  Tensor<S> out = detail::triangle("tril", x, [diagonal](std::int64_t row, std::int64_t column) {
    return column - row <= diagonal;
  });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "TrilBackward0", autograd::vjp(x, [diagonal](const auto& grad) {
                         return tril(grad, diagonal);
                       }));
    }
  }
  return out;
}

/// The upper triangle of each matrix `(*, N, M)`: elements below the given diagonal become 0.
/// Copies.
///
/// Raises ShapeError for fewer than 2 dimensions.
template <TensorScalar S>
Tensor<S> triu(const Tensor<S>& x, std::int64_t diagonal = 0) {
  Tensor<S> out = detail::triangle("triu", x, [diagonal](std::int64_t row, std::int64_t column) {
    return column - row >= diagonal;
  });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "TriuBackward0", autograd::vjp(x, [diagonal](const auto& grad) {
                         return triu(grad, diagonal);
                       }));
    }
  }
  return out;
}

}  // namespace brasa
