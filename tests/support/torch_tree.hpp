#pragma once

// Builds the objects that torch_saves.safetensors describes (see tests/golden/README.md).

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/tensor.hpp"
#include "brasa/core/value.hpp"
#include "support/golden.hpp"

namespace torch_tree {

using golden::Json;

/// What the recorder filled storage `number` with: its values do not matter, and are not recorded.
inline void fill(void* memory, std::size_t size, std::size_t number, bool is_bool) {
  auto* bytes = static_cast<unsigned char*>(memory);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<unsigned char>(is_bool ? (number + i) % 2 : (31 * number + 7 * i) % 251);
  }
}

class Builder {
 public:
  /// `storages`: of each its size, or its bytes.
  explicit Builder(const Json& storages) : sizes_(storages), storages_(storages.size()) {}

  brasa::Value operator()(const Json& node) {
    using brasa::Value;
    if (node.is_null()) return nullptr;
    if (node.is_boolean()) return node.get<bool>();
    if (node.is_number_integer()) return node.get<std::int64_t>();
    if (node.is_number()) return node.get<double>();
    if (node.is_string()) return node.get<std::string>();
    if (node.contains("float")) return golden::number(node);
    if (node.contains("ref")) return objects_.at(node.at("ref").get<std::size_t>());
    const std::size_t number = objects_.size();
    objects_.emplace_back();
    Value object = container(node);
    return objects_[number] = std::move(object);
  }

 private:
  using Dict = brasa::Dict;
  using DictType = brasa::DictType;

  brasa::Value container(const Json& node) {
    using brasa::Value;
    if (node.contains("tensor")) return tensor(node);
    if (node.contains("list")) return Value::list(items(node.at("list")));
    if (node.contains("tuple")) return Value::tuple(items(node.at("tuple")));
    if (node.contains("dict")) return Value::dict(dict(DictType::dict, node.at("dict")));
    if (node.contains("Counter")) return Value::dict(dict(DictType::counter, node.at("Counter")));
    Dict ordered = dict(DictType::ordered_dict, node.at("OrderedDict"));
    if (node.contains("attributes")) {
      ordered.set_attributes(Value::dict(dict(DictType::dict, node.at("attributes"))));
    }
    return Value::dict(std::move(ordered));
  }

  std::vector<brasa::Value> items(const Json& nodes) {
    std::vector<brasa::Value> result;
    for (const Json& node : nodes) result.push_back((*this)(node));
    return result;
  }

  Dict dict(DictType type, const Json& entries) {
    Dict result(type);
    for (const Json& entry : entries) {
      const Json& key = entry.at(0);
      const auto dict_key = key.is_string() ? brasa::DictKey(key.get<std::string>())
                                            : brasa::DictKey(key.get<std::int64_t>());
      result.set(dict_key, (*this)(entry.at(1)));
    }
    return result;
  }

  brasa::AnyTensor tensor(const Json& node) {
    using namespace brasa::detail;
    const brasa::Dtype dtype = golden::dtype(node.at("dtype"));
    auto impl = Ref<TensorImpl>::adopt(
        pool_new<TensorImpl>(storage(node.at("tensor").get<std::size_t>(), dtype),
                             golden::sizes(node.at("shape")), dtype));
    impl->is_parameter = node.value("parameter", false);
    if (node.value("requires_grad", false)) impl->autograd_meta().requires_grad = true;
    return brasa::AnyTensor(std::move(impl));
  }

  brasa::detail::Ref<brasa::detail::Storage> storage(std::size_t number, brasa::Dtype dtype) {
    auto& storage = storages_.at(number);
    if (storage) return storage;
    const Json& size = sizes_.at(number);
    if (size.is_array()) {
      const auto bytes = size.get<std::vector<std::uint8_t>>();
      storage = brasa::detail::Storage::allocate(bytes.size());
      std::memcpy(storage->data(), bytes.data(), bytes.size());
    } else {
      storage = brasa::detail::Storage::allocate(size.get<std::size_t>());
      fill(storage->data(), storage->bytes(), number, dtype == brasa::Dtype::bool_);
    }
    return storage;
  }

  const Json& sizes_;
  std::vector<brasa::Value> objects_;
  std::vector<brasa::detail::Ref<brasa::detail::Storage>> storages_;
};

}  // namespace torch_tree
