#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "brasa/core/error.hpp"
#include "brasa/core/python_text.hpp"
#include "brasa/nn/functional/activation_softmax.hpp"
#include "brasa/nn/module.hpp"

/// Modules of the activations that make the elements along one dimension a distribution.
namespace brasa::nn {

/// eˣⁱ / Σⱼ eˣʲ along `dim`. Shape: any. See functional::softmax, also for what happens without a
/// dim. Errors: IndexError for a dimension that is not there. Source: torch.nn.Softmax.
///
///     auto y = nn::Softmax(1)(x);  // each row sums to 1
template <FloatScalar S = float>
class Softmax : public Module<S> {
 public:
  explicit Softmax(std::optional<std::int64_t> dim_ = std::nullopt) : dim(dim_) {}
  template <FloatScalar From>
  explicit Softmax(const Softmax<From>& other) : Softmax(other.dim) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::softmax(input, dim); }
  std::string extra_repr() const override { return "dim=" + detail::python_text(dim); }

  std::optional<std::int64_t> dim;
  BRASA_MODULE(Softmax)
};

/// e⁻ˣⁱ / Σⱼ e⁻ˣʲ along `dim`. Shape: any. See functional::softmin. Errors: IndexError for a
/// dimension that is not there. Source: torch.nn.Softmin.
///
///     auto y = nn::Softmin(1)(x);  // each row sums to 1
template <FloatScalar S = float>
class Softmin : public Module<S> {
 public:
  explicit Softmin(std::optional<std::int64_t> dim_ = std::nullopt) : dim(dim_) {}
  template <FloatScalar From>
  explicit Softmin(const Softmin<From>& other) : Softmin(other.dim) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::softmin(input, dim); }
  std::string extra_repr() const override { return "dim=" + detail::python_text(dim); }

  std::optional<std::int64_t> dim;
  BRASA_MODULE(Softmin)
};

/// Softmax over the channels, for each place by itself. Shape: `(N, C, H, W)` or `(C, H, W)`.
/// Errors: ShapeError for another number of dimensions. Source: torch.nn.Softmax2d.
///
///     auto y = nn::Softmax2d()(brasa::rand({2, 3, 5, 5}));
template <FloatScalar S = float>
class Softmax2d : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const {
    if (input.dim() != 3 && input.dim() != 4) {
      detail::raise<ShapeError>("", "expected an input of shape (N, C, H, W) or (C, H, W), got ",
                                shape_text(input.shape()));
    }
    return functional::softmax(input, -3);
  }
  BRASA_MODULE(Softmax2d)
};

/// xᵢ − log Σⱼ eˣʲ along `dim`. Shape: any. See functional::log_softmax. Errors: IndexError for a
/// dimension that is not there. Source: torch.nn.LogSoftmax.
///
///     auto y = nn::LogSoftmax(1)(x);
template <FloatScalar S = float>
class LogSoftmax : public Module<S> {
 public:
  explicit LogSoftmax(std::optional<std::int64_t> dim_ = std::nullopt) : dim(dim_) {}
  template <FloatScalar From>
  explicit LogSoftmax(const LogSoftmax<From>& other) : LogSoftmax(other.dim) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::log_softmax(input, dim); }
  std::string extra_repr() const override { return "dim=" + detail::python_text(dim); }

  std::optional<std::int64_t> dim;
  BRASA_MODULE(LogSoftmax)
};

}  // namespace brasa::nn
