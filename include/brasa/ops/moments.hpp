#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/view.hpp"

/// Variances and standard deviations.
namespace brasa {
namespace detail {

/// Σᵢ (xᵢ − m)² / divisor, or its root, where m is the mean that a first pass has found.
template <FloatScalar S>
struct DeviationReducer {
  struct State {
    double mean = 0;
    double sum = 0;
  };
  const double* means;
  double divisor;
  bool root;

  State start(std::int64_t i) const { return {means[i], 0}; }
  void add(State& state, S value, std::int64_t) const {
    const double difference = static_cast<double>(value) - state.mean;
    state.sum += difference * difference;
  }
  void merge(State& state, State other) const { state.sum += other.sum; }
  S finish(State state) const {
    const double variance = state.sum / divisor;
    return static_cast<S>(root ? std::sqrt(variance) : variance);
  }
};

template <FloatScalar S>
struct MeanReducer : SumReducer<S> {
  double finish(double sum) const { return sum / this->divisor; }
};

/// The gradient of the variance: grad·2/(n − correction)·(x − mean).
template <FloatScalar S>
Tensor<S> var_gradient(const Tensor<S>& grad, const Tensor<S>& x, const Shape& dims,
                       double degrees_of_freedom) {
  return grad * (2 / degrees_of_freedom) * (x - mean(x, Dims(dims), true));
}

template <TensorScalar S>
Tensor<S> deviation(const char* op, const Tensor<S>& x, const Shape& dims, double correction,
                    bool keepdim, bool root) {
  require_float<S>(op);
  if constexpr (!FloatScalar<S>) {
    return x;
  } else {
    const auto plan = plan_reduction(op, x, dims, keepdim);
    const auto count = static_cast<double>(plan.extent.count);
    const auto means = run_reduction<double>(op, plan, MeanReducer<S>{{count}});
    const DeviationReducer<S> reducer{means.data(), std::max(0.0, count - correction), root};
    Tensor<S> out = run_reduction<S>(op, plan, reducer);
    if (!autograd::recording(x)) return out;
    const double freedom = count - correction;
    const Shape& keep = plan.keep_shape;
    if (root) {
      autograd::record(
          out, "StdBackward0",
          autograd::vjp(
              x,
              [dims, freedom, keep](const auto& grad, const auto& values, const auto& y) {
                const auto var_grad = masked_fill(grad / (y * 2), y == 0, 0);
                return var_gradient(reshape(var_grad, keep), values, dims, freedom);
              },
              autograd::save(x), autograd::save_result(out)));
    } else {
      autograd::record(out, "VarBackward0",
                       autograd::vjp(
                           x,
                           [dims, freedom, keep](const auto& grad, const auto& values) {
                             return var_gradient(reshape(grad, keep), values, dims, freedom);
                           },
                           autograd::save(x)));
    }
    return out;
  }
}

}  // namespace detail

/// Σᵢ (xᵢ − x̄)² / (n − 1) over all elements; NaN for a single one.
/// Raises DtypeError for integers.
template <TensorScalar S>
Tensor<S> var(const Tensor<S>& x) {
  return detail::deviation("var", x, {}, 1, false, false);
}

/// Σᵢ (xᵢ − x̄)² / max(0, n − correction) over the given dimensions.
/// Raises DtypeError for integers.
template <TensorScalar S>
Tensor<S> var(const Tensor<S>& x, const Dims& dim, double correction = 1, bool keepdim = false) {
  return detail::deviation("var", x, dim, correction, keepdim, false);
}

/// The square root of `var(x)`. Raises DtypeError for integers.
template <TensorScalar S>
Tensor<S> std(const Tensor<S>& x) {
  return detail::deviation("std", x, {}, 1, false, true);
}

/// The square root of `var(x, dim, correction)`. Raises DtypeError for integers.
template <TensorScalar S>
Tensor<S> std(const Tensor<S>& x, const Dims& dim, double correction = 1, bool keepdim = false) {
  return detail::deviation("std", x, dim, correction, keepdim, true);
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/where.hpp"
