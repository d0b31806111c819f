#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/cast.hpp"
#include "brasa/ops/extrema.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/view.hpp"

namespace brasa {
namespace detail {

/// Σᵢ term(|xᵢ|), and `root` of that. A class of its own for each norm keeps the loops free of
/// decisions.
template <FloatScalar S, class Term, class Root>
struct NormReducer {
  using State = double;
  Term term;
  Root root;
  double start(std::int64_t) const { return 0; }
  void add(double& sum, S value, std::int64_t) const {
    sum += term(std::abs(static_cast<double>(value)));
  }
  void merge(double& sum, double other) const { sum += other; }
  S finish(double sum) const { return static_cast<S>(root(sum)); }
};

/// The largest or smallest |xᵢ|.
template <bool kMax, FloatScalar S>
struct AbsoluteExtremumReducer : ExtremumReducer<kMax, S> {
  void add(S& best, S value, std::int64_t i) const {
    ExtremumReducer<kMax, S>::add(best, std::abs(value), i);
  }
};

template <FloatScalar S>
Tensor<S> norm_value(const Reduction<S>& plan, double p) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto run = [&plan](auto term, auto root) {
    return run_reduction<S>("norm", plan,
                            NormReducer<S, decltype(term), decltype(root)>{term, root});
  };
  const auto same = [](double value) { return value; };
  if (p == 2) {
    return run([](double a) { return a * a; }, [](double sum) { return std::sqrt(sum); });
  }
  if (p == 1) return run(same, same);
  if (p == 0) return run([](double a) { return a != 0 ? 1.0 : 0.0; }, same);
  if (p == kInfinity) return run_reduction<S>("norm", plan, AbsoluteExtremumReducer<true, S>{});
  if (p == -kInfinity) return run_reduction<S>("norm", plan, AbsoluteExtremumReducer<false, S>{});
  return run([p](double a) { return std::pow(a, p); },
             [p](double sum) { return std::pow(sum, 1 / p); });
}

/// The gradient of y = (Σ |x|^p)^(1/p) is sign(x)·(|x|/y)^(p−1); where y is 0 it is taken to be 0.
/// `grad` and y have kept the dimensions.
template <FloatScalar S>
Tensor<S> norm_gradient(const Tensor<S>& grad, const Tensor<S>& x, const Tensor<S>& y, double p,
                        const Shape& dims) {
  if (p == 0) return {};  // no gradient at all, as in PyTorch
  if (p == 1) return sign(x) * grad;
  if (p == 2) return x * masked_fill(grad / y, y == 0, 0);
  if (std::isinf(p)) {
    const auto found = to<S>(logical_or(abs(x) == y, isnan(x)));
    return sign(x) * (grad / sum(found, Dims(dims), true) * found);
  }
  if (p < 1) {
    const auto powers = masked_fill(sign(x) * pow(abs(x), p - 1), x == 0, 0);
    return powers * grad * pow(y, 1 - p);
  }
  const auto scale = masked_fill(grad / pow(y, p - 1), y == 0, 0);
  if (p < 2) return sign(x) * pow(abs(x), p - 1) * scale;
  return x * pow(abs(x), p - 2) * scale;
}

template <TensorScalar S>
Tensor<S> norm_over(const Tensor<S>& x, double p, const Shape& dims, bool keepdim,
                    const char* name = "LinalgVectorNormBackward0") {
  require_float<S>("norm");
  if constexpr (!FloatScalar<S>) {
    return x;
  } else {
    const auto plan = plan_reduction("norm", x, dims, keepdim);
    if (p < 0 || std::isinf(p)) require_choice("norm", plan, x.shape());
    Tensor<S> out = norm_value(plan, p);
    if (autograd::recording(x)) {
      autograd::record(out, name,
                       autograd::vjp(
                           x,
                           [p, dims, keep = plan.keep_shape](const auto& grad, const auto& values,
                                                             const auto& y) {
                             return norm_gradient(reshape(grad, keep), values, reshape(y, keep), p,
                                                  dims);
                           },
                           autograd::save(x), autograd::save_result(out)));
    }
    return out;
  }
}

template <TensorScalar S>
struct LogSumExpReducer {
  struct State {
    double largest = 0;
    double sum = 0;
  };
  const S* largest;
  State start(std::int64_t i) const {
    const auto m = static_cast<double>(largest[i]);
    return {std::isinf(m) ? 0 : m, 0};
  }
  void add(State& state, S value, std::int64_t) const {
    state.sum += std::exp(static_cast<double>(value) - state.largest);
  }
  void merge(State& state, State other) const { state.sum += other.sum; }
  float_of<S> finish(State state) const {
    return static_cast<float_of<S>>(std::log(state.sum) + state.largest);
  }
};

}  // namespace detail

/// The p-norm over the given dimensions, over all if none is given: (Σᵢ |xᵢ|^p)^(1/p); for p = 0
/// how many elements are not 0, for ±inf the largest or smallest |xᵢ|.
///
/// Raises DtypeError for integers, ShapeError where a norm with p < 0 or p = inf has no elements.
template <TensorScalar S>
Tensor<S> norm(const Tensor<S>& x, double p, const Dims& dim, bool keepdim = false) {
  return detail::norm_over(x, p, dim, keepdim);
}

/// The p-norm of all elements, by default the Euclidean one.
template <TensorScalar S>
Tensor<S> norm(const Tensor<S>& x, double p = 2) {
  return detail::norm_over(x, p, {}, false);
}

/// log Σᵢ exp(xᵢ) over the given dimensions, computed without overflow; −inf for no elements.
template <TensorScalar S>
Tensor<float_of<S>> logsumexp(const Tensor<S>& x, const Dims& dim, bool keepdim = false) {
  const auto plan = detail::plan_reduction("logsumexp", x, dim, keepdim);
  const auto largest =
      detail::run_reduction<S>("logsumexp", plan, detail::ExtremumReducer<true, S>{});
  auto out = detail::run_reduction<float_of<S>>("logsumexp", plan,
                                                detail::LogSumExpReducer<S>{largest.data()});
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(
          out, "LogsumexpBackward0",
          autograd::vjp(
              x,
              [keep = plan.keep_shape](const auto& grad, const auto& values, const auto& y) {
                return reshape(grad, keep) * exp(values - reshape(y, keep));
              },
              autograd::save(x), autograd::save_result(out)));
    }
  }
  return out;
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/logic.hpp"
#include "brasa/ops/power.hpp"
#include "brasa/ops/unary.hpp"
#include "brasa/ops/where.hpp"
