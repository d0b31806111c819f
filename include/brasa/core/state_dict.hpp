#pragma once

#include <cstdint>
#include <string_view>

#include "brasa/core/any_tensor.hpp"
#include "brasa/core/ordered_map.hpp"
#include "brasa/core/tensor.hpp"

namespace brasa {

/// The tensors of a model by name, in order: what `Module::state_dict()` gives, what
/// `load_state_dict` takes, what a checkpoint holds.
///
///     StateDict state = model.state_dict();
///     for (const auto& [name, tensor] : state) std::cout << name << ' ' << tensor.shape() << '\n';
///     Tensor<float> weight = state.at("linear1.weight").as<float>();
///     state["linear1.bias"] = brasa::zeros<float>({200});
///
/// Names are unique; the order is that of insertion. A copy holds handles of the same tensors, as a
/// dict does in Python. It is an OrderedMap, which documents the functions; `at` raises KeyError.
class StateDict : public OrderedMap<AnyTensor> {
 public:
  using OrderedMap<AnyTensor>::OrderedMap;

  /// PyTorch's `_metadata`: the path of each module (the model itself is "") and the version of its
  /// layout. torch.save keeps it and BatchNorm reads it; safetensors files have none, and then it
  /// is empty.
  const OrderedMap<std::int64_t>& metadata() const noexcept { return versions_; }
  void set_version(std::string_view module_path, std::int64_t version) {
    versions_.assign(module_path, version);
  }

 private:
  OrderedMap<std::int64_t> versions_;
};

/// A state_dict whose names no longer begin with `prefix`, where they did: that of a model that was
/// wrapped when it was saved, by DataParallel or by torch.compile.
///
///     model.load_state_dict(strip_prefix(brasa::load("ddp.pt"), "module."));
///     model.load_state_dict(strip_prefix(brasa::load("compiled.pt"), "_orig_mod."));
///
/// The tensors are the same; the order stays. The versions of the modules follow: those of the
/// wrapper itself are dropped. Raises KeyError where two names would become one.
///
/// PyTorch: torch.nn.modules.utils.consume_prefix_in_state_dict_if_present, which changes the dict
/// itself and moves the names that it changed to the end.
inline StateDict strip_prefix(const StateDict& state, std::string_view prefix) {
  StateDict stripped;
  for (const auto& [name, tensor] : state) {
    std::string_view rest = name;
    if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
    if (!stripped.insert(rest, tensor)) {
      detail::raise<KeyError>("strip_prefix", "without \"", prefix, "\" the name \"", rest,
                              "\" stands there twice");
    }
  }
  const std::string_view module = prefix.substr(0, prefix.size() - (prefix.ends_with('.') ? 1 : 0));
  bool is_wrapped = false;  // the prefix is the path of a module, which becomes the model itself
  for (const auto& [path, version] : state.metadata()) is_wrapped |= path == module;
  for (const auto& [path, version] : state.metadata()) {
    std::string_view rest = path;
    if (rest == module) {
      rest = "";
    } else if (rest.starts_with(prefix)) {
      rest.remove_prefix(prefix.size());
    } else if (rest.empty() && is_wrapped) {
      continue;  // the wrapper
    }
    stripped.set_version(rest, version);
  }
  return stripped;
}

}  // namespace brasa
