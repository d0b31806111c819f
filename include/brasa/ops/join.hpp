#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/strided.hpp"
#include "brasa/ops/slice.hpp"
#include "brasa/ops/view.hpp"

namespace brasa {

/// A list of tensors of one scalar type: `std::vector<Tensor<float>>`, say.
template <class T>
concept TensorList = !IsTensor<T> && requires(const T& list) {
  std::end(list);
  requires IsTensor<std::remove_cvref_t<decltype(*std::begin(list))>>;
};

namespace detail {

/// Writes `part` into `out` from index `start` on along a dimension.
template <TensorScalar S>
void copy_into(Tensor<S>& out, std::size_t dim, std::int64_t start, const Tensor<S>& part) {
  if (part.numel() == 0) return;
  const Shape strides = strides_of(out.shape());
  kernels::copy_strided(part.shape(), part.data(), strides_of(part.shape()),
                        out.data() + start * strides[dim], strides);
}

/// True for what cat passes over: PyTorch has always taken a tensor of shape (0,) for "nothing".
inline bool is_nothing(const Shape& shape) { return shape.size() == 1 && shape[0] == 0; }

/// The shape that tensors have when they are put together along `dim`, which is made non-negative.
template <TensorScalar S>
Shape cat_shape(std::span<const Tensor<S>> tensors, std::int64_t& dim) {
  if (tensors.empty()) raise<ValueError>("cat", "expected at least one tensor, got none");
  const Tensor<S>* first = tensors.data();
  for (const Tensor<S>& tensor : tensors) {
    if (tensor.shape().empty()) {
      raise<ShapeError>("cat", "expected tensors with at least 1 dimension, got a 0-d one");
    }
    if (is_nothing(first->shape())) first = &tensor;
  }
  Shape shape = first->shape();
  const std::size_t at = wrap_dim("cat", dim, shape.size());
  dim = static_cast<std::int64_t>(at);
  shape[at] = 0;
  for (const Tensor<S>& tensor : tensors) {
    if (is_nothing(tensor.shape())) continue;
    Shape others = tensor.shape();
    if (others.size() == shape.size()) others[at] = shape[at];
    if (others != shape) {
      raise<ShapeError>("cat", "expected shapes that are equal except in dimension ", at, ", got ",
                        shape_text(first->shape()), " and ", shape_text(tensor.shape()));
    }
    if (tensor.shape()[at] > std::numeric_limits<std::int64_t>::max() - shape[at]) {
      raise<ValueError>("cat", "the sizes along dimension ", at, " add up to too many");
    }
    shape[at] += tensor.shape()[at];
  }
  return shape;
}

template <TensorScalar S>
Tensor<S> cat_tensors(std::span<const Tensor<S>> tensors, std::int64_t dim) {
  const Shape shape = cat_shape(tensors, dim);
  const auto at = static_cast<std::size_t>(dim);
  Tensor<S> out = Tensor<S>::empty(shape, "cat");
  std::vector<std::int64_t> starts;
  std::vector<std::int64_t> sizes;
  std::int64_t start = 0;
  for (const Tensor<S>& tensor : tensors) {
    const bool skipped = is_nothing(tensor.shape());
    starts.push_back(start);
    sizes.push_back(skipped ? 0 : tensor.shape()[at]);
    if (!skipped) copy_into(out, at, start, tensor);
    start += sizes.back();
  }
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(tensors)) {
      std::vector<Shape> shapes;
      for (const Tensor<S>& tensor : tensors) shapes.push_back(tensor.shape());
      autograd::record_list(out, "CatBackward0", tensors,
                            [dim, starts, sizes, shapes](const Tensor<S>& grad, std::size_t i) {
                              if (is_nothing(shapes[i])) return new_zeros<S>("cat", shapes[i]);
                              return narrow(grad, dim, starts[i], sizes[i]);
                            });
    }
  }
  return out;
}

template <TensorScalar S>
Tensor<S> stack_tensors(std::span<const Tensor<S>> tensors, std::int64_t dim) {
  if (tensors.empty()) raise<ValueError>("stack", "expected at least one tensor, got none");
  const Shape& first = tensors[0].shape();
  const std::size_t at = wrap_dim("stack", dim, first.size() + 1);
  for (const Tensor<S>& tensor : tensors) {
    if (tensor.shape() != first) {
      raise<ShapeError>("stack", "expected tensors of equal shape, got ", shape_text(first),
                        " and ", shape_text(tensor.shape()));
    }
  }
  Shape shape = first;
  shape.insert(at, static_cast<std::int64_t>(tensors.size()));
  Tensor<S> out = Tensor<S>::empty(shape, "stack");
  Shape slice_shape = first;
  slice_shape.insert(at, 1);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    copy_into(out, at, static_cast<std::int64_t>(i), alias(tensors[i], slice_shape));
  }
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(tensors)) {
      autograd::record_list(
          out, "StackBackward0", tensors, [at](const Tensor<S>& grad, std::size_t i) {
            return select(grad, static_cast<std::int64_t>(at), static_cast<std::int64_t>(i));
          });
    }
  }
  return out;
}

/// The list as plain tensors in a row.
template <TensorList List>
auto plain_tensors(const List& list) {
  using S = typename std::remove_cvref_t<decltype(*std::begin(list))>::Scalar;
  return std::vector<Tensor<S>>(std::begin(list), std::end(list));
}

}  // namespace detail

/// The tensors one after the other along dimension `dim`; in all others their sizes are equal.
/// Tensors of shape `(0,)` are passed over, whatever the shapes of the others.
///
/// Raises ValueError for an empty list, ShapeError for shapes that do not fit and for 0-d tensors,
/// IndexError for a dimension out of range.
template <TensorScalar S>
Tensor<S> cat(std::initializer_list<Tensor<S>> tensors, std::int64_t dim = 0) {
  return detail::cat_tensors(std::span<const Tensor<S>>(tensors.begin(), tensors.size()), dim);
}
template <TensorList List>
auto cat(const List& tensors, std::int64_t dim = 0) {
  const auto plain = detail::plain_tensors(tensors);
  return detail::cat_tensors(std::span(plain), dim);
}

/// Tensors of equal shape side by side along a new dimension: shape `(A, B)`, n of them, →
/// `(A, n, B)` for `dim = 1`.
///
/// Raises ValueError for an empty list, ShapeError where the shapes differ, IndexError for a
/// dimension out of range.
template <TensorScalar S>
Tensor<S> stack(std::initializer_list<Tensor<S>> tensors, std::int64_t dim = 0) {
  return detail::stack_tensors(std::span<const Tensor<S>>(tensors.begin(), tensors.size()), dim);
}
template <TensorList List>
auto stack(const List& tensors, std::int64_t dim = 0) {
  const auto plain = detail::plain_tensors(tensors);
  return detail::stack_tensors(std::span(plain), dim);
}

}  // namespace brasa
