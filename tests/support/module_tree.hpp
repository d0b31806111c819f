#pragma once

// Builds the modules that the recordings describe as trees (see tests/golden/README.md).
//
//   brasa::nn::AnyModule<float> module = module_tree::build<float>(c.at("tree"));

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/module_dict.hpp"
#include "brasa/nn/modules/module_list.hpp"
#include "brasa/nn/modules/parameter_containers.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "conformance/table.hpp"
#include "support/arguments.hpp"
#include "support/golden.hpp"

namespace module_tree {

using golden::Json;

/// The recorder's TinyModel: the model of PyTorch's introduction, with the sizes as arguments.
template <brasa::FloatScalar S>
struct TinyModel : brasa::nn::Module<S> {
  brasa::nn::Linear<S> linear1;
  brasa::nn::ReLU<S> activation;
  brasa::nn::Linear<S> linear2;
  brasa::nn::Softmax<S> softmax{1};

  explicit TinyModel(std::int64_t inputs = 100, std::int64_t hidden = 200,
                     std::int64_t outputs = 10)
      : linear1(inputs, hidden), linear2(hidden, outputs) {}

  brasa::Tensor<S> forward(const brasa::Tensor<S>& x) const {
    return softmax(linear2(activation(linear1(x))));
  }
  BRASA_MODULE(TinyModel, linear1, activation, linear2, softmax)
};

template <brasa::FloatScalar S>
brasa::nn::AnyModule<S> build_leaf(const std::string& type, const Json& node) {
  if (type == "TinyModel") {
    const auto sizes = node.at("args").get<std::vector<std::int64_t>>();
    return TinyModel<S>(sizes.at(0), sizes.at(1), sizes.at(2));
  }
  const auto& rows = conformance::table<S>().modules();
  const auto row = rows.find(type);
  if (row == rows.end()) throw std::runtime_error("module_tree: no such module: " + type);
  return row->second.build(golden::Arguments(nullptr, node.at("args"), node.at("kwargs")));
}

template <brasa::FloatScalar S>
brasa::nn::AnyModule<S> build(const Json& node);

/// The keys are 0, 1, 2, …: then a Sequential was given its modules by position.
inline bool is_numbered(const Json& children) {
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children.at(i).at(0).get<std::string>() != std::to_string(i)) return false;
  }
  return true;
}

template <brasa::FloatScalar S>
brasa::nn::AnyModule<S> build_container(const std::string& type, const Json& children) {
  namespace nn = brasa::nn;
  nn::ModuleList<S> list;
  nn::ModuleDict<S> dict;
  nn::Sequential<S> sequential;
  const bool numbered = is_numbered(children);
  for (const Json& entry : children) {
    const auto key = entry.at(0).get<std::string>();
    auto module = build<S>(entry.at(1));
    if (type == "ModuleList") {
      list.append(std::move(module));
    } else if (type == "ModuleDict") {
      dict.insert(key, std::move(module));
    } else if (numbered) {
      sequential.append(std::move(module));
    } else {
      sequential.add_module(key, std::move(module));
    }
  }
  if (type == "ModuleList") return list;
  if (type == "ModuleDict") return dict;
  if (type == "Sequential") return sequential;
  throw std::runtime_error("module_tree: no such container: " + type);
}

template <brasa::FloatScalar S>
brasa::nn::AnyModule<S> build_parameters(const std::string& type, const Json& items) {
  brasa::nn::ParameterList<S> list;
  brasa::nn::ParameterDict<S> dict;
  for (const Json& item : items) {
    const auto zeros = brasa::zeros<S>(golden::sizes(item.at(1)));
    if (type == "ParameterList") {
      list.append(zeros);
    } else {
      dict.insert(item.at(0).get<std::string>(), zeros);
    }
  }
  if (type == "ParameterList") return list;
  return dict;
}

template <brasa::FloatScalar S>
brasa::nn::AnyModule<S> build(const Json& node) {
  const auto type = node.at("type").get<std::string>();
  if (node.contains("children")) return build_container<S>(type, node.at("children"));
  if (node.contains("items")) return build_parameters<S>(type, node.at("items"));
  return build_leaf<S>(type, node);
}

}  // namespace module_tree
