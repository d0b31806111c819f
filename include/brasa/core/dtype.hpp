#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "brasa/core/bit_cast.hpp"

namespace brasa {

/// The types of elements that a file can hold. Six of them are the scalars of a `Tensor<Scalar>`;
/// the others live in an `AnyTensor` until they are converted.
enum class Dtype : std::uint8_t {
  float32,
  float64,
  float16,
  bfloat16,
  int64,
  int32,
  int16,
  int8,
  uint64,
  uint32,
  uint16,
  uint8,
  bool_,
};

/// IEEE half precision as a file stores it; arithmetic happens in float.
struct Half {
  std::uint16_t bits;
};

/// The upper half of a float32 as a file stores it; arithmetic happens in float.
struct BFloat16 {
  std::uint16_t bits;
};

namespace detail {

struct DtypeInfo {
  std::string_view name;       // as PyTorch prints it, without "torch."
  std::string_view type_name;  // the old tensor type, without "torch." and "Tensor"
  std::size_t size;
  bool is_floating_point;
};

inline constexpr DtypeInfo kDtypes[] = {
    {"float32", "Float", 4, true},  {"float64", "Double", 8, true},
    {"float16", "Half", 2, true},   {"bfloat16", "BFloat16", 2, true},
    {"int64", "Long", 8, false},    {"int32", "Int", 4, false},
    {"int16", "Short", 2, false},   {"int8", "Char", 1, false},
    {"uint64", "UInt64", 8, false}, {"uint32", "UInt32", 4, false},
    {"uint16", "UInt16", 2, false}, {"uint8", "Byte", 1, false},
    {"bool", "Bool", 1, false},
};

constexpr const DtypeInfo& info(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)]; }

template <class T>
struct DtypeOf;
// clang-format off
template <> struct DtypeOf<float> { static constexpr Dtype value = Dtype::float32; };
template <> struct DtypeOf<double> { static constexpr Dtype value = Dtype::float64; };
template <> struct DtypeOf<Half> { static constexpr Dtype value = Dtype::float16; };
template <> struct DtypeOf<BFloat16> { static constexpr Dtype value = Dtype::bfloat16; };
template <> struct DtypeOf<std::int64_t> { static constexpr Dtype value = Dtype::int64; };
template <> struct DtypeOf<std::int32_t> { static constexpr Dtype value = Dtype::int32; };
template <> struct DtypeOf<std::int16_t> { static constexpr Dtype value = Dtype::int16; };
template <> struct DtypeOf<std::int8_t> { static constexpr Dtype value = Dtype::int8; };
template <> struct DtypeOf<std::uint64_t> { static constexpr Dtype value = Dtype::uint64; };
template <> struct DtypeOf<std::uint32_t> { static constexpr Dtype value = Dtype::uint32; };
template <> struct DtypeOf<std::uint16_t> { static constexpr Dtype value = Dtype::uint16; };
template <> struct DtypeOf<std::uint8_t> { static constexpr Dtype value = Dtype::uint8; };
template <> struct DtypeOf<bool> { static constexpr Dtype value = Dtype::bool_; };
// clang-format on

}  // namespace detail

/// The dtype of a C++ type: `dtype_of<float> == Dtype::float32`.
template <class T>
inline constexpr Dtype dtype_of = detail::DtypeOf<T>::value;

/// The element types of `Tensor<Scalar>`: float, double, int64_t, int32_t, uint8_t and bool.
template <class T>
concept TensorScalar =
    std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int64_t> ||
    std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::uint8_t> || std::is_same_v<T, bool>;

/// The scalars that can require gradients.
template <class T>
concept FloatScalar = std::is_same_v<T, float> || std::is_same_v<T, double>;

/// A C++ number that may stand beside a tensor, as in `x * 2`.
template <class T>
concept Number = std::is_arithmetic_v<T>;

/// What float functions of a tensor of T give: T itself for float and double, else float.
template <class T>
using float_of = std::conditional_t<std::is_floating_point_v<T>, T, float>;

/// What sums and products of T give: int64_t for integers and bool, else T.
template <class T>
using sum_of = std::conditional_t<std::is_floating_point_v<T>, T, std::int64_t>;

/// The dtype's name as PyTorch prints it, without "torch.": `float32`, `int64`, `bool`.
constexpr std::string_view dtype_name(Dtype dtype) { return detail::info(dtype).name; }

/// Bytes per element.
constexpr std::size_t dtype_size(Dtype dtype) { return detail::info(dtype).size; }

constexpr bool is_floating_point(Dtype dtype) { return detail::info(dtype).is_floating_point; }

/// Calls `f` with a value of the C++ type that stands for `dtype` (Half and BFloat16 included).
template <class F>
constexpr decltype(auto) visit_dtype(Dtype dtype, F&& f) {
  switch (dtype) {
    // clang-format off
    case Dtype::float32: return f(float{});
    case Dtype::float64: return f(double{});
    case Dtype::float16: return f(Half{});
    case Dtype::bfloat16: return f(BFloat16{});
    case Dtype::int64: return f(std::int64_t{});
    case Dtype::int32: return f(std::int32_t{});
    case Dtype::int16: return f(std::int16_t{});
    case Dtype::int8: return f(std::int8_t{});
    case Dtype::uint64: return f(std::uint64_t{});
    case Dtype::uint32: return f(std::uint32_t{});
    case Dtype::uint16: return f(std::uint16_t{});
    case Dtype::uint8: return f(std::uint8_t{});
    case Dtype::bool_: break;
      // clang-format on
  }
  return f(bool{});
}

/// The exact value of a half.
constexpr float to_float(Half h) {
  const std::uint32_t sign = (h.bits & 0x8000u) << 16;
  const std::uint32_t exponent = (h.bits >> 10) & 0x1Fu;
  const std::uint32_t mantissa = h.bits & 0x3FFu;
  if (exponent == 0) {  // zero or denormal: mantissa · 2^-24
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 0x1F ? 0xFFu : exponent + 112u;
  return detail::bit_cast<float>(sign | (wide << 23) | (mantissa << 13));
}

/// The exact value of a bfloat16.
constexpr float to_float(BFloat16 b) {
  return detail::bit_cast<float>(static_cast<std::uint32_t>(b.bits) << 16);
}

/// The nearest half, ties to even; too large becomes infinity.
constexpr Half to_half(float value) {
  const std::uint32_t bits = detail::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return {static_cast<std::uint16_t>(sign | 0x7E00u)};
  if (magnitude >= 0x477FF000u) return {static_cast<std::uint16_t>(sign | 0x7C00u)};
  // Adding 1.5·2^k, k chosen so that the sum's last bit is the half's, rounds as IEEE does.
  std::uint32_t exponent = magnitude >> 23;
  if (exponent < 113) exponent = 113;  // denormal halves share one exponent
  const float magic = detail::bit_cast<float>(((exponent + 13) << 23) | 0x400000u);
  const float rounded = detail::bit_cast<float>(magnitude) + magic;
  const std::uint32_t mantissa =
      detail::bit_cast<std::uint32_t>(rounded) - detail::bit_cast<std::uint32_t>(magic);
  const std::uint32_t base = exponent == 113 ? 0u : (exponent - 113) << 10;
  return {static_cast<std::uint16_t>(sign + base + mantissa)};
}

/// The nearest bfloat16, ties to even.
constexpr BFloat16 to_bfloat16(float value) {
  std::uint32_t bits = detail::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return {static_cast<std::uint16_t>((bits >> 16) | 0x40u)};
  bits += 0x7FFFu + ((bits >> 16) & 1u);
  return {static_cast<std::uint16_t>(bits >> 16)};
}

}  // namespace brasa
