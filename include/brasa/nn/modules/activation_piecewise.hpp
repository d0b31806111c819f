#pragma once

#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/core/real.hpp"
#include "brasa/nn/functional/activation_piecewise.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/inplace.hpp"

/// Modules of the activations made of straight pieces, and Hardswish.
namespace brasa::nn {

/// max(0, x). Shape: any. See functional::relu. Source: torch.nn.ReLU.
///
///     auto y = nn::ReLU()(x);
///
/// \curve{ReLU}
template <FloatScalar S = float>
class ReLU : public Module<S> {
 public:
  explicit ReLU(InplaceOptions options = {}) : inplace(options.inplace) {}
  template <FloatScalar From>
  explicit ReLU(const ReLU<From>& other) : ReLU(InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::relu(input); }
  std::string extra_repr() const override { return detail::inplace_text("", inplace); }

  bool inplace;
  BRASA_MODULE(ReLU)
};

/// x > threshold ? x : value. Shape: any. See functional::threshold. Source: torch.nn.Threshold.
///
///     auto y = nn::Threshold(0.1, 20)(x);  // threshold, value
///
/// \curve{Threshold,1\,-1}
template <FloatScalar S = float>
class Threshold : public Module<S> {
 public:
  Threshold(Real threshold_, Real value_, InplaceOptions options = {})
      : threshold(threshold_), value(value_), inplace(options.inplace) {}
  template <FloatScalar From>
  explicit Threshold(const Threshold<From>& other)
      : Threshold(other.threshold, other.value, InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::threshold(input, threshold.value(), value.value());
  }
  std::string extra_repr() const override {
    return detail::inplace_text(
        "threshold=" + detail::python_text(threshold) + ", value=" + detail::python_text(value),
        inplace);
  }

  Real threshold;
  Real value;
  bool inplace;
  BRASA_MODULE(Threshold)
};

/// min(max(x, min_val), max_val). Shape: any. See functional::hardtanh.
/// Errors: ValueError unless min_val < max_val. Source: torch.nn.Hardtanh.
///
///     auto y = nn::Hardtanh(-2, 2)(x);  // min_val, max_val
///
/// \curve{Hardtanh}
template <FloatScalar S = float>
class Hardtanh : public Module<S> {
 public:
  explicit Hardtanh(Real min_val_ = -1.0, Real max_val_ = 1.0, InplaceOptions options = {})
      : min_val(min_val_), max_val(max_val_), inplace(options.inplace) {
    if (min_val < max_val) return;
    detail::raise<ValueError>("Hardtanh", "expected min_val < max_val, got ", min_val.value(),
                              " and ", max_val.value());
  }
  template <FloatScalar From>
  explicit Hardtanh(const Hardtanh<From>& other)
      : Hardtanh(other.min_val, other.max_val, InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::hardtanh(input, min_val.value(), max_val.value());
  }
  std::string extra_repr() const override {
    return detail::inplace_text(
        "min_val=" + detail::python_text(min_val) + ", max_val=" + detail::python_text(max_val),
        inplace);
  }

  Real min_val;
  Real max_val;
  bool inplace;
  BRASA_MODULE(Hardtanh)
};

/// min(max(0, x), 6). Shape: any. See functional::relu6. Source: torch.nn.ReLU6.
///
///     auto y = nn::ReLU6()(x);
///
/// \curve{ReLU6}
template <FloatScalar S = float>
class ReLU6 : public Module<S> {
 public:
  explicit ReLU6(InplaceOptions options = {}) : inplace(options.inplace) {}
  template <FloatScalar From>
  explicit ReLU6(const ReLU6<From>& other) : ReLU6(InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::relu6(input); }
  std::string extra_repr() const override { return detail::inplace_text("", inplace); }

  bool inplace;
  BRASA_MODULE(ReLU6)
};

/// min(max(x + 3, 0), 6) / 6. Shape: any; `inplace` is not printed. See functional::hardsigmoid.
/// Source: torch.nn.Hardsigmoid.
///
///     auto y = nn::Hardsigmoid()(x);
///
/// \curve{Hardsigmoid}
template <FloatScalar S = float>
class Hardsigmoid : public Module<S> {
 public:
  explicit Hardsigmoid(InplaceOptions options = {}) : inplace(options.inplace) {}
  template <FloatScalar From>
  explicit Hardsigmoid(const Hardsigmoid<From>& other)
      : Hardsigmoid(InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::hardsigmoid(input); }

  bool inplace;
  BRASA_MODULE(Hardsigmoid)
};

/// x·min(max(x + 3, 0), 6) / 6. Shape: any; `inplace` is not printed. See functional::hardswish.
/// Source: torch.nn.Hardswish.
///
///     auto y = nn::Hardswish()(x);
///
/// \curve{Hardswish}
template <FloatScalar S = float>
class Hardswish : public Module<S> {
 public:
  explicit Hardswish(InplaceOptions options = {}) : inplace(options.inplace) {}
  template <FloatScalar From>
  explicit Hardswish(const Hardswish<From>& other) : Hardswish(InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::hardswish(input); }

  bool inplace;
  BRASA_MODULE(Hardswish)
};

/// x where |x| > λ, else 0. Shape: any. See functional::hardshrink. Source: torch.nn.Hardshrink.
///
///     auto y = nn::Hardshrink(0.1)(x);  // lambd
///
/// \curve{Hardshrink}
template <FloatScalar S = float>
class Hardshrink : public Module<S> {
 public:
  explicit Hardshrink(Real lambd_ = 0.5) : lambd(lambd_) {}
  template <FloatScalar From>
  explicit Hardshrink(const Hardshrink<From>& other) : Hardshrink(other.lambd) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::hardshrink(input, lambd.value());
  }
  std::string extra_repr() const override { return detail::python_text(lambd); }

  Real lambd;
  BRASA_MODULE(Hardshrink)
};

/// x − λ above λ, x + λ below −λ, else 0. Shape: any. See functional::softshrink. Errors:
/// ValueError for a λ that is negative or NaN. Source: torch.nn.Softshrink.
///
///     auto y = nn::Softshrink(0.1)(x);  // lambd
///
/// \curve{Softshrink}
template <FloatScalar S = float>
class Softshrink : public Module<S> {
 public:
  explicit Softshrink(Real lambd_ = 0.5) : lambd(lambd_) {}
  template <FloatScalar From>
  explicit Softshrink(const Softshrink<From>& other) : Softshrink(other.lambd) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::softshrink(input, lambd.value());
  }
  std::string extra_repr() const override { return detail::python_text(lambd); }

  Real lambd;
  BRASA_MODULE(Softshrink)
};

/// max(0, x) + negative_slope·min(0, x). Shape: any. See functional::leaky_relu.
/// Source: torch.nn.LeakyReLU.
///
///     auto y = nn::LeakyReLU(0.1)(x);  // negative_slope
///
/// \curve{LeakyReLU}
template <FloatScalar S = float>
class LeakyReLU : public Module<S> {
 public:
  explicit LeakyReLU(Real negative_slope_ = 0.01, InplaceOptions options = {})
      : negative_slope(negative_slope_), inplace(options.inplace) {}
  template <FloatScalar From>
  explicit LeakyReLU(const LeakyReLU<From>& other)
      : LeakyReLU(other.negative_slope, InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::leaky_relu(input, negative_slope.value());
  }
  std::string extra_repr() const override {
    return detail::inplace_text("negative_slope=" + detail::python_text(negative_slope), inplace);
  }

  Real negative_slope;
  bool inplace;
  BRASA_MODULE(LeakyReLU)
};

}  // namespace brasa::nn
