#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "brasa/core/warning.hpp"
#include "brasa/ops/softmax.hpp"
#include "brasa/ops/unary.hpp"

namespace brasa::nn::functional {
namespace detail {

/// PyTorch's rule where no dim is given, and its warning.
inline std::int64_t softmax_dim(std::string_view name, std::int64_t rank) {
  brasa::detail::warn("Implicit dimension choice for " + std::string(name) +
                      " has been deprecated. Change the call to include dim=X as an argument.");
  return rank == 0 || rank == 1 || rank == 3 ? 0 : 1;
}

}  // namespace detail

/// max(0, x). Shape: any; the gradient at 0 is 0. Source: torch.nn.functional.relu.
using brasa::relu;

/// 1 / (1 + e⁻ˣ). Shape: any. Source: torch.nn.functional.sigmoid.
using brasa::sigmoid;

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). Shape: any. Source: torch.nn.functional.tanh.
using brasa::tanh;

/// eˣⁱ / Σⱼ eˣʲ along `dim`: each slice sums to 1. Shape: any, the output's is the same.
///
/// Without a dim it is 0 for inputs of 0, 1 or 3 dimensions and else 1, with a warning, as in
/// PyTorch. Errors: IndexError. Source: torch.nn.functional.softmax.
template <FloatScalar S>
Tensor<S> softmax(const Tensor<S>& input, std::optional<std::int64_t> dim = std::nullopt) {
  return brasa::softmax(input, dim ? *dim : detail::softmax_dim("softmax", input.dim()));
}

/// xᵢ − log Σⱼ eˣʲ along `dim`, computed without overflow. Shape, dim and errors as for softmax.
/// Source: torch.nn.functional.log_softmax.
template <FloatScalar S>
Tensor<S> log_softmax(const Tensor<S>& input, std::optional<std::int64_t> dim = std::nullopt) {
  return brasa::log_softmax(input, dim ? *dim : detail::softmax_dim("log_softmax", input.dim()));
}

}  // namespace brasa::nn::functional
