#pragma once

#include <cstdint>
#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/core/real.hpp"
#include "brasa/nn/functional/activation_slopes.hpp"
#include "brasa/nn/init.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/inplace.hpp"

/// Modules of the rectifiers whose slope below 0 is drawn at random, or learned.
namespace brasa::nn {

/// x above 0, else a·x; in training mode each a is drawn from U(lower, upper), else it is their
/// mean. Shape: any. See functional::rrelu. Errors: ValueError unless lower and upper are finite
/// and lower <= upper. Source: torch.nn.RReLU.
///
///     nn::RReLU activation(0.1, 0.3);  // lower, upper
///     activation.eval();
///     auto y = activation(x);  // with the slope 0.2
///
/// \curve{RReLU}
template <FloatScalar S = float>
class RReLU : public Module<S> {
 public:
  explicit RReLU(Real lower_ = 1.0 / 8, Real upper_ = 1.0 / 3, InplaceOptions options = {})
      : lower(lower_), upper(upper_), inplace(options.inplace) {}
  template <FloatScalar From>
  explicit RReLU(const RReLU<From>& other)
      : RReLU(other.lower, other.upper, InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::rrelu(input, lower.value(), upper.value(), this->training);
  }
  std::string extra_repr() const override {
    return detail::inplace_text(
        "lower=" + detail::python_text(lower) + ", upper=" + detail::python_text(upper), inplace);
  }

  Real lower;
  Real upper;
  bool inplace;
  BRASA_MODULE(RReLU)
};

/// x above 0, else a·x with a learned a: one for all, or one for each channel.
///
///     nn::PReLU<> one;
///     nn::PReLU<> for_each_of(16);
///
/// Shapes: `(N, C, *)`, or any with a single a. Parameters: `weight (num_parameters)`, which starts
/// as `init`. Errors: ShapeError for an input with another number of channels; ValueError for a
/// negative number of parameters. See functional::prelu. Source: torch.nn.PReLU.
///
/// \curve{PReLU}
template <FloatScalar S = float>
class PReLU : public Module<S> {
 public:
  explicit PReLU(std::int64_t num_parameters_ = 1, double init_ = 0.25)
      : num_parameters(num_parameters_),
        init(init_),
        weight(Tensor<S>::empty({num_parameters}, "PReLU")) {
    reset_parameters();
  }
  template <FloatScalar From>
  explicit PReLU(const PReLU<From>& other) : PReLU(other.num_parameters, other.init) {}

  /// Sets all parameters to `init`.
  void reset_parameters() { nn::init::constant_(weight, init); }

  Tensor<S> forward(const Tensor<S>& input) const { return functional::prelu(input, weight); }
  std::string extra_repr() const override {
    return "num_parameters=" + detail::python_text(num_parameters);
  }

  std::int64_t num_parameters;
  double init;
  Parameter<S> weight;
  BRASA_MODULE(PReLU, weight)
};

}  // namespace brasa::nn
