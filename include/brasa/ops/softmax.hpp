#pragma once

#include <cstdint>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/softmax.hpp"
#include "brasa/ops/reduce.hpp"

namespace brasa {
namespace detail {

template <bool kLog, TensorScalar S>
Tensor<S> softmax_over(const char* op, const Tensor<S>& x, std::int64_t dim) {
  require_float<S>(op);
  const std::size_t at = wrap_dim(op, dim, x.shape().size());
  Tensor<S> out = Tensor<S>::empty(x.shape(), op);
  if constexpr (FloatScalar<S>) {
    if (x.numel() > 0) kernels::softmax<kLog>(x.data(), around(x.shape(), at), out.data());
  }
  return out;
}

}  // namespace detail

/// softmax(x)ᵢ = exp(xᵢ) / Σⱼ exp(xⱼ), where i and j run along one dimension.
///
/// Raises IndexError for a dimension out of range, DtypeError for integers.
template <TensorScalar S>
Tensor<S> softmax(const Tensor<S>& x, std::int64_t dim) {
  Tensor<S> out = detail::softmax_over<false>("softmax", x, dim);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "SoftmaxBackward0",
                       autograd::vjp(
                           x,
                           [dim](const auto& grad, const auto& y) {
                             const auto weighted = grad * y;
                             return weighted - y * sum(weighted, dim, true);
                           },
                           autograd::save_result(out)));
    }
  }
  return out;
}

/// log(softmax(x)ᵢ) = xᵢ − log Σⱼ exp(xⱼ), where i and j run along one dimension.
///
/// Raises IndexError for a dimension out of range, DtypeError for integers.
template <TensorScalar S>
Tensor<S> log_softmax(const Tensor<S>& x, std::int64_t dim) {
  Tensor<S> out = detail::softmax_over<true>("log_softmax", x, dim);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "LogSoftmaxBackward0",
                       autograd::vjp(
                           x,
                           [dim](const auto& grad, const auto& y) {
                             return grad - exp(y) * sum(grad, dim, true);
                           },
                           autograd::save_result(out)));
    }
  }
  return out;
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/unary.hpp"
