#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/nn/functional/activation.hpp"
#include "brasa/nn/module.hpp"

namespace brasa::nn {

/// max(0, x). Shape: any. See functional::relu. Source: torch.nn.ReLU.
template <FloatScalar S = float>
class ReLU : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const { return functional::relu(input); }
  BRASA_MODULE(ReLU)
};

/// 1 / (1 + e⁻ˣ). Shape: any. See functional::sigmoid. Source: torch.nn.Sigmoid.
template <FloatScalar S = float>
class Sigmoid : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const { return functional::sigmoid(input); }
  BRASA_MODULE(Sigmoid)
};

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). Shape: any. See functional::tanh. Source: torch.nn.Tanh.
template <FloatScalar S = float>
class Tanh : public Module<S> {
 public:
  Tensor<S> forward(const Tensor<S>& input) const { return functional::tanh(input); }
  BRASA_MODULE(Tanh)
};

/// eˣⁱ / Σⱼ eˣʲ along `dim`. Shape: any. See functional::softmax, also for what happens without a
/// dim. Source: torch.nn.Softmax.
template <FloatScalar S = float>
class Softmax : public Module<S> {
 public:
  explicit Softmax(std::optional<std::int64_t> dim_ = std::nullopt) : dim(dim_) {}
  template <FloatScalar From>
  explicit Softmax(const Softmax<From>& other) : dim(other.dim) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::softmax(input, dim); }
  std::string extra_repr() const override { return "dim=" + detail::python_text(dim); }

  std::optional<std::int64_t> dim;
  BRASA_MODULE(Softmax)
};

/// xᵢ − log Σⱼ eˣʲ along `dim`. Shape: any. See functional::log_softmax. Source: torch.nn.LogSoftmax.
template <FloatScalar S = float>
class LogSoftmax : public Module<S> {
 public:
  explicit LogSoftmax(std::optional<std::int64_t> dim_ = std::nullopt) : dim(dim_) {}
  template <FloatScalar From>
  explicit LogSoftmax(const LogSoftmax<From>& other) : dim(other.dim) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::log_softmax(input, dim); }
  std::string extra_repr() const override { return "dim=" + detail::python_text(dim); }

  std::optional<std::int64_t> dim;
  BRASA_MODULE(LogSoftmax)
};

}  // namespace brasa::nn
