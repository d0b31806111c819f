#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "brasa/core/error.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/clamp.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/element.hpp"
#include "brasa/ops/fused.hpp"
#include "brasa/ops/unary.hpp"
#include "brasa/ops/where.hpp"

/// Activations made of exponentials, and softsign.
namespace brasa::nn::functional {

/// 1 / (1 + e⁻ˣ). Shape: any. Source: torch.nn.functional.sigmoid.
using brasa::sigmoid;

/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). Shape: any. Source: torch.nn.functional.tanh.
using brasa::tanh;

namespace detail {

/// log(1 / (1 + e⁻ˣ)) of a number, computed without overflow
template <FloatScalar S>
S logsigmoid(S x) {
  return (x > 0 ? S{0} : x) - std::log1p(std::exp(-std::abs(x)));
}

}  // namespace detail

/// log(1 / (1 + e⁻ˣ)), computed without overflow. Shape: any.
/// Source: torch.nn.functional.logsigmoid.
template <FloatScalar S>
Tensor<S> logsigmoid(const Tensor<S>& input) {
  return brasa::detail::vector_function<brasa::detail::Keep::input>(
      "LogSigmoidBackward0", input, kernels::map_logsigmoid<S>,
      [](S v) { return detail::logsigmoid(v); },
      [](const auto& grad, const auto& v) {
        using brasa::detail::element::sigmoid;
        return grad * sigmoid(-v);
      });
}

/// log(1 + e^(β·x)) / β, and x where β·x is above the threshold. Shape: any.
/// Source: torch.nn.functional.softplus.
template <FloatScalar S>
Tensor<S> softplus(const Tensor<S>& input, double beta = 1.0, double threshold = 20.0) {
  const auto factor = static_cast<S>(beta);
  const auto limit = static_cast<S>(threshold);
  return brasa::detail::vector_function<brasa::detail::Keep::input>(
      "SoftplusBackward0", input,
      [factor, limit](const S* x, std::int64_t count, S* y) {
        kernels::map_softplus(x, count, y, factor, limit);
      },
      [factor, limit](S v) {
        return v * factor > limit ? v : std::log1p(std::exp(v * factor)) / factor;
      },
      [factor, limit](const auto& grad, const auto& v) {
        using brasa::detail::element::sigmoid;
        using brasa::detail::element::where;
        return where(v * factor > limit, grad, grad * sigmoid(v * factor));
      });
}

/// x / (1 + |x|). Shape: any. NaN for infinities, as in PyTorch.
/// Source: torch.nn.functional.softsign.
template <FloatScalar S>
Tensor<S> softsign(const Tensor<S>& input) {
  return input / (brasa::abs(input) + 1);
}

/// x − tanh(x), computed without cancellation near 0. Shape: any.
/// Source: torch.nn.functional.tanhshrink.
template <FloatScalar S>
Tensor<S> tanhshrink(const Tensor<S>& input) {
  return brasa::detail::float_function<brasa::detail::Keep::input>(
      "SubBackward0", input,
      [](S v) {
        const auto x = static_cast<double>(v);
        if (std::abs(x) > 0.03) return static_cast<S>(x - std::tanh(x));
        const double square = x * x;  // the beginning of the power series
        const double rest = 2.0 / 15 - square * (17.0 / 315 - square * 62 / 2835);
        return static_cast<S>(x * square * (1.0 / 3 - square * rest));
      },
      [](const auto& grad, const auto& v) {
        using std::tanh;
        const auto y = tanh(v);
        return grad * (y * y);
      });
}

namespace detail {

/// scale·x above 0, else scale·α·(e^(rate·x) − 1). The gradient has a rate of its own, to be that
/// of PyTorch.
template <FloatScalar S>
Tensor<S> exponential_linear(const char* node, const Tensor<S>& input, double alpha, double scale,
                             double rate, double gradient_rate) {
  const auto above = static_cast<S>(scale);
  const auto below = static_cast<S>(scale * alpha);
  const auto power = static_cast<S>(rate);
  const auto f = [above, below, power](S v) {
    return v <= 0 ? std::expm1(v * power) * below : v * above;
  };
  const auto kernel = [above, below, power, f](const S* x, std::int64_t count, S* y) {
    if (power >= 0) return kernels::map_exponential_linear(x, count, y, above, below, power);
    brasa::detail::map_into(y, x, count, f);
  };
  return brasa::detail::vector_function<brasa::detail::Keep::input>(
      node, input, kernel, f,
      [above, below, r = static_cast<S>(gradient_rate)](const auto& grad, const auto& v) {
        using brasa::detail::element::clamp_max;
        using brasa::detail::element::where;
        using std::exp;
        // Without the clamp the gradient of what is not chosen could overflow, and 0·∞ is NaN.
        return where(v <= S{0}, grad * (r * below) * exp(clamp_max(v, S{0}) * r), grad * above);
      });
}

}  // namespace detail

/// x above 0, else α·(eˣ − 1). Shape: any; the gradient at 0 is α.
/// Source: Clevert and others, 2015: arXiv:1511.07289; torch.nn.functional.elu.
template <FloatScalar S>
Tensor<S> elu(const Tensor<S>& input, double alpha = 1.0) {
  return detail::exponential_linear("EluBackward0", input, alpha, 1, 1, 1);
}

/// x above 0, else α·(e^(x/α) − 1). Shape: any. The gradient's power divides by α as a float, also
/// for doubles, as in PyTorch.
/// Errors: ValueError for an α of 0.
/// Source: Barron, 2017: arXiv:1704.07483; torch.nn.functional.celu.
template <FloatScalar S>
Tensor<S> celu(const Tensor<S>& input, double alpha = 1.0) {
  if (alpha == 0) brasa::detail::raise<ValueError>("celu", "expected an alpha other than 0");
  const double gradient_rate = 1.0 / static_cast<double>(static_cast<float>(alpha));
  return detail::exponential_linear("CeluBackward0", input, alpha, 1, 1 / alpha, gradient_rate);
}

/// scale·x above 0, else scale·α·(eˣ − 1), with α = 1.67326… and scale = 1.05070…, which keep mean
/// 0 and variance 1 from layer to layer. Shape: any; the gradient at 0 is scale·α.
/// Source: Klambauer and others, 2017: arXiv:1706.02515; torch.nn.functional.selu.
template <FloatScalar S>
Tensor<S> selu(const Tensor<S>& input) {
  constexpr double kAlpha = 1.6732632423543772848170429916717;
  constexpr double kScale = 1.0507009873554804934193349852946;
  return detail::exponential_linear("EluBackward0", input, kAlpha, kScale, 1, 1);
}

}  // namespace brasa::nn::functional
