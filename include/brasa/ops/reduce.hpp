#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/reduce.hpp"
#include "brasa/kernels/sum.hpp"
#include "brasa/ops/permute.hpp"
#include "brasa/ops/view.hpp"

/// Sums and means, and what every reduction is made of.
///
/// All reductions take dimensions counted from either end, each at most once; no dimension at all
/// means all of them; a 0-d tensor counts as 1-d. With `keepdim` the reduced dimensions stay, with
/// size 1. Raised are IndexError for a dimension out of range, ValueError for one given twice.
namespace brasa {
namespace detail {

/// A reduction over some dimensions, made ready for the kernel.
template <TensorScalar S>
struct Reduction {
  Tensor<S> source;              // x, or a copy of it that has the reduced dimensions last
  kernels::ReduceExtent extent;  // of the source
  Shape keep_shape;              // of the result with keepdim
  Shape out_shape;               // of the result as asked for
};

/// A tensor seen as (outer, size, inner) around one dimension; a 0-d tensor as 1-d.
inline kernels::ReduceExtent around(const Shape& shape, std::size_t dim) {
  if (shape.empty()) return {1, 1, 1};
  return {numel_of(shape.slice(0, dim)), shape[dim], numel_of(shape.slice(dim + 1, shape.size()))};
}

/// True if the marked dimensions of a shape follow one another in memory.
inline bool are_neighbours(const Shape& shape, const Shape& marked) {
  bool inside = false;
  bool after = false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    if (marked[i] != 0) {
      if (after) return false;
      inside = true;
    } else if (inside) {
      after = true;
    }
  }
  return true;
}

/// The product of those sizes whose mark is `mark`, up to dimension `end`.
inline std::int64_t product_of_marked(const Shape& shape, const Shape& marked, std::int64_t mark,
                                      std::size_t begin, std::size_t end) {
  Shape sizes;
  for (std::size_t i = begin; i < end; ++i) {
    if (marked[i] == mark) sizes.push_back(shape[i]);
  }
  return numel_of(sizes);
}

template <TensorScalar S>
Reduction<S> plan_reduction(std::string_view op, const Tensor<S>& x, const Shape& dims,
                            bool keepdim) {
  const Shape& shape = x.shape();
  const std::size_t rank = shape.size();
  const Shape marked = dims.empty() ? Shape::filled(rank, 1) : marked_dims(op, dims, rank);
  Reduction<S> plan{x, {1, 1, 1}, shape, Shape()};
  Shape kept, reduced;
  std::size_t first = rank;
  for (std::size_t i = 0; i < rank; ++i) {
    if (marked[i] != 0) {
      if (shape[i] != 1 && first == rank) first = i;
      reduced.push_back(static_cast<std::int64_t>(i));
      plan.keep_shape[i] = 1;
    } else {
      kept.push_back(static_cast<std::int64_t>(i));
      plan.out_shape.push_back(shape[i]);
    }
  }
  if (keepdim) plan.out_shape = plan.keep_shape;
  checked_numel(op, plan.out_shape);
  plan.extent.count = product_of_marked(shape, marked, 1, 0, rank);
  if (are_neighbours(shape, marked)) {
    plan.extent.outer = product_of_marked(shape, marked, 0, 0, first);
    plan.extent.inner = product_of_marked(shape, marked, 0, first, rank);
  } else {
    plan.extent.outer = numel_of(plan.keep_shape);
    Shape order = kept;
    order.append(reduced);
    plan.source = permute_copy(op, x, order);
  }
  return plan;
}

/// Runs the kernel: one value of type Out for each slice of the plan.
template <TensorScalar Out, TensorScalar S, class Reducer>
Tensor<Out> run_reduction(std::string_view op, const Reduction<S>& plan, const Reducer& reducer) {
  Tensor<Out> out = Tensor<Out>::empty(plan.out_shape, op);
  if (out.numel() > 0) {
    const Tensor<S>& source = plan.source;
    kernels::reduce(source.data(), plan.extent, out.data(), reducer);
  }
  return out;
}

/// Raises DtypeError unless S is a floating-point type.
template <TensorScalar S>
void require_float(std::string_view op) {
  if constexpr (!FloatScalar<S>) {
    raise<DtypeError>(op, "expected a floating-point tensor, got one of ", dtype_name(dtype_of<S>));
  }
}

/// What sums and products of S are computed in. Unsigned, because integers wrap around where they
/// overflow, as in PyTorch.
template <TensorScalar S>
using accumulator_of = std::conditional_t<FloatScalar<S>, double, std::uint64_t>;

template <TensorScalar S>
struct SumReducer {
  using State = accumulator_of<S>;
  State divisor = 1;
  State start(std::int64_t) const { return State{0}; }
  void add(State& sum, S value, std::int64_t) const { sum += static_cast<State>(value); }
  void merge(State& sum, State other) const { sum += other; }
  sum_of<S> finish(State sum) const {
    if constexpr (FloatScalar<S>) sum /= divisor;
    return static_cast<sum_of<S>>(sum);
  }
};

/// Σ over each slice of the plan; of floating point numbers Σ / divisor.
template <TensorScalar S>
Tensor<sum_of<S>> run_sum(std::string_view op, const Reduction<S>& plan, double divisor) {
  if constexpr (FloatScalar<S>) {
    Tensor<S> out = Tensor<S>::empty(plan.out_shape, op);
    if (out.numel() > 0) {
      const Tensor<S>& source = plan.source;
      kernels::sum(source.data(), plan.extent, divisor, out.data());
    }
    return out;
  } else {
    return run_reduction<sum_of<S>>(op, plan, SumReducer<S>{});
  }
}

template <TensorScalar S>
Tensor<sum_of<S>> sum_recorded(const Tensor<S>& x, const Shape& dims, bool keepdim,
                               const char* name) {
  const auto plan = plan_reduction("sum", x, dims, keepdim);
  auto out = run_sum("sum", plan, 1);
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(
          out, name,
          autograd::vjp(x, [shape = x.shape(), keep = plan.keep_shape](const auto& grad) {
            return expand(reshape(grad, keep), shape);
          }));
    }
  }
  return out;
}

template <TensorScalar S>
Tensor<S> mean_recorded(const Tensor<S>& x, const Shape& dims, bool keepdim, const char* name) {
  require_float<S>("mean");
  const auto plan = plan_reduction("mean", x, dims, keepdim);
  if constexpr (FloatScalar<S>) {
    const auto count = static_cast<double>(plan.extent.count);
    auto out = run_sum("mean", plan, count);
    if (autograd::recording(x)) {
      autograd::record(
          out, name,
          autograd::vjp(x, [shape = x.shape(), keep = plan.keep_shape, count](const auto& grad) {
            return expand(reshape(grad / count, keep), shape);
          }));
    }
    return out;
  } else {
    return x;
  }
}

}  // namespace detail

/// Σᵢ xᵢ over all elements; 0 for none. Integers and bools add up to int64.
template <TensorScalar S>
Tensor<sum_of<S>> sum(const Tensor<S>& x) {
  return detail::sum_recorded(x, {}, false, "SumBackward0");
}

/// Σᵢ xᵢ over the given dimensions; over all of them if none is given.
template <TensorScalar S>
Tensor<sum_of<S>> sum(const Tensor<S>& x, const Dims& dim, bool keepdim = false) {
  return detail::sum_recorded(x, dim, keepdim, "SumBackward1");
}

/// Σᵢ xᵢ / n over all elements; NaN for none. Raises DtypeError for integers.
template <TensorScalar S>
Tensor<S> mean(const Tensor<S>& x) {
  return detail::mean_recorded(x, {}, false, "MeanBackward0");
}

/// Σᵢ xᵢ / n over the given dimensions. Raises DtypeError for integers.
template <TensorScalar S>
Tensor<S> mean(const Tensor<S>& x, const Dims& dim, bool keepdim = false) {
  return detail::mean_recorded(x, dim, keepdim, "MeanBackward1");
}

/// Sums x over those dimensions along which a tensor of `shape` would be repeated to broadcast to
/// x: what turns the gradient of a broadcast tensor into its own. x itself if the shapes are equal.
template <FloatScalar S>
Tensor<S> sum_to(const Tensor<S>& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const std::size_t added = x.shape().size() - shape.size();
  Shape dims;
  for (std::size_t i = 0; i < x.shape().size(); ++i) {
    if (i < added || (shape[i - added] == 1 && x.shape()[i] != 1)) {
      dims.push_back(static_cast<std::int64_t>(i));
    }
  }
  return reshape(sum(x, Dims(dims)), shape);
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
