#include "conformance/cases.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iterator>
#include <string_view>
#include <utility>

#include "brasa/autograd/backward.hpp"
#include "brasa/core/random.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/ops/methods.hpp"
#include "conformance/checks.hpp"
#include "conformance/optimizers.hpp"
#include "conformance/table.hpp"
#include "support/arguments.hpp"
#include "support/leaves.hpp"
#include "support/module_tree.hpp"

namespace conformance {
namespace {

using brasa::AnyTensor;
using golden::File;
using golden::Json;

/// Seeds the default generator if the case was recorded so.
void seed(const Json& record, std::int64_t offset) {
  if (record.contains("seed")) {
    brasa::manual_seed(record.at("seed").get<std::int64_t>() + offset);
  }
}

/// Calls `f` with a floating-point tensor as that of its scalar.
template <class F>
void visit_float(const AnyTensor& tensor, F f) {
  if (tensor.holds<float>()) f(tensor.as<float>());
  if (tensor.holds<double>()) f(tensor.as<double>());
}

AnyTensor gradient(const AnyTensor& leaf) {
  AnyTensor found;
  visit_float(leaf, [&](const auto& typed) { found = typed.grad(); });
  return found;
}

/// A gradient that PyTorch gives has to be there; one that it does not give must not.
void check_gradient(const Case& c, const AnyTensor& leaf, const std::string& name) {
  const AnyTensor found = gradient(leaf);
  if (c.file.has(c.record, name)) {
    c.close(found, name);
  } else if (found.defined()) {
    c.checks.fails(name + ": got a gradient, expected none");
  }
}

void check_outputs(const Case& c, const Outputs& outputs) {
  c.checks.equal(outputs.size(), c.file.names(c.record, "output/").size(), "number of outputs");
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = "output/" + std::to_string(i);
    if (c.file.has(c.record, name)) c.close(outputs[i], name);
  }
}

void check_nodes(const Case& c, const Outputs& outputs) {
  if (!c.record.contains("grad_fn")) return;
  const Json& names = c.record.at("grad_fn");
  for (std::size_t i = 0; i < outputs.size() && i < names.size(); ++i) {
    const auto* meta = outputs[i].impl().autograd;
    Json name;
    if (meta != nullptr && meta->grad_fn) name = meta->grad_fn->name();
    c.checks.equal(name, names[i], "grad_fn of output " + std::to_string(i));
  }
}

void go_backward(const Case& c, const Outputs& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = "grad_out/" + std::to_string(i);
    if (!c.file.has(c.record, name)) continue;
    if (!outputs[i].requires_grad()) {
      c.checks.fails("output " + std::to_string(i) + " does not require a gradient");
      continue;
    }
    visit_float(outputs[i], [&](auto output) {
      output.backward(c.tensor(name).as<typename decltype(output)::Scalar>(), true);
    });
  }
}

void check_input_gradients(const Case& c, const Arguments& arguments) {
  for (const auto& [name, leaf] : arguments.tensors()) {
    if (!leaf.requires_grad()) continue;
    const bool by_position = name[0] >= '0' && name[0] <= '9';
    check_gradient(c, leaf, (by_position ? "grad_input/" : "grad_kwinput/") + name);
  }
}

/// The state_dict's keys with their shapes: in PyTorch's order, where the case tells it.
template <class S>
void check_state(const Case& c, const brasa::nn::Module<S>& module) {
  Json found = Json::array();
  for (const auto& [name, tensor] : module.state_dict()) {
    Json sizes = Json::array();
    for (const std::int64_t size : tensor.shape()) sizes.push_back(size);
    found.push_back({name, sizes});
  }
  if (c.record.contains("state_dict")) {
    c.checks.equal(found, c.record.at("state_dict"), "state_dict");
  } else {
    Json expected = Json::array();
    for (const char* kind : {"param/", "buffer/"}) {
      for (const auto& name : c.file.names(c.record, kind)) {
        expected.push_back({name, c.tensor(kind + name).shape()});
      }
    }
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    c.checks.equal(found, expected, "state_dict");
  }
}

template <class S>
void check_new_module(const Case& c, const brasa::nn::Module<S>& module) {
  if (c.record.contains("repr")) c.checks.equal(module.repr(), c.record.at("repr"), "repr");
  check_state(c, module);
  for (const auto& [name, parameter] : module.named_parameters()) {
    if (!c.file.has(c.record, "param/" + name)) continue;  // the state_dict tells
    c.checks.holds(golden::equal_bits(parameter, c.tensor("param/" + name)), "param/" + name);
  }
  for (const auto& [name, buffer] : module.named_buffers()) {
    if (!c.file.has(c.record, "buffer/" + name)) continue;
    c.checks.holds(golden::equal_bits(buffer, c.tensor("buffer/" + name)), "buffer/" + name);
  }
}

template <class S>
void check_buffers_after(const Case& c, const brasa::nn::Module<S>& module) {
  for (const auto& name : c.file.names(c.record, "buffer_after/")) {
    c.close(module.get_buffer(name), "buffer_after/" + name);
  }
}

/// A member that BRASA_MODULE forgot would show here: all leaves that forward reached, but for the
/// inputs, are parameters, and all parameters were reached.
template <class S>
void check_leaves(const Case& c, const brasa::nn::Module<S>& module, const AnyTensor& output,
                  const Arguments& arguments) {
  std::vector<AnyTensor> inputs;
  for (const auto& [name, tensor] : arguments.tensors()) inputs.push_back(tensor);
  for (const auto& shape : leaves::unlisted(module, output, inputs)) {
    c.checks.fails("a parameter of shape " + shape + " that the module does not list");
  }
  for (const auto& name : leaves::unused(module, output)) {
    c.checks.fails("parameter " + name + ", which forward did not use");
  }
}

/// The row of the table, and the module that the case describes.
template <class S>
std::pair<ModuleRow<S>, brasa::nn::AnyModule<S>> build(const Case& c) {
  const Json& record = c.record;
  if (record.contains("tree")) {
    return {{{}, call_unary<S>}, module_tree::build<S>(record.at("tree"))};
  }
  const auto name = subject(record).substr(sizeof("nn.") - 1);
  if (std::find(std::begin(kContainers), std::end(kContainers), name) != std::end(kContainers)) {
    throw golden::Unsupported("modules as arguments, without a tree that tells how to build them");
  }
  const auto& rows = table<S>().modules();
  const auto row = rows.find(name);
  if (row == rows.end()) throw golden::Unsupported("there is no nn::" + name);
  if (record.value("lazy", false)) throw golden::Unsupported("lazy modules");
  const Arguments arguments(&c.file, record.at("ctor_args"), record.at("ctor_kwargs"));
  auto module = row->second.build(arguments);
  arguments.check_all_read();
  return {row->second, std::move(module)};
}

template <class S>
void run_module(const Case& c) {
  seed(c.record, 0);
  auto [row, module] = build<S>(c);
  module->train(c.record.value("training", true));
  check_new_module(c, *module);
  if (!c.record.contains("grad_fn")) return;  // it has no forward

  const Arguments arguments(&c.file, c.record.at("args"), c.record.at("kwargs"));
  seed(c.record, 1);
  const Outputs outputs = row.call(module, arguments);
  arguments.check_all_read();
  check_outputs(c, outputs);
  check_nodes(c, outputs);
  for (const AnyTensor& output : outputs) check_leaves(c, *module, output, arguments);
  go_backward(c, outputs);
  check_input_gradients(c, arguments);
  if (!c.file.names(c.record, "grad_out/").empty()) {
    for (const auto& [name, parameter] : module->named_parameters()) {
      check_gradient(c, parameter, "grad_param/" + name);
    }
  }
  check_buffers_after(c, *module);
}

template <class S>
void run_function(const Case& c) {
  const std::string name = subject(c.record).substr(sizeof("functional.") - 1);
  const auto& rows = table<S>().functions();
  const auto row = rows.find(name);
  if (row == rows.end()) throw golden::Unsupported("there is no functional::" + name);
  const Arguments arguments(&c.file, c.record.at("args"), c.record.at("kwargs"));
  seed(c.record, 1);
  const Outputs outputs = row->second(arguments);
  arguments.check_all_read();
  check_outputs(c, outputs);
  check_nodes(c, outputs);
  go_backward(c, outputs);
  check_input_gradients(c, arguments);
}

template <class S>
void run(const Case& c) {
  return c.record.contains("module") ? run_module<S>(c) : run_function<S>(c);
}

void run_for_dtype(const Case& c) {
  if (subject(c.record).empty()) {
    throw golden::Unsupported("neither a module nor a function: it has a test of its own");
  }
  if (is_optimizer(subject(c.record))) return run_optimizer(c);
  if (is_scheduler(subject(c.record))) return run_scheduler(c);
  const auto dtype = c.record.at("dtype").get<std::string>();
  if (dtype == "float32") return run<float>(c);
  if (dtype == "float64") return run<double>(c);
  throw golden::Unsupported("modules and functions of " + dtype);
}

template <class Rows>
std::vector<std::string> names_of(const Rows& rows) {
  std::vector<std::string> names;
  for (const auto& [name, row] : rows) names.push_back(name);
  return names;
}

}  // namespace

std::string subject(const Json& record) {
  if (record.contains("optim")) return record.at("optim").get<std::string>();
  if (record.contains("module")) {
    auto name = record.at("module").get<std::string>();
    if (name.starts_with("torch.")) name.erase(0, 6);
    return name.starts_with("nn.") ? name : "nn." + name;
  }
  if (!record.contains("op") || !record.contains("kwargs")) return "";
  auto name = record.at("op").get<std::string>();
  for (const std::string_view prefix : {"torch.", "nn.", "functional."}) {
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
  }
  return "functional." + name;
}

Result run_case(const File& file, const Json& record) {
  Result result;
  Checks checks(result);
  const auto handler = brasa::set_warning_handler([](std::string_view) {});
  try {
    run_for_dtype({file, record, checks});
  } catch (const golden::Unsupported& missing) {
    result = {Result::Outcome::skipped, {}, missing.what(), 0};
  } catch (const std::exception& error) {
    checks.fails(std::string("threw: ") + error.what());
  }
  brasa::set_warning_handler(handler);
  if (!result.failures.empty()) result.outcome = Result::Outcome::failed;
  return result;
}

std::vector<std::string> known_modules() {
  auto names = names_of(table<float>().modules());
  names.insert(names.end(), std::begin(kContainers), std::end(kContainers));
  return names;
}
std::vector<std::string> known_functions() { return names_of(table<float>().functions()); }
std::vector<std::string> known_optimizers() {
  return {std::begin(kOptimizers), std::end(kOptimizers)};
}
std::vector<std::string> known_schedulers() {
  return {std::begin(kSchedulers), std::end(kSchedulers)};
}

}  // namespace conformance
