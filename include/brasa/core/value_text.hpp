#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <list>
#include <ostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "brasa/core/print.hpp"
#include "brasa/core/value_base.hpp"
#include "brasa/core/value_dict.hpp"

namespace brasa {
namespace detail {

/// A character of UTF-8 text, which begins at `at`: its code point and its bytes. What is no UTF-8
/// is one byte with the code point -1.
struct Utf8Char {
  std::int32_t code = -1;
  std::size_t size = 1;

  Utf8Char(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 0 || at + length > text.size()) return;
    std::int32_t value = static_cast<std::int32_t>(length == 1 ? first : first & (0x7Fu >> length));
    for (std::size_t i = 1; i < length; ++i) {
      if ((byte(i) & 0xC0u) != 0x80u) return;
      value = (value << 6) | static_cast<std::int32_t>(byte(i) & 0x3Fu);
    }
    constexpr std::int32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value < 0xE000;
    if (value < kSmallest[length] || value > 0x10FFFF || surrogate) return;
    code = value;
    size = length;
  }
};

/// Whether Python's `repr` leaves a character as it is. Controls, spaces other than ' ', invisible
/// marks and private characters it escapes. (It does so with unassigned ones, too; which these are
/// changes from one version of Unicode to the next, and they are left as they are here.)
inline bool is_printable(std::int32_t code) {
  constexpr std::pair<std::int32_t, std::int32_t> kEscaped[] = {
      {0x00, 0x1F},     {0x7F, 0xA0},       {0xAD, 0xAD},       {0x600, 0x605},   {0x61C, 0x61C},
      {0x6DD, 0x6DD},   {0x70F, 0x70F},     {0x1680, 0x1680},   {0x180E, 0x180E}, {0x2000, 0x200F},
      {0x2028, 0x202F}, {0x205F, 0x206F},   {0x3000, 0x3000},   {0xE000, 0xF8FF}, {0xFEFF, 0xFEFF},
      {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};
  return std::none_of(std::begin(kEscaped), std::end(kEscaped), [code](const auto& range) {
    return code >= range.first && code <= range.second;
  });
}

/// A str as Python's `repr` shows it: `'abc'`, `"it's"`, `'a\nb'`. Bytes that are no UTF-8, which a
/// Python str cannot hold, show as `\xff`.
inline std::string python_quoted(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string result(1, quote);
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char c(text, at);
    const std::string_view bytes = text.substr(at, c.size);
    at += c.size;
    const char* escape = c.code == '\n'   ? "\\n"
                         : c.code == '\r' ? "\\r"
                         : c.code == '\t' ? "\\t"
                         : c.code == '\\' ? "\\\\"
                                          : nullptr;
    if (escape) {
      result += escape;
    } else if (c.code == quote) {
      (result += '\\') += quote;
    } else if (c.code >= 0 && is_printable(c.code)) {
      result += bytes;
    } else {
      const auto shown =
          static_cast<unsigned>(c.code >= 0 ? c.code : static_cast<unsigned char>(bytes[0]));
      char digits[16];
      std::snprintf(digits, sizeof digits,
                    shown < 0x100     ? "\\x%02x"
                    : shown < 0x10000 ? "\\u%04x"
                                      : "\\U%08x",
                    shown);
      result += digits;
    }
  }
  return result += quote;
}

/// Writes a tree as Python prints it. Not recursive: a tree may be deeper than the stack.
class ValueText {
 public:
  std::string of(const Value& value) {
    append(value);
    while (!open_.empty()) {
      Frame& frame = open_.back();
      if (frame.next == frame.items.size()) {
        text_ += frame.end;
        is_open_[frame.node] = false;
        open_.pop_back();
      } else {
        const Item& item = frame.items[frame.next++];
        if (frame.next > 1) text_ += ", ";
        text_ += item.before;
        append(item.value);
      }
    }
    return std::move(text_);
  }

 private:
  struct Item {
    std::string before;
    Value value;
  };
  struct Frame {
    const void* node;
    std::vector<Item> items;
    std::string end;
    std::size_t next = 0;
  };

  void append(const Value& value) {
    if (value.is_bool()) {
      text_ += python_text(value.as_bool());
    } else if (value.is_real()) {
      text_ += python_text(value.as_real());
    } else if (value.is_string()) {
      text_ += python_quoted(value.as_string());
    } else if (value.is_tensor()) {
      text_ += repr(value.as_tensor());
    } else if (value.is_dict()) {
      open_dict(value);
    } else if (value.is_list()) {
      open_sequence(value, "[", "]");
    } else if (value.is_tuple()) {
      open_sequence(value, "(", value.size() == 1 ? ",)" : ")");
    } else {
      text_ += "None";
    }
  }

  /// False, with three points written, for a container that is open already: it contains itself.
  bool open(const Value& value, std::string begin, std::string end) {
    bool& is_open = is_open_[value.identity()];
    if (is_open) {
      text_ += begin.front() == '(' ? "(...)" : begin.front() == '[' ? "[...]" : "{...}";
      return false;
    }
    is_open = true;
    text_ += begin;
    open_.push_back({value.identity(), {}, std::move(end)});
    return true;
  }

  void open_sequence(const Value& value, const char* begin, const char* end) {
    if (!open(value, begin, end)) return;
    for (const Value& item : value.as_sequence()) open_.back().items.push_back({"", item});
  }

  void open_dict(const Value& value) {
    const Dict& dict = value.as_dict();
    if (dict.type() == DictType::dict) {
      if (!open(value, "{", "}")) return;
      append_entries(dict);
    } else if (dict.empty()) {
      text_ += dict.type() == DictType::counter ? "Counter()" : "OrderedDict()";
    } else if (dict.type() == DictType::counter) {
      if (!open(value, "Counter({", "})")) return;
      append_entries(most_common(dict));
    } else {
      if (!open(value, "OrderedDict([", "])")) return;
      for (const auto& [key, entry] : dict) {
        open_.back().items.push_back({"", Value::tuple({key.value(), entry})});
      }
    }
  }

  /// The entries of a Counter, the largest counts first.
  static std::list<Dict::value_type> most_common(const Dict& counter) {
    std::list<Dict::value_type> entries(counter.begin(), counter.end());
    const auto count = [](const Value& value) { return value.is_real() ? value.as_double() : 0.0; };
    entries.sort([&](const auto& a, const auto& b) { return count(a.second) > count(b.second); });
    return entries;
  }

  template <class Entries>
  void append_entries(const Entries& dict) {
    for (const auto& [key, entry] : dict) {
      const std::string text =
          key.is_string() ? python_quoted(key.string()) : python_text(key.integer());
      open_.back().items.push_back({text + ": ", entry});
    }
  }

  std::string text_;
  std::vector<Frame> open_;
  std::unordered_map<const void*, bool> is_open_;
};

}  // namespace detail

/// The text that Python's `repr` gives, tensors as PyTorch prints them.
/// E.g. `{'lr': 0.1, 'betas': (0.9, 0.999)}`. An OrderedDict prints as up to Python 3.11:
/// `OrderedDict([('a', 1)])`.
inline std::string repr(const Value& value) { return detail::ValueText().of(value); }
inline std::ostream& operator<<(std::ostream& out, const Value& value) {
  return out << repr(value);
}

}  // namespace brasa
