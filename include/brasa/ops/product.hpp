#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/gemm.hpp"
#include "brasa/kernels/strided.hpp"
#include "brasa/ops/permute.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/view.hpp"

/// What all products of vectors, matrices and batches of matrices are made of (ops/matmul.hpp).
namespace brasa::detail {

/// How a tensor enters a product: as a batch of (rows, cols) matrices, transposed or not. The
/// tensor's own shape may be another one with as many elements: a vector can enter as one row.
struct Factor {
  Shape batch;
  std::int64_t rows;
  std::int64_t cols;
  bool transposed = false;

  Shape shape() const {
    Shape all = batch;
    all.append({rows, cols});
    return all;
  }
  std::int64_t op_rows() const { return transposed ? cols : rows; }
  std::int64_t op_cols() const { return transposed ? rows : cols; }
  Factor flipped() const { return {batch, rows, cols, !transposed}; }
};

/// How the product of two factors is laid out.
inline Factor product_of(std::string_view op, const Factor& a, const Factor& b) {
  return {broadcast_shapes(op, a.batch, b.batch), a.op_rows(), b.op_cols()};
}

/// out = alpha·op(a)·op(b) + beta·out for each matrix of the batch. Records nothing.
template <TensorScalar S>
void multiply_into(Tensor<S>& out, const Factor& fo, S alpha, const Tensor<S>& a, const Factor& fa,
                   const Tensor<S>& b, const Factor& fb, S beta) {
  if (out.numel() == 0) return;
  const auto strides = [&fo](const Factor& factor) {
    Shape result = expanded_strides(factor.batch, fo.batch);
    for (std::int64_t& stride : result) stride *= factor.rows * factor.cols;
    return result;
  };
  const kernels::GemmSizes size{fo.rows, fo.cols, fa.op_cols()};
  kernels::OffsetWalk<3> matrix(fo.batch, {strides(fa), strides(fb), strides(fo)});
  S* target = out.data();
  do {
    kernels::gemm(fa.transposed, fb.transposed, size, alpha, a.data() + matrix[0],
                  b.data() + matrix[1], beta, target + matrix[2]);
  } while (matrix.next());
}

template <TensorScalar S>
void require_numbers(std::string_view op) {
  if constexpr (std::is_same_v<S, bool>) raise<DtypeError>(op, "expected numbers, got bool");
}

template <TensorScalar S>
Tensor<S> product(std::string_view op, const char* name, const Shape& out_shape, const Tensor<S>& a,
                  const Factor& fa, const Tensor<S>& b, const Factor& fb);

/// The gradient of a factor of o = alpha·op(a)·op(b): a product of o's gradient and the other
/// factor, summed over the batch dimensions along which the factor was repeated. op(a) gets
/// alpha·grad·op(b)ᵀ and op(b) gets alpha·op(a)ᵀ·grad; a tensor that op transposes gets the
/// transpose of that.
template <FloatScalar S>
struct FactorGradient {
  Shape shape;  // of the tensor
  Factor factor, grad, other;
  bool grad_is_left;
  S alpha;

  FactorGradient(bool of_left, const Shape& its_shape, const Factor& its_factor,
                 const Factor& other_factor, const Factor& out, S its_alpha)
      : shape(its_shape),
        factor(its_factor),
        grad(factor.transposed ? out.flipped() : out),
        other(factor.transposed ? other_factor : other_factor.flipped()),
        grad_is_left(of_left != factor.transposed),
        alpha(its_alpha) {}

  Tensor<S> operator()(const Tensor<S>& out_grad, const Tensor<S>& kept) const {
    const Tensor<S> scaled = alpha == S(1) ? out_grad : out_grad * alpha;
    const Factor& left = grad_is_left ? grad : other;
    const Factor& right = grad_is_left ? other : grad;
    const Factor result = product_of("matmul", left, right);
    const char* name = result.batch.empty() ? "MmBackward0" : "BmmBackward0";
    const Tensor<S> whole = product("matmul", name, result.shape(), grad_is_left ? scaled : kept,
                                    left, grad_is_left ? kept : scaled, right);
    return reshape(sum_to(whole, factor.shape()), shape);
  }
};

/// op(a)·op(b) under the given shape, recorded as `name`. The sizes have to fit.
template <TensorScalar S>
Tensor<S> product(std::string_view op, const char* name, const Shape& out_shape, const Tensor<S>& a,
                  const Factor& fa, const Tensor<S>& b, const Factor& fb) {
  require_numbers<S>(op);
  const Factor fo = product_of(op, fa, fb);
  Tensor<S> out = Tensor<S>::empty(out_shape, op);
  multiply_into(out, fo, S(1), a, fa, b, fb, S(0));
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(a, b)) {
      autograd::record(
          out, name,
          autograd::vjp(a, FactorGradient<S>(true, a.shape(), fa, fb, fo, S(1)), autograd::save(b)),
          autograd::vjp(b, FactorGradient<S>(false, b.shape(), fb, fa, fo, S(1)),
                        autograd::save(a)));
    }
  }
  return out;
}

/// out = beta·input + alpha·op(a)·op(b) without batches. Records nothing.
template <TensorScalar S>
void affine_into(Tensor<S>& out, const Factor& fo, const Tensor<S>& input, S beta, S alpha,
                 const Tensor<S>& a, const Factor& fa, const Tensor<S>& b, const Factor& fb) {
  if constexpr (FloatScalar<S>) {
    if (beta == S(1) && input.shape() == Shape{fo.cols}) {  // as in linear layers
      kernels::gemm_bias(fa.transposed, fb.transposed, {fo.rows, fo.cols, fa.op_cols()}, alpha,
                         a.data(), b.data(), input.data(), out.data());
      return;
    }
  }
  if (beta != S(0)) {
    kernels::copy_strided(fo.shape(), input.data(), expanded_strides(input.shape(), fo.shape()),
                          out.data(), strides_of(fo.shape()));
  }
  multiply_into(out, fo, alpha, a, fa, b, fb, beta);
}

/// beta·input + alpha·op(a)·op(b), where `input` broadcasts to the product and neither factor has a
/// batch, under the given shape and recorded as `name`.
template <TensorScalar S>
Tensor<S> affine_product(std::string_view op, const char* name, const Shape& out_shape,
                         const Tensor<S>& input, S beta, S alpha, const Tensor<S>& a,
                         const Factor& fa, const Tensor<S>& b, const Factor& fb) {
  require_numbers<S>(op);
  const Factor fo = product_of(op, fa, fb);
  if (!expands_to(input.shape(), fo.shape())) {
    raise<ShapeError>(op, "expected a shape that broadcasts to ", shape_text(fo.shape()),
                      " to add to the product, got ", shape_text(input.shape()));
  }
  Tensor<S> out = Tensor<S>::empty(out_shape, op);
  affine_into(out, fo, input, beta, alpha, a, fa, b, fb);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(input, a, b)) {
      const auto of_input = [=, shape = input.shape()](const auto& grad) {
        const auto whole = reshape(grad, fo.shape());
        return sum_to(beta == S(1) ? whole : whole * beta, shape);
      };
      autograd::record(out, name, autograd::vjp(input, of_input),
                       autograd::vjp(a, FactorGradient<S>(true, a.shape(), fa, fb, fo, alpha),
                                     autograd::save(b)),
                       autograd::vjp(b, FactorGradient<S>(false, b.shape(), fb, fa, fo, alpha),
                                     autograd::save(a)));
    }
  }
  return out;
}

}  // namespace brasa::detail

#include "brasa/ops/arithmetic.hpp"
