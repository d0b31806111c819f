#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brasa::detail {

/// Finds keys that an object has twice, for objects within objects. The keys of all open objects
/// lie one after the other in one text, so that many short ones take little memory.
class DuplicateKeys {
 public:
  void open() { objects_.push_back(starts_.size()); }
  void add(std::string_view key) {
    starts_.push_back(text_.size());
    text_ += key;
  }
  /// Ends the innermost object; a key that it had twice, if there is one.
  std::optional<std::string> close() {
    const std::size_t first = objects_.back();
    objects_.pop_back();
    if (first == starts_.size()) return std::nullopt;
    std::vector<std::string_view> keys;
    for (std::size_t i = first; i < starts_.size(); ++i) {
      const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : text_.size();
      keys.push_back(std::string_view(text_).substr(starts_[i], end - starts_[i]));
    }
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    std::optional<std::string> result;
    if (twice != keys.end()) result.emplace(*twice);
    text_.resize(starts_[first]);
    starts_.resize(first);
    return result;
  }

 private:
  std::string text_;
  std::vector<std::size_t> starts_;   // of the keys in the text
  std::vector<std::size_t> objects_;  // the first key of each open object
};

}  // namespace brasa::detail
