#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "brasa/checkpoint/pickle_objects.hpp"
#include "brasa/core/number_text.hpp"
#include "brasa/core/value.hpp"

namespace brasa::detail {

/// The numbers and texts of pickle's protocol 0, which are lines.
class PickleText {
 public:
  explicit PickleText(const PickleObjects& objects) : objects_(objects) {}

  Value boolean_or_integer(std::string_view line) const {
    if (line == "00" || line == "01") return Value(line == "01");
    return number<std::int64_t>(line, "an int of 64 bits");
  }
  Value integer(std::string_view line) const {
    if (line.ends_with('L')) line.remove_suffix(1);
    return number<std::int64_t>(line, "an int of 64 bits");
  }
  Value real(std::string_view line) const {
    double value = 0;
    if (Numbers::parse(line, value) != std::errc()) {
      objects_.fail("expected a float, got ", shown(line));
    }
    return value;
  }
  std::size_t index(std::string_view line) const {
    return number<std::uint32_t>(line, "a number of an item");
  }

  /// The str of a line in Latin-1 with \u1234 and \U00012345.
  std::string unescaped(std::string_view line) const {
    std::string text;
    while (!line.empty()) {
      std::uint32_t character = static_cast<unsigned char>(line[0]);
      std::size_t size = 1;
      const char kind = line.size() > 1 && line[0] == '\\' ? line[1] : ' ';
      if (kind == 'u' || kind == 'U') {
        size = kind == 'u' ? 6 : 10;
        const std::string_view digits = line.substr(2, size - 2);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), character, 16);
        if (digits.size() != size - 2 || error != std::errc() ||
            end != digits.data() + digits.size() || character > 0x10FFFF) {
          objects_.fail("a str has a wrong escape");
        }
      }
      append_utf8(text, character);
      line.remove_prefix(size);
    }
    return text;
  }

 private:
  template <class T>
  T number(std::string_view line, std::string_view what) const {
    T value{};
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc() || end != line.data() + line.size()) {
      objects_.fail("expected ", what, ", got ", shown(line));
    }
    return value;
  }

  static void append_utf8(std::string& text, std::uint32_t character) {
    const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    const auto rest = [&](unsigned shift) { add(0x80 | (character >> shift & 0x3F)); };
    if (character < 0x80) return add(character);
    if (character < 0x800) {
      add(0xC0 | character >> 6);
    } else if (character < 0x10000) {
      add(0xE0 | character >> 12);
      rest(6);
    } else {
      add(0xF0 | character >> 18);
      rest(12);
      rest(6);
    }
    rest(0);
  }

  const PickleObjects& objects_;
};

}  // namespace brasa::detail
