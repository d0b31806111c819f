#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/warning.hpp"
#include "brasa/optim/optimizer.hpp"

// What optimizer.hpp declares: groups, stepping, the state and its dict, the text.

namespace brasa::optim {
namespace detail {

inline void check_param(const std::string& optimizer, const AnyTensor& param) {
  if (!param.defined()) {
    raise<ValueError>(optimizer, "one of the parameters is empty: nothing was assigned to it");
  }
  if (!param.holds<float>() && !param.holds<double>()) {
    raise<DtypeError>(optimizer, "expected parameters of float32 or float64, got one of ",
                      dtype_name(param.dtype()));
  }
  const bool retains = !param.is_leaf() && param.impl().autograd->grad_fn->retains_grad;
  if (!param.is_leaf() && !retains) {
    raise<ValueError>(optimizer, "can't optimize a non-leaf Tensor: one of shape ",
                      shape_text(param.shape()), " is the result of ",
                      param.impl().autograd->grad_fn->name());
  }
}

/// A tensor of another dtype, or a copy.
inline AnyTensor converted_copy(const AnyTensor& tensor, Dtype dtype) {
  if (tensor.dtype() != dtype) return convert(tensor, dtype, true);
  auto copy = AnyTensor::empty(dtype, tensor.shape());
  if (copy.nbytes() > 0) std::memcpy(copy.raw_data(), tensor.raw_data(), copy.nbytes());
  return copy;
}

/// The entries of a dict; its tensors are copied.
inline Dict copied_entries(const Dict& dict) {
  Dict copy = dict;
  for (auto& [key, value] : copy) {
    if (value.is_tensor()) {
      const AnyTensor tensor = value.as_tensor();
      value = converted_copy(tensor, tensor.dtype());
    }
  }
  return copy;
}

/// An option as Python's `str` shows it.
inline std::string option_text(const Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_tensor() && value.as_tensor().dim() == 0) {
    return python_text(scalar_value(value.as_tensor()));
  }
  return brasa::repr(value);
}

}  // namespace detail

inline Optimizer::Optimizer(std::string name, Dict defaults) : data_(new detail::OptimizerData) {
  data_->name = std::move(name);
  data_->defaults = std::move(defaults);
}

inline void Optimizer::add_group(const detail::GroupSpec& spec) {
  const auto address = [](const AnyTensor& param) {
    return reinterpret_cast<std::intptr_t>(param.impl_ref().get());
  };
  auto& groups = data_->groups;
  Dict earlier;  // parameters of other groups
  std::int64_t next = 0;
  for (const ParamGroup& group : groups) {
    next += static_cast<std::int64_t>(group.params().size());
    for (const AnyTensor& param : group.params()) earlier.set(address(param), nullptr);
  }
  Dict numbers;  // of the parameters of this one
  for (const AnyTensor& param : spec.params) {
    detail::check_param(name(), param);
    if (earlier.find(address(param)) != nullptr) {
      detail::raise<ValueError>(name(), "some parameters appear in more than one parameter group");
    }
    numbers.set(address(param), next++);
  }
  std::vector<std::int64_t> indices;
  for (const AnyTensor& param : spec.params) {
    indices.push_back(numbers.find(address(param))->as_int());
  }
  if (numbers.size() < indices.size()) {
    detail::warn("optimizer contains a parameter group with duplicate parameters");
  }

  const bool named = !spec.names.empty();
  if (!groups.empty() && named != groups.front().options().contains("param_names")) {
    detail::raise<ValueError>(name(),
                              "all optimizer param groups should be with/without names: "
                              "cannot add param group ",
                              named ? "with" : "without", " names");
  }
  Dict options = spec.given;
  if (named) options.set("param_names", Value::list({spec.names.begin(), spec.names.end()}));
  for (const auto& [key, value] : defaults()) options.set_default(key, value);
  groups.emplace_back(groups.size(), spec.params, std::move(indices), std::move(options));
}

inline void Optimizer::zero_grad(bool set_to_none) {
  for (const ParamGroup& group : data_->groups) {
    for (const AnyTensor& param : group.params()) {
      const AnyTensor grad = detail::gradient_of(param);
      if (!grad.defined()) continue;
      auto& meta = *param.impl().autograd;
      auto& kept = meta.grad_fn ? meta.grad_fn->retained_grad : meta.grad;
      if (set_to_none) {
        kept = nullptr;
        continue;
      }
      if (grad.requires_grad()) {  // made by create_graph: leave the graph
        kept = detail::Ref<detail::TensorImpl>::adopt(
            detail::pool_new<detail::TensorImpl>(grad.impl().storage, grad.shape(), grad.dtype()));
      }
      if (grad.nbytes() > 0) std::memset(grad.impl().storage->data(), 0, grad.nbytes());
      grad.impl().storage->bump_version();
    }
  }
}

inline Value Optimizer::state_dict() const {
  std::vector<Value> groups;
  for (const ParamGroup& group : data_->groups) {
    Dict packed = group.options();
    packed.set("params", Value::list({group.indices().begin(), group.indices().end()}));
    groups.push_back(Value::dict(std::move(packed)));
  }
  return Value::dict(
      {{"state", Value::dict(data_->state)}, {"param_groups", Value::list(std::move(groups))}});
}

inline void Optimizer::load_state_dict(const Value& state_dict) {
  const ValueAt saved_groups = state_dict["param_groups"];
  const auto& groups = data_->groups;
  if (saved_groups.as_list().size() != groups.size()) {
    detail::raise<ValueError>(name(),
                              "loaded state dict has a different number of parameter "
                              "groups: expected ",
                              groups.size(), ", found ", saved_groups.size());
  }
  std::vector<ParamGroup> loaded;
  Dict places;  // the group and the position in it, by the saved number of the parameter
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const ParamGroup& group = groups[i];
    const ValueAt saved = saved_groups[static_cast<std::int64_t>(i)];
    const ValueAt numbers = saved["params"];
    if (numbers.as_list().size() != group.params().size()) {
      detail::raise<ValueError>(name(),
                                "loaded state dict contains a parameter group that doesn't "
                                "match the size of optimizer's group: expected ",
                                group.params().size(), " parameters in group ", i, ", found ",
                                numbers.size());
    }
    Dict options = detail::copied_entries(saved.as_dict());
    options.erase("params");
    if (const Value* names = group.options().find("param_names")) {
      options.set_default("param_names", *names);
    }
    complete(options);
    for (const auto& entry : defaults()) {
      if (!options.contains(entry.first.string())) {
        detail::raise<KeyError>(name(), saved.path(), ": no option ",
                                brasa::repr(entry.first.value()), " in ", detail::described(saved));
      }
    }
    loaded.emplace_back(i, group.params(), group.indices(), std::move(options));
    for (std::size_t j = 0; j < group.params().size(); ++j) {
      places.set(numbers[static_cast<std::int64_t>(j)].as_int(), Value::tuple({i, j}));
    }
  }

  Dict state;
  const ValueAt saved_state = state_dict["state"];
  for (const auto& [key, value] : saved_state.as_dict()) {
    const Value* place = key.is_string() ? nullptr : places.find(key.integer());
    if (place == nullptr) {
      detail::raise<ValueError>(name(), "state of a parameter that is in no group: ['state'][",
                                brasa::repr(key.value()), ']');
    }
    const ParamGroup& group = loaded[static_cast<std::size_t>((*place)[0].as_int())];
    const auto position = static_cast<std::size_t>((*place)[1].as_int());
    state.set(group.indices()[position], Value::dict(loaded_state(group, group.params()[position],
                                                                  saved_state[key.integer()])));
  }
  data_->groups = std::move(loaded);
  data_->state = std::move(state);
}

inline std::string Optimizer::repr() const {
  std::string text = name() + " (";
  for (std::size_t i = 0; i < data_->groups.size(); ++i) {
    text += "\nParameter Group " + std::to_string(i) + '\n';
    const Dict& options = data_->groups[i].options();
    std::set<std::string, std::less<>> names;  // as warning.hpp has it: compiled once
    for (const auto& [key, value] : options) {
      if (key.is_string()) names.emplace(key.string());
    }
    for (const std::string& name : names) {
      text += "    " + name + ": " + detail::option_text(*options.find(name)) + '\n';
    }
  }
  return text += ')';
}

}  // namespace brasa::optim
