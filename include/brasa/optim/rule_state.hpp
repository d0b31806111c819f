#pragma once

#include <string>
#include <string_view>

#include "brasa/optim/rule.hpp"

// What rule.hpp declares: the state of a parameter.

namespace brasa::optim::detail {

inline Dict& ParamState::dict() const {
  const Value* found = states_.find(index_);
  Dict& kept = found ? found->as_dict() : states_.set(index_, Value::dict()).as_dict();
  if (!kept.empty()) return kept;
  for (const StateKey& key : keys_) {
    if (!key.required(group_)) continue;
    kept.set(key.name, key.kind == StateKey::buffer ? filled_like(param_, key.initial)
                                                    : scalar_tensor(key.initial));
  }
  return kept;
}

inline void* ParamState::buffer_data(std::string_view key) const {
  const Value* value = dict().find(key);
  if (value == nullptr) raise<KeyError>(optimizer_, path(key), ": no such state");
  AnyTensor tensor = value->is_tensor() ? value->as_tensor() : AnyTensor();
  const bool fits = tensor.defined() && tensor.dtype() == param_.dtype() &&
                    tensor.shape() == param_.shape() && !tensor.shares_storage(param_) &&
                    !tensor.shares_storage(grad_);
  if (!fits) {
    raise<ValueError>(optimizer_, path(key), ": expected ", described(param_),
                      " with memory of its own, found ", described(*value));
  }
  return tensor.raw_data();
}

inline double ParamState::update_scalar(std::string_view key, double factor, double term) const {
  const Value* value = dict().find(key);
  if (value == nullptr || !value->is_tensor()) {
    raise<KeyError>(optimizer_, path(key), ": no such tensor");
  }
  AnyTensor scalar = value->as_tensor();
  if (scalar.holds<float>() && scalar.numel() == 1) {
    float& x = *static_cast<float*>(scalar.raw_data());
    x = static_cast<float>(factor) * x + static_cast<float>(term);
    return static_cast<double>(x);
  }
  set_scalar(scalar, factor * scalar_value(scalar) + term);
  return scalar_value(scalar);
}

/// One entry of a loaded state: checked, converted, a copy. PyTorch converts what is floating-point
/// to the parameter's dtype, but not the number of steps; old files have numbers instead of
/// tensors.
inline Value loaded_entry(const std::string& optimizer, const StateKey& key, const AnyTensor& param,
                          const ValueAt& entry) {
  if (key.kind != StateKey::buffer) {
    if (!entry.is_tensor()) return scalar_tensor(entry.as_double());
    const AnyTensor tensor = entry.as_tensor();
    scalar_value(tensor);  // there is one element
    return converted_copy(tensor, key.kind == StateKey::step ? tensor.dtype() : param.dtype());
  }
  if (entry.as_tensor().shape() != param.shape()) {
    raise<ShapeError>(optimizer, entry.path(), ": expected shape ", shape_text(param.shape()),
                      ", found ", described(entry));
  }
  return converted_copy(entry.as_tensor(), param.dtype());
}

inline Dict loaded_entries(const std::string& optimizer, StateKeys keys, const ParamGroup& group,
                           const AnyTensor& param, const ValueAt& saved) {
  Dict state;
  for (const auto& [name, value] : saved.as_dict()) {
    const StateKey* known = nullptr;
    for (const StateKey& key : keys) {
      if (name == key.name) known = &key;
    }
    if (known == nullptr) {
      raise<ValueError>(optimizer, "unknown state ", brasa::repr(name.value()), " in ",
                        saved.path(), ", was it saved by another optimizer?");
    }
    const bool nothing = value.is_none() && !known->required(group);
    state.set(name,
              nothing ? Value() : loaded_entry(optimizer, *known, param, saved[name.string()]));
  }
  for (const StateKey& key : keys) {
    if (state.empty() || !key.required(group) || state.contains(key.name)) continue;
    raise<KeyError>(optimizer, saved.path(), ": no ", python_quoted(key.name), " in ",
                    described(saved));
  }
  return state;
}

}  // namespace brasa::optim::detail
