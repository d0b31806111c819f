#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "brasa/nn/module_base.hpp"

// How modules print. The rules are PyTorch's, byte for byte.

namespace brasa::nn {
namespace detail {

[[gnu::cold]] inline std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  lines.push_back(text.substr(begin));
  return lines;
}

enum class BlankLines { left_empty, indented };

/// A child's text inside its parent: two more spaces in front of each line but the first.
[[gnu::cold]] inline std::string indent(const std::string& text, BlankLines blank_lines) {
  const auto lines = split_lines(text);
  std::string result = lines[0];
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const bool blank = lines[i].find_first_not_of(" \t\r\f\v") == std::string::npos;
    result += '\n';
    if (!blank || blank_lines == BlankLines::indented) (result += "  ") += lines[i];
  }
  return result;
}

/// "Name(", the lines, ")".
[[gnu::cold]] inline std::string text_block(std::string_view name,
                                            const std::vector<std::string>& lines) {
  std::string text(name);
  text += '(';
  for (const std::string& line : lines) (text += "\n  ") += line;
  if (!lines.empty()) text += '\n';
  return text += ')';
}

/// A module with what extra_repr gave and its children as (name, text).
[[gnu::cold]] inline std::string module_text(
    std::string_view name, const std::string& extra,
    const std::vector<std::pair<std::string, std::string>>& children) {
  std::vector<std::string> lines;
  if (!extra.empty()) lines = split_lines(extra);
  if (children.empty() && lines.size() == 1) return std::string(name) + '(' + extra + ')';
  for (const auto& [key, text] : children) {
    lines.push_back('(' + key + "): " + indent(text, BlankLines::left_empty));
  }
  return text_block(name, lines);
}

/// A ModuleList: neighbours that print alike are one entry.
[[gnu::cold]] inline std::string module_list_text(std::string_view name,
                                                  const std::vector<std::string>& texts) {
  std::vector<std::string> lines;
  for (std::size_t first = 0, last = 0; first < texts.size(); first = last + 1) {
    last = first;
    while (last + 1 < texts.size() && texts[last + 1] == texts[first]) ++last;
    std::string line = '(' + std::to_string(first);
    if (last > first) {
      line += '-' + std::to_string(last) + "): " + std::to_string(last - first + 1) + " x ";
    } else {
      line += "): ";
    }
    lines.push_back(indent(line + texts[first], BlankLines::indented));
  }
  return text_block(name, lines);
}

}  // namespace detail

template <FloatScalar S>
[[gnu::cold]] std::string Module<S>::repr() const {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [name, child] : named_children()) texts.emplace_back(name, child->repr());
  return detail::module_text(type_name(), extra_repr(), texts);
}

inline std::string repr(const LoadResult& result) {
  if (result.missing_keys.empty() && result.unexpected_keys.empty()) {
    return "<All keys matched successfully>";
  }
  const auto list = [](const std::vector<std::string>& keys) {
    std::string text = "[";
    for (const std::string& key : keys) {
      if (text.size() > 1) text += ", ";
      text += '\'' + key + '\'';
    }
    return text + ']';
  };
  return "_IncompatibleKeys(missing_keys=" + list(result.missing_keys) +
         ", unexpected_keys=" + list(result.unexpected_keys) + ')';
}
inline std::ostream& operator<<(std::ostream& out, const LoadResult& result) {
  return out << repr(result);
}

}  // namespace brasa::nn
