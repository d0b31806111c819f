#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/nn/functional/activation.hpp"
#include "brasa/nn/module.hpp"

namespace brasa::nn {

struct InplaceOptions {
  bool inplace = false;
};

/// max(0, x). Shape: any. See functional::relu.
/// Where it differs from PyTorch: with `.inplace = true` it prints so, but leaves its input alone.
/// Source: torch.nn.ReLU.
template <FloatScalar S = float>
class ReLU : public Module<S> {
 public:
  explicit ReLU(InplaceOptions options = {}) : inplace(options.inplace) {}
  template <FloatScalar From>
  explicit ReLU(const ReLU<From>& other) : inplace(other.inplace) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::relu(input); }
  std::string extra_repr() const override { return inplace ? "inplace=True" : ""; }

  bool inplace;
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

/// xᵢ − log Σⱼ eˣʲ along `dim`. Shape: any. See functional::log_softmax. Source:
/// torch.nn.LogSoftmax.
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
