#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/strided.hpp"
#include "brasa/ops/permute.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/slice.hpp"
#include "brasa/ops/view.hpp"

/// The operations that pick elements by a tensor of indices or by a mask. Indices along a dimension
/// of size n are in [0, n): negative ones do not count from the end.
namespace brasa {
namespace detail {

inline void check_indices(std::string_view op, const Tensor<std::int64_t>& index,
                          std::int64_t size) {
  for (const std::int64_t i : index.span()) {
    if (i < 0 || i >= size) {
      raise<IndexError>(op, "expected indices in [0, ", size, "), got ", i);
    }
  }
}

/// Zeros of shape `whole` to which the slices of `part` are added where `index` says.
template <FloatScalar S>
Tensor<S> index_add_to(const Tensor<S>& part, const Shape& whole, std::int64_t dim,
                       const Tensor<std::int64_t>& index) {
  Tensor<S> out = new_zeros<S>("index_add", whole);
  if (part.numel() > 0) {
    const auto [outer, size, inner] = around(whole, wrap_dim("index_add", dim, whole.size()));
    const S* from = part.data();
    for (std::int64_t o = 0; o < outer; ++o) {
      for (const std::int64_t i : index.span()) {
        S* to = out.data() + (o * size + i) * inner;
        for (std::int64_t k = 0; k < inner; ++k) to[k] += *from++;
      }
    }
  }
  if (autograd::recording(part)) {
    autograd::record(
        out, "IndexAddBackward0",
        autograd::vjp(
            part,
            [dim](const auto& grad, const auto& where) { return index_select(grad, dim, where); },
            autograd::save(index)));
  }
  return out;
}

/// The offsets into a tensor of shape `whole` of the elements that `index` names along `dim`: calls
/// `f(offset, i)` for the i-th element of the index.
template <class F>
void for_each_gathered(const Shape& whole, std::size_t dim, const Tensor<std::int64_t>& index,
                       F f) {
  if (index.numel() == 0) return;
  Shape strides = strides_of(whole);
  const std::int64_t step = strides.empty() ? 1 : strides[dim];
  // A 0-d tensor takes 1-d indices and the other way round: the strides are the index's.
  if (strides.size() != index.shape().size()) strides = Shape::filled(index.shape().size(), 0);
  if (!strides.empty()) strides[dim] = 0;
  kernels::OffsetWalk<1> walk(index.shape(), {strides});
  const std::int64_t* named = index.data();
  std::int64_t i = 0;
  do {
    f(walk[0] + named[i] * step, i);
    ++i;
  } while (walk.next());
}

/// Zeros of shape `whole` to which the elements of `part` are added where `index` says: what gather
/// would take them from.
template <FloatScalar S>
Tensor<S> scatter_add_to(const Tensor<S>& part, const Shape& whole, std::int64_t dim,
                         const Tensor<std::int64_t>& index) {
  Tensor<S> out = new_zeros<S>("scatter_add", whole);
  S* to = out.data();
  const S* from = part.data();
  for_each_gathered(whole, wrap_dim("scatter_add", dim, whole.size()), index,
                    [to, from](std::int64_t offset, std::int64_t i) { to[offset] += from[i]; });
  if (autograd::recording(part)) {
    autograd::record(
        out, "ScatterAddBackward0",
        autograd::vjp(
            part, [dim](const auto& grad, const auto& where) { return gather(grad, dim, where); },
            autograd::save(index)));
  }
  return out;
}

inline void check_gather(const Shape& shape, std::size_t dim, const Tensor<std::int64_t>& index) {
  const Shape& index_shape = index.shape();
  bool fits =
      std::max<std::size_t>(shape.size(), 1) == std::max<std::size_t>(index_shape.size(), 1);
  if (shape.size() == index_shape.size()) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (i != dim && index_shape[i] > shape[i]) fits = false;
    }
  }
  if (!fits) {
    raise<ShapeError>("gather", "expected an index that has as many dimensions as shape ",
                      shape_text(shape), " and is nowhere larger except in dimension ", dim,
                      ", got shape ", shape_text(index_shape));
  }
  check_indices("gather", index, shape.empty() ? 1 : shape[dim]);
}

/// Zeros of shape `whole` with the elements of `part`, in order, where the mask is true.
template <FloatScalar S>
Tensor<S> masked_scatter_to(const Tensor<S>& part, const Tensor<bool>& mask) {
  Tensor<S> out = new_zeros<S>("masked_scatter", mask.shape());
  S* to = out.data();
  const S* from = part.data();
  for (const bool wanted : mask.span()) {
    if (wanted) *to = *from++;
    ++to;
  }
  if (autograd::recording(part)) {
    autograd::record(
        out, "MaskedScatterBackward0",
        autograd::vjp(
            part, [](const auto& grad, const auto& where) { return masked_select(grad, where); },
            autograd::save(mask)));
  }
  return out;
}

/// x repeated to `shape`; x itself where it has that shape. Records nothing.
template <TensorScalar S>
Tensor<S> broadcast_copy(std::string_view op, const Tensor<S>& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return gather_strided(op, x, shape, expanded_strides(x.shape(), shape));
}

}  // namespace detail

/// The slices along a dimension that a 1-d tensor of indices names, in its order.
///
/// Raises IndexError for an index or a dimension out of range, ShapeError for an index with more
/// dimensions.
template <TensorScalar S>
Tensor<S> index_select(const Tensor<S>& x, std::int64_t dim, const Tensor<std::int64_t>& index) {
  const std::size_t at = detail::wrap_dim("index_select", dim, x.shape().size());
  const std::int64_t count = index.numel();
  if (index.shape().size() > 1 || (x.shape().empty() && count != 1)) {
    detail::raise<ShapeError>("index_select", "expected a 1-d index",
                              x.shape().empty() ? " with 1 element for a 0-d tensor" : "",
                              ", got shape ", shape_text(index.shape()));
  }
  Shape shape = x.shape();
  if (!shape.empty()) shape[at] = count;
  Tensor<S> out = Tensor<S>::empty(shape, "index_select");
  detail::check_indices("index_select", index, x.shape().empty() ? 1 : x.shape()[at]);
  if (out.numel() > 0) {
    const auto [outer, size, inner] = detail::around(x.shape(), at);
    S* to = out.data();
    for (std::int64_t o = 0; o < outer; ++o) {
      for (const std::int64_t i : index.span()) {
        to = std::copy_n(x.data() + (o * size + i) * inner, inner, to);
      }
    }
  }
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "IndexSelectBackward0",
                       autograd::vjp(
                           x,
                           [dim, whole = x.shape()](const auto& grad, const auto& where) {
                             return detail::index_add_to(grad, whole, dim, where);
                           },
                           autograd::save(index)));
    }
  }
  return out;
}

/// One element of x for each of the index: with `dim = 1`, out[i][j] = x[i][index[i][j]]. The index
/// has as many dimensions as x and is nowhere larger except in dimension `dim`; the result has its
/// shape.
///
/// Raises ShapeError where the index does not fit, IndexError for an index or a dimension out of
/// range.
template <TensorScalar S>
Tensor<S> gather(const Tensor<S>& x, std::int64_t dim, const Tensor<std::int64_t>& index) {
  const std::size_t at = detail::wrap_dim("gather", dim, x.shape().size());
  Tensor<S> out = Tensor<S>::empty(index.shape(), "gather");
  if (index.numel() > 0) {
    detail::check_gather(x.shape(), at, index);
    S* to = out.data();
    const S* from = x.data();
    detail::for_each_gathered(
        x.shape(), at, index,
        [to, from](std::int64_t offset, std::int64_t i) { to[i] = from[offset]; });
  }
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "GatherBackward0",
                       autograd::vjp(
                           x,
                           [dim, whole = x.shape()](const auto& grad, const auto& where) {
                             return detail::scatter_add_to(grad, whole, dim, where);
                           },
                           autograd::save(index)));
    }
  }
  return out;
}

/// The elements where the mask is true, row by row, as a 1-d tensor. x and the mask broadcast.
///
/// Raises ShapeError where the shapes do not broadcast.
template <TensorScalar S>
Tensor<S> masked_select(const Tensor<S>& x, const Tensor<bool>& mask) {
  const Shape shape = detail::broadcast_shapes("masked_select", x.shape(), mask.shape());
  const Tensor<S> values = detail::broadcast_copy("masked_select", x, shape);
  const Tensor<bool> wanted = detail::broadcast_copy("masked_select", mask, shape);
  const std::span<const bool> flags = std::as_const(wanted).span();
  Tensor<S> out = Tensor<S>::empty({std::count(flags.begin(), flags.end(), true)}, "masked_select");
  S* to = out.data();
  const S* from = values.data();
  for (const bool flag : flags) {
    if (flag) *to++ = *from;
    ++from;
  }
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "MaskedSelectBackward0",
                       autograd::vjp(
                           x,
                           [whole = x.shape()](const auto& grad, const auto& where) {
                             return sum_to(detail::masked_scatter_to(grad, where), whole);
                           },
                           autograd::save(wanted)));
    }
  }
  return out;
}

}  // namespace brasa
