#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/strided.hpp"
#include "brasa/ops/view.hpp"

/// The operations that reorder or repeat the elements of a tensor. In PyTorch some of them are
/// views; here all of them copy, so that every tensor is contiguous.
namespace brasa {
namespace detail {

/// A new tensor whose element (i, j, …) is x's at `offset` + i·strides[0] + j·strides[1] + …
/// Records nothing.
template <TensorScalar S>
Tensor<S> gather_strided(std::string_view op, const Tensor<S>& x, const Shape& shape,
                         const Shape& strides, std::int64_t offset = 0) {
  Tensor<S> out = Tensor<S>::empty(shape, op);
  if (out.numel() > 0) {
    kernels::copy_strided(shape, x.data() + offset, strides, out.data(), strides_of(shape));
  }
  return out;
}

/// x with its dimensions in another order, which has to be a permutation. Records nothing.
template <TensorScalar S>
Tensor<S> permute_copy(std::string_view op, const Tensor<S>& x, const Shape& order) {
  const Shape from = strides_of(x.shape());
  Shape shape = order;
  Shape strides = order;
  for (std::size_t i = 0; i < order.size(); ++i) {
    shape[i] = x.shape()[static_cast<std::size_t>(order[i])];
    strides[i] = from[static_cast<std::size_t>(order[i])];
  }
  return gather_strided(op, x, shape, strides);
}

/// The same, recorded as `name`.
template <TensorScalar S>
Tensor<S> permuted(std::string_view op, const Tensor<S>& x, const Shape& order, const char* name) {
  Tensor<S> out = permute_copy(op, x, order);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      Shape inverse = order;
      for (std::size_t i = 0; i < order.size(); ++i) {
        inverse[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
      }
      autograd::record(out, name, autograd::vjp(x, [inverse](const auto& grad) {
                         return permuted("permute", grad, inverse, "PermuteBackward0");
                       }));
    }
  }
  return out;
}

/// The dimensions 0, 1, … of `rank`, two of them swapped.
inline Shape swapped_order(std::size_t rank, std::size_t dim0, std::size_t dim1) {
  Shape order;
  for (std::size_t i = 0; i < rank; ++i) order.push_back(static_cast<std::int64_t>(i));
  if (rank > 0) std::swap(order[dim0], order[dim1]);
  return order;
}

/// True if a tensor of shape `from` can be repeated to make one of shape `to`.
inline bool expands_to(const Shape& from, const Shape& to) {
  if (from.size() > to.size()) return false;
  const std::size_t added = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 1 && from[i] != to[added + i]) return false;
  }
  return true;
}

/// The strides with which a contiguous tensor of shape `from` is read as one of shape `to`.
inline Shape expanded_strides(const Shape& from, const Shape& to) {
  const Shape own = strides_of(from);
  const std::size_t added = to.size() - from.size();
  Shape strides = Shape::filled(to.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 1) strides[added + i] = own[i];
  }
  return strides;
}

}  // namespace detail

/// x with two dimensions swapped. Copies.
///
/// Raises IndexError for dimensions out of range.
template <TensorScalar S>
Tensor<S> transpose(const Tensor<S>& x, std::int64_t dim0, std::int64_t dim1) {
  const std::size_t rank = x.shape().size();
  const std::size_t first = detail::wrap_dim("transpose", dim0, rank);
  const std::size_t second = detail::wrap_dim("transpose", dim1, rank);
  const Shape order = detail::swapped_order(rank, first, second);
  return detail::permuted("transpose", x, order, "TransposeBackward0");
}

/// The transpose of a matrix, shape `(N, M)` → `(M, N)`; a 0-d or 1-d tensor as it is. Copies.
///
/// Raises ShapeError for more dimensions.
template <TensorScalar S>
Tensor<S> t(const Tensor<S>& x) {
  const std::size_t rank = x.shape().size();
  if (rank > 2) {
    detail::raise<ShapeError>("t", "expected a tensor with at most 2 dimensions, got shape ",
                              shape_text(x.shape()));
  }
  return detail::permuted("t", x, detail::swapped_order(rank, 0, rank == 2 ? 1 : 0), "TBackward0");
}

/// The transposes of the matrices in the last two dimensions, shape `(*, N, M)` → `(*, M, N)`.
/// Copies.
///
/// Raises ShapeError for fewer than two dimensions.
template <TensorScalar S>
Tensor<S> mT(const Tensor<S>& x) {
  const std::size_t rank = x.shape().size();
  if (rank < 2) {
    detail::raise<ShapeError>("mT", "expected a tensor with at least 2 dimensions, got shape ",
                              shape_text(x.shape()));
  }
  const Shape order = detail::swapped_order(rank, rank - 2, rank - 1);
  return detail::permuted("mT", x, order, "TransposeBackward0");
}

/// x with its dimensions in another order: dimension i of the result is dimension `dims[i]` of x.
/// Copies.
///
/// Raises ShapeError where `dims` does not name as many dimensions as x has, IndexError for one out
/// of range, ValueError for one named twice.
template <TensorScalar S>
Tensor<S> permute(const Tensor<S>& x, const Shape& dims) {
  const std::size_t rank = x.shape().size();
  if (dims.size() != rank) {
    detail::raise<ShapeError>("permute", "expected the ", rank, " dimensions of shape ",
                              shape_text(x.shape()), ", got ", shape_text(dims));
  }
  detail::marked_dims("permute", dims, rank);
  Shape order = dims;
  for (std::int64_t& dim : order) {
    dim = static_cast<std::int64_t>(detail::wrap_dim("permute", dim, rank));
  }
  return detail::permuted("permute", x, order, "PermuteBackward0");
}

/// x repeated along its dimensions of size 1, and along new ones in front, up to the given sizes;
/// -1 keeps a size. Copies, so do without it where an operation broadcasts anyway.
///
/// Raises ShapeError where x cannot be expanded to the sizes.
template <TensorScalar S>
Tensor<S> expand(const Tensor<S>& x, const Shape& sizes) {
  Shape shape = sizes;
  for (std::size_t back = 1; back <= std::min(sizes.size(), x.shape().size()); ++back) {
    std::int64_t& size = shape[sizes.size() - back];
    if (size == -1) size = x.shape()[x.shape().size() - back];
  }
  const bool is_negative =
      std::any_of(shape.begin(), shape.end(), [](auto size) { return size < 0; });
  if (is_negative || !detail::expands_to(x.shape(), shape)) {
    detail::raise<ShapeError>("expand", "expected sizes that shape ", shape_text(x.shape()),
                              " can be expanded to, got ", shape_text(sizes));
  }
  const Shape strides = detail::expanded_strides(x.shape(), shape);
  Tensor<S> out = detail::gather_strided("expand", x, shape, strides);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(
          out, "ExpandBackward0",
          autograd::vjp(x, [from = x.shape()](const auto& grad) { return sum_to(grad, from); }));
    }
  }
  return out;
}

/// x expanded to the shape of `other`. Copies.
template <TensorScalar S>
Tensor<S> expand_as(const Tensor<S>& x, const AnyTensor& other) {
  return expand(x, other.shape());
}

/// x repeated `repeats[i]` times along dimension i; more repeats than dimensions add dimensions in
/// front. Copies.
///
/// Raises ShapeError for fewer repeats than dimensions, ValueError for negative ones.
template <TensorScalar S>
Tensor<S> repeat(const Tensor<S>& x, const Shape& repeats) {
  const std::size_t rank = x.shape().size();
  if (repeats.size() < rank) {
    detail::raise<ShapeError>("repeat", "expected at least ", rank, " repeats for shape ",
                              shape_text(x.shape()), ", got ", shape_text(repeats));
  }
  detail::checked_numel("repeat", repeats);
  // Each dimension becomes two: how often it is repeated, and its own.
  const std::size_t added = repeats.size() - rank;
  const Shape own_strides = detail::strides_of(x.shape());
  Shape pairs, strides, shape, repeat_dims;
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    const std::int64_t size = i < added ? 1 : x.shape()[i - added];
    repeat_dims.push_back(static_cast<std::int64_t>(pairs.size()));
    pairs.append({repeats[i], size});
    strides.append({0, i < added ? 0 : own_strides[i - added]});
    shape.push_back(detail::checked_numel("repeat", {repeats[i], size}));
  }
  Tensor<S> out = detail::alias(detail::gather_strided("repeat", x, pairs, strides), shape);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "RepeatBackward0",
                       autograd::vjp(x, [from = x.shape(), pairs, repeat_dims](const auto& grad) {
                         if (repeat_dims.empty()) return grad;
                         return reshape(sum(reshape(grad, pairs), repeat_dims), from);
                       }));
    }
  }
  return out;
}

/// x itself: tensors are always contiguous.
template <TensorScalar S>
Tensor<S> contiguous(const Tensor<S>& x) {
  return x;
}

}  // namespace brasa

#include "brasa/ops/reduce.hpp"
