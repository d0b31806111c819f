#pragma once

#include <cmath>
#include <string_view>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/number.hpp"

/// Quotients rounded to integers, and what remains. Integers are divided as integers; dividing them
/// by 0 raises ValueError (a ZeroDivisionError in PyTorch).
namespace brasa {

/// How a quotient is rounded: down, or towards zero as C++ does.
enum class Rounding { floor, trunc };

namespace detail {

template <std::integral S>
void check_divisor(std::string_view op, S divisor) {
  if (divisor == 0) raise<ValueError>(op, "integer division by zero");
}

/// a / b without its fraction. The smallest integer over −1 wraps around to itself.
template <std::integral S>
S divide_trunc(std::string_view op, S a, S b) {
  check_divisor(op, b);
  if constexpr (std::is_signed_v<S>) {
    if (b == -1) return wrapping_sub(S{0}, a);
  }
  return static_cast<S>(a / b);
}
/// The rest of that, which has the sign of a.
template <std::integral S>
S rest_of_trunc(std::string_view op, S a, S b) {
  check_divisor(op, b);
  if constexpr (std::is_signed_v<S>) {
    if (b == -1) return 0;
  }
  return static_cast<S>(a % b);
}

template <FloatScalar S>
S divide_trunc(std::string_view, S a, S b) {
  return std::trunc(a / b);
}
template <FloatScalar S>
S rest_of_trunc(std::string_view, S a, S b) {
  return std::fmod(a, b);
}

/// a − ⌊a / b⌋ · b, which has the sign of b.
template <TensorScalar S>
S rest_of_floor(std::string_view op, S a, S b) {
  const S rest = rest_of_trunc(op, a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? static_cast<S>(rest + b) : rest;
}

/// ⌊a / b⌋, for floating point through the rest, which is exact.
template <TensorScalar S>
S divide_floor(std::string_view op, S a, S b) {
  if constexpr (std::is_integral_v<S>) {
    const S quotient = divide_trunc(op, a, b);
    const bool below = rest_of_trunc(op, a, b) != 0 && (a < 0) != (b < 0);
    return below ? static_cast<S>(quotient - 1) : quotient;
  } else {
    if (b == 0) return a / b;
    const S rest = std::fmod(a, b);
    S quotient = (a - rest) / b;
    if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(S{0}, a / b);
    const S floored = std::floor(quotient);
    return quotient - floored > S{0.5} ? floored + 1 : floored;
  }
}

inline Rounding rounding_of(std::string_view mode) {
  if (mode == "floor") return Rounding::floor;
  if (mode == "trunc") return Rounding::trunc;
  raise<ValueError>("div", "expected a rounding mode of 'floor' or 'trunc', got '", mode, "'");
}

/// Records out = a · 1 + b · (…) for the rests: b's gradient is −(the rounded quotient).
template <Rounding kRounding, class S, class A, class B>
void record_rest(const Tensor<S>& out, const char* with_number, const char* with_tensor, const A& a,
                 const B& b) {
  if constexpr (FloatScalar<S>) {
    if (!autograd::recording(as_input(a), as_input(b))) return;
    auto to_a = autograd::vjp(
        as_input(a), [shape = operand_shape(a)](const auto& grad) { return sum_to(grad, shape); });
    if constexpr (IsTensor<B>) {
      autograd::record(
          out, with_tensor, std::move(to_a),
          autograd::vjp(
              b,
              [shape = b.shape()](const auto& grad, const auto& self, const auto& other) {
                return sum_to(-grad * div(self, other, kRounding), shape);
              },
              autograd::save(as_tensor<S>(a)), autograd::save<Tensor<S>>(b)));
    } else {
      autograd::record(out, with_number, std::move(to_a));
    }
  }
}

}  // namespace detail

/// a / b rounded to integers, of the tensors' element type. The gradients are 0.
template <class A, class B>
requires detail::Operands<A, B>
auto div(const A& a, const B& b, Rounding rounding) {
  using S = detail::common_scalar<A, B>;
  static_assert(!std::is_same_v<S, bool>, "brasa: rounded quotients are not for bool tensors");
  auto out = detail::zip_as<S, S>("div", a, b, [rounding](S x, S y) {
    return rounding == Rounding::floor ? detail::divide_floor("div", x, y)
                                       : detail::divide_trunc("div", x, y);
  });
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(detail::as_input(a), detail::as_input(b))) {
      const auto zero = [](const auto& operand) {
        return autograd::vjp(
            detail::as_input(operand),
            [shape = detail::operand_shape(operand)](const auto&, const auto&) {
              return zeros<S>(shape);
            },
            detail::save_number<S>());
      };
      autograd::record(out, "DivBackward2", zero(a), zero(b));
    }
  }
  return out;
}
/// The same with the mode as PyTorch names it, "floor" or "trunc".
///
/// Raises ValueError for another mode.
template <class A, class B>
requires detail::Operands<A, B>
auto div(const A& a, const B& b, std::string_view rounding_mode) {
  return div(a, b, detail::rounding_of(rounding_mode));
}

/// a − ⌊a / b⌋ · b, Python's `%`: it has the sign of b. NaN where floating point is divided by 0.
template <class A, class B>
requires detail::Operands<A, B>
auto remainder(const A& a, const B& b) {
  using S = detail::common_scalar<A, B>;
  static_assert(!std::is_same_v<S, bool>, "brasa: remainder is not for bool tensors");
  auto out = detail::zip_as<S, S>(
      "remainder", a, b, [](S x, S y) { return detail::rest_of_floor("remainder", x, y); });
  detail::record_rest<Rounding::floor>(out, "RemainderBackward0", "RemainderBackward1", a, b);
  return out;
}

/// a − trunc(a / b) · b, C's `fmod` and `%`: it has the sign of a. NaN where floating point is
/// divided by 0.
template <class A, class B>
requires detail::Operands<A, B>
auto fmod(const A& a, const B& b) {
  using S = detail::common_scalar<A, B>;
  static_assert(!std::is_same_v<S, bool>, "brasa: fmod is not for bool tensors");
  auto out = detail::zip_as<S, S>("fmod", a, b,
                                  [](S x, S y) { return detail::rest_of_trunc("fmod", x, y); });
  detail::record_rest<Rounding::trunc>(out, "FmodBackward0", "FmodBackward1", a, b);
  return out;
}

}  // namespace brasa

#include "brasa/ops/creation.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/where.hpp"
