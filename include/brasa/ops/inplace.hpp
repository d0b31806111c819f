#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/cast.hpp"
#include "brasa/ops/clamp.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/where.hpp"

/// Operations that write their result into their first operand, and return it. It keeps its shape
/// and type: the others broadcast to it, else ShapeError.
///
/// Every tensor that shares the memory sees the change. What that means for gradients:
///
/// - A leaf that requires a gradient may be changed only where nothing is recorded (NoGradGuard).
/// - A change of a recorded result, or by a tensor that requires a gradient, is recorded itself:
///   the gradients that the result's earlier value needs are noticed to be lost in backward.
/// - That is refused if other tensors share the memory (a reshaped or detached one, or the value
///   that an operation such as exp keeps of its result): their gradients would come out wrong.
///
/// All of these errors are AutogradErrors.
namespace brasa {
namespace detail {

inline void check_recordable_in_place(std::string_view op, const AnyTensor& self) {
  if (self.is_leaf() && self.requires_grad()) {
    raise<AutogradError>(op,
                         "a leaf tensor that requires a gradient is being used in an in-place "
                         "operation: hold a NoGradGuard meanwhile");
  }
  if (self.impl().storage->use_count() > 1) {
    raise<AutogradError>(op,
                         "this in-place operation would have to be recorded, but other tensors "
                         "share the memory (a view, a detached tensor, or what an operation keeps "
                         "of its result for its gradient): clone() it first, or use the "
                         "operation that makes a new tensor");
  }
}

inline void check_in_place_shape(std::string_view op, const Shape& self, const Shape& other) {
  if (broadcast_shapes(op, self, other) != self) {
    raise<ShapeError>(op, "expected an operand that broadcasts to shape ", shape_text(self),
                      " of the tensor that is changed, got shape ", shape_text(other));
  }
}

/// Makes `self` the result of `operation(the value of self until now)`, which is recorded.
template <FloatScalar S, class Operation>
void record_in_place(std::string_view op, Tensor<S>& self, Operation operation) {
  check_recordable_in_place(op, self);
  // The earlier value lives on in a tensor of its own, which takes over the earlier node.
  const Tensor<S> before = copy_of(self);
  if (!self.is_leaf()) before.impl().autograd_meta().grad_fn = self.impl().autograd->grad_fn;
  const Tensor<S> after = operation(before);
  {
    const InPlaceWrite write(*self.impl().storage);
    std::copy_n(after.data(), after.numel(), self.data());
  }
  self.impl().autograd_meta().grad_fn = after.impl().autograd->grad_fn;
}

/// self = f(self, other), where `operation(self, other)` makes a new tensor and can be recorded.
template <TensorScalar S, Operand B, class F, class Operation>
void zip_in_place(std::string_view op, Tensor<S>& self, const B& other, F f, Operation operation) {
  static_assert(std::is_same_v<common_scalar<Tensor<S>, B>, S>);
  check_in_place_shape(op, self.shape(), operand_shape(other));
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(self, as_input(other))) {
      return record_in_place(op, self, [&](const Tensor<S>& before) {
        if constexpr (IsTensor<B>) {
          // A node that held its own output would never be freed.
          return operation(before, other.is(self) ? before : as_operand<S>(other));
        } else {
          return operation(before, other);
        }
      });
    }
  }
  const InPlaceWrite write(*self.impl().storage);
  S* data = self.data();
  if constexpr (IsTensor<B>) {
    zip_into(data, self.shape(), std::as_const(self), as_operand<S>(other), f);
  } else {
    map_into(data, data, self.numel(), [f, y = as_operand<S>(other)](S x) { return f(x, y); });
  }
}

/// Fills all of `self`, which is recorded as `name` where it belongs to a graph.
template <TensorScalar S>
void fill_recorded(std::string_view op, Tensor<S>& self, S value, const char* name) {
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(self)) {
      return record_in_place(op, self, [value, name](const Tensor<S>& before) {
        return record_steps(full_like(before, value), name, before);
      });
    }
  }
  const InPlaceWrite write(*self.impl().storage);
  std::fill_n(self.data(), self.numel(), value);
}

/// A copy of `source` expanded to the shape of `before`, recorded as what takes the place of
/// `before`.
template <FloatScalar S>
Tensor<S> copied_over(const Tensor<S>& before, const Tensor<S>& source) {
  auto out = zip<S>("copy_", before, source, [](S, S y) { return y; });
  autograd::record(out, "CopyBackwards",
                   autograd::vjp(before, [](const auto& grad) { return zeros_like(grad); }),
                   autograd::vjp(source, [shape = source.shape()](const auto& grad) {
                     return sum_to(grad, shape);
                   }));
  return out;
}

}  // namespace detail

/// Fills x with `value`. Raises ValueError if the element type cannot hold it.
template <TensorScalar S, Number N>
Tensor<S>& fill_(Tensor<S>& x, N value) {
  detail::fill_recorded("fill_", x, detail::to_element<S>("fill_", value), "FillBackward2");
  return x;
}

/// Fills x with 0.
template <TensorScalar S>
Tensor<S>& zero_(Tensor<S>& x) {
  detail::fill_recorded("zero_", x, S{0}, "ZeroBackward0");
  return x;
}

/// Copies the elements of `source`, which broadcasts to x.
template <TensorScalar S>
Tensor<S>& copy_(Tensor<S>& x, const std::type_identity_t<Tensor<S>>& source) {
  detail::zip_in_place(
      "copy_", x, source, [](S, S y) { return y; },
      [](const auto& before, const auto& from) { return detail::copied_over(before, from); });
  return x;
}

/// x + alpha · other
template <TensorScalar S, class B, Number N = int>
requires detail::Operand<B> Tensor<S>
&add_(Tensor<S>& x, const B& other, N alpha = N{1}) {
  detail::check_alpha_type<S, N>();
  detail::zip_in_place(
      "add_", x, other,
      [plain = alpha == N{1}, k = static_cast<S>(alpha)](S a, S b) {
        return detail::wrapping_add(a, plain ? b : detail::wrapping_mul(k, b));
      },
      [alpha](const auto& before, const auto& y) { return add(before, y, alpha); });
  return x;
}

/// x − alpha · other
template <TensorScalar S, class B, Number N = int>
requires detail::Operand<B> Tensor<S>
&sub_(Tensor<S>& x, const B& other, N alpha = N{1}) {
  static_assert(!std::is_same_v<S, bool>,
                "brasa: bool tensors cannot be subtracted; use a ^ b or logical_xor(a, b)");
  detail::check_alpha_type<S, N>();
  detail::zip_in_place(
      "sub_", x, other,
      [plain = alpha == N{1}, k = static_cast<S>(alpha)](S a, S b) {
        return detail::wrapping_sub(a, plain ? b : detail::wrapping_mul(k, b));
      },
      [alpha](const auto& before, const auto& y) { return sub(before, y, alpha); });
  return x;
}

/// x · other
template <TensorScalar S, class B>
requires detail::Operand<B> Tensor<S>
&mul_(Tensor<S>& x, const B& other) {
  detail::zip_in_place(
      "mul_", x, other, [](S a, S b) { return detail::wrapping_mul(a, b); },
      [](const auto& before, const auto& y) { return mul(before, y); });
  return x;
}

/// x / other, for floating point.
template <TensorScalar S, class B>
requires detail::Operand<B> Tensor<S>
&div_(Tensor<S>& x, const B& other) {
  static_assert(FloatScalar<S>,
                "brasa: the quotient of integers is floating point and cannot be written back; use "
                "x / y, which gives float, or div(x, y, brasa::Rounding::floor)");
  detail::zip_in_place(
      "div_", x, other, [](S a, S b) { return a / b; },
      [](const auto& before, const auto& y) { return div(before, y); });
  return x;
}

/// min(max(x, min), max), see `clamp`.
template <TensorScalar S>
Tensor<S>& clamp_(Tensor<S>& x, std::optional<double> min,
                  std::optional<double> max = std::nullopt) {
  const auto result = [&](const Tensor<S>& before) { return clamp(before, min, max); };
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      detail::record_in_place("clamp_", x, result);
      return x;
    }
  }
  const Tensor<S> clamped = result(x);
  const detail::InPlaceWrite write(*x.impl().storage);
  std::copy_n(clamped.data(), clamped.numel(), x.data());
  return x;
}

/// Fills x with `value` where the mask, which broadcasts to x, is true.
///
/// Raises ValueError if the element type cannot hold the value.
template <TensorScalar S, Number N>
Tensor<S>& masked_fill_(Tensor<S>& x, const Tensor<bool>& mask, N value) {
  const S element = detail::to_element<S>("masked_fill_", value);
  detail::check_in_place_shape("masked_fill_", x.shape(), mask.shape());
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      detail::record_in_place("masked_fill_", x, [&](const Tensor<S>& before) {
        return masked_fill(before, mask, value);
      });
      return x;
    }
  }
  const detail::InPlaceWrite write(*x.impl().storage);
  detail::zip_into(x.data(), x.shape(), std::as_const(x), mask,
                   [element](S v, bool masked) { return masked ? element : v; });
  return x;
}

template <TensorScalar S, class B>
requires detail::Operand<B> Tensor<S>
&operator+=(Tensor<S>& x, const B& other) { return add_(x, other); }
template <TensorScalar S, class B>
requires detail::Operand<B> Tensor<S>
&operator-=(Tensor<S>& x, const B& other) { return sub_(x, other); }
template <TensorScalar S, class B>
requires detail::Operand<B> Tensor<S>
&operator*=(Tensor<S>& x, const B& other) { return mul_(x, other); }
template <TensorScalar S, class B>
requires detail::Operand<B> Tensor<S>
&operator/=(Tensor<S>& x, const B& other) { return div_(x, other); }

}  // namespace brasa

#include "brasa/ops/reduce.hpp"
