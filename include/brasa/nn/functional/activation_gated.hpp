#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/error.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/element.hpp"
#include "brasa/ops/fused.hpp"
#include "brasa/ops/index.hpp"
#include "brasa/ops/join.hpp"
#include "brasa/ops/slice.hpp"
#include "brasa/ops/unary.hpp"

/// Activations that multiply by a gate, a number between 0 and 1 that depends on x too.
namespace brasa::nn::functional {
namespace detail {

/// a·eˣ, also where eˣ alone is too small to be a normal number.
template <FloatScalar S>
S times_exp(S a, S x) {
  const S root = std::exp(x / 2);
  return a * root * root;
}

/// Below it 1 + e⁻ˣ and e⁻ˣ are the same number, in double too.
inline constexpr int kGateIsExp = -80;

/// a / (1 + e⁻ˣ)
template <FloatScalar S>
S times_sigmoid(S a, S x) {
  return x < kGateIsExp ? times_exp(a, x) : a / (1 + std::exp(-x));
}

/// tanh(log(1 + eˣ)), the gate of mish: with n = eˣ·(eˣ + 2) it is n / (n + 2), which is 1 for a
/// large x and does not cancel for a small one.
template <FloatScalar S>
S mish_gate(S x) {
  if (x > 20) return 1;
  const S power = std::exp(x);
  const S n = power * (power + 2);
  return n / (n + 2);
}
template <FloatScalar S>
Tensor<S> mish_gate(const Tensor<S>& x) {
  using brasa::detail::Keep;
  const auto y = brasa::detail::map<S>(x, [](S v) { return mish_gate(v); });
  return brasa::detail::record_elementwise<Keep::input>(
      y, "TanhBackward0", x, [](const auto& grad, const auto& v) {
        using brasa::detail::element::sigmoid;
        const auto gate = mish_gate(v);
        return grad * sigmoid(v) * (1 - gate * gate);
      });
}

/// x·Φ(x). Computed in double: Φ(x) = erfc(−x/√2)/2 multiplies the error of −x/√2 by x².
template <FloatScalar S>
Tensor<S> gelu_exact(const Tensor<S>& input) {
  using brasa::detail::Keep;
  constexpr double kRootHalf = 1 / std::numbers::sqrt2;
  const auto f = [](S v) {
    const auto x = static_cast<double>(v);
    return static_cast<S>(0.5 * x * std::erfc(-x * kRootHalf));
  };
  const auto gradient = [](const auto& grad, const auto& v) {
    using std::erf;
    using std::exp;
    constexpr auto kRoot = static_cast<S>(kRootHalf);
    constexpr auto kDensity = static_cast<S>(kRootHalf * std::numbers::inv_sqrtpi);
    const auto below = S{0.5} * (1 + erf(v * kRoot));
    return grad * (below + v * exp(S{-0.5} * v * v) * kDensity);
  };
  if constexpr (std::is_same_v<S, float>) {
    return brasa::detail::vector_function<Keep::input>("GeluBackward0", input, kernels::map_gelu, f,
                                                       gradient);
  } else {
    return brasa::detail::float_function<Keep::input>("GeluBackward0", input, f, gradient);
  }
}

/// x·(1 + tanh u)/2 = x / (1 + e^(−2u)) with u = √(2/π)·(x + 0.044715·x³). Computed in double: the
/// power multiplies the error of u by u.
template <FloatScalar S>
Tensor<S> gelu_tanh(const Tensor<S>& input) {
  constexpr double kScale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  constexpr double kCubic = 0.044715;
  return brasa::detail::vector_function<brasa::detail::Keep::input>(
      "GeluBackward0", input, kernels::map_gelu_tanh<S>,
      [](S v) {
        const auto x = static_cast<double>(v);
        const double u = kScale * (x + kCubic * x * x * x);
        return static_cast<S>(x / (1 + std::exp(-2 * u)));
      },
      [](const auto& grad, const auto& v) {
        using std::tanh;
        constexpr auto kS = static_cast<S>(kScale);
        constexpr auto kC = static_cast<S>(kCubic);
        const auto t = tanh(kS * (v + kC * (v * v * v)));
        const auto slope = kS * (1 + 3 * kC * (v * v));
        return grad * (S{0.5} * (1 + t) + S{0.5} * v * (1 - t * t) * slope);
      });
}

}  // namespace detail

/// x·Φ(x), where Φ is the distribution function of the normal distribution; with `approximate` =
/// "tanh" x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2. Shape: any.
/// Errors: ValueError unless `approximate` is "none" or "tanh".
/// Source: Hendrycks and Gimpel, 2016: arXiv:1606.08415; torch.nn.functional.gelu.
template <FloatScalar S>
Tensor<S> gelu(const Tensor<S>& input, std::string_view approximate = "none") {
  if (approximate == "none") return detail::gelu_exact(input);
  if (approximate == "tanh") return detail::gelu_tanh(input);
  brasa::detail::raise<ValueError>("gelu", "expected approximate to be none or tanh, got ",
                                   approximate);
}

/// x / (1 + e⁻ˣ): x·sigmoid(x). Shape: any.
/// Source: Elfwing and others, 2017: arXiv:1702.03118; torch.nn.functional.silu.
template <FloatScalar S>
Tensor<S> silu(const Tensor<S>& input) {
  return brasa::detail::vector_function<brasa::detail::Keep::input>(
      "SiluBackward0", input, kernels::map_silu<S>, [](S v) { return detail::times_sigmoid(v, v); },
      [](const auto& grad, const auto& v) {
        using brasa::detail::element::sigmoid;
        const auto gate = sigmoid(v);
        return grad * gate * (1 + v * (1 - gate));
      });
}

/// x·tanh(log(1 + eˣ)). Shape: any.
/// Source: Misra, 2019: arXiv:1908.08681; torch.nn.functional.mish.
template <FloatScalar S>
Tensor<S> mish(const Tensor<S>& input) {
  return brasa::detail::vector_function<brasa::detail::Keep::input>(
      "MishBackward0", input, kernels::map_mish<S>,
      [](S v) {
        return v < detail::kGateIsExp ? detail::times_exp(v, v) : v * detail::mish_gate(v);
      },
      [](const auto& grad, const auto& v) {
        using brasa::detail::element::sigmoid;
        using detail::mish_gate;
        const auto gate = mish_gate(v);
        return grad * (gate + v * sigmoid(v) * (1 - gate * gate));
      });
}

/// a·sigmoid(b), where a and b are the halves of x along `dim`.
///
/// Shapes: input `(*₁, 2·N, *₂)`, output `(*₁, N, *₂)`.
/// Errors: ShapeError for a dimension of odd size or an input without dimensions; IndexError.
/// Source: Dauphin and others, 2016: arXiv:1612.08083; torch.nn.functional.glu.
template <FloatScalar S>
Tensor<S> glu(const Tensor<S>& input, std::int64_t dim = -1) {
  Shape shape = input.shape();
  if (shape.empty()) {
    brasa::detail::raise<ShapeError>("glu", "expected an input with dimensions, got shape ()");
  }
  const std::size_t at = brasa::detail::wrap_dim("glu", dim, shape.size());
  if (shape[at] % 2 != 0) {
    brasa::detail::raise<ShapeError>("glu", "expected an even size of dimension ", dim,
                                     ", got shape ", shape_text(shape));
  }
  const auto [outer, size, inner] = brasa::detail::around(shape, at);
  shape[at] = size / 2;
  auto out = Tensor<S>::empty(shape, "glu");
  const std::int64_t half = size / 2 * inner;
  for (std::int64_t o = 0; o < outer; ++o) {
    const S* from = input.data() + o * 2 * half;
    brasa::detail::zip_row(out.data() + o * half, half, from, true, from + half, true,
                           [](S a, S b) { return detail::times_sigmoid(a, b); });
  }
  if (autograd::recording(input)) {
    autograd::record(out, "GluBackward0",
                     autograd::vjp(
                         input,
                         [dim](const auto& grad, const auto& x) {
                           const auto halves = brasa::chunk(x, 2, dim);
                           const auto gate = brasa::sigmoid(halves[1]);
                           const auto to_a = grad * gate;
                           return brasa::cat({to_a, to_a * halves[0] * (1 - gate)}, dim);
                         },
                         autograd::save(input)));
  }
  return out;
}

}  // namespace brasa::nn::functional
