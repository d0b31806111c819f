#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"

/// The operations that give the same elements another shape. All of them share memory with their
/// input; what reorders or repeats elements copies them (ops/permute.hpp).
namespace brasa {
namespace detail {

/// The shape that was asked for, its -1 replaced by what `numel` leaves for it.
inline Shape infer_shape(std::string_view op, std::int64_t numel, const Shape& asked) {
  Shape shape = asked;
  std::int64_t* unknown = nullptr;
  for (std::int64_t& size : shape) {
    if (size >= 0) continue;
    if (size != -1) {
      raise<ValueError>(op, "expected sizes that are not negative, or -1, got ", shape_text(asked));
    }
    if (unknown != nullptr) {
      raise<ValueError>(op, "expected at most one size of -1, got ", shape_text(asked));
    }
    unknown = &size;
    size = 1;
  }
  const std::int64_t known = checked_numel(op, shape);
  if (unknown != nullptr) {
    if (known == 0) {
      raise<ShapeError>(op, "cannot tell which size -1 stands for in ", shape_text(asked),
                        ": the others already multiply to 0");
    }
    if (numel % known == 0) {
      *unknown = numel / known;
      return shape;
    }
  } else if (known == numel) {
    return shape;
  }
  raise<ShapeError>(op, "expected a shape for ", numel, " elements, got ", shape_text(asked));
}

/// The same memory under another shape of as many elements, recorded as `name`.
template <TensorScalar S>
Tensor<S> view_of(const Tensor<S>& x, const Shape& shape, const char* name) {
  Tensor<S> out = alias(x, shape);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, name, autograd::vjp(x, [shape = x.shape()](const auto& grad) {
                         return view_of(grad, shape, "ViewBackward0");
                       }));
    }
  }
  return out;
}

/// One flag for each of `rank` dimensions: true for those in `dims`, which may be negative.
inline Shape marked_dims(std::string_view op, const Shape& dims, std::size_t rank) {
  Shape marked = Shape::filled(std::max<std::size_t>(rank, 1), 0);
  for (const std::int64_t dim : dims) {
    std::int64_t& mark = marked[wrap_dim(op, dim, rank)];
    if (mark != 0) {
      raise<ValueError>(op, "expected each dimension at most once, got ", shape_text(dims));
    }
    mark = 1;
  }
  return marked;
}

}  // namespace detail

/// x with another shape of as many elements; one size may be -1, to be worked out. Shares memory.
///
/// Raises ShapeError where the sizes do not multiply to x's number of elements, ValueError for
/// negative ones.
template <TensorScalar S>
Tensor<S> reshape(const Tensor<S>& x, const Shape& shape) {
  return detail::view_of(x, detail::infer_shape("reshape", x.numel(), shape), "ViewBackward0");
}

/// The same as `reshape`: tensors are always contiguous, so every shape that fits can be viewed.
template <TensorScalar S>
Tensor<S> view(const Tensor<S>& x, const Shape& shape) {
  return detail::view_of(x, detail::infer_shape("view", x.numel(), shape), "ViewBackward0");
}

/// x with the shape of `other`. Shares memory.
template <TensorScalar S>
Tensor<S> view_as(const Tensor<S>& x, const AnyTensor& other) {
  const Shape shape = detail::infer_shape("view_as", x.numel(), other.shape());
  return detail::view_of(x, shape, "ViewBackward0");
}

/// x with its dimensions from `start_dim` to `end_dim` (included) made one: shape
/// `(A, B, C)` → `(A, B·C)` for `start_dim = 1`. A 0-d tensor becomes 1-d. Shares memory.
///
/// Raises IndexError for dimensions out of range, ValueError where the end comes before the start.
template <TensorScalar S>
Tensor<S> flatten(const Tensor<S>& x, std::int64_t start_dim = 0, std::int64_t end_dim = -1) {
  const std::size_t rank = x.shape().size();
  const std::size_t start = detail::wrap_dim("flatten", start_dim, rank);
  const std::size_t end = detail::wrap_dim("flatten", end_dim, rank);
  if (end < start) {
    detail::raise<ValueError>("flatten", "expected start_dim not to come after end_dim, got ",
                              start_dim, " and ", end_dim, " for shape ", shape_text(x.shape()));
  }
  if (rank == 0) return detail::view_of(x, {1}, "ViewBackward0");
  if (start == end) return x;
  Shape shape = x.shape().slice(0, start);
  shape.push_back(detail::checked_numel("flatten", x.shape().slice(start, end + 1)));
  shape.append(x.shape().slice(end + 1, rank));
  return detail::view_of(x, shape, "ViewBackward0");
}

/// x with dimension `dim` split into several of the given sizes, one of which may be -1. Shares
/// memory.
///
/// Raises ShapeError where the sizes do not multiply to that of the dimension.
template <TensorScalar S>
Tensor<S> unflatten(const Tensor<S>& x, std::int64_t dim, const Shape& sizes) {
  const std::size_t rank = x.shape().size();
  const std::size_t at = detail::wrap_dim("unflatten", dim, rank);
  if (rank == 0) {
    detail::raise<ShapeError>("unflatten", "expected a tensor with dimensions, got a 0-d one");
  }
  if (sizes.empty()) detail::raise<ValueError>("unflatten", "expected at least one size, got none");
  Shape shape = x.shape().slice(0, at);
  shape.append(detail::infer_shape("unflatten", x.shape()[at], sizes));
  shape.append(x.shape().slice(at + 1, rank));
  return detail::view_of(x, shape, "ViewBackward0");
}

/// x without its dimensions of size 1. Shares memory.
template <TensorScalar S>
Tensor<S> squeeze(const Tensor<S>& x) {
  Shape shape;
  for (const std::int64_t size : x.shape()) {
    if (size != 1) shape.push_back(size);
  }
  return detail::view_of(x, shape, "SqueezeBackward0");
}

/// x without those of the given dimensions that are of size 1. Shares memory.
///
/// Raises IndexError for dimensions out of range, ValueError for one given twice.
template <TensorScalar S>
Tensor<S> squeeze(const Tensor<S>& x, const Dims& dim) {
  const Shape marked = detail::marked_dims("squeeze", dim, x.shape().size());
  Shape shape;
  for (std::size_t i = 0; i < x.shape().size(); ++i) {
    if (x.shape()[i] != 1 || marked[i] == 0) shape.push_back(x.shape()[i]);
  }
  return detail::view_of(x, shape, dim.size() == 1 ? "SqueezeBackward1" : "SqueezeBackward2");
}

/// x with a new dimension of size 1 before dimension `dim`; -1 adds it at the end. Shares memory.
///
/// Raises IndexError where `dim` is not in [-rank - 1, rank].
template <TensorScalar S>
Tensor<S> unsqueeze(const Tensor<S>& x, std::int64_t dim) {
  Shape shape = x.shape();
  shape.insert(detail::wrap_dim("unsqueeze", dim, shape.size() + 1), 1);
  return detail::view_of(x, shape, "UnsqueezeBackward0");
}

}  // namespace brasa
