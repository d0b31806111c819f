#pragma once

#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/element.hpp"
#include "brasa/ops/fused.hpp"
#include "brasa/ops/number.hpp"

/// The larger, the smaller, and what lies between bounds. NaN on either side gives NaN.
namespace brasa {
namespace detail {

template <TensorScalar S>
S larger(S a, S b) {
  return a != a || !(a < b || b != b) ? a : b;
}
template <TensorScalar S>
S smaller(S a, S b) {
  return a != a || !(b < a || b != b) ? a : b;
}

/// Records the larger or the smaller of two: the gradient goes to the one that was taken, half of
/// it to each if they were equal. `lost(x, y)` is the mask where x was not taken.
template <TensorScalar S, class Lost>
void record_choice(const Tensor<S>& out, const char* name, const Tensor<S>& a, const Tensor<S>& b,
                   Lost lost) {
  if constexpr (FloatScalar<S>) {
    if (!autograd::recording(a, b)) return;
    const auto to_first = [lost](const Shape& shape) {
      return [lost, shape](const auto& grad, const auto& x, const auto& y) {
        return sum_to(masked_fill(where(x == y, grad / 2, grad), lost(x, y), 0), shape);
      };
    };
    autograd::record(out, name,
                     autograd::vjp(a, to_first(a.shape()), autograd::save(a), autograd::save(b)),
                     autograd::vjp(b, to_first(b.shape()), autograd::save(b), autograd::save(a)));
  }
}

/// Bounds that change nothing.
template <TensorScalar S>
inline constexpr S lowest_bound = FloatScalar<S> ? -std::numeric_limits<S>::infinity()
                                                 : std::numeric_limits<S>::lowest();
template <TensorScalar S>
inline constexpr S highest_bound = FloatScalar<S> ? std::numeric_limits<S>::infinity()
                                                  : std::numeric_limits<S>::max();

/// A bound as an element; `none` if it is not there.
template <TensorScalar S>
S bound(std::optional<double> value, std::string_view name, S none) {
  return value ? to_integral_element<S>("clamp", name, *value) : none;
}

template <TensorScalar S>
Tensor<S> clamp_recorded(const Tensor<S>& x, std::optional<double> min, std::optional<double> max,
                         const char* name) {
  static_assert(!std::is_same_v<S, bool>, "brasa: clamp is not for bool tensors");
  const S low = bound(min, "min", lowest_bound<S>);
  const S high = bound(max, "max", highest_bound<S>);
  auto out = map<S>(x, [low, high](S v) { return smaller(larger(v, low), high); });
  if constexpr (FloatScalar<S>) {
    return record_elementwise<Keep::input>(std::move(out), name, x,
                                           [low, high](const auto& grad, const auto& v) {
                                             using element::where;
                                             return where((v >= low) & (v <= high), grad, S{0});
                                           });
  } else {
    return out;
  }
}

}  // namespace detail

/// max(a, b). Where both are equal, each gets half of the gradient.
///
/// Raises ShapeError where the shapes do not broadcast.
template <TensorScalar S>
Tensor<S> maximum(const Tensor<S>& a, const std::type_identity_t<Tensor<S>>& b) {
  auto out = detail::zip<S>("maximum", a, b, [](S x, S y) { return detail::larger(x, y); });
  detail::record_choice(out, "MaximumBackward0", a, b,
                        [](const auto& x, const auto& y) { return x < y; });
  return out;
}

/// min(a, b). Where both are equal, each gets half of the gradient.
///
/// Raises ShapeError where the shapes do not broadcast.
template <TensorScalar S>
Tensor<S> minimum(const Tensor<S>& a, const std::type_identity_t<Tensor<S>>& b) {
  auto out = detail::zip<S>("minimum", a, b, [](S x, S y) { return detail::smaller(x, y); });
  detail::record_choice(out, "MinimumBackward0", a, b,
                        [](const auto& x, const auto& y) { return x > y; });
  return out;
}

/// min(max(x, min), max); either bound may be left out (`std::nullopt`). `max` where the bounds are
/// the wrong way round. On the bounds, the gradient is that of x.
///
/// Raises ValueError if no bound is given, or one that the element type cannot hold; DtypeError for
/// a bound with a fraction beside integers (PyTorch would give float: convert the tensor first).
template <TensorScalar S>
Tensor<S> clamp(const Tensor<S>& x, std::optional<double> min,
                std::optional<double> max = std::nullopt) {
  if (!min && !max) detail::raise<ValueError>("clamp", "expected at least one of min and max");
  return detail::clamp_recorded(x, min, max, "ClampBackward1");
}
/// max(x, min)
template <TensorScalar S>
Tensor<S> clamp_min(const Tensor<S>& x, double min) {
  return detail::clamp_recorded(x, min, std::nullopt, "ClampMinBackward0");
}
/// min(x, max)
template <TensorScalar S>
Tensor<S> clamp_max(const Tensor<S>& x, double max) {
  return detail::clamp_recorded(x, std::nullopt, max, "ClampMaxBackward0");
}

/// min(max(x, min), max) with tensors as bounds, which broadcast; an undefined one is no bound.
///
/// Raises ValueError if no bound is given, ShapeError where the shapes do not broadcast.
template <TensorScalar S>
Tensor<S> clamp(const Tensor<S>& x, const std::type_identity_t<Tensor<S>>& min,
                const std::type_identity_t<Tensor<S>>& max) {
  static_assert(!std::is_same_v<S, bool>, "brasa: clamp is not for bool tensors");
  if (!min.defined() && !max.defined()) {
    detail::raise<ValueError>("clamp", "expected at least one of min and max");
  }
  const auto low = min.defined() ? min : full<S>({}, detail::lowest_bound<S>);
  const auto high = max.defined() ? max : full<S>({}, detail::highest_bound<S>);
  auto out = detail::zip<S>("clamp", x, low, high, [](S v, S lo, S hi) {
    return detail::smaller(detail::larger(v, lo), hi);
  });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x, min, max)) {
      const auto gradient = [&](const Tensor<S>& of, auto taken) {
        return autograd::vjp(
            of,
            [shape = of.defined() ? of.shape() : Shape(), taken](const auto& grad, const auto& v,
                                                                 const auto& lo, const auto& hi) {
              return sum_to(where(taken(v, lo, hi), grad, 0), shape);
            },
            autograd::save(x), autograd::save(low), autograd::save(high));
      };
      autograd::record(out, "ClampBackward0",
                       gradient(x, [](const auto& v, const auto& lo,
                                      const auto& hi) { return (v >= lo) & (v <= hi); }),
                       gradient(min, [](const auto& v, const auto& lo,
                                        const auto& hi) { return (v < lo) & (lo < hi); }),
                       gradient(max, [](const auto& v, const auto& lo, const auto& hi) {
                         return (v > hi) | (lo > hi);
                       }));
    }
  }
  return out;
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/logic.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/where.hpp"
