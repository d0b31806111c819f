#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "brasa/core/tensor.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/cast.hpp"
#include "brasa/ops/clamp.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/division.hpp"
#include "brasa/ops/inplace.hpp"
#include "brasa/ops/logic.hpp"
#include "brasa/ops/number.hpp"
#include "brasa/ops/power.hpp"
#include "brasa/ops/softmax.hpp"
#include "brasa/ops/unary.hpp"
#include "brasa/ops/where.hpp"

/// Tensor's methods that work on each element, on copies and in place. The functions that they call
/// are documented where they stand.
namespace brasa {
namespace detail {

/// The alpha of `add_` and `sub_`, which has to be an integer beside integers.
template <TensorScalar S>
auto alpha_element(std::string_view op, double alpha) {
  if constexpr (FloatScalar<S>) {
    return alpha;
  } else {
    return to_integral_element<S>(op, "alpha", alpha);
  }
}

}  // namespace detail

// ---- copies ----

template <TensorScalar S>
Tensor<S> Tensor<S>::clone() const {
  return brasa::clone(*this);
}
template <TensorScalar S>
template <TensorScalar To>
Tensor<To> Tensor<S>::to() const {
  return brasa::to<To>(*this);
}

// ---- elementwise ----

template <TensorScalar S>
Tensor<S> Tensor<S>::abs() const {
  return brasa::abs(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::neg() const {
  return brasa::neg(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::sign() const {
  return brasa::sign(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::square() const {
  return brasa::square(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::floor() const {
  return brasa::floor(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::ceil() const {
  return brasa::ceil(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::round() const {
  return brasa::round(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::trunc() const {
  return brasa::trunc(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::clamp(std::optional<double> min, std::optional<double> max) const {
  return brasa::clamp(*this, min, max);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::exp() const {
  return brasa::exp(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::log() const {
  return brasa::log(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::sqrt() const {
  return brasa::sqrt(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::rsqrt() const {
  return brasa::rsqrt(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::reciprocal() const {
  return brasa::reciprocal(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::sin() const {
  return brasa::sin(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::cos() const {
  return brasa::cos(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::tan() const {
  return brasa::tan(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::tanh() const {
  return brasa::tanh(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::sigmoid() const {
  return brasa::sigmoid(*this);
}
template <TensorScalar S>
Tensor<float_of<S>> Tensor<S>::erf() const {
  return brasa::erf(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::relu() const {
  return brasa::relu(*this);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::softmax(std::int64_t dim) const {
  return brasa::softmax(*this, dim);
}
template <TensorScalar S>
Tensor<S> Tensor<S>::log_softmax(std::int64_t dim) const {
  return brasa::log_softmax(*this, dim);
}
template <TensorScalar S>
Tensor<bool> Tensor<S>::isnan() const {
  return brasa::isnan(*this);
}
template <TensorScalar S>
Tensor<bool> Tensor<S>::isinf() const {
  return brasa::isinf(*this);
}
template <TensorScalar S>
Tensor<bool> Tensor<S>::isfinite() const {
  return brasa::isfinite(*this);
}
template <TensorScalar S>
Tensor<bool> Tensor<S>::logical_not() const {
  return brasa::logical_not(*this);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::add(const Other& other) const {
  return brasa::add(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::sub(const Other& other) const {
  return brasa::sub(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::mul(const Other& other) const {
  return brasa::mul(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::div(const Other& other) const {
  return brasa::div(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::pow(const Other& exponent) const {
  return brasa::pow(*this, exponent);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::eq(const Other& other) const {
  return brasa::eq(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::ne(const Other& other) const {
  return brasa::ne(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::lt(const Other& other) const {
  return brasa::lt(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::le(const Other& other) const {
  return brasa::le(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::gt(const Other& other) const {
  return brasa::gt(*this, other);
}
template <TensorScalar S>
template <class Other>
auto Tensor<S>::ge(const Other& other) const {
  return brasa::ge(*this, other);
}

// ---- in place ----

template <TensorScalar S>
Tensor<S>& Tensor<S>::copy_(const Tensor& source) {
  return brasa::copy_(*this, source);
}
template <TensorScalar S>
Tensor<S>& Tensor<S>::fill_(double value) {
  return brasa::fill_(*this, value);
}
template <TensorScalar S>
Tensor<S>& Tensor<S>::zero_() {
  return brasa::zero_(*this);
}
template <TensorScalar S>
template <class Other>
Tensor<S>& Tensor<S>::add_(const Other& other, double alpha) {
  return brasa::add_(*this, other, detail::alpha_element<S>("add_", alpha));
}
template <TensorScalar S>
template <class Other>
Tensor<S>& Tensor<S>::sub_(const Other& other, double alpha) {
  return brasa::sub_(*this, other, detail::alpha_element<S>("sub_", alpha));
}
template <TensorScalar S>
template <class Other>
Tensor<S>& Tensor<S>::mul_(const Other& other) {
  return brasa::mul_(*this, other);
}
template <TensorScalar S>
template <class Other>
Tensor<S>& Tensor<S>::div_(const Other& other) {
  return brasa::div_(*this, other);
}
template <TensorScalar S>
Tensor<S>& Tensor<S>::clamp_(std::optional<double> min, std::optional<double> max) {
  return brasa::clamp_(*this, min, max);
}

}  // namespace brasa
