#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <type_traits>
#include <utility>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/kernels/activation.hpp"
#include "brasa/kernels/elementwise.hpp"
#include "brasa/kernels/parallel.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/element.hpp"
#include "brasa/ops/fused.hpp"

/// Functions of each element. What gives fractions gives float for tensors of integers and bools.
/// Outside of a function's domain the result is NaN, and NaN stays NaN.
namespace brasa {
namespace detail {

/// f(x) in floating point, recorded as `name`.
template <Keep kKeep, TensorScalar S, class F, class G>
Tensor<float_of<S>> float_function(const char* name, const Tensor<S>& x, F f, G gradient) {
  using R = float_of<S>;
  auto y = map<R>(x, [f](S v) { return f(static_cast<R>(v)); });
  if constexpr (FloatScalar<S>) {
    return record_elementwise<kKeep>(std::move(y), name, x, gradient);
  } else {
    return y;
  }
}

/// f(x) in floating point by a kernel for arrays, recorded as `name`.
template <Keep kKeep, TensorScalar S, class G>
Tensor<float_of<S>> kernel_function(const char* name, const Tensor<S>& x,
                                    void (&kernel)(const float_of<S>*, std::int64_t, float_of<S>*),
                                    G gradient) {
  using R = float_of<S>;
  if constexpr (FloatScalar<S>) {
    Tensor<S> y = Tensor<S>::empty(x.shape());
    kernels::map_in_parts(kernel, x.data(), x.numel(), y.data());
    return record_elementwise<kKeep>(std::move(y), name, x, gradient);
  } else {
    Tensor<R> y = map<R>(x, [](S v) { return static_cast<R>(v); });
    kernels::map_in_parts(kernel, y.data(), y.numel(), y.data());
    return y;
  }
}

/// f(x), recorded as `name`, computed by a kernel that not every compiler has: kernel(x, count, y).
template <Keep kKeep, FloatScalar S, class Kernel, class F, class G>
Tensor<S> vector_function(const char* name, const Tensor<S>& x, Kernel kernel, F f, G gradient) {
  if constexpr (BRASA_VECTOR_KERNELS != 0) {
    Tensor<S> y = Tensor<S>::empty(x.shape());
    kernel(x.data(), x.numel(), y.data());
    return record_elementwise<kKeep>(std::move(y), name, x, gradient);
  } else {
    return float_function<kKeep>(name, x, f, gradient);
  }
}

/// f(x) for functions that round to integers: integers stay as they are.
template <TensorScalar S, class F>
Tensor<S> rounding(const char* name, const Tensor<S>& x, F f) {
  static_assert(!std::is_same_v<S, bool>, "brasa: bool tensors cannot be rounded");
  if constexpr (FloatScalar<S>) {
    return record_steps(map<S>(x, f), name, x);
  } else {
    return map<S>(x, [](S v) { return v; });
  }
}

/// `grad` where y = relu(x) is positive, else 0; recorded.
template <FloatScalar S>
Tensor<S> relu_gradient(const Tensor<S>& grad, const Tensor<S>& y) {
  Tensor<S> out = Tensor<S>::empty(grad.shape());
  kernels::zip_in_parts(kernels::zip_relu_gradient<S>, grad.data(), y.data(), grad.numel(),
                        out.data());
  if (autograd::recording(grad, y)) {
    const auto again = [](const auto& g, const auto& kept) { return relu_gradient<S>(g, kept); };
    const auto zero = [](const auto& g) { return zeros_like(g); };
    autograd::record(out, "ThresholdBackwardBackward0",
                     autograd::vjp(grad, again, autograd::save(y)), autograd::vjp(y, zero));
  }
  return out;
}

}  // namespace detail

// ---- signs ----

/// |x|. The gradient at 0 is 0. The smallest integer has no positive counterpart and stays.
template <TensorScalar S>
Tensor<S> abs(const Tensor<S>& x) {
  static_assert(!std::is_same_v<S, bool>, "brasa: abs is not for bool tensors");
  if constexpr (FloatScalar<S>) {
    auto y = detail::map<S>(x, [](S v) { return std::abs(v); });
    return detail::record_elementwise<detail::Keep::input>(std::move(y), "AbsBackward0", x,
                                                           [](const auto& grad, const auto& v) {
                                                             using detail::element::sign;
                                                             return grad * sign(v);
                                                           });
  } else {
    return detail::map<S>(x, [](S v) { return v < 0 ? detail::wrapping_sub(S{0}, v) : v; });
  }
}

/// −1, 0 or 1. 0 for NaN, as in PyTorch.
template <TensorScalar S>
Tensor<S> sign(const Tensor<S>& x) {
  auto y = detail::map<S>(x, [](S v) { return detail::element::sign(v); });
  if constexpr (FloatScalar<S>) return detail::record_steps(std::move(y), "SignBackward0", x);
  return y;
}

/// max(0, x). The gradient at 0 is 0.
template <TensorScalar S>
Tensor<S> relu(const Tensor<S>& x) {
  static_assert(!std::is_same_v<S, bool>, "brasa: relu is not for bool tensors");
  if constexpr (FloatScalar<S>) {
    return detail::kernel_function<detail::Keep::result>(
        "ReluBackward0", x, kernels::map_relu<S>,
        detail::with_kernel(kernels::zip_relu_gradient<S>, [](const auto& grad, const auto& y) {
          return detail::relu_gradient(grad, y);
        }));
  } else {
    return detail::map<S>(x, [](S v) { return v < S{0} ? S{0} : v; });
  }
}

// ---- exponentials and logarithms ----

/// eˣ
template <TensorScalar S>
Tensor<float_of<S>> exp(const Tensor<S>& x) {
  return detail::kernel_function<detail::Keep::result>(
      "ExpBackward0", x, kernels::map_exp<float_of<S>>,
      [](const auto& grad, const auto& y) { return grad * y; });
}

/// eˣ − 1, accurate also for small x
template <TensorScalar S>
Tensor<float_of<S>> expm1(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::result>(
      "Expm1Backward0", x, [](auto v) { return std::expm1(v); },
      [](const auto& grad, const auto& y) { return grad * (y + 1); });
}

/// ln x
template <TensorScalar S>
Tensor<float_of<S>> log(const Tensor<S>& x) {
  return detail::kernel_function<detail::Keep::input>(
      "LogBackward0", x, kernels::map_log<float_of<S>>,
      [](const auto& grad, const auto& v) { return grad / v; });
}

/// ln(1 + x), accurate also for small x
template <TensorScalar S>
Tensor<float_of<S>> log1p(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "Log1PBackward0", x, [](auto v) { return std::log1p(v); },
      [](const auto& grad, const auto& v) { return grad / (v + 1); });
}

/// log₂ x
template <TensorScalar S>
Tensor<float_of<S>> log2(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "Log2Backward0", x, [](auto v) { return std::log2(v); },
      [](const auto& grad, const auto& v) { return grad / (v * std::numbers::ln2); });
}

/// log₁₀ x
template <TensorScalar S>
Tensor<float_of<S>> log10(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "Log10Backward0", x, [](auto v) { return std::log10(v); },
      [](const auto& grad, const auto& v) { return grad / (v * std::numbers::ln10); });
}

// ---- powers ----

/// √x
template <TensorScalar S>
Tensor<float_of<S>> sqrt(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::result>(
      "SqrtBackward0", x, [](auto v) { return std::sqrt(v); },
      [](const auto& grad, const auto& y) { return grad / (2 * y); });
}

/// 1 / √x
template <TensorScalar S>
Tensor<float_of<S>> rsqrt(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::result>(
      "RsqrtBackward0", x, [](auto v) { return detail::element::rsqrt(v); },
      [](const auto& grad, const auto& y) { return -0.5 * grad * (y * y * y); });
}

/// 1 / x
template <TensorScalar S>
Tensor<float_of<S>> reciprocal(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::result>(
      "ReciprocalBackward0", x, [](auto v) { return 1 / v; },
      [](const auto& grad, const auto& y) { return -grad * (y * y); });
}

// ---- angles ----

/// sin x
template <TensorScalar S>
Tensor<float_of<S>> sin(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "SinBackward0", x, [](auto v) { return std::sin(v); },
      [](const auto& grad, const auto& v) {
        using std::cos;
        return grad * cos(v);
      });
}

/// cos x
template <TensorScalar S>
Tensor<float_of<S>> cos(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "CosBackward0", x, [](auto v) { return std::cos(v); },
      [](const auto& grad, const auto& v) {
        using std::sin;
        return grad * -sin(v);
      });
}

/// tan x
template <TensorScalar S>
Tensor<float_of<S>> tan(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::result>(
      "TanBackward0", x, [](auto v) { return std::tan(v); },
      [](const auto& grad, const auto& y) { return grad * (1 + y * y); });
}

/// arcsin x
template <TensorScalar S>
Tensor<float_of<S>> asin(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "AsinBackward0", x, [](auto v) { return std::asin(v); },
      [](const auto& grad, const auto& v) {
        using detail::element::rsqrt;
        return grad * rsqrt(1 - v * v);
      });
}

/// arccos x
template <TensorScalar S>
Tensor<float_of<S>> acos(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "AcosBackward0", x, [](auto v) { return std::acos(v); },
      [](const auto& grad, const auto& v) {
        using detail::element::rsqrt;
        return grad * -rsqrt(1 - v * v);
      });
}

/// arctan x
template <TensorScalar S>
Tensor<float_of<S>> atan(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "AtanBackward0", x, [](auto v) { return std::atan(v); },
      [](const auto& grad, const auto& v) { return grad / (v * v + 1); });
}

/// sinh x
template <TensorScalar S>
Tensor<float_of<S>> sinh(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "SinhBackward0", x, [](auto v) { return std::sinh(v); },
      [](const auto& grad, const auto& v) {
        using std::cosh;
        return grad * cosh(v);
      });
}

/// cosh x
template <TensorScalar S>
Tensor<float_of<S>> cosh(const Tensor<S>& x) {
  return detail::float_function<detail::Keep::input>(
      "CoshBackward0", x, [](auto v) { return std::cosh(v); },
      [](const auto& grad, const auto& v) {
        using std::sinh;
        return grad * sinh(v);
      });
}

/// tanh x
template <TensorScalar S>
Tensor<float_of<S>> tanh(const Tensor<S>& x) {
  return detail::kernel_function<detail::Keep::result>(
      "TanhBackward0", x, kernels::map_tanh<float_of<S>>,
      detail::with_kernel(kernels::zip_tanh_gradient<float_of<S>>,
                          [](const auto& grad, const auto& y) { return grad * (1 - y * y); }));
}

// ---- sigmoid functions ----

/// 1 / (1 + e⁻ˣ)
template <TensorScalar S>
Tensor<float_of<S>> sigmoid(const Tensor<S>& x) {
  return detail::kernel_function<detail::Keep::result>(
      "SigmoidBackward0", x, kernels::map_sigmoid<float_of<S>>,
      detail::with_kernel(kernels::zip_sigmoid_gradient<float_of<S>>,
                          [](const auto& grad, const auto& y) { return grad * (1 - y) * y; }));
}

/// The error function, 2/√π · ∫₀ˣ e^(−t²) dt
template <TensorScalar S>
Tensor<float_of<S>> erf(const Tensor<S>& x) {
  const auto f = [](auto v) { return std::erf(v); };
  const auto gradient = [](const auto& grad, const auto& v) {
    using std::exp;
    return 2 * std::numbers::inv_sqrtpi * exp(-(v * v)) * grad;
  };
  if constexpr (std::is_same_v<S, float>) {
    return detail::vector_function<detail::Keep::input>("ErfBackward0", x, kernels::map_erf, f,
                                                        gradient);
  } else {
    return detail::float_function<detail::Keep::input>("ErfBackward0", x, f, gradient);
  }
}

// ---- rounding ----

/// The largest integer that is not above x. Integers stay as they are.
template <TensorScalar S>
Tensor<S> floor(const Tensor<S>& x) {
  return detail::rounding("FloorBackward0", x, [](S v) { return std::floor(v); });
}

/// The smallest integer that is not below x. Integers stay as they are.
template <TensorScalar S>
Tensor<S> ceil(const Tensor<S>& x) {
  return detail::rounding("CeilBackward0", x, [](S v) { return std::ceil(v); });
}

/// The nearest integer, the even one of two that are equally near. Integers stay as they are.
template <TensorScalar S>
Tensor<S> round(const Tensor<S>& x) {
  return detail::rounding("RoundBackward0", x, [](S v) { return std::nearbyint(v); });
}

/// x rounded to that many decimal places; a negative number counts places before the point.
template <FloatScalar S>
Tensor<S> round(const Tensor<S>& x, std::int64_t decimals) {
  const auto scale = static_cast<S>(std::pow(10.0, std::abs(static_cast<double>(decimals))));
  auto y = detail::map<S>(x, [scale, decimals](S v) {
    return decimals < 0 ? std::nearbyint(v / scale) * scale : std::nearbyint(v * scale) / scale;
  });
  return detail::record_steps(std::move(y), "RoundBackward1", x);
}

/// x without its fraction. Integers stay as they are.
template <TensorScalar S>
Tensor<S> trunc(const Tensor<S>& x) {
  return detail::rounding("TruncBackward0", x, [](S v) { return std::trunc(v); });
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/where.hpp"
