#pragma once

// Builds the modules that the recordings describe as trees (see tests/golden/README.md).
//
//   brasa::nn::AnyModule<float> module = module_tree::build<float>(c.at("tree"));

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/dropout.hpp"
#include "brasa/nn/modules/flatten.hpp"
#include "brasa/nn/modules/identity.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/module_dict.hpp"
#include "brasa/nn/modules/module_list.hpp"
#include "brasa/nn/modules/parameter_containers.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
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

/// The arguments of a module's constructor.
class Arguments {
 public:
  explicit Arguments(const Json& node) : args_(node.at("args")), kwargs_(node.at("kwargs")) {}

  /// An integer that stands at a position or under a name, or neither.
  std::optional<std::int64_t> find(std::size_t position, const char* name) const {
    if (position < args_.size()) return args_.at(position).get<std::int64_t>();
    if (kwargs_.contains(name)) return kwargs_.at(name).get<std::int64_t>();
    return std::nullopt;
  }
  std::int64_t at(std::size_t position) const { return args_.at(position).get<std::int64_t>(); }
  brasa::Shape sizes(std::size_t position) const { return golden::sizes(args_.at(position)); }
  double real(std::size_t position, double otherwise) const {
    return position < args_.size() ? golden::number(args_.at(position)) : otherwise;
  }
  bool flag(const char* name, bool otherwise) const { return kwargs_.value(name, otherwise); }

 private:
  const Json& args_;
  const Json& kwargs_;
};

/// None if the type is no dropout.
template <brasa::FloatScalar S>
std::optional<brasa::nn::AnyModule<S>> build_dropout(const std::string& type,
                                                     const Arguments& arguments) {
  namespace nn = brasa::nn;
  const double p = arguments.real(0, 0.5);
  if (type == "Dropout") return nn::Dropout<S>(p);
  if (type == "Dropout1d") return nn::Dropout1d<S>(p);
  if (type == "Dropout2d") return nn::Dropout2d<S>(p);
  if (type == "Dropout3d") return nn::Dropout3d<S>(p);
  if (type == "AlphaDropout") return nn::AlphaDropout<S>(p);
  if (type == "FeatureAlphaDropout") return nn::FeatureAlphaDropout<S>(p);
  return std::nullopt;
}

template <brasa::FloatScalar S>
brasa::nn::AnyModule<S> build_leaf(const std::string& type, const Arguments& arguments) {
  namespace nn = brasa::nn;
  if (auto dropout = build_dropout<S>(type, arguments)) return std::move(*dropout);
  if (type == "TinyModel") {
    return TinyModel<S>(arguments.at(0), arguments.at(1), arguments.at(2));
  }
  if (type == "Linear") {
    return nn::Linear<S>(arguments.at(0), arguments.at(1), {.bias = arguments.flag("bias", true)});
  }
  if (type == "ReLU") return nn::ReLU<S>({.inplace = arguments.flag("inplace", false)});
  if (type == "Identity") return nn::Identity<S>();
  if (type == "Sigmoid") return nn::Sigmoid<S>();
  if (type == "Tanh") return nn::Tanh<S>();
  if (type == "Softmax") return nn::Softmax<S>(arguments.find(0, "dim"));
  if (type == "LogSoftmax") return nn::LogSoftmax<S>(arguments.find(0, "dim"));
  if (type == "Flatten") {
    return nn::Flatten<S>(arguments.find(0, "start_dim").value_or(1),
                          arguments.find(1, "end_dim").value_or(-1));
  }
  if (type == "Unflatten") return nn::Unflatten<S>(arguments.at(0), arguments.sizes(1));
  throw std::runtime_error("module_tree: no such module: " + type);
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
  return build_leaf<S>(type, Arguments(node));
}

}  // namespace module_tree
