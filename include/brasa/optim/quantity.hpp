#pragma once

#include <cmath>

#include "brasa/core/tensor.hpp"
#include "brasa/core/value.hpp"
#include "brasa/optim/scalar_tensor.hpp"

namespace brasa::optim::detail {

/// A number of Python or a tensor with one element of type S. PyTorch's LBFGS computes step lengths
/// with whichever comes along: numbers among themselves in double, a tensor with anything in S.
///
/// Sums and products go by the arithmetic of `Real`, which no compiler fuses: those of two floats,
/// taken in double and then rounded, are what they are in float (Figueroa, "When is double rounding
/// innocuous?", 1995).
template <FloatScalar S>
class Quantity {
 public:
  Quantity(Real number) : value_(number) {}
  Quantity(double number) : value_(number) {}
  static Quantity tensor(Real value) {
    Quantity result{Real(static_cast<S>(value.value()))};
    result.is_tensor_ = true;
    return result;
  }

  double value() const { return value_.value(); }
  /// As S, which is what it is where it meets tensors.
  S rounded() const { return static_cast<S>(value()); }

  friend Quantity operator+(Quantity a, Quantity b) {
    return in_double(a, b) ? Quantity(a.value_ + b.value_) : tensor(a.in_s() + b.in_s());
  }
  friend Quantity operator-(Quantity a, Quantity b) {
    return in_double(a, b) ? Quantity(a.value_ - b.value_) : tensor(a.in_s() - b.in_s());
  }
  friend Quantity operator*(Quantity a, Quantity b) {
    return in_double(a, b) ? Quantity(a.value_ * b.value_) : tensor(a.in_s() * b.in_s());
  }
  /// A number divided by a tensor is a product with the reciprocal.
  friend Quantity operator/(Quantity a, Quantity b) {
    if (in_double(a, b)) return a.value_ / b.value_;
    const Real divided = (a.is_tensor_ ? a.rounded() : S(1)) / b.rounded();  // 0 is no error
    return tensor(a.is_tensor_ ? divided : divided * a.in_s());
  }
  friend bool operator<(Quantity a, Quantity b) {
    return in_double(a, b) ? a.value_ < b.value_ : a.rounded() < b.rounded();
  }
  friend bool operator<=(Quantity a, Quantity b) {
    return in_double(a, b) ? a.value_ <= b.value_ : a.rounded() <= b.rounded();
  }
  friend bool operator>(Quantity a, Quantity b) { return b < a; }
  friend bool operator>=(Quantity a, Quantity b) { return b <= a; }
  friend Quantity abs(Quantity a) { return a < Quantity(Real(0)) ? Quantity(Real(-1)) * a : a; }
  friend Quantity sqrt(Quantity a) { return tensor(std::sqrt(a.rounded())); }
  /// Python's `min` and `max`: the first one where neither is the smaller.
  friend Quantity min(Quantity a, Quantity b) { return b < a ? b : a; }
  friend Quantity max(Quantity a, Quantity b) { return b > a ? b : a; }

  /// As it stands in a state.
  Value to_value() const {
    if (!is_tensor_) return value_;
    auto tensor = Tensor<S>::empty({});
    *tensor.data() = rounded();
    return tensor;
  }
  static Quantity from_value(const Value& value) {
    if (!value.is_tensor()) return value.as_real();
    return tensor(static_cast<S>(scalar_value(value.as_tensor())));
  }

 private:
  Real in_s() const { return rounded(); }
  static bool in_double(Quantity a, Quantity b) { return !a.is_tensor_ && !b.is_tensor_; }

  Real value_;
  bool is_tensor_ = false;
};

}  // namespace brasa::optim::detail
