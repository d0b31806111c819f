#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "brasa/core/tensor.hpp"

/// What may stand in an operation beside a tensor, and how numbers become elements.
namespace brasa::detail {

/// A tensor or a C++ number.
template <class T>
concept Operand = Number<T> || IsTensor<T>;

/// Two operands, at least one of them a tensor.
template <class A, class B>
concept Operands = Operand<A> && Operand<B> &&(IsTensor<A> || IsTensor<B>);

template <class T>
struct ScalarOf {
  using type = T;
};
template <IsTensor T>
struct ScalarOf<T> {
  using type = typename T::Scalar;
};
/// The element type of a tensor, the type of a number.
template <class T>
using scalar_of = typename ScalarOf<T>::type;

/// bool < integers < floating point.
template <class T>
inline constexpr int kCategory = std::is_floating_point_v<T> ? 2
                                 : std::is_same_v<T, bool>   ? 0
                                                             : 1;

/// The element type that two operands have in common: that of the tensors.
template <class A, class B>
struct TensorScalarOf {
  using type = scalar_of<std::conditional_t<IsTensor<A>, A, B>>;
  static_assert(!IsTensor<A> || !IsTensor<B> || std::is_same_v<scalar_of<A>, scalar_of<B>>,
                "brasa: these two tensors have different element types; convert one of them first, "
                "for example with x.to<float>()");
};
template <class A, class B>
using tensor_scalar_of = typename TensorScalarOf<A, B>::type;

/// The same for operations whose result has that type: a number must not be of a higher category.
template <class A, class B>
struct CommonScalar : TensorScalarOf<A, B> {
  using typename TensorScalarOf<A, B>::type;
  static_assert(kCategory<scalar_of<A>> <= kCategory<type> &&
                    kCategory<scalar_of<B>> <= kCategory<type>,
                "brasa: the result would not be of the tensor's element type (a floating point "
                "number beside integers, or an integer beside bool); convert the tensor first, for "
                "example x.to<float>() + 1.5");
};
template <class A, class B>
using common_scalar = typename CommonScalar<A, B>::type;

/// An operand as an operation on S takes it: tensors as they are, numbers cast to S, integers
/// modulo 2^n, as PyTorch does with numbers beside tensors.
template <TensorScalar S, IsTensor T>
const Tensor<S>& as_operand(const T& tensor) {
  return tensor;
}
template <TensorScalar S, Number N>
S as_operand(N number) {
  return static_cast<S>(number);
}

/// The shape to which an operand's gradient is summed up.
template <Operand T>
Shape operand_shape(const T& operand) {
  if constexpr (IsTensor<T>) {
    return operand.shape();
  } else {
    return {};
  }
}

/// An operand as autograd takes it: a number is an undefined tensor.
inline const AnyTensor& as_input(const AnyTensor& tensor) { return tensor; }
template <Number N>
AnyTensor as_input(N) {
  return {};
}

/// True if `number` lies in the range of the integer type S, which for unsigned types includes the
/// negatives of it, as in PyTorch: -1 is then the largest value.
template <class S, Number N>
constexpr bool fits(N number) {
  using Limits = std::numeric_limits<S>;
  if constexpr (std::is_same_v<S, bool>) {
    return number == number;
  } else if constexpr (std::is_floating_point_v<S>) {
    if constexpr (std::is_floating_point_v<N>) {
      if (!(number - number == 0)) return true;  // infinities and NaN stay what they are
      if constexpr (sizeof(N) > sizeof(S)) {
        return number >= static_cast<N>(Limits::lowest()) &&
               number <= static_cast<N>(Limits::max());
      }
    }
    return true;
  } else if constexpr (std::is_floating_point_v<N>) {
    // Both bounds are powers of two, so they are exact; NaN is in no range.
    const N bound = std::is_signed_v<S> ? -static_cast<N>(Limits::min())
                                        : static_cast<N>(Limits::max() / 2 + 1) * 2;
    return std::is_signed_v<S> ? number >= -bound && number < bound
                               : number > -bound && number < bound;
  } else if constexpr (std::is_unsigned_v<S> && std::is_signed_v<N>) {
    using U = std::make_unsigned_t<N>;
    const U magnitude = number < 0 ? U{0} - static_cast<U>(number) : static_cast<U>(number);
    return magnitude <= Limits::max();
  } else if constexpr (std::is_same_v<N, bool>) {
    return true;
  } else if constexpr (std::is_unsigned_v<N>) {
    return number <= static_cast<std::make_unsigned_t<S>>(Limits::max());
  } else {
    return static_cast<std::int64_t>(number) >= static_cast<std::int64_t>(Limits::min()) &&
           static_cast<std::int64_t>(number) <= static_cast<std::int64_t>(Limits::max());
  }
}

/// The element that a number stands for when a tensor is filled with it: a floating point number
/// loses its fraction in integers. Raises ValueError where it does not fit.
template <TensorScalar S, Number N>
S to_element(std::string_view op, N number) {
  if (!fits<S>(number)) {
    raise<ValueError>(op, "expected a number that ", dtype_name(dtype_of<S>), " can hold, got ",
                      number);
  }
  if constexpr (std::is_same_v<S, bool>) {
    return number != 0;
  } else if constexpr (std::is_floating_point_v<N> && std::is_integral_v<S>) {
    return static_cast<S>(static_cast<std::int64_t>(number));
  } else {
    return static_cast<S>(number);
  }
}

/// `number` as an integer, for arguments beside integers. Raises DtypeError if it has a fraction.
template <TensorScalar S>
S to_integral_element(std::string_view op, std::string_view argument, double number) {
  if constexpr (!std::is_floating_point_v<S>) {
    if (number != std::trunc(number)) {
      raise<DtypeError>(op, "expected an integer for ", argument, " beside a tensor of ",
                        dtype_name(dtype_of<S>), ", got ", number);
    }
  }
  return to_element<S>(op, number);
}

/// a + b, a - b and a * b, integers modulo 2^n; bools as "or", "not equal" and "and".
template <TensorScalar S>
constexpr S wrapping_add(S a, S b) {
  if constexpr (std::is_same_v<S, bool>) {
    return a || b;
  } else if constexpr (std::is_integral_v<S>) {
    using U = std::make_unsigned_t<S>;
    return static_cast<S>(static_cast<U>(a) + static_cast<U>(b));
  } else {
    return a + b;
  }
}
template <TensorScalar S>
constexpr S wrapping_sub(S a, S b) {
  if constexpr (std::is_same_v<S, bool>) {
    return a != b;
  } else if constexpr (std::is_integral_v<S>) {
    using U = std::make_unsigned_t<S>;
    return static_cast<S>(static_cast<U>(a) - static_cast<U>(b));
  } else {
    return a - b;
  }
}
template <TensorScalar S>
constexpr S wrapping_mul(S a, S b) {
  if constexpr (std::is_same_v<S, bool>) {
    return a && b;
  } else if constexpr (std::is_integral_v<S>) {
    using U = std::make_unsigned_t<S>;
    return static_cast<S>(static_cast<U>(a) * static_cast<U>(b));
  } else {
    return a * b;
  }
}

}  // namespace brasa::detail
