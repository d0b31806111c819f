#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "brasa/core/tensor.hpp"
#include "brasa/ops/packed_weight.hpp"
#include "brasa/ops/product.hpp"
#include "brasa/ops/view.hpp"

/// Products of vectors, matrices and batches of matrices. Integers multiply exactly, modulo their
/// range; bools raise DtypeError.
namespace brasa {
namespace detail {

inline void require_rank(std::string_view op, const char* what, const Shape& shape,
                         std::size_t rank) {
  if (shape.size() != rank) {
    raise<ShapeError>(op, "expected ", what, " with ", rank,
                      rank == 1 ? " dimension" : " dimensions", ", got shape ", shape_text(shape));
  }
}

inline void require_equal_inner(std::string_view op, std::int64_t left, std::int64_t right,
                                const Shape& a, const Shape& b) {
  if (left != right) {
    raise<ShapeError>(op, "expected shapes (*, n, k) and (*, k, m), got ", shape_text(a), " and ",
                      shape_text(b), ": ", left, " and ", right, " are to be the same k");
  }
}

/// A matrix, or a batch of them.
inline Factor matrix_factor(const Shape& shape) {
  const std::size_t rank = shape.size();
  return {shape.slice(0, rank - 2), shape[rank - 2], shape[rank - 1]};
}

/// A tensor of at least one dimension seen as the matrix of its rows.
inline Factor rows_factor(std::string_view op, const Shape& shape) {
  return {{}, checked_numel(op, shape.slice(0, shape.size() - 1)), shape.back()};
}

/// The name of the last node that PyTorch records for a matmul. It swaps the factors and transposes
/// the result where one matrix, which requires a gradient, is multiplied by many.
inline const char* matmul_name(const Shape& a, const Shape& b, bool a_requires_grad) {
  if (b.size() <= 2 && a.size() <= 2) {
    if (b.size() == 1) return a.size() == 1 ? "DotBackward0" : "MvBackward0";
    return a.size() == 1 ? "SqueezeBackward4" : "MmBackward0";
  }
  const bool one_by_many =
      a.size() == 2 || (a.size() == 3 && b.size() == 3 && a[0] == 1 && b[0] != 1);
  if (!one_by_many || !a_requires_grad) return "UnsafeViewBackward0";
  const std::int64_t rows = a[a.size() - 2];
  const std::int64_t columns = b.back();
  const bool moves = rows > 1 && columns > 1 && !has_zero_size(b.slice(0, b.size() - 2));
  return moves ? "CloneBackward0" : "TransposeBackward0";
}

/// What `linear` asks of its arguments.
template <TensorScalar S>
void check_linear(const Tensor<S>& input, const Tensor<S>& weight, bool may_be_vector) {
  if (weight.dim() != 1 || !may_be_vector) require_rank("linear", "a weight", weight.shape(), 2);
  if (input.dim() == 0 || input.shape().back() != weight.shape().back()) {
    raise<ShapeError>("linear", "expected input of shape (*, ", weight.shape().back(), "), got ",
                      shape_text(input.shape()));
  }
}

/// True for the usual case in inference: a bias as a layer has it, or none, and nothing to record.
template <FloatScalar S>
bool is_plain_linear(const Tensor<S>& input, const Tensor<S>& weight, const Tensor<S>& bias) {
  if (weight.dim() != 2 || autograd::recording(input, weight, bias)) return false;
  return !bias.defined() || (bias.dim() == 1 && bias.numel() == weight.shape()[0]);
}

/// x·Wᵀ + b, or relu of that; without detours, for the usual case. Records nothing.
template <FloatScalar S>
Tensor<S> plain_linear(const Tensor<S>& input, const Tensor<S>& weight, const Tensor<S>& bias,
                       bool relu = false) {
  const std::int64_t features = weight.shape()[0];
  Shape out_shape = input.shape();
  out_shape.back() = features;
  Tensor<S> out = Tensor<S>::empty(out_shape, "linear");
  if (out.numel() == 0) return out;
  const kernels::GemmSizes size{out.numel() / features, features, weight.shape()[1]};
  const S* added = bias.defined() ? bias.data() : nullptr;
  if (const S* panels = PackedWeight<S>::panels_of(weight)) {
    kernels::gemm_packed(size, input.data(), panels, added, out.data(), relu);
  } else {
    kernels::gemm_bias(false, true, size, S(1), input.data(), weight.data(), added, out.data(),
                       relu);
  }
  return out;
}

}  // namespace detail

/// The product of two tensors of at least one dimension:
///
/// | `a`         | `b`         | result      |                                              |
/// |-------------|-------------|-------------|----------------------------------------------|
/// | `(k)`       | `(k)`       | `()`        | Σ aᵢ·bᵢ                                      |
/// | `(n, k)`    | `(k, m)`    | `(n, m)`    | matrix product                               |
/// | `(k)`       | `(*, k, m)` | `(*, m)`    | a as a row                                   |
/// | `(*, n, k)` | `(k)`       | `(*, n)`    | b as a column                                |
/// | `(*, n, k)` | `(*, k, m)` | `(*, n, m)` | products of matrices, the `*` are broadcast  |
///
/// Raises ShapeError where the sizes do not fit.
template <TensorScalar S>
Tensor<S> matmul(const Tensor<S>& a, const Tensor<S>& b) {
  const Shape& a_shape = a.shape();
  const Shape& b_shape = b.shape();
  if (a_shape.empty() || b_shape.empty()) {
    detail::raise<ShapeError>("matmul", "expected tensors with at least 1 dimension, got shapes ",
                              shape_text(a_shape), " and ", shape_text(b_shape));
  }
  const bool a_is_vector = a_shape.size() == 1;
  const bool b_is_vector = b_shape.size() == 1;
  detail::Factor fa =
      a_is_vector ? detail::Factor{{}, 1, a_shape[0]} : detail::matrix_factor(a_shape);
  detail::Factor fb =
      b_is_vector ? detail::Factor{{}, b_shape[0], 1} : detail::matrix_factor(b_shape);
  detail::require_equal_inner("matmul", fa.cols, fb.rows, a_shape, b_shape);
  Shape out_shape = detail::broadcast_shapes("matmul", fa.batch, fb.batch);
  if (!a_is_vector) out_shape.push_back(fa.rows);
  if (!b_is_vector) out_shape.push_back(fb.cols);
  if (detail::numel_of(fb.batch) == 1) {
    // All rows of a meet the same b: one large product instead of many small ones.
    fa = detail::rows_factor("matmul", a_shape);
    fb.batch = Shape();
  }
  const char* name = detail::matmul_name(a_shape, b_shape, a.requires_grad());
  return detail::product("matmul", name, out_shape, a, fa, b, fb);
}

/// The product of two matrices, `(n, k)` and `(k, m)`. Raises ShapeError for anything else.
template <TensorScalar S>
Tensor<S> mm(const Tensor<S>& input, const Tensor<S>& mat2) {
  detail::require_rank("mm", "a matrix", input.shape(), 2);
  detail::require_rank("mm", "a matrix", mat2.shape(), 2);
  detail::require_equal_inner("mm", input.shape()[1], mat2.shape()[0], input.shape(), mat2.shape());
  return matmul(input, mat2);
}

/// The product of a matrix `(n, k)` and a vector `(k)`. Raises ShapeError for anything else.
template <TensorScalar S>
Tensor<S> mv(const Tensor<S>& input, const Tensor<S>& vec) {
  detail::require_rank("mv", "a matrix", input.shape(), 2);
  detail::require_rank("mv", "a vector", vec.shape(), 1);
  detail::require_equal_inner("mv", input.shape()[1], vec.shape()[0], input.shape(), vec.shape());
  return matmul(input, vec);
}

/// Σ aᵢ·bᵢ of two vectors of equal length. Raises ShapeError for anything else.
template <TensorScalar S>
Tensor<S> dot(const Tensor<S>& input, const Tensor<S>& other) {
  detail::require_rank("dot", "a vector", input.shape(), 1);
  detail::require_rank("dot", "a vector", other.shape(), 1);
  if (input.numel() != other.numel()) {
    detail::raise<ShapeError>("dot", "expected vectors of equal length, got shapes ",
                              shape_text(input.shape()), " and ", shape_text(other.shape()));
  }
  return matmul(input, other);
}

/// The products of two batches of matrices, `(b, n, k)` and `(b, k, m)`. Nothing is broadcast.
/// Raises ShapeError for anything else.
template <TensorScalar S>
Tensor<S> bmm(const Tensor<S>& input, const Tensor<S>& mat2) {
  detail::require_rank("bmm", "a batch of matrices", input.shape(), 3);
  detail::require_rank("bmm", "a batch of matrices", mat2.shape(), 3);
  const detail::Factor fa = detail::matrix_factor(input.shape());
  const detail::Factor fb = detail::matrix_factor(mat2.shape());
  if (fa.batch != fb.batch) {
    detail::raise<ShapeError>("bmm", "expected batches of equal size, got shapes ",
                              shape_text(input.shape()), " and ", shape_text(mat2.shape()));
  }
  detail::require_equal_inner("bmm", fa.cols, fb.rows, input.shape(), mat2.shape());
  return detail::product("bmm", "BmmBackward0", {fa.batch[0], fa.rows, fb.cols}, input, fa, mat2,
                         fb);
}

/// beta·input + alpha·mat1·mat2 for matrices `(n, k)` and `(k, m)`; `input` broadcasts to `(n, m)`,
/// and is not looked at if beta is 0. For integers beta and alpha are cut to integers.
///
/// Raises ShapeError where the sizes do not fit.
template <TensorScalar S>
Tensor<S> addmm(const Tensor<S>& input, const Tensor<S>& mat1, const Tensor<S>& mat2,
                double beta = 1, double alpha = 1) {
  detail::require_rank("addmm", "a matrix", mat1.shape(), 2);
  detail::require_rank("addmm", "a matrix", mat2.shape(), 2);
  const detail::Factor fa = detail::matrix_factor(mat1.shape());
  const detail::Factor fb = detail::matrix_factor(mat2.shape());
  detail::require_equal_inner("addmm", fa.cols, fb.rows, mat1.shape(), mat2.shape());
  return detail::affine_product("addmm", "AddmmBackward0", {fa.rows, fb.cols}, input,
                                static_cast<S>(beta), static_cast<S>(alpha), mat1, fa, mat2, fb);
}

/// The products of each element of one vector with each of another: `(n)` and `(m)` → `(n, m)`.
/// Raises ShapeError for anything but vectors.
template <TensorScalar S>
Tensor<S> outer(const Tensor<S>& input, const Tensor<S>& vec2) {
  detail::require_rank("outer", "a vector", input.shape(), 1);
  detail::require_rank("outer", "a vector", vec2.shape(), 1);
  return reshape(input, {input.numel(), 1}) * vec2;
}

/// y = x·Wᵀ + b, as in a fully connected layer.
///
/// \param input   `(*, in_features)`
/// \param weight  `(out_features, in_features)`; or `(in_features)`, without a bias
/// \param bias    `(out_features)` or what broadcasts to it; may be left out
/// \return        `(*, out_features)`; `(*)` for a 1-d weight
///
/// Raises ShapeError where the sizes do not fit.
template <TensorScalar S>
Tensor<S> linear(const Tensor<S>& input, const Tensor<S>& weight, const Tensor<S>& bias = {}) {
  detail::check_linear(input, weight, !bias.defined());
  if constexpr (FloatScalar<S>) {
    if (detail::is_plain_linear(input, weight, bias)) {
      return detail::plain_linear(input, weight, bias);
    }
  }
  const detail::Factor rows = detail::rows_factor("linear", input.shape());
  const bool is_vector = weight.dim() == 1;
  const detail::Factor columns = is_vector ? detail::Factor{{}, weight.shape()[0], 1}
                                           : detail::matrix_factor(weight.shape()).flipped();
  Shape out_shape = input.shape().slice(0, input.shape().size() - 1);
  if (!is_vector) out_shape.push_back(columns.rows);
  if (!bias.defined()) {
    const char* name = detail::matmul_name(input.shape(), weight.shape(), input.requires_grad());
    return detail::product("linear", name, out_shape, input, rows, weight, columns);
  }
  if (!detail::expands_to(bias.shape(), {rows.rows, columns.rows})) {
    detail::raise<ShapeError>("linear", "expected a bias of shape (", columns.rows, ",), got ",
                              shape_text(bias.shape()));
  }
  const char* name = input.dim() == 2 ? "AddmmBackward0" : "ViewBackward0";
  return detail::affine_product("linear", name, out_shape, bias, S(1), S(1), input, rows, weight,
                                columns);
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
