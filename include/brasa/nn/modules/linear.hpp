#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/nn/functional/linear.hpp"
#include "brasa/nn/init.hpp"
#include "brasa/nn/module.hpp"

namespace brasa::nn {

/// The optional arguments of Linear.
struct LinearOptions {
  bool bias = true;
};

/// y = x·Wᵀ + b
///
///     nn::Linear<> layer(100, 200);
///     nn::Linear<double> without_bias(100, 200, {.bias = false});
///
/// Shapes: input `(*, in_features)`, output `(*, out_features)`.
/// Parameters: `weight (out_features, in_features)` and `bias (out_features)`, both drawn from
/// U(−√k, √k), k = 1/in_features, by the steps PyTorch takes, so that one seed gives one model.
/// Errors: ShapeError for another size of the last dimension; ValueError for negative sizes.
/// Source: torch.nn.Linear.
template <FloatScalar S = float>
class Linear : public Module<S> {
 public:
  [[gnu::cold]] Linear(std::int64_t in_features_, std::int64_t out_features_,
                       LinearOptions options = {})
      : in_features(in_features_),
        out_features(out_features_),
        weight(Tensor<S>::empty({out_features, in_features}, "Linear")) {
    if (options.bias) bias = Parameter<S>(Tensor<S>::empty({out_features}, "Linear"));
    if (!detail::skip_init()) reset_parameters();
  }
  /// The same layer with another Scalar; its values are not copied.
  template <FloatScalar From>
  explicit Linear(const Linear<From>& other)
      : Linear(other.in_features, other.out_features, {.bias = other.bias.defined()}) {}

  /// Draws the parameters anew.
  [[gnu::cold]] void reset_parameters() {
    init::kaiming_uniform_(weight, std::sqrt(5.0));
    if (!bias.defined()) return;
    const double bound = in_features > 0 ? 1 / std::sqrt(static_cast<double>(in_features)) : 0;
    init::uniform_(bias, 0.0 - bound, bound);  // no -0 without inputs
  }

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::linear<S>(input, weight, bias);
  }

  [[gnu::cold]] std::string extra_repr() const override {
    return "in_features=" + detail::python_text(in_features) +
           ", out_features=" + detail::python_text(out_features) +
           ", bias=" + detail::python_text(bias.defined());
  }

  std::int64_t in_features;
  std::int64_t out_features;
  Parameter<S> weight;
  Parameter<S> bias;

  BRASA_MODULE(Linear, weight, bias)
};

}  // namespace brasa::nn
