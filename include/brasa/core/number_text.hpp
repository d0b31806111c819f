#pragma once

#include <cerrno>
#include <charconv>
#include <clocale>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

/// Doubles and their texts, as `<charconv>` has them, whatever the locale. libc++ knows them in
/// `<charconv>` only since its releases of 2022 (to_chars) and 2025 (from_chars), and not on every
/// system that it runs on; there the C library does it.
namespace brasa::detail {

/// By the C library; the decimal point of its locale is replaced.
struct CNumbers {
  /// `std::to_chars` with a precision; `%e` if scientific, else `%f`.
  [[gnu::cold]] static std::string text(double value, std::chars_format format, int precision) {
    const char* const print = format == std::chars_format::scientific ? "%.*e" : "%.*f";
    std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, print, precision, value)),
                     '\0');
    std::snprintf(text.data(), text.size() + 1, print, precision, value);
    const char* const point = std::localeconv()->decimal_point;
    if (const auto at = text.find(point); at != std::string::npos) {
      text.replace(at, std::strlen(point), ".");
    }
    return text;
  }

  /// `std::to_chars` without a precision: the shortest digits that read back equal. Fixed only for
  /// magnitudes below 2^53.
  [[gnu::cold]] static std::string shortest_text(double value, std::chars_format format) {
    int precision = -1;
    std::string shortest;
    double read = 0;
    bool reads_back = false;
    do {
      shortest = text(value, std::chars_format::scientific, ++precision);
      reads_back = parse(shortest, read) == std::errc() && read == value;
    } while (!reads_back && precision < 16);
    if (format == std::chars_format::scientific || !std::isfinite(value)) return shortest;
    const long exponent = std::strtol(shortest.c_str() + shortest.find('e') + 1, nullptr, 10);
    return text(value, format, precision > exponent ? precision - static_cast<int>(exponent) : 0);
  }

  /// `std::from_chars` of the whole text; the result is the error.
  [[gnu::cold]] static std::errc parse(std::string_view number, double& value) {
    const std::size_t first = number.starts_with('-') ? 1 : 0;
    // What strtod takes besides: spaces, a plus, hexadecimal digits, other text behind.
    const char* const more = "0123456789.eE+-infatyINFATY";
    if (first == number.size() || number[first] == '+' ||
        number.find_first_not_of(more) != std::string_view::npos) {
      return std::errc::invalid_argument;
    }
    std::string text(number);
    if (const auto at = text.find('.'); at != std::string::npos) {
      text.replace(at, 1, std::localeconv()->decimal_point);
    }
    const int before = std::exchange(errno, 0);
    char* end = nullptr;
    const double read = std::strtod(text.c_str(), &end);
    const bool out_of_range = std::exchange(errno, before) == ERANGE;
    if (end != text.c_str() + text.size()) return std::errc::invalid_argument;
    // A denormal number may be reported, too, and is right.
    if (out_of_range && (read == 0 || std::isinf(read))) return std::errc::result_out_of_range;
    value = read;
    return std::errc();
  }
};

#if defined(__cpp_lib_to_chars)
/// By the standard library.
struct StdNumbers {
  [[gnu::cold]] static std::string text(double value, std::chars_format format, int precision) {
    char buffer[1400];  // the sign, 309 digits, the point, at most 1074 decimals
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format, precision).ptr};
  }
  [[gnu::cold]] static std::string shortest_text(double value, std::chars_format format) {
    char buffer[64];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr};
  }
  [[gnu::cold]] static std::errc parse(std::string_view number, double& value) {
    const char* const end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, value);
    if (error != std::errc()) return error;
    return stop == end ? std::errc() : std::errc::invalid_argument;
  }
};
using Numbers = StdNumbers;
#else
using Numbers = CNumbers;
#endif

}  // namespace brasa::detail
