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

}  // namespace brasa
