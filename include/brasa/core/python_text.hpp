#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "brasa/core/number_text.hpp"
#include "brasa/core/shape.hpp"

/// Values as Python's `str` shows them, for the texts of modules, optimizers and tensors. Nothing
/// here depends on the locale.
namespace brasa::detail {

/// A double has at most this many decimals.
inline constexpr int kMaxPrecision = 1074;

/// C's `%.{precision}f`, or with `chars_format::scientific` its `%.{precision}e`; a NaN has no
/// sign. The precision is at most `kMaxPrecision`.
[[gnu::cold]] inline std::string printf_text(double value, std::chars_format format,
                                             int precision) {
  return std::isnan(value) ? "nan" : Numbers::text(value, format, precision);
}

/// The shortest digits that read back equal: `0.1`, `2.0`, `1e-05`, `1e+16`, `nan`, `-inf`.
[[gnu::cold]] inline std::string python_text(double value) {
  if (std::isnan(value)) return "nan";
  const double magnitude = std::abs(value);
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    return Numbers::shortest_text(value, std::chars_format::scientific);
  }
  std::string text = Numbers::shortest_text(value, std::chars_format::fixed);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

/// A Python float is a double: 0.1f shows as `0.10000000149011612`.
inline std::string python_text(float value) { return python_text(static_cast<double>(value)); }

template <std::integral T>
std::string python_text(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "True" : "False";
  } else {
    return std::to_string(value);
  }
}

inline std::string python_text(std::string_view text) { return std::string(text); }
inline std::string python_text(const std::string& text) { return text; }
inline std::string python_text(const char* text) { return text; }

/// A tuple: `(3, 3)`, `(3,)`, `()`.
inline std::string python_text(const Shape& shape) { return shape_text(shape); }

// Declared first, so that each can hold the other.
template <class T>
std::string python_text(const std::optional<T>& value);
template <class A, class B>
std::string python_text(const std::pair<A, B>& pair);
template <class T, std::size_t N>
std::string python_text(const std::array<T, N>& values);

inline std::string python_text(std::nullopt_t) { return "None"; }
template <class T>
std::string python_text(const std::optional<T>& value) {
  return value ? python_text(*value) : "None";
}

/// A tuple of two: `(0.9, 0.999)`.
template <class A, class B>
std::string python_text(const std::pair<A, B>& pair) {
  std::string text = "(";  // by steps: g++ 12 warns of `"(" + text` where there is nothing wrong
  text += python_text(pair.first);
  text += ", ";
  text += python_text(pair.second);
  return text += ')';
}

/// A tuple.
template <class T, std::size_t N>
std::string python_text(const std::array<T, N>& values) {
  std::string text = "(";
  for (std::size_t i = 0; i < N; ++i) {
    if (i > 0) text += ", ";
    text += python_text(values[i]);
  }
  return text += N == 1 ? ",)" : ")";
}

}  // namespace brasa::detail
