#include "support/module_cases.hpp"

#include <string>
#include <string_view>

#include "brasa/autograd/backward.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/nn/any_module.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/module_checks.hpp"
#include "support/module_tree.hpp"
#include "support/warnings.hpp"

namespace module_cases {
namespace {

using brasa::Tensor;
using golden::File;
using golden::Json;

template <class S>
int check_case(const File& file, const Json& c) {
  brasa::manual_seed(c.at("seed").get<std::int64_t>());
  brasa::nn::AnyModule<S> module = module_tree::build<S>(c.at("tree"));
  module->train(c.at("training").get<bool>());
  check_state(c, *module);
  const int parameters = check_initial_values(file, c, *module);

  REQUIRE(c.at("args").size() == 1);
  Tensor<S> input = file.argument<S>(c.at("args").at(0));
  input.requires_grad_(golden::requires_grad(c.at("args").at(0)));
  brasa::manual_seed(c.at("seed").get<std::int64_t>() + 1);
  const Tensor<S> output = module(input);
  CHECK(golden::close(output, file.tensor(c, "output/0")));
  check_grad_fn(c.at("grad_fn").at(0), output);
  check_leaves(*module, output, {input});

  output.backward(file.tensor<S>(c, "grad_out/0"));
  CHECK(golden::close(input.grad(), file.tensor(c, "grad_input/0")));
  check_parameter_gradients(file, c, *module);
  return parameters;
}

}  // namespace

Counts check(const char* module, const char* path) {
  const NoWarnings no_warnings;
  const File file(path);
  Counts counts;
  for (const Json& c : file.cases()) {
    if (c.at("module") != module) continue;
    CAPTURE(c.at("case"), c.at("repr"), c.at("dtype"), c.at("seed"));
    counts.parameters +=
        c.at("dtype") == "float32" ? check_case<float>(file, c) : check_case<double>(file, c);
    ++counts.cases;
  }
  return counts;
}

int check_texts() {
  const File file("printing.safetensors");
  int trees = 0;
  const NoWarnings no_warnings;  // Linear(0, 3) has nothing to initialise
  for (const Json& c : file.cases()) {
    if (c.at("kind") != "module") continue;
    CAPTURE(c.at("case"), c.at("tree"));
    const bool is_float = c.at("dtype") == "float32";
    const std::string text = is_float ? module_tree::build<float>(c.at("tree"))->repr()
                                      : module_tree::build<double>(c.at("tree"))->repr();
    CHECK(text == c.at("text").get<std::string>());
    ++trees;
  }
  return trees;
}

}  // namespace module_cases
