#pragma once

#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/core/real.hpp"
#include "brasa/nn/functional/activation_smooth.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/inplace.hpp"

/// Modules of the activations made of exponentials, and Softsign.
namespace brasa::nn {

/// 1 / (1 + e⁻ˣ). Shape: any. See functional::sigmoid. Source: torch.nn.Sigmoid.
///
///     auto y = nn::Sigmoid()(x);
///
/// \curve{Sigmoid}
template <FloatScalar S = float>
class Sigmoid : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const { return functional::sigmoid(input); }
  BRASA_MODULE(Sigmoid)
};

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). Shape: any. See functional::tanh. Source: torch.nn.Tanh.
///
///     auto y = nn::Tanh()(x);
///
/// \curve{Tanh}
template <FloatScalar S = float>
class Tanh : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const { return functional::tanh(input); }
  BRASA_MODULE(Tanh)
};

/// log(1 / (1 + e⁻ˣ)). Shape: any. See functional::logsigmoid. Source: torch.nn.LogSigmoid.
///
///     auto y = nn::LogSigmoid()(x);
///
/// \curve{LogSigmoid}
template <FloatScalar S = float>
class LogSigmoid : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const { return functional::logsigmoid(input); }
  BRASA_MODULE(LogSigmoid)
};

/// log(1 + e^(β·x)) / β, and x where β·x is above the threshold. Shape: any. See
/// functional::softplus. Source: torch.nn.Softplus.
///
///     auto y = nn::Softplus(2.0, 10.0)(x);  // beta, threshold
///
/// \curve{Softplus}
template <FloatScalar S = float>
class Softplus : public Module<S> {
 public:
  explicit Softplus(Real beta_ = 1.0, Real threshold_ = 20.0)
      : beta(beta_), threshold(threshold_) {}
  template <FloatScalar From>
  explicit Softplus(const Softplus<From>& other) : Softplus(other.beta, other.threshold) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::softplus(input, beta.value(), threshold.value());
  }
  std::string extra_repr() const override {
    return "beta=" + detail::python_text(beta) + ", threshold=" + detail::python_text(threshold);
  }

  Real beta;
  Real threshold;
  BRASA_MODULE(Softplus)
};

/// x / (1 + |x|). Shape: any. See functional::softsign. Source: torch.nn.Softsign.
///
///     auto y = nn::Softsign()(x);
///
/// \curve{Softsign}
template <FloatScalar S = float>
class Softsign : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const { return functional::softsign(input); }
  BRASA_MODULE(Softsign)
};

/// x − tanh(x). Shape: any. See functional::tanhshrink. Source: torch.nn.Tanhshrink.
///
///     auto y = nn::Tanhshrink()(x);
///
/// \curve{Tanhshrink}
template <FloatScalar S = float>
class Tanhshrink : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const { return functional::tanhshrink(input); }
  BRASA_MODULE(Tanhshrink)
};

/// x above 0, else α·(eˣ − 1). Shape: any. See functional::elu. Source: torch.nn.ELU.
///
///     auto y = nn::ELU(0.5)(x);  // alpha
///
/// \curve{ELU}
template <FloatScalar S = float>
class ELU : public Module<S> {
 public:
  explicit ELU(Real alpha_ = 1.0, InplaceOptions options = {})
      : alpha(alpha_), inplace(options.inplace) {}
  template <FloatScalar From>
  explicit ELU(const ELU<From>& other) : ELU(other.alpha, InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::elu(input, alpha.value()); }
  std::string extra_repr() const override {
    return detail::inplace_text("alpha=" + detail::python_text(alpha), inplace);
  }

  Real alpha;
  bool inplace;
  BRASA_MODULE(ELU)
};

/// x above 0, else α·(e^(x/α) − 1). Shape: any. See functional::celu. Errors: ValueError for an α
/// of 0. Source: torch.nn.CELU.
///
///     auto y = nn::CELU(0.5)(x);  // alpha
///
/// \curve{CELU,1.5}
template <FloatScalar S = float>
class CELU : public Module<S> {
 public:
  explicit CELU(Real alpha_ = 1.0, InplaceOptions options = {})
      : alpha(alpha_), inplace(options.inplace) {}
  template <FloatScalar From>
  explicit CELU(const CELU<From>& other) : CELU(other.alpha, InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::celu(input, alpha.value()); }
  std::string extra_repr() const override {
    return detail::inplace_text("alpha=" + detail::python_text(alpha), inplace);
  }

  Real alpha;
  bool inplace;
  BRASA_MODULE(CELU)
};

/// scale·x above 0, else scale·α·(eˣ − 1). Shape: any. See functional::selu.
/// Source: torch.nn.SELU.
///
///     auto y = nn::SELU()(x);
///
/// \curve{SELU}
template <FloatScalar S = float>
class SELU : public Module<S> {
 public:
  explicit SELU(InplaceOptions options = {}) : inplace(options.inplace) {}
  template <FloatScalar From>
  explicit SELU(const SELU<From>& other) : SELU(InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::selu(input); }
  std::string extra_repr() const override { return detail::inplace_text("", inplace); }

  bool inplace;
  BRASA_MODULE(SELU)
};

}  // namespace brasa::nn
