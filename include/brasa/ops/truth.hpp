#pragma once

#include <cstdint>

#include "brasa/core/tensor.hpp"
#include "brasa/ops/reduce.hpp"

/// Whether all or any elements are true, that is, not 0 (NaN is true). The result is always bool,
/// where PyTorch gives uint8 for uint8.
namespace brasa {
namespace detail {

template <bool kAll, TensorScalar S>
struct TruthReducer {
  using State = bool;
  bool start(std::int64_t) const { return kAll; }
  void add(bool& state, S value, std::int64_t) const { merge(state, value != S(0)); }
  void merge(bool& state, bool other) const { state = kAll ? state && other : state || other; }
  bool finish(bool state) const { return state; }
};

template <bool kAll, TensorScalar S>
Tensor<bool> truth(const char* op, const Tensor<S>& x, const Shape& dims, bool keepdim) {
  const auto plan = plan_reduction(op, x, dims, keepdim);
  return run_reduction<bool>(op, plan, TruthReducer<kAll, S>{});
}

/// No dimension at all: each element for itself.
template <TensorScalar S>
Tensor<bool> truth_of_each(const char* op, const Tensor<S>& x) {
  return run_reduction<bool>(op, Reduction<S>{x, {x.numel(), 1, 1}, x.shape(), x.shape()},
                             TruthReducer<true, S>{});
}

}  // namespace detail

/// True if no element is 0; true also if there is none.
template <TensorScalar S>
Tensor<bool> all(const Tensor<S>& x) {
  return detail::truth<true>("all", x, {}, false);
}

/// The same over the given dimensions. Unlike in other reductions, an empty list of dimensions
/// reduces nothing, as in PyTorch: each element is turned into a bool.
template <TensorScalar S>
Tensor<bool> all(const Tensor<S>& x, const Dims& dim, bool keepdim = false) {
  if (dim.empty()) return detail::truth_of_each("all", x);
  return detail::truth<true>("all", x, dim, keepdim);
}

/// True if an element is not 0; false if there is none.
template <TensorScalar S>
Tensor<bool> any(const Tensor<S>& x) {
  return detail::truth<false>("any", x, {}, false);
}

/// The same over the given dimensions. Unlike in other reductions, an empty list of dimensions
/// reduces nothing, as in PyTorch: each element is turned into a bool.
template <TensorScalar S>
Tensor<bool> any(const Tensor<S>& x, const Dims& dim, bool keepdim = false) {
  if (dim.empty()) return detail::truth_of_each("any", x);
  return detail::truth<false>("any", x, dim, keepdim);
}

}  // namespace brasa
