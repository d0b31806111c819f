#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/join.hpp"
#include "brasa/ops/view.hpp"

namespace brasa::nn::utils {

/// All elements of the parameters one after the other: a vector, which gradients go back through.
///
/// Errors: ValueError for an empty list.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.parameters_to_vector.html
template <FloatScalar S>
Tensor<S> parameters_to_vector(const std::vector<Tensor<S>>& parameters) {
  if (parameters.empty()) {
    detail::raise<ValueError>("parameters_to_vector", "expected at least one parameter, got none");
  }
  std::vector<Tensor<S>> flat;
  for (const auto& parameter : parameters) flat.push_back(reshape(parameter, {-1}));
  return cat(flat);
}

/// The way back: gives the parameters the elements of the vector, in order. One with more elements
/// than they have is taken, as in PyTorch.
///
/// Where it differs from PyTorch: elements are copied; there, the parameters become views of the
/// vector.
///
/// Errors: ShapeError for a vector with too few elements, or another number of dimensions; nothing
/// has been changed then.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.vector_to_parameters.html
template <FloatScalar S>
void vector_to_parameters(const Tensor<S>& vec, const std::vector<Tensor<S>>& parameters) {
  std::int64_t needed = 0;
  for (const auto& parameter : parameters) needed += parameter.numel();
  if (vec.dim() != 1 || vec.numel() < needed) {
    detail::raise<ShapeError>("vector_to_parameters", "expected a vector of ", needed,
                              " elements, got shape ", shape_text(vec.shape()));
  }
  const Tensor<S> values = vec.detach().clone();  // it may be one of the parameters
  const S* next = values.data();
  for (Tensor<S> parameter : parameters) {
    const brasa::detail::InPlaceWrite write(*parameter.impl().storage);
    std::copy_n(next, parameter.numel(), parameter.data());
    next += parameter.numel();
  }
}

}  // namespace brasa::nn::utils
