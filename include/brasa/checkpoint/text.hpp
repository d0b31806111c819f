#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "brasa/core/shape.hpp"

namespace brasa::detail {

/// How many bytes the first character of `text` has, 0 if it is not valid UTF-8 (too long, a
/// surrogate, above U+10FFFF, cut short). `text` is not empty.
inline std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead < 0xC2   ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  // The second byte says what the first leaves open.
  const std::uint8_t least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < least || byte(1) > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

/// Where `text` stops being UTF-8; npos if all of it is.
inline std::size_t find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

/// True for the UTF-8 of a Python str, which may also have halves of surrogate pairs: as those
/// Python keeps what it could not decode.
inline bool is_python_text(std::string_view text) {
  for (;;) {
    const std::size_t bad = find_invalid_utf8(text);
    if (bad == std::string_view::npos) return true;
    text.remove_prefix(bad);
    const bool surrogate = text.size() >= 3 && text[0] == '\xED' && (text[1] & 0xE0) == 0xA0 &&
                           (text[2] & 0xC0) == 0x80;
    if (!surrogate) return false;
    text.remove_prefix(3);
  }
}

/// A name out of a file, for an error message: in quotes, cut where it is long, control characters
/// and bytes that are not UTF-8 as `\x1b`.
inline std::string shown(std::string_view name) {
  constexpr std::size_t kLongest = 120;
  std::string text = "\"";
  std::size_t i = 0;
  while (i < name.size() && i < kLongest) {
    const std::size_t length = utf8_length(name.substr(i));
    const auto byte = static_cast<std::uint8_t>(name[i]);
    if (length == 0 || byte < 0x20 || byte == 0x7F) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(byte));
      text += escape;
      i += 1;
    } else {
      text += name.substr(i, length);
      i += length;
    }
  }
  return text += i < name.size() ? "…\"" : "\"";
}

/// A shape out of a file, for an error message.
inline std::string shown(const Shape& shape) {
  constexpr std::size_t kLongest = 16;
  if (shape.size() <= kLongest) return shape_text(shape);
  return "of " + std::to_string(shape.size()) + " dimensions";
}

}  // namespace brasa::detail
