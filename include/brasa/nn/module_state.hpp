#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "brasa/core/convert.hpp"
#include "brasa/nn/module_base.hpp"
#include "brasa/nn/module_members.hpp"
#include "brasa/nn/state_problems.hpp"

// The state of a module: state_dict and load_state_dict.

namespace brasa::nn {
namespace detail {

/// A one-element 1-d tensor fits a 0-d one, as in PyTorch.
inline bool shape_fits(const AnyTensor& target, const AnyTensor& value) {
  return target.shape() == value.shape() || (target.dim() == 0 && value.shape() == Shape{1});
}

/// Copies the bytes of as many elements of the same dtype; both may be the same memory.
inline void copy_values(AnyTensor& target, const AnyTensor& value) {
  const InPlaceWrite write(*target.impl().storage);
  std::memmove(target.raw_data(), value.raw_data(), value.nbytes());
}

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
  if (options.strict) problems.keys(result, own, state);
  problems.raise_if_any(type_name());

  for (detail::StateSlot& slot : slots) detail::copy_values(slot.target, slot.value);
  return result;
}

}  // namespace brasa::nn
