#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/cast.hpp"
#include "brasa/ops/index.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/view.hpp"

/// The largest and smallest elements. A NaN counts as larger and as smaller than anything, so it is
/// what comes out wherever there is one. Of equal elements the first is found.
///
/// Raised is ShapeError where there is no element to choose from.
namespace brasa {
namespace detail {

template <class S>
bool is_nan(S value) {
  if constexpr (std::is_floating_point_v<S>) {
    return std::isnan(value);
  } else {
    return false;
  }
}

/// True if `a` is to be taken instead of `b`.
template <bool kMax, class S>
bool is_better(S a, S b) {
  return (kMax ? a > b : a < b) || (is_nan(a) && !is_nan(b));
}

template <bool kMax, TensorScalar S>
struct ExtremumReducer {
  using State = S;
  using Limits = std::numeric_limits<S>;
  S start(std::int64_t) const {
    if constexpr (FloatScalar<S>) return kMax ? -Limits::infinity() : Limits::infinity();
    return kMax ? Limits::lowest() : Limits::max();
  }
  void add(S& best, S value, std::int64_t) const {
    if (is_better<kMax>(value, best)) best = value;
  }
  void merge(S& best, S other) const { add(best, other, 0); }
  S finish(S best) const { return best; }
};

template <bool kMax, TensorScalar S>
struct ArgReducer {
  struct State {
    S value{};
    std::int64_t index = -1;
  };
  State start(std::int64_t) const { return {}; }
  void add(State& best, S value, std::int64_t index) const {
    if (best.index < 0 || is_better<kMax>(value, best.value)) best = {value, index};
  }
  void merge(State& best, State other) const {
    if (other.index < 0) return;
    const bool is_tie = best.index >= 0 && !is_better<kMax>(best.value, other.value);
    if (best.index < 0 || is_better<kMax>(other.value, best.value) ||
        (is_tie && other.index < best.index)) {
      best = other;
    }
  }
  std::int64_t finish(State best) const { return best.index; }
};

template <TensorScalar S>
void require_choice(const char* op, const Reduction<S>& plan, const Shape& shape) {
  if (plan.extent.count == 0) {
    raise<ShapeError>(op, "expected at least one element to choose from, got shape ",
                      shape_text(shape));
  }
}

/// The extremum over dimensions, which its gradient is spread over evenly where it is met more than
/// once.
template <bool kMax, TensorScalar S>
Tensor<S> extremum(const char* op, const char* name, const Tensor<S>& x, const Shape& dims,
                   bool keepdim) {
  const auto plan = plan_reduction(op, x, dims, keepdim);
  require_choice(op, plan, x.shape());
  Tensor<S> out = run_reduction<S>(op, plan, ExtremumReducer<kMax, S>{});
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(
          out, name,
          autograd::vjp(
              x,
              [dims, keep = plan.keep_shape](const auto& grad, const auto& values, const auto& y) {
                const auto chosen = to<S>(values == reshape(y, keep));
                return reshape(grad, keep) * (chosen / sum(chosen, Dims(dims), true));
              },
              autograd::save(x), autograd::save_result(out)));
    }
  }
  return out;
}

/// The extremum of all elements. Its gradient differs from that over dimensions where there are
/// NaNs: it then goes to those.
template <bool kMax, TensorScalar S>
Tensor<S> extremum_of_all(const char* op, const char* name, const Tensor<S>& x) {
  const auto plan = plan_reduction(op, x, {}, false);
  require_choice(op, plan, x.shape());
  Tensor<S> out = run_reduction<S>(op, plan, ExtremumReducer<kMax, S>{});
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, name,
                       autograd::vjp(
                           x,
                           [](const auto& grad, const auto& values, const auto& y) {
                             const auto chosen =
                                 to<S>(is_nan(y.item()) ? isnan(values) : values == y);
                             return grad * (chosen / sum(chosen));
                           },
                           autograd::save(x), autograd::save_result(out)));
    }
  }
  return out;
}

template <bool kMax, TensorScalar S>
Tensor<std::int64_t> arg_extremum(const char* op, const Tensor<S>& x, const Shape& dims,
                                  bool keepdim) {
  if constexpr (std::is_same_v<S, bool>) raise<DtypeError>(op, "expected numbers, got bool");
  const auto plan = plan_reduction(op, x, dims, keepdim);
  if (plan.keep_shape.empty() || numel_of(plan.keep_shape) > 0) require_choice(op, plan, x.shape());
  return run_reduction<std::int64_t>(op, plan, ArgReducer<kMax, S>{});
}

/// The extremum along one dimension and where it was found.
template <bool kMax, TensorScalar S>
ValuesAndIndices<S> extremum_with_index(const char* op, const char* name, const Tensor<S>& x,
                                        std::int64_t dim, bool keepdim) {
  const auto plan = plan_reduction(op, x, {dim}, keepdim);
  require_choice(op, plan, x.shape());
  auto indices = run_reduction<std::int64_t>(op, plan, ArgReducer<kMax, S>{});
  Tensor<S> values = Tensor<S>::empty(plan.out_shape, op);
  if (values.numel() > 0) {
    const auto [outer, count, inner] = plan.extent;
    const S* from = x.data();
    const std::int64_t* index = std::as_const(indices).data();
    S* to = values.data();
    for (std::int64_t o = 0; o < outer; ++o, from += count * inner) {
      for (std::int64_t k = 0; k < inner; ++k) *to++ = from[*index++ * inner + k];
    }
  }
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(values, name,
                       autograd::vjp(
                           x,
                           [dim, keep = plan.keep_shape, shape = x.shape()](const auto& grad,
                                                                            const auto& index) {
                             return scatter_add_to(reshape(grad, keep), shape, dim,
                                                   reshape(index, keep));
                           },
                           autograd::save(indices)));
    }
  }
  return {values, indices};
}

}  // namespace detail

/// The largest of all elements. Its gradient is spread evenly where several are equal.
template <TensorScalar S>
Tensor<S> max(const Tensor<S>& x) {
  return detail::extremum_of_all<true>("max", "MaxBackward1", x);
}

/// The largest elements along a dimension, and their indices.
template <TensorScalar S>
ValuesAndIndices<S> max(const Tensor<S>& x, std::int64_t dim, bool keepdim = false) {
  return detail::extremum_with_index<true>("max", "MaxBackward0", x, dim, keepdim);
}

/// The smallest of all elements. Its gradient is spread evenly where several are equal.
template <TensorScalar S>
Tensor<S> min(const Tensor<S>& x) {
  return detail::extremum_of_all<false>("min", "MinBackward1", x);
}

/// The smallest elements along a dimension, and their indices.
template <TensorScalar S>
ValuesAndIndices<S> min(const Tensor<S>& x, std::int64_t dim, bool keepdim = false) {
  return detail::extremum_with_index<false>("min", "MinBackward0", x, dim, keepdim);
}

/// The largest elements over the given dimensions; over all if none is given. The gradient is
/// spread evenly where several are equal.
template <TensorScalar S>
Tensor<S> amax(const Tensor<S>& x, const Dims& dim = Shape(), bool keepdim = false) {
  return detail::extremum<true>("amax", "AmaxBackward0", x, dim, keepdim);
}

/// The smallest elements over the given dimensions; over all if none is given. The gradient is
/// spread evenly where several are equal.
template <TensorScalar S>
Tensor<S> amin(const Tensor<S>& x, const Dims& dim = Shape(), bool keepdim = false) {
  return detail::extremum<false>("amin", "AminBackward0", x, dim, keepdim);
}

/// The index of the largest of all elements, as if x were flat. Raises DtypeError for bools.
template <TensorScalar S>
Tensor<std::int64_t> argmax(const Tensor<S>& x) {
  return detail::arg_extremum<true>("argmax", x, {}, false);
}

/// The indices of the largest elements along a dimension. Raises DtypeError for bools.
template <TensorScalar S>
Tensor<std::int64_t> argmax(const Tensor<S>& x, std::int64_t dim, bool keepdim = false) {
  return detail::arg_extremum<true>("argmax", x, {dim}, keepdim);
}

/// The index of the smallest of all elements, as if x were flat. Raises DtypeError for bools.
template <TensorScalar S>
Tensor<std::int64_t> argmin(const Tensor<S>& x) {
  return detail::arg_extremum<false>("argmin", x, {}, false);
}

/// The indices of the smallest elements along a dimension. Raises DtypeError for bools.
template <TensorScalar S>
Tensor<std::int64_t> argmin(const Tensor<S>& x, std::int64_t dim, bool keepdim = false) {
  return detail::arg_extremum<false>("argmin", x, {dim}, keepdim);
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/compare.hpp"
