#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "brasa/core/value.hpp"

namespace brasa::detail {

/// Walks over a tree and calls `visit(path, value)` for all that is no list, tuple or dict; `path`
/// is `['model']['fc.weight']`. What stands in several places comes once, as long as it is a list,
/// a tuple or a dict. Not recursive.
class ValuePaths {
 public:
  explicit ValuePaths(const Value& tree) : tree_(tree) {}

  /// `visit` returns false to end the walk.
  void for_each(const std::function<bool(const std::string&, const Value&)>& visit) const {
    std::set<const void*> seen;
    Entries waiting{{"", tree_}};
    while (!waiting.empty()) {
      const auto [path, value] = std::move(waiting.back());
      waiting.pop_back();
      const bool is_branch = value.is_dict() || value.is_list() || value.is_tuple();
      if (!is_branch) {
        if (!visit(path, value)) return;
      } else if (seen.insert(value.identity()).second) {
        const std::size_t first = waiting.size();
        add_children(path, value, waiting);
        std::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(first), waiting.end());
      }
    }
  }

  /// Where a tensor stands; empty if it does not.
  std::string of(const TensorImpl& tensor) const {
    std::string found;
    for_each([&](const std::string& path, const Value& value) {
      if (value.identity() != &tensor) return true;
      found = path;
      return false;
    });
    return found;
  }

 private:
  using Entries = std::vector<std::pair<std::string, Value>>;

  static void add_children(const std::string& path, const Value& value, Entries& to) {
    const auto below = [&](const std::string& key) {
      constexpr std::size_t kLongest = 1000;  // of a path; a hostile tree may have longer ones
      std::string text = path;
      if (text.size() < kLongest) ((text += '[') += key.substr(0, kLongest)) += ']';
      return text;
    };
    if (!value.is_dict()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        to.emplace_back(below(std::to_string(i)), value.as_sequence()[i]);
      }
      return;
    }
    for (const auto& [key, entry] : value.as_dict()) {
      to.emplace_back(below(repr(key.value())), entry);
    }
  }

  const Value& tree_;
};

}  // namespace brasa::detail
