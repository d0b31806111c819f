#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/index.hpp"
#include "brasa/ops/join.hpp"
#include "brasa/ops/rearrange.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/slice.hpp"
#include "brasa/ops/view.hpp"

/// Products, and sums and products so far along a dimension.
namespace brasa {
namespace detail {

template <TensorScalar S>
struct ProductReducer {
  using State = accumulator_of<S>;
  State start(std::int64_t) const { return State{1}; }
  void add(State& product, S value, std::int64_t) const { product *= static_cast<State>(value); }
  void merge(State& product, State other) const { product *= other; }
  sum_of<S> finish(State product) const { return static_cast<sum_of<S>>(product); }
};

/// out[0] = x[0], out[i] = combine(out[i−1], x[i]) along a dimension. Records nothing.
template <TensorScalar S, class Combine>
Tensor<sum_of<S>> scan(const char* op, const Tensor<S>& x, std::int64_t dim, Combine combine) {
  const std::size_t at = wrap_dim(op, dim, x.shape().size());
  auto out = Tensor<sum_of<S>>::empty(x.shape(), op);
  if (x.numel() == 0) return out;
  const auto [outer, size, inner] = around(x.shape(), at);
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::int64_t k = 0; k < inner; ++k) {
      const S* from = x.data() + o * size * inner + k;
      sum_of<S>* to = out.data() + o * size * inner + k;
      auto state = static_cast<accumulator_of<S>>(*from);
      *to = static_cast<sum_of<S>>(state);
      for (std::int64_t i = 1; i < size; ++i) {
        state = combine(state, static_cast<accumulator_of<S>>(from[i * inner]));
        to[i * inner] = static_cast<sum_of<S>>(state);
      }
    }
  }
  return out;
}

template <FloatScalar S>
bool contains_zero(const Tensor<S>& x) {
  return std::any_of(x.data(), x.data() + x.numel(), [](S value) { return value == S(0); });
}

/// 1, and after it the products so far: one element more along the dimension than x has.
template <FloatScalar S>
Tensor<S> one_and_cumprod(const Tensor<S>& x, std::int64_t dim) {
  Shape shape = x.shape();
  shape[wrap_dim("cumprod", dim, shape.size())] = 1;
  Tensor<S> one = Tensor<S>::empty(shape);
  std::fill_n(one.data(), one.numel(), S(1));
  return cat({one, cumprod(x, dim)}, dim);
}

/// The product of all elements before each one; 1 for the first.
template <FloatScalar S>
Tensor<S> product_before(const Tensor<S>& x, std::int64_t dim) {
  return one_and_cumprod(narrow(x, dim, 0, x.size(dim) - 1), dim);
}

/// The gradient of y = prod(x, dim): grad·y/x, or where an x is 0, grad times the product of the
/// others. `grad` and y have kept the dimension.
template <FloatScalar S>
Tensor<S> prod_gradient(const Tensor<S>& grad, const Tensor<S>& x, const Tensor<S>& y,
                        std::int64_t dim) {
  if (x.shape().empty()) return grad;
  if (!contains_zero(x)) return grad * y / x;
  const Tensor<S> after = flip(product_before(flip(x, dim), dim), dim);
  return grad * (product_before(x, dim) * after);
}

/// The sum of each element and all after it.
template <FloatScalar S>
Tensor<S> sum_from_here(const Tensor<S>& x, std::int64_t dim) {
  return flip(cumsum(flip(x, dim), dim), dim);
}

/// The gradient of y = cumprod(x, dim). Where an x is 0 it takes n steps: x[k] is in y[i] for i ≥
/// k, as a factor beside all x[j] with j ≤ i, j ≠ k.
template <FloatScalar S>
Tensor<S> cumprod_gradient(const Tensor<S>& grad, const Tensor<S>& x, const Tensor<S>& y,
                           std::int64_t dim) {
  if (x.shape().empty()) return grad;
  if (!contains_zero(x)) return sum_from_here(grad * y, dim) / x;
  const std::int64_t size = x.size(dim);
  const Tensor<S> before = product_before(x, dim);
  std::vector<Tensor<S>> parts;
  for (std::int64_t k = 0; k < size; ++k) {
    const Tensor<S> after = one_and_cumprod(narrow(x, dim, k + 1, size - k - 1), dim);
    const Tensor<S> others = narrow(before, dim, k, 1) * after;
    parts.push_back(sum(narrow(grad, dim, k, size - k) * others, dim, true));
  }
  return cat(parts, dim);
}

}  // namespace detail

/// Πᵢ xᵢ over all elements; 1 for none. Integers and bools multiply to int64.
template <TensorScalar S>
Tensor<sum_of<S>> prod(const Tensor<S>& x) {
  const auto plan = detail::plan_reduction("prod", x, {}, false);
  auto out = detail::run_reduction<sum_of<S>>("prod", plan, detail::ProductReducer<S>{});
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "ProdBackward0",
                       autograd::vjp(
                           x,
                           [](const auto& grad, const auto& factors, const auto& y) {
                             const auto flat = reshape(factors, {factors.numel()});
                             return reshape(detail::prod_gradient(grad, flat, y, 0),
                                            factors.shape());
                           },
                           autograd::save(x), autograd::save_result(out)));
    }
  }
  return out;
}

/// Πᵢ xᵢ over one dimension. Raises IndexError for a dimension out of range.
template <TensorScalar S>
Tensor<sum_of<S>> prod(const Tensor<S>& x, std::int64_t dim, bool keepdim = false) {
  const auto plan = detail::plan_reduction("prod", x, {dim}, keepdim);
  auto out = detail::run_reduction<sum_of<S>>("prod", plan, detail::ProductReducer<S>{});
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(
          out, "ProdBackward1",
          autograd::vjp(
              x,
              [dim, keep = plan.keep_shape](const auto& grad, const auto& factors, const auto& y) {
                return detail::prod_gradient(reshape(grad, keep), factors, reshape(y, keep), dim);
              },
              autograd::save(x), autograd::save_result(out)));
    }
  }
  return out;
}

/// yᵢ = x₀ + … + xᵢ along a dimension. Integers and bools add up to int64.
///
/// Raises IndexError for a dimension out of range.
template <TensorScalar S>
Tensor<sum_of<S>> cumsum(const Tensor<S>& x, std::int64_t dim) {
  auto out = detail::scan("cumsum", x, dim, [](auto a, auto b) { return a + b; });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "CumsumBackward0", autograd::vjp(x, [dim](const auto& grad) {
                         return detail::sum_from_here(grad, dim);
                       }));
    }
  }
  return out;
}

/// yᵢ = x₀ · … · xᵢ along a dimension. Integers and bools multiply to int64.
///
/// Raises IndexError for a dimension out of range.
template <TensorScalar S>
Tensor<sum_of<S>> cumprod(const Tensor<S>& x, std::int64_t dim) {
  auto out = detail::scan("cumprod", x, dim, [](auto a, auto b) { return a * b; });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out, "CumprodBackward0",
                       autograd::vjp(
                           x,
                           [dim](const auto& grad, const auto& factors, const auto& y) {
                             return detail::cumprod_gradient(grad, factors, y, dim);
                           },
                           autograd::save(x), autograd::save_result(out)));
    }
  }
  return out;
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
