#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/core/python_text.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/inplace.hpp"
#include "brasa/ops/norm.hpp"

/// Limits for gradients, to be called between backward and the optimizer's step:
///
///     loss.backward();
///     nn::utils::clip_grad_norm_(model.parameters(), 1.0);
///     optimizer.step();
///
/// Each function takes a list of tensors or one; tensors without a gradient are passed over.
/// PyTorch's `foreach`, which chooses between implementations, is left out.
namespace brasa::nn::utils {
namespace detail {

using namespace brasa::detail;

/// The gradients that there are.
template <FloatScalar S>
std::vector<Tensor<S>> grads_of(const std::vector<Tensor<S>>& parameters) {
  std::vector<Tensor<S>> grads;
  for (const auto& parameter : parameters) {
    if (const auto grad = parameter.grad(); grad.defined()) grads.push_back(grad);
  }
  return grads;
}

}  // namespace detail

/// The `norm_type`-norm of all elements of the tensors together, as a tensor without dimensions:
/// 2 for the Euclidean norm, inf for the largest absolute value. 0 without tensors.
///
/// Errors: ValueError for a norm that is not finite, if `error_if_nonfinite`.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.get_total_norm.html
template <FloatScalar S>
Tensor<S> get_total_norm(const std::vector<Tensor<S>>& tensors, double norm_type = 2.0,
                         bool error_if_nonfinite = false) {
  NoGradGuard not_recording;
  const auto count = static_cast<std::int64_t>(tensors.size());
  auto norms = Tensor<S>::empty({std::max<std::int64_t>(count, 1)});
  norms.array().setZero();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    norms.data()[i] = norm(tensors[i], norm_type).item();
  }
  const Tensor<S> total = norm(norms, norm_type);
  if (error_if_nonfinite && !std::isfinite(total.item())) {
    detail::raise<ValueError>(
        "get_total_norm", "the total norm of order ", detail::python_text(norm_type),
        " of the gradients is ", detail::python_text(total.item()),
        ", so they cannot be clipped. To scale them by it all the same, leave out "
        "error_if_nonfinite");
  }
  return total;
}
template <FloatScalar S>
Tensor<S> get_total_norm(const Tensor<S>& tensor, double norm_type = 2.0,
                         bool error_if_nonfinite = false) {
  return get_total_norm(std::vector{tensor}, norm_type, error_if_nonfinite);
}

/// grad ← grad · min(1, max_norm / (total_norm + 1e-6)) for each parameter.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.clip_grads_with_norm_.html
template <FloatScalar S>
void clip_grads_with_norm_(const std::vector<Tensor<S>>& parameters, double max_norm,
                           const Tensor<S>& total_norm) {
  NoGradGuard not_recording;
  const S inverse = 1 / (total_norm.item() + static_cast<S>(1e-6));
  S coefficient = inverse * static_cast<S>(max_norm);
  if (coefficient > 1) coefficient = 1;  // not NaN, which stays
  for (Tensor<S>& grad : detail::grads_of(parameters)) mul_(grad, coefficient);
}
template <FloatScalar S>
void clip_grads_with_norm_(const Tensor<S>& parameter, double max_norm,
                           const Tensor<S>& total_norm) {
  clip_grads_with_norm_(std::vector{parameter}, max_norm, total_norm);
}

/// Scales the gradients so that all of them together have at most the norm `max_norm`. Returns the
/// norm that they had, see `get_total_norm` and `clip_grads_with_norm_`.
///
/// Errors: ValueError for a norm that is not finite, if `error_if_nonfinite`; nothing is scaled
/// then. Without it, all gradients become NaN or 0.
///
/// Source: Pascanu et al., "On the difficulty of training recurrent neural networks", 2013;
/// https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.clip_grad_norm_.html
template <FloatScalar S>
Tensor<S> clip_grad_norm_(const std::vector<Tensor<S>>& parameters, double max_norm,
                          double norm_type = 2.0, bool error_if_nonfinite = false) {
  const auto total = get_total_norm(detail::grads_of(parameters), norm_type, error_if_nonfinite);
  clip_grads_with_norm_(parameters, max_norm, total);
  return total;
}
template <FloatScalar S>
Tensor<S> clip_grad_norm_(const Tensor<S>& parameter, double max_norm, double norm_type = 2.0,
                          bool error_if_nonfinite = false) {
  return clip_grad_norm_(std::vector{parameter}, max_norm, norm_type, error_if_nonfinite);
}

/// Brings every element of the gradients into [−clip_value, clip_value].
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.clip_grad_value_.html
template <FloatScalar S>
void clip_grad_value_(const std::vector<Tensor<S>>& parameters, double clip_value) {
  NoGradGuard not_recording;
  for (Tensor<S>& grad : detail::grads_of(parameters)) clamp_(grad, -clip_value, clip_value);
}
template <FloatScalar S>
void clip_grad_value_(const Tensor<S>& parameter, double clip_value) {
  clip_grad_value_(std::vector{parameter}, clip_value);
}

}  // namespace brasa::nn::utils
