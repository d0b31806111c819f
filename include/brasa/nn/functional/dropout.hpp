#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "brasa/autograd/node.hpp"
#include "brasa/core/random.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/distributions.hpp"
#include "brasa/ops/view.hpp"

/// Setting elements or whole channels to zero at random, to keep a model in training from relying
/// on any one of them (Hinton and others, 2012: arXiv:1207.0580).
///
/// All functions take the probability p with which something is dropped, and whether the model is
/// in training; if it is not, or if p is 0 or there are no elements, they return their input. What
/// is dropped is drawn from the default generator, with PyTorch's draws: 64 bits for each element
/// or channel, none where p is 1. All raise ValueError unless p lies between 0 and 1.
namespace brasa::nn::functional {
namespace detail {

inline void check_dropout(std::string_view op, double p) {
  if (p >= 0 && p <= 1) return;
  brasa::detail::raise<ValueError>(op, "expected a dropout probability between 0 and 1, got ", p);
}

/// 1 for what stays, with probability 1 − p, else 0.
template <FloatScalar S>
Tensor<S> kept(std::string_view op, const Shape& shape, double p) {
  auto mask = Tensor<S>::empty(shape, op);
  brasa::detail::fill_bernoulli(op, mask.span(), 1 - p, nullptr);
  return mask;
}

/// input · factor, which keeps nothing but the factor. The factor broadcasts to the input's shape.
template <FloatScalar S>
Tensor<S> scaled(const Tensor<S>& input, const Tensor<S>& factor) {
  auto out = brasa::detail::zip<S>("dropout", input, factor, [](S x, S f) { return x * f; });
  if (autograd::recording(input)) {
    autograd::record(out, "MulBackward0",
                     autograd::vjp(
                         input, [](const auto& grad, const auto& f) { return grad * f; },
                         autograd::save(factor)));
  }
  return out;
}

/// True if there is nothing to drop.
template <FloatScalar S>
bool keeps_all(const Tensor<S>& input, double p, bool training) {
  return !training || p == 0 || input.numel() == 0;
}

/// Everything dropped: x · 0, as PyTorch has it, so that NaN and infinity become NaN.
template <FloatScalar S>
Tensor<S> all_dropped(const Tensor<S>& input) {
  auto zero = Tensor<S>::empty({});
  *zero.data() = S{0};
  return scaled(input, zero);
}

/// The shape of a mask for the channels of an input: (N, C, 1, …).
inline Shape channel_shape(std::string_view op, const Shape& input) {
  if (input.size() < 2) {
    brasa::detail::raise<ShapeError>(op, "expected an input with at least 2 dimensions, got shape ",
                                     shape_text(input));
  }
  Shape shape = Shape::filled(input.size(), 1);
  shape[0] = input[0];
  shape[1] = input[1];
  return shape;
}

/// x · mask / (1 − p); the mask is of the shape that `mask_shape()` returns.
template <FloatScalar S, class MaskShape>
Tensor<S> drop(std::string_view op, const Tensor<S>& input, double p, bool training,
               MaskShape mask_shape) {
  if (keeps_all(input, p, training)) return input;
  if (p == 1) return all_dropped(input);
  auto factor = kept<S>(op, mask_shape(), p);
  factor.array() /= static_cast<S>(1 - p);
  return scaled(input, factor);
}

/// a·(x·mask + α·(mask − 1)) + b, with α the limit of SELU below, and a and b such that mean 0 and
/// variance 1 stay.
template <FloatScalar S, class MaskShape>
Tensor<S> drop_to_alpha(std::string_view op, const Tensor<S>& input, double p, bool training,
                        MaskShape mask_shape) {
  if (keeps_all(input, p, training)) return input;
  if (p == 1) return all_dropped(input);
  constexpr double kAlpha = 1.7580993408473766;
  const double a = 1 / std::sqrt((kAlpha * kAlpha * p + 1) * (1 - p));
  auto factor = kept<S>(op, mask_shape(), p);
  auto shift = Tensor<S>::empty(factor.shape());
  shift.array() =
      (factor.array() - S{1}) * static_cast<S>(kAlpha * a) + static_cast<S>(kAlpha * a * p);
  factor.array() *= static_cast<S>(a);
  return scaled(input, factor) + shift;
}

/// Channels dropped for an input that may come without its batch dimension.
template <FloatScalar S>
Tensor<S> drop_channels(std::string_view op, const Tensor<S>& input, double p, bool training,
                        bool batched) {
  const auto x = batched ? input : brasa::unsqueeze(input, 0);
  const auto y = drop(op, x, p, training, [&] { return channel_shape(op, x.shape()); });
  return batched ? y : brasa::squeeze(y, 0);
}

/// PyTorch's warning about inputs of an unusual number of dimensions.
inline void warn_dropout(std::string_view op, std::int64_t rank, std::string_view spatial,
                         std::string_view expected) {
  const auto length = [](std::string_view text) { return static_cast<int>(text.size()); };
  char text[512];  // no string, for forward allocates nothing
  std::snprintf(
      text, sizeof text,
      "%.*s: Received a %d-D input to %.*s, which is deprecated and will result in an error in a "
      "future release. To retain the behavior and silence this warning, please use dropout "
      "instead. Note that %.*s exists to provide channel-wise dropout on inputs with %.*s spatial "
      "dimensions, a channel dimension, and an optional batch dimension (i.e. %.*s inputs).",
      length(op), op.data(), static_cast<int>(rank), length(op), op.data(), length(op), op.data(),
      length(spatial), spatial.data(), length(expected), expected.data());
  brasa::detail::warn(text);
}

}  // namespace detail

/// x·m / (1 − p), where m is 0 with probability p and else 1, for each element
///
/// Shape: any. Source: torch.nn.functional.dropout.
template <FloatScalar S>
Tensor<S> dropout(const Tensor<S>& input, double p = 0.5, bool training = true) {
  detail::check_dropout("dropout", p);
  return detail::drop("dropout", input, p, training, [&] { return input.shape(); });
}

/// dropout of whole channels: one m for each sample and channel
///
/// Shape: `(N, C, L)`, or `(C, L)` for a single sample. Errors: ShapeError for others.
/// Source: torch.nn.functional.dropout1d.
template <FloatScalar S>
Tensor<S> dropout1d(const Tensor<S>& input, double p = 0.5, bool training = true) {
  detail::check_dropout("dropout1d", p);
  if (input.dim() != 2 && input.dim() != 3) {
    brasa::detail::raise<ShapeError>("dropout1d",
                                     "expected an input of shape (N, C, L) or (C, L), got ",
                                     shape_text(input.shape()));
  }
  return detail::drop_channels("dropout1d", input, p, training, input.dim() == 3);
}

/// dropout of whole channels: one m for each sample and channel
///
/// Shape: `(N, C, H, W)`. As in PyTorch, an input of 3 dimensions is taken to be `(N, C, L)`, and
/// every other number of dimensions is allowed from 2 on; both with a warning. Errors: ShapeError.
/// Source: torch.nn.functional.dropout2d.
template <FloatScalar S>
Tensor<S> dropout2d(const Tensor<S>& input, double p = 0.5, bool training = true) {
  detail::check_dropout("dropout2d", p);
  if (input.dim() == 3) {
    brasa::detail::warn(
        "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout "
        "behavior is desired - input is interpreted as shape (N, C, L), where C is the channel "
        "dim. This behavior will change in a future release to interpret the input as one without "
        "a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout "
        "behavior, please switch to using dropout1d instead.");
  } else if (input.dim() != 4) {
    detail::warn_dropout("dropout2d", input.dim(), "2", "3D or 4D");
  }
  return detail::drop_channels("dropout2d", input, p, training, true);
}

/// dropout of whole channels: one m for each sample and channel
///
/// Shape: `(N, C, D, H, W)`, or `(C, D, H, W)` for a single sample. As in PyTorch, every other
/// number of dimensions is allowed from 1 on, taken to be without N, with a warning. Errors:
/// ShapeError. Source: torch.nn.functional.dropout3d.
template <FloatScalar S>
Tensor<S> dropout3d(const Tensor<S>& input, double p = 0.5, bool training = true) {
  detail::check_dropout("dropout3d", p);
  if (input.dim() != 4 && input.dim() != 5) {
    detail::warn_dropout("dropout3d", input.dim(), "3", "4D or 5D");
  }
  return detail::drop_channels("dropout3d", input, p, training, input.dim() == 5);
}

/// Elements dropped to what SELU gives for −∞, then scaled and shifted such that mean 0 and
/// variance 1 stay (Klambauer and others, 2017: arXiv:1706.02515)
///
/// Shape: any. Source: torch.nn.functional.alpha_dropout.
template <FloatScalar S>
Tensor<S> alpha_dropout(const Tensor<S>& input, double p = 0.5, bool training = false) {
  detail::check_dropout("alpha_dropout", p);
  return detail::drop_to_alpha("alpha_dropout", input, p, training, [&] { return input.shape(); });
}

/// alpha_dropout of whole channels
///
/// Shape: `(N, C, *)`. Errors: ShapeError for fewer than 2 dimensions.
/// Source: torch.nn.functional.feature_alpha_dropout.
template <FloatScalar S>
Tensor<S> feature_alpha_dropout(const Tensor<S>& input, double p = 0.5, bool training = false) {
  constexpr std::string_view kOp = "feature_alpha_dropout";
  detail::check_dropout(kOp, p);
  return detail::drop_to_alpha(kOp, input, p, training,
                               [&] { return detail::channel_shape(kOp, input.shape()); });
}

}  // namespace brasa::nn::functional
