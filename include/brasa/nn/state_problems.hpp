#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/state_dict.hpp"
#include "brasa/nn/module_base.hpp"

// What may be wrong with a state_dict, and what was probably meant.

namespace brasa::nn::detail {

/// One tensor of a module and what a state_dict offers for it.
struct StateSlot {
  std::string name;
  AnyTensor target;
  AnyTensor value;
};

/// How many letters have to be changed, added or dropped to get from one text to the other.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// Finds what the keys of a state_dict were meant for, among those that the module lacks.
class KeyHints {
 public:
  KeyHints(const LoadResult& result, const StateDict& own, const StateDict& state)
      : result_(result), own_(own), state_(state) {}

  /// Lines that begin with a newline and a tab.
  std::string text() const {
    // Two models that have nothing in common are no misspelling, and would take long to compare.
    constexpr std::size_t kMostPairs = 10000;
    const std::size_t pairs = result_.unexpected_keys.size() * result_.missing_keys.size();
    if (pairs == 0) return {};
    std::string hint = prefix_hint();
    if (!hint.empty() || pairs > kMostPairs) return hint;
    for (const std::string& key : result_.unexpected_keys) {
      const std::string meant = meant_by(key);
      if (!meant.empty())
        hint.append("\n\t").append(key).append(": did you mean ").append(meant).append("?");
    }
    return hint;
  }

 private:
  /// A prefix that all keys have, or all lack.
  std::string prefix_hint() const {
    const auto& missing = result_.missing_keys;
    const auto& unexpected = result_.unexpected_keys;
    const std::string extra = prefix_between(unexpected, missing.front());
    const auto is_wrapped = [&](const std::string& key) { return state_.contains(extra + key); };
    if (!extra.empty() && std::all_of(missing.begin(), missing.end(), is_wrapped)) {
      return "\n\tThe keys begin with \"" + extra + "\": load strip_prefix(state, \"" + extra +
             "\").";
    }
    const std::string lacking = prefix_between(missing, unexpected.front());
    const auto is_within = [&](const std::string& key) { return own_.contains(lacking + key); };
    if (!lacking.empty() && std::all_of(unexpected.begin(), unexpected.end(), is_within)) {
      return "\n\tThe keys lack \"" + lacking + "\": is this the state_dict of " +
             lacking.substr(0, lacking.size() - 1) + " alone?";
    }
    return {};
  }
  /// What stands before `key` in the first of the longer keys that ends with it; up to a dot.
  static std::string prefix_between(const std::vector<std::string>& longer, std::string_view key) {
    for (const std::string& each : longer) {
      if (each.size() <= key.size() + 1 || !each.ends_with(key)) continue;
      const std::size_t size = each.size() - key.size();
      if (each[size - 1] == '.') return each.substr(0, size);
    }
    return {};
  }

  /// The missing key that one may have been meant for: the nearest by its letters, or else the only
  /// one with the same last word and shape. Empty if there is none.
  std::string meant_by(const std::string& key) const {
    constexpr std::size_t kLongestKey = 200;
    if (key.size() > kLongestKey) return {};
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(2, key.size() / 4) + 1;
    for (const std::string& candidate : result_.missing_keys) {
      const std::size_t longer = std::max(key.size(), candidate.size());
      if (longer - std::min(key.size(), candidate.size()) >= best_distance) continue;
      const std::size_t distance = edit_distance(key, candidate);
      if (distance < best_distance) {
        best_distance = distance;
        best = candidate;
      }
    }
    return best.empty() ? only_alike(key) : best;
  }
  std::string only_alike(const std::string& key) const {
    const AnyTensor& value = state_.at(key);
    std::string found;
    for (const std::string& candidate : result_.missing_keys) {
      const bool alike = last_word(candidate) == last_word(key) && value.defined() &&
                         own_.at(candidate).shape() == value.shape();
      if (!alike) continue;
      if (!found.empty()) return {};
      found = candidate;
    }
    return found;
  }
  static std::string_view last_word(std::string_view key) {
    return key.substr(key.rfind('.') + 1);  // npos + 1 is 0
  }

  const LoadResult& result_;
  const StateDict& own_;
  const StateDict& state_;
};

inline std::string quoted(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    if (!text.empty()) text += ", ";
    text += '"' + key + '"';
  }
  return text;
}

/// What is wrong with a state_dict, gathered before anything is changed.
class StateProblems {
 public:
  void misshapen(const StateSlot& slot) {
    const Shape& given = slot.value.shape();
    const Shape& wanted = slot.target.shape();
    text_ += "\n\tsize mismatch for " + slot.name + ": the state_dict has shape " +
             shape_text(given) + ", the module has shape " + shape_text(wanted);
    const bool reversed = given != wanted && std::equal(given.begin(), given.end(),
                                                        std::make_reverse_iterator(wanted.end()),
                                                        std::make_reverse_iterator(wanted.begin()));
    if (reversed) text_ += "; is it transposed?";
  }
  void undefined(const StateSlot& slot) {
    text_ += "\n\tno tensor for " + slot.name + ": nothing was assigned to it in the state_dict";
  }
  void lossy(const StateSlot& slot, const std::string& loss) {
    text_ += "\n\tloss of precision for " + slot.name + ": " + loss +
             "; allow_lossy = true loads it all the same";
  }
  void keys(const LoadResult& result, const StateDict& own, const StateDict& state) {
    std::string text;
    if (!result.missing_keys.empty()) {
      text += "\n\tMissing key(s) in state_dict: " + quoted(result.missing_keys) + ".";
    }
    if (!result.unexpected_keys.empty()) {
      text += "\n\tUnexpected key(s) in state_dict: " + quoted(result.unexpected_keys) + ".";
    }
    text_.insert(0, text + KeyHints(result, own, state).text());
  }
  void raise_if_any(std::string_view type_name) const {
    if (text_.empty()) return;
    raise<StateDictError>("", "Error(s) in loading state_dict for ", type_name, ":", text_);
  }

 private:
  std::string text_;
};

}  // namespace brasa::nn::detail
