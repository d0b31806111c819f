#pragma once

// What brasa has, as the recordings call it: from the names of torch.nn and their arguments to C++.
// To add a module or function: a row in one of the files of rows/.
//
//   table.module("ELU", [](const Arguments& a) {
//     return nn::ELU<S>(a.real(0, "alpha", 1.0), inplace(a, 1));
//   });
//   table.function("elu", [](const Arguments& a) {
//     return F::elu(a.tensor<S>(0, "input"), a.number(1, "alpha", 1.0));
//   });

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "brasa/core/any_tensor.hpp"
#include "brasa/nn/any_module.hpp"
#include "support/arguments.hpp"

namespace conformance {

using golden::Arguments;
using Outputs = std::vector<brasa::AnyTensor>;

template <brasa::FloatScalar S>
struct ModuleRow {
  /// The module that the constructor's arguments make.
  std::function<brasa::nn::AnyModule<S>(const Arguments&)> build;
  /// What its forward returns.
  std::function<Outputs(const brasa::nn::AnyModule<S>&, const Arguments&)> call;
};

/// One tensor in, one out.
template <brasa::FloatScalar S>
Outputs call_unary(const brasa::nn::AnyModule<S>& module, const Arguments& arguments) {
  return {module(arguments.tensor<S>(0, "input"))};
}

template <brasa::FloatScalar S>
class Table {
 public:
  using Function = std::function<Outputs(const Arguments&)>;

  /// A module of torch.nn that takes one tensor and returns one.
  template <class Build>
  void module(const char* name, Build build) {
    modules_[name] = {std::move(build), call_unary<S>};
  }
  /// Any other module: `call(module, arguments)` returns its outputs.
  template <class M, class Build, class Call>
  void module(const char* name, Build build, Call call) {
    modules_[name] = {std::move(build),
                      [call](const brasa::nn::AnyModule<S>& module, const Arguments& arguments) {
                        return Outputs{call(module.template as<M>(), arguments)};
                      }};
  }
  /// A function of torch.nn.functional, which returns one tensor.
  template <class F>
  void function(const char* name, F f) {
    functions_[name] = [f](const Arguments& arguments) { return Outputs{f(arguments)}; };
  }

  const std::map<std::string, ModuleRow<S>>& modules() const { return modules_; }
  const std::map<std::string, Function>& functions() const { return functions_; }

 private:
  std::map<std::string, ModuleRow<S>> modules_;
  std::map<std::string, Function> functions_;
};

// ---- rows/ ----

template <brasa::FloatScalar S>
void add_activations(Table<S>& table);
template <brasa::FloatScalar S>
void add_dropout(Table<S>& table);
template <brasa::FloatScalar S>
void add_layers(Table<S>& table);
template <brasa::FloatScalar S>
void add_losses(Table<S>& table);

/// What is built from modules or parameters, and so is in no table: the recordings describe these
/// as trees.
inline constexpr const char* kContainers[] = {"ModuleDict", "ModuleList", "ParameterDict",
                                              "ParameterList", "Sequential"};

/// All of it.
template <brasa::FloatScalar S>
const Table<S>& table();

}  // namespace conformance
