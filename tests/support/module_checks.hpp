#pragma once

// Holding a module against its recorded case, part by part.

#include <cstdint>
#include <string>
#include <vector>

#include "brasa/nn/module.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/leaves.hpp"

namespace module_cases {

using golden::File;
using golden::Json;

template <brasa::FloatScalar S>
void check_state(const Json& c, const brasa::nn::Module<S>& module) {
  CHECK(module.repr() == c.at("repr").get<std::string>());
  CHECK(module.training == c.at("training").get<bool>());
  Json found = Json::array();
  for (const auto& [name, tensor] : module.state_dict()) {
    Json sizes = Json::array();
    for (const std::int64_t size : tensor.shape()) sizes.push_back(size);
    found.push_back({name, sizes});
  }
  CHECK(found == c.at("state_dict"));
}

template <brasa::FloatScalar S>
int check_initial_values(const File& file, const Json& c, const brasa::nn::Module<S>& module) {
  int count = 0;
  for (const auto& [name, parameter] : module.named_parameters()) {
    CAPTURE(name);
    CHECK(golden::equal_bits(parameter, file.tensor(c, "param/" + name)));
    ++count;
  }
  return count;
}

template <brasa::FloatScalar S>
void check_grad_fn(const Json& expected, const brasa::Tensor<S>& output) {
  if (expected.is_null()) {
    CHECK(output.is_leaf());
    return;
  }
  REQUIRE_FALSE(output.is_leaf());
  CHECK(output.impl().autograd->grad_fn->name() == expected.get<std::string>());
}

/// A member that BRASA_MODULE forgot would show here: all leaves that forward reached, but for the
/// inputs, are parameters, and all parameters were reached.
template <brasa::FloatScalar S>
void check_leaves(const brasa::nn::Module<S>& module, const brasa::AnyTensor& output,
                  const std::vector<brasa::AnyTensor>& inputs) {
  CHECK(leaves::unlisted(module, output, inputs).empty());
  CHECK(leaves::unused(module, output).empty());
}

template <brasa::FloatScalar S>
void check_parameter_gradients(const File& file, const Json& c,
                               const brasa::nn::Module<S>& module) {
  for (const auto& [name, parameter] : module.named_parameters()) {
    CAPTURE(name);
    CHECK(golden::close(parameter.grad(), file.tensor(c, "grad_param/" + name)));
  }
}

}  // namespace module_cases
