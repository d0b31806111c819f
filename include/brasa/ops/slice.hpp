#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/strided.hpp"
#include "brasa/ops/permute.hpp"

/// Parts of a tensor that can be told by sizes and strides. In PyTorch they are views; here they
/// copy, so that every tensor is contiguous.
namespace brasa {
namespace detail {

/// A part of a tensor: its element (i, j, …) is the tensor's at `offset` + i·strides[0] + …
struct Slice {
  Shape shape;
  Shape strides;
  std::int64_t offset = 0;
};

/// The names of the nodes that cut a slice out and that put its gradient back.
struct SliceNames {
  const char* cut;
  const char* put_back;
};

template <FloatScalar S>
Tensor<S> put_back(const Tensor<S>& part, const Shape& whole, const Slice& slice, SliceNames names);

/// The slice of x, recorded.
template <TensorScalar S>
Tensor<S> cut(std::string_view op, const Tensor<S>& x, const Slice& slice, SliceNames names) {
  Tensor<S> out = gather_strided(op, x, slice.shape, slice.strides, slice.offset);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, names.cut,
                       autograd::vjp(x, [whole = x.shape(), slice, names](const auto& grad) {
                         return put_back(grad, whole, slice, names);
                       }));
    }
  }
  return out;
}

template <TensorScalar S>
Tensor<S> new_zeros(std::string_view op, const Shape& shape) {
  Tensor<S> out = Tensor<S>::empty(shape, op);
  std::fill_n(out.data(), out.numel(), S(0));
  return out;
}

/// Zeros of shape `whole` with `part` at the place of the slice, recorded.
template <FloatScalar S>
Tensor<S> put_back(const Tensor<S>& part, const Shape& whole, const Slice& slice,
                   SliceNames names) {
  Tensor<S> out = new_zeros<S>(names.put_back, whole);
  if (part.numel() > 0) {
    kernels::copy_strided(slice.shape, part.data(), strides_of(slice.shape),
                          out.data() + slice.offset, slice.strides);
  }
  if (autograd::recording(part)) {
    autograd::record(out, names.put_back, autograd::vjp(part, [slice, names](const auto& grad) {
                       return cut(names.cut, grad, slice, names);
                     }));
  }
  return out;
}

inline constexpr SliceNames kSelect{"SelectBackward0", "SelectBackwardBackward0"};
inline constexpr SliceNames kNarrow{"SliceBackward0", "SliceBackwardBackward0"};
inline constexpr SliceNames kSplit{"SplitBackward0", "CatBackward0"};
inline constexpr SliceNames kSplitWithSizes{"SplitWithSizesBackward0", "CatBackward0"};
inline constexpr SliceNames kUnbind{"UnbindBackward0", "StackBackward0"};
inline constexpr SliceNames kDiagonal{"DiagonalBackward0", "DiagonalBackwardBackward0"};

/// `dim` made non-negative, for operations that need a dimension to work on.
inline std::size_t wrap_own_dim(std::string_view op, std::int64_t dim, const Shape& shape) {
  if (shape.empty()) {
    raise<IndexError>(op, "expected a tensor with at least 1 dimension, got a 0-d one");
  }
  return wrap_dim(op, dim, shape.size());
}

/// The indices [start, start + length) along a dimension.
inline Slice narrow_slice(const Shape& shape, std::size_t dim, std::int64_t start,
                          std::int64_t length) {
  Slice slice{shape, strides_of(shape), 0};
  slice.shape[dim] = length;
  slice.offset = start * slice.strides[dim];
  return slice;
}

/// One index along a dimension, which then is gone.
inline Slice select_slice(const Shape& shape, std::size_t dim, std::int64_t index) {
  Slice slice = narrow_slice(shape, dim, index, 1);
  slice.shape.erase(dim);
  slice.strides.erase(dim);
  return slice;
}

/// Parts of the given sizes, one after the other, which make up the whole dimension.
template <TensorScalar S>
std::vector<Tensor<S>> cut_parts(std::string_view op, const Tensor<S>& x, const Shape& sizes,
                                 std::size_t dim, SliceNames names) {
  std::vector<Tensor<S>> parts;
  parts.reserve(sizes.size());
  std::int64_t start = 0;
  for (const std::int64_t size : sizes) {
    parts.push_back(cut(op, x, narrow_slice(x.shape(), dim, start, size), names));
    start += size;
  }
  return parts;
}

/// The sizes of parts of `part` each, the last of which may be smaller; a dimension of size 0 is
/// one part.
inline Shape equal_parts(std::int64_t size, std::int64_t part) {
  Shape sizes;
  for (std::int64_t left = size; left > 0; left -= part) sizes.push_back(std::min(part, left));
  if (sizes.empty()) sizes.push_back(0);
  return sizes;
}

}  // namespace detail

/// The elements with one index along a dimension, which then is gone: shape `(A, B, C)` → `(A, C)`
/// for `dim = 1`. Negative indices count from the end. Copies.
///
/// Raises IndexError for an index or a dimension out of range.
template <TensorScalar S>
Tensor<S> select(const Tensor<S>& x, std::int64_t dim, std::int64_t index) {
  const std::size_t at = detail::wrap_own_dim("select", dim, x.shape());
  const std::int64_t size = x.shape()[at];
  if (index < -size || index >= size) {
    detail::raise<IndexError>("select", "index ", index, " is out of range for dimension ", at,
                              " of shape ", shape_text(x.shape()));
  }
  const detail::Slice slice = detail::select_slice(x.shape(), at, index < 0 ? index + size : index);
  return detail::cut("select", x, slice, detail::kSelect);
}

/// The elements with indices [start, start + length) along a dimension. A negative start counts
/// from the end. Copies.
///
/// Raises IndexError for a start or a dimension out of range, ValueError for a negative length,
/// ShapeError for one that exceeds the dimension.
template <TensorScalar S>
Tensor<S> narrow(const Tensor<S>& x, std::int64_t dim, std::int64_t start, std::int64_t length) {
  const std::size_t at = detail::wrap_own_dim("narrow", dim, x.shape());
  const std::int64_t size = x.shape()[at];
  if (length < 0) {
    detail::raise<ValueError>("narrow", "expected a length that is not negative, got ", length);
  }
  if (start < -size || start > size) {
    detail::raise<IndexError>("narrow", "start ", start, " is out of range for dimension ", at,
                              " of shape ", shape_text(x.shape()));
  }
  const std::int64_t first = start < 0 ? start + size : start;
  if (length > size - first) {
    detail::raise<ShapeError>("narrow", "expected at most ", size - first, " elements from ", first,
                              " on along dimension ", at, " of shape ", shape_text(x.shape()),
                              ", got length ", length);
  }
  const detail::Slice slice = detail::narrow_slice(x.shape(), at, first, length);
  return detail::cut("narrow", x, slice, detail::kNarrow);
}

/// x cut along a dimension into parts of `split_size`; the last one may be smaller. Copies.
///
/// Raises IndexError for a dimension out of range, ValueError for a negative size, or for 0 unless
/// the dimension has none to split.
template <TensorScalar S>
std::vector<Tensor<S>> split(const Tensor<S>& x, std::int64_t split_size, std::int64_t dim = 0) {
  const std::size_t at = detail::wrap_own_dim("split", dim, x.shape());
  const std::int64_t size = x.shape()[at];
  if (split_size < 0 || (split_size == 0 && size > 0)) {
    detail::raise<ValueError>("split", "expected a positive split_size for dimension ", at,
                              " of shape ", shape_text(x.shape()), ", got ", split_size);
  }
  const Shape sizes = detail::equal_parts(size, split_size);
  return detail::cut_parts("split", x, sizes, at, detail::kSplit);
}

/// x cut along a dimension into parts of the given sizes. Copies.
///
/// Raises IndexError for a dimension out of range, ValueError for a negative size, ShapeError where
/// the sizes do not add up to the dimension's.
template <TensorScalar S>
std::vector<Tensor<S>> split(const Tensor<S>& x, const Shape& sizes, std::int64_t dim = 0) {
  const std::size_t at = detail::wrap_own_dim("split", dim, x.shape());
  std::int64_t left = x.shape()[at];
  for (const std::int64_t size : sizes) {
    if (size < 0) {
      detail::raise<ValueError>("split", "expected sizes that are not negative, got ",
                                shape_text(sizes));
    }
    if (left >= 0) left -= size;  // once below 0, it stays there
  }
  if (left != 0) {
    detail::raise<ShapeError>("split", "expected sizes that add up to ", x.shape()[at],
                              " along dimension ", at, " of shape ", shape_text(x.shape()),
                              ", got ", shape_text(sizes));
  }
  return detail::cut_parts("split", x, sizes, at, detail::kSplitWithSizes);
}

/// x cut along a dimension into at most `chunks` parts of equal size; the last one may be smaller.
/// Copies.
///
/// Raises IndexError for a dimension out of range, ValueError unless `chunks` is positive.
template <TensorScalar S>
std::vector<Tensor<S>> chunk(const Tensor<S>& x, std::int64_t chunks, std::int64_t dim = 0) {
  const std::size_t at = detail::wrap_own_dim("chunk", dim, x.shape());
  if (chunks <= 0) {
    detail::raise<ValueError>("chunk", "expected a positive number of chunks, got ", chunks);
  }
  const std::int64_t size = x.shape()[at];
  if (size == 0) {  // as many empty parts as asked for
    const Shape sizes = Shape::filled(static_cast<std::size_t>(chunks), 0);
    return detail::cut_parts("chunk", x, sizes, at, detail::kSplitWithSizes);
  }
  const std::int64_t part = size / chunks + (size % chunks != 0 ? 1 : 0);
  return detail::cut_parts("chunk", x, detail::equal_parts(size, part), at, detail::kSplit);
}

/// All slices along a dimension, which is gone in each. Copies.
///
/// Raises IndexError for a dimension out of range.
template <TensorScalar S>
std::vector<Tensor<S>> unbind(const Tensor<S>& x, std::int64_t dim = 0) {
  const std::size_t at = detail::wrap_own_dim("unbind", dim, x.shape());
  std::vector<Tensor<S>> parts;
  parts.reserve(static_cast<std::size_t>(x.shape()[at]));
  for (std::int64_t i = 0; i < x.shape()[at]; ++i) {
    const detail::Slice slice = detail::select_slice(x.shape(), at, i);
    parts.push_back(detail::cut("unbind", x, slice, detail::kUnbind));
  }
  return parts;
}

/// The elements with indices (i, i + offset) along two dimensions, which become one, the last:
/// shape `(A, B, C)` → `(B, min(A, C))` for `dim1 = 0, dim2 = 2`. Copies.
///
/// Raises IndexError for dimensions out of range, ValueError where both are the same.
template <TensorScalar S>
Tensor<S> diagonal(const Tensor<S>& x, std::int64_t offset = 0, std::int64_t dim1 = 0,
                   std::int64_t dim2 = 1) {
  const std::size_t row = detail::wrap_own_dim("diagonal", dim1, x.shape());
  const std::size_t column = detail::wrap_own_dim("diagonal", dim2, x.shape());
  if (row == column) {
    detail::raise<ValueError>("diagonal", "expected two different dimensions, got ", dim1, " and ",
                              dim2);
  }
  const std::int64_t rows = x.shape()[row];
  const std::int64_t columns = x.shape()[column];
  const std::int64_t length = std::max<std::int64_t>(
      0, offset >= 0 ? std::min(rows, columns - offset) : std::min(rows + offset, columns));
  detail::Slice slice{x.shape(), detail::strides_of(x.shape()), 0};
  if (length > 0) {
    slice.offset = offset >= 0 ? offset * slice.strides[column] : -offset * slice.strides[row];
  }
  const std::int64_t step = slice.strides[row] + slice.strides[column];
  for (const std::size_t dim : {std::max(row, column), std::min(row, column)}) {
    slice.shape.erase(dim);
    slice.strides.erase(dim);
  }
  slice.shape.push_back(length);
  slice.strides.push_back(step);
  return detail::cut("diagonal", x, slice, detail::kDiagonal);
}

}  // namespace brasa
