#pragma once

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "brasa/core/convert.hpp"
#include "brasa/nn/module_base.hpp"
#include "brasa/nn/module_members.hpp"

// The state of a module: state_dict and load_state_dict.

namespace brasa::nn {
namespace detail {

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

/// The candidate that `key` may have been meant for, empty if none is near.
inline std::string nearest_key(const std::string& key, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, key.size() / 4) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(key.size(), candidate.size());
    if (longer - std::min(key.size(), candidate.size()) >= best_distance) continue;
    const std::size_t distance = edit_distance(key, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

/// One tensor of a module and what a state_dict offers for it.
struct StateSlot {
  std::string name;
  AnyTensor target;
  AnyTensor value;
};

inline std::string quoted(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    if (!text.empty()) text += ", ";
    text += '"' + key + '"';
  }
  return text;
}

/// A one-element 1-d tensor fits a 0-d one, as in PyTorch.
inline bool shape_fits(const AnyTensor& target, const AnyTensor& value) {
  return target.shape() == value.shape() || (target.dim() == 0 && value.shape() == Shape{1});
}

/// Copies the bytes of as many elements of the same dtype; both may be the same memory.
inline void copy_values(AnyTensor& target, const AnyTensor& value) {
  std::memmove(target.raw_data(), value.raw_data(), value.nbytes());
  target.impl().storage->bump_version();
}

/// What is wrong with a state_dict, gathered before anything is changed.
class StateProblems {
 public:
  void misshapen(const StateSlot& slot) {
    text_ += "\n\tsize mismatch for " + slot.name + ": the state_dict has shape " +
             shape_text(slot.value.shape()) + ", the module has shape " +
             shape_text(slot.target.shape());
  }
  void undefined(const StateSlot& slot) {
    text_ += "\n\tno tensor for " + slot.name + ": nothing was assigned to it in the state_dict";
  }
  void lossy(const StateSlot& slot, const std::string& loss) {
    text_ += "\n\tloss of precision for " + slot.name + ": " + loss +
             "; allow_lossy = true loads it all the same";
  }
  void keys(const LoadResult& result) {
    std::string text;
    if (!result.missing_keys.empty()) {
      text += "\n\tMissing key(s) in state_dict: " + quoted(result.missing_keys) + ".";
    }
    if (!result.unexpected_keys.empty()) {
      text += "\n\tUnexpected key(s) in state_dict: " + quoted(result.unexpected_keys) + ".";
    }
    // Two models that have nothing in common are no misspelling, and would take long to compare.
    constexpr std::size_t kMostPairs = 10000;
    constexpr std::size_t kLongestKey = 200;
    const bool few = result.unexpected_keys.size() * result.missing_keys.size() <= kMostPairs;
    for (const std::string& key : result.unexpected_keys) {
      if (!few || key.size() > kLongestKey) continue;
      const std::string meant = nearest_key(key, result.missing_keys);
      if (!meant.empty()) text += "\n\t" + key + ": did you mean " + meant + "?";
    }
    text_.insert(0, text);
  }
  void raise_if_any(std::string_view type_name) const {
    if (text_.empty()) return;
    raise<StateDictError>("", "Error(s) in loading state_dict for ", type_name, ":", text_);
  }

 private:
  std::string text_;
};

}  // namespace detail

template <FloatScalar S>
StateDict Module<S>::state_dict(const std::string& prefix) const {
  StateDict state;
  const std::string root = prefix.ends_with('.') ? prefix.substr(0, prefix.size() - 1) : prefix;
  detail::for_each_module(*this, root, [&](const std::string& path, const Module& module) {
    state.set_version(path, module.state_version());
    const detail::Members<S> members(module);
    for (const auto& [name, parameter] : members.parameters) {
      if (parameter->defined()) state.insert(detail::join_path(path, name), parameter->detach());
    }
    for (const auto& entry : members.buffers) {
      if (!entry.buffer->defined() || !entry.persistent) continue;
      state.insert(detail::join_path(path, entry.name),
                   detail::alias(*entry.buffer, entry.buffer->shape()));
    }
  });
  return state;
}

template <FloatScalar S>
LoadResult Module<S>::load_state_dict(const StateDict& state, LoadOptions options) {
  std::vector<detail::StateSlot> slots;
  LoadResult result;
  const StateDict own = state_dict();
  for (const auto& [name, target] : own) {
    if (const AnyTensor* value = state.find(name)) {
      slots.push_back({name, target, *value});
    } else {
      result.missing_keys.push_back(name);
    }
  }
  for (const auto& [name, value] : state) {
    if (!own.contains(name)) result.unexpected_keys.push_back(name);
  }

  detail::StateProblems problems;
  for (detail::StateSlot& slot : slots) {
    if (!slot.value.defined()) {
      problems.undefined(slot);
    } else if (!detail::shape_fits(slot.target, slot.value)) {
      problems.misshapen(slot);
    } else if (slot.value.dtype() != slot.target.dtype()) {
      const Dtype dtype = slot.target.dtype();
      const std::string loss =
          options.allow_lossy ? std::string() : conversion_loss(slot.value, dtype);
      if (loss.empty()) {
        slot.value = convert(slot.value, dtype, true);
      } else {
        problems.lossy(slot, loss);
      }
    }
  }
  if (options.strict) problems.keys(result);
  problems.raise_if_any(type_name());

  for (detail::StateSlot& slot : slots) detail::copy_values(slot.target, slot.value);
  return result;
}

}  // namespace brasa::nn
