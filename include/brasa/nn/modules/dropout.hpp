#pragma once

#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/nn/functional/dropout.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"

/// Dropping elements or whole channels at random while a model is trained; after `eval()` all these
/// modules return their input.
///
///     nn::Dropout<> dropout(0.2);
///
/// Errors: ValueError if p does not lie between 0 and 1.
/// Where they differ from PyTorch: with `.inplace = true` they print so, but leave their input
/// alone.
namespace brasa::nn {
namespace detail {

/// What the modules here share: p and how they print.
template <FloatScalar S>
class DropoutBase : public Module<S> {
 public:
  std::string extra_repr() const override {
    return "p=" + python_text(p) + ", inplace=" + python_text(inplace);
  }

  double p;
  bool inplace;

 protected:
  DropoutBase(double p_, InplaceOptions options) : p(p_), inplace(options.inplace) {
    functional::detail::check_dropout("dropout", p);
  }
};

}  // namespace detail

/// Zeroes each element with probability p and scales the others by 1 / (1 − p). Shape: any. See
/// functional::dropout. Errors: ValueError if p does not lie between 0 and 1. Source:
/// torch.nn.Dropout.
///
///     auto y = nn::Dropout(0.2)(x);
template <FloatScalar S = float>
class Dropout : public detail::DropoutBase<S> {
 public:
  explicit Dropout(double p_ = 0.5, InplaceOptions options = {})
      : detail::DropoutBase<S>(p_, options) {}
  template <FloatScalar From>
  explicit Dropout(const Dropout<From>& other) : Dropout(other.p, {other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::dropout(input, this->p, this->training);
  }
  BRASA_MODULE(Dropout)
};

/// Dropout of whole channels. Shape: `(N, C, L)` or `(C, L)`. See functional::dropout1d. Errors:
/// ValueError if p does not lie between 0 and 1; ShapeError for other shapes. Source:
/// torch.nn.Dropout1d.
///
///     auto y = nn::Dropout1d(0.2)(brasa::rand({4, 3, 16}));
template <FloatScalar S = float>
class Dropout1d : public detail::DropoutBase<S> {
 public:
  explicit Dropout1d(double p_ = 0.5, InplaceOptions options = {})
      : detail::DropoutBase<S>(p_, options) {}
  template <FloatScalar From>
  explicit Dropout1d(const Dropout1d<From>& other) : Dropout1d(other.p, {other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::dropout1d(input, this->p, this->training);
  }
  BRASA_MODULE(Dropout1d)
};

/// Dropout of whole channels. Shape: `(N, C, H, W)`. See functional::dropout2d. Errors: ValueError
/// if p does not lie between 0 and 1; ShapeError for fewer than 2 dimensions. Source:
/// torch.nn.Dropout2d.
///
///     auto y = nn::Dropout2d(0.2)(brasa::rand({4, 3, 8, 8}));
template <FloatScalar S = float>
class Dropout2d : public detail::DropoutBase<S> {
 public:
  explicit Dropout2d(double p_ = 0.5, InplaceOptions options = {})
      : detail::DropoutBase<S>(p_, options) {}
  template <FloatScalar From>
  explicit Dropout2d(const Dropout2d<From>& other) : Dropout2d(other.p, {other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::dropout2d(input, this->p, this->training);
  }
  BRASA_MODULE(Dropout2d)
};

/// Dropout of whole channels. Shape: `(N, C, D, H, W)` or `(C, D, H, W)`. See
/// functional::dropout3d. Errors: ValueError if p does not lie between 0 and 1; ShapeError for an
/// input without dimensions. Source: torch.nn.Dropout3d.
///
///     auto y = nn::Dropout3d(0.2)(brasa::rand({4, 3, 2, 8, 8}));
template <FloatScalar S = float>
class Dropout3d : public detail::DropoutBase<S> {
 public:
  explicit Dropout3d(double p_ = 0.5, InplaceOptions options = {})
      : detail::DropoutBase<S>(p_, options) {}
  template <FloatScalar From>
  explicit Dropout3d(const Dropout3d<From>& other) : Dropout3d(other.p, {other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::dropout3d(input, this->p, this->training);
  }
  BRASA_MODULE(Dropout3d)
};

/// Dropout that keeps mean 0 and variance 1, for use with SELU. Shape: any. See
/// functional::alpha_dropout. Errors: ValueError if p does not lie between 0 and 1. Source:
/// torch.nn.AlphaDropout.
///
///     auto y = nn::AlphaDropout(0.2)(x);
template <FloatScalar S = float>
class AlphaDropout : public detail::DropoutBase<S> {
 public:
  explicit AlphaDropout(double p_ = 0.5, InplaceOptions options = {})
      : detail::DropoutBase<S>(p_, options) {}
  template <FloatScalar From>
  explicit AlphaDropout(const AlphaDropout<From>& other) : AlphaDropout(other.p, {other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::alpha_dropout(input, this->p, this->training);
  }
  BRASA_MODULE(AlphaDropout)
};

/// AlphaDropout of whole channels. Shape: `(N, C, *)`. See functional::feature_alpha_dropout.
/// Errors: ValueError if p does not lie between 0 and 1; ShapeError for fewer than 2 dimensions.
/// Source: torch.nn.FeatureAlphaDropout.
///
///     auto y = nn::FeatureAlphaDropout(0.2)(brasa::rand({4, 3, 16}));
template <FloatScalar S = float>
class FeatureAlphaDropout : public detail::DropoutBase<S> {
 public:
  explicit FeatureAlphaDropout(double p_ = 0.5, InplaceOptions options = {})
      : detail::DropoutBase<S>(p_, options) {}
  template <FloatScalar From>
  explicit FeatureAlphaDropout(const FeatureAlphaDropout<From>& other)
      : FeatureAlphaDropout(other.p, {other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const {
    return functional::feature_alpha_dropout(input, this->p, this->training);
  }
  BRASA_MODULE(FeatureAlphaDropout)
};

}  // namespace brasa::nn
