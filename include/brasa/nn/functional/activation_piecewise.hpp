#pragma once

#include <cmath>
#include <cstdint>

#include "brasa/autograd/node.hpp"
#include "brasa/core/error.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/element.hpp"
#include "brasa/ops/fused.hpp"
#include "brasa/ops/logic.hpp"
#include "brasa/ops/unary.hpp"
#include "brasa/ops/where.hpp"

/// Activations made of straight pieces, and hardswish, which has a parabola between them. At a
/// corner the gradient is that of PyTorch, which mostly is the one on the left.
namespace brasa::nn::functional {

/// max(0, x). Shape: any; the gradient at 0 is 0. Source: torch.nn.functional.relu.
using brasa::relu;

/// x > threshold ? x : value. Shape: any. Source: torch.nn.functional.threshold.
template <FloatScalar S>
Tensor<S> threshold(const Tensor<S>& input, double threshold, double value) {
  const auto limit = static_cast<S>(threshold);
  return brasa::detail::float_function<brasa::detail::Keep::input>(
      "ThresholdBackward0", input,
      [limit, low = static_cast<S>(value)](S v) { return v <= limit ? low : v; },
      [limit](const auto& grad, const auto& v) {
        using brasa::detail::element::where;
        return where(v <= limit, S{0}, grad);
      });
}

/// min(max(x, min_val), max_val). Shape: any; the gradient at both corners is 0.
/// Errors: ValueError if min_val is above max_val. Source: torch.nn.functional.hardtanh.
template <FloatScalar S>
Tensor<S> hardtanh(const Tensor<S>& input, double min_val = -1.0, double max_val = 1.0) {
  if (min_val > max_val) {
    brasa::detail::raise<ValueError>("hardtanh", "expected min_val <= max_val, got ", min_val,
                                     " and ", max_val);
  }
  const auto low = static_cast<S>(min_val);
  const auto high = static_cast<S>(max_val);
  return brasa::detail::float_function<brasa::detail::Keep::input>(
      "HardtanhBackward0", input, [low, high](S v) { return v < low    ? low
                                                            : v > high ? high
                                                                       : v; },
      [low, high](const auto& grad, const auto& v) {
        using brasa::detail::element::where;
        return where((v > low) & (v < high), grad, S{0});
      });
}

/// min(max(x, 0), 6). Shape: any; the gradient at 0 and 6 is 0.
/// Source: torch.nn.functional.relu6.
template <FloatScalar S>
Tensor<S> relu6(const Tensor<S>& input) {
  return hardtanh(input, 0.0, 6.0);
}

/// min(max(x + 3, 0), 6) / 6. Shape: any; the gradient at −3 and 3 is 0.
/// The gradient between takes 1/6 as a float, also for doubles, as in PyTorch. Where it differs
/// from PyTorch: its second derivative, 0, can be computed.
/// Source: torch.nn.functional.hardsigmoid.
template <FloatScalar S>
Tensor<S> hardsigmoid(const Tensor<S>& input) {
  return brasa::detail::float_function<brasa::detail::Keep::input>(
      "HardsigmoidBackward0", input,
      [](S v) {
        return (v < -3 ? S{0} : v > 3 ? S{6} : v + 3) / 6;
      },
      [](const auto& grad, const auto& v) {
        using brasa::detail::element::where;
        constexpr S kSlope = 1.0f / 6;
        return where((v > S{-3}) & (v < S{3}), grad * kSlope, S{0});
      });
}

/// x·min(max(x + 3, 0), 6) / 6. Shape: any; the gradient at −3 is 0, at 3 it is 1.
/// As in PyTorch the product comes first, so that x overflows beyond a sixth of the largest number.
/// Source: Howard and others, 2019: arXiv:1905.02244; torch.nn.functional.hardswish.
template <FloatScalar S>
Tensor<S> hardswish(const Tensor<S>& input) {
  return brasa::detail::float_function<brasa::detail::Keep::input>(
      "HardswishBackward0", input,
      [](S v) {
        return v * (v < -3 ? S{0} : v > 3 ? S{6} : v + 3) / 6;
      },
      [](const auto& grad, const auto& v) {
        using brasa::detail::element::where;
        return where(v <= S{-3}, S{0}, where(v < S{3}, grad * (v / 3 + S{0.5}), grad));
      });
}

/// x where |x| > λ, else 0. Shape: any; the gradient at ±λ is 0.
/// Source: torch.nn.functional.hardshrink.
template <FloatScalar S>
Tensor<S> hardshrink(const Tensor<S>& input, double lambd = 0.5) {
  const auto limit = static_cast<S>(lambd);
  return brasa::detail::float_function<brasa::detail::Keep::input>(
      "HardshrinkBackward0", input, [limit](S v) { return v >= -limit && v <= limit ? S{0} : v; },
      [limit](const auto& grad, const auto& v) {
        using brasa::detail::element::where;
        return where((v < -limit) | (v > limit), grad, S{0});
      });
}

/// x − λ above λ, x + λ below −λ, else 0. Shape: any; the gradient at ±λ is 0.
/// Errors: ValueError for a λ that is negative or NaN. Source: torch.nn.functional.softshrink.
template <FloatScalar S>
Tensor<S> softshrink(const Tensor<S>& input, double lambd = 0.5) {
  if (!(lambd >= 0)) {
    brasa::detail::raise<ValueError>("softshrink", "expected lambd >= 0, got ", lambd);
  }
  const auto limit = static_cast<S>(lambd);
  return brasa::detail::float_function<brasa::detail::Keep::input>(
      "SoftshrinkBackward0", input,
      [limit](S v) {
        if (v >= -limit && v <= limit) return S{0};
        return v > 0 ? v - limit : v + limit;
      },
      [limit](const auto& grad, const auto& v) {
        using brasa::detail::element::where;
        return where((v < -limit) | (v > limit), grad, S{0});
      });
}

namespace detail {

/// x above 0, else slope·x.
template <FloatScalar S>
Tensor<S> leaky(const char* node, const Tensor<S>& input, double negative_slope) {
  const auto slope = static_cast<S>(negative_slope);
  return brasa::detail::float_function<brasa::detail::Keep::input>(
      node, input, [slope](S v) { return v > 0 ? v : v * slope; },
      [slope](const auto& grad, const auto& v) {
        using brasa::detail::element::where;
        return where(v > S{0}, grad, grad * slope);
      });
}

}  // namespace detail

/// max(0, x) + negative_slope·min(0, x). Shape: any; the gradient at 0 is negative_slope.
/// Source: torch.nn.functional.leaky_relu.
template <FloatScalar S>
Tensor<S> leaky_relu(const Tensor<S>& input, double negative_slope = 0.01) {
  return detail::leaky("LeakyReluBackward0", input, negative_slope);
}

}  // namespace brasa::nn::functional
