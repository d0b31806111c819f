#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string_view>

#include "brasa/core/warning.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/softmax.hpp"

/// Activations that make the elements along one dimension a distribution.
///
/// Without a dim it is 0 for inputs of 0, 1 or 3 dimensions and else 1, with a warning, as in
/// PyTorch. Raises IndexError for a dimension that is not there.
namespace brasa::nn::functional {
namespace detail {

/// PyTorch's rule where no dim is given, and its warning.
inline std::int64_t softmax_dim(std::string_view name, std::optional<std::int64_t> dim,
                                std::int64_t rank) {
  if (dim) return *dim;
  char text[160];  // no string, for forward allocates nothing
  std::snprintf(
      text, sizeof text,
      "Implicit dimension choice for %.*s has been deprecated. Change the call to include "
      "dim=X as an argument.",
      static_cast<int>(name.size()), name.data());
  brasa::detail::warn(text);
  return rank == 0 || rank == 1 || rank == 3 ? 0 : 1;
}

}  // namespace detail

/// eˣⁱ / Σⱼ eˣʲ along `dim`: each slice sums to 1. Shape: any.
/// Source: torch.nn.functional.softmax.
template <FloatScalar S>
Tensor<S> softmax(const Tensor<S>& input, std::optional<std::int64_t> dim = std::nullopt) {
  return brasa::softmax(input, detail::softmax_dim("softmax", dim, input.dim()));
}

/// e⁻ˣⁱ / Σⱼ e⁻ˣʲ along `dim`: softmax(−x). Shape: any. Source: torch.nn.functional.softmin.
template <FloatScalar S>
Tensor<S> softmin(const Tensor<S>& input, std::optional<std::int64_t> dim = std::nullopt) {
  return brasa::softmax(-input, detail::softmax_dim("softmin", dim, input.dim()));
}

/// xᵢ − log Σⱼ eˣʲ along `dim`, computed without overflow. Shape: any.
/// Source: torch.nn.functional.log_softmax.
template <FloatScalar S>
Tensor<S> log_softmax(const Tensor<S>& input, std::optional<std::int64_t> dim = std::nullopt) {
  return brasa::log_softmax(input, detail::softmax_dim("log_softmax", dim, input.dim()));
}

}  // namespace brasa::nn::functional
