#include "brasa/core/state_dict.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

using brasa::AnyTensor;
using brasa::Dtype;
using brasa::KeyError;
using brasa::StateDict;
using brasa::strip_prefix;

TEST_CASE("A StateDict holds tensors of any dtype by name", "[core][state_dict]") {
  StateDict state;
  state["weight"] = AnyTensor::empty(Dtype::float32, {3, 2});
  state["steps"] = AnyTensor::empty(Dtype::int64, {});
  CHECK(state.size() == 2);
  std::vector<std::string> seen;
  for (const auto& [name, tensor] : state) {
    seen.push_back(name + " " + std::string(dtype_name(tensor.dtype())));
  }
  CHECK(seen == std::vector<std::string>{"weight float32", "steps int64"});
  CHECK(state.at("weight").as<float>().shape() == brasa::Shape{3, 2});
  CHECK_THROWS_AS(state.at("wieght"), KeyError);
}

TEST_CASE("A copied StateDict holds handles of the same tensors", "[core][state_dict]") {
  StateDict state{{"a", AnyTensor::empty(Dtype::float32, {1})}};
  StateDict copy = state;
  CHECK(copy.at("a").is(state.at("a")));
  copy.erase("a");
  CHECK(state.contains("a"));
}

TEST_CASE("A StateDict keeps the versions of its modules", "[core][state_dict]") {
  StateDict state;
  CHECK(state.metadata().empty());
  state.set_version("", 1);
  state.set_version("bn", 1);
  state.set_version("bn", 2);
  const StateDict copy = state;
  CHECK(copy.metadata().keys() == std::vector<std::string>{"", "bn"});
  CHECK(copy.metadata().at("bn") == 2);
  CHECK(copy.empty());
}

// from torch.nn.modules.utils import consume_prefix_in_state_dict_if_present
// s = nn.DataParallel(nn.Sequential(nn.Linear(1, 1))).state_dict()
// consume_prefix_in_state_dict_if_present(s, 'module.')
// list(s), list(s._metadata)    (['0.weight', '0.bias'], ['', '0']); the version of '' is the
// model's
TEST_CASE("A prefix is taken off the names and the modules", "[core][state_dict]") {
  const auto a = AnyTensor::empty(Dtype::float32, {1});
  StateDict state{{"module.0.weight", a}, {"other", a}, {"module.0.bias", a}};
  state.set_version("", 7);
  state.set_version("module", 1);
  state.set_version("module.0", 2);
  const StateDict stripped = strip_prefix(state, "module.");
  CHECK(stripped.keys() == std::vector<std::string>{"0.weight", "other", "0.bias"});
  CHECK(stripped.at("0.bias").is(a));
  CHECK(stripped.metadata().keys() == std::vector<std::string>{"", "0"});
  CHECK(stripped.metadata().at("") == 1);
  CHECK(stripped.metadata().at("0") == 2);
  CHECK(state.contains("module.0.weight"));
  CHECK(strip_prefix(state, "").keys() == state.keys());
  CHECK(strip_prefix(state, "x.").metadata().at("") == 7);
  CHECK(error_of<KeyError>([&] {
          strip_prefix({{"m.a", a}, {"a", a}}, "m.");
        }) == "strip_prefix: without \"m.\" the name \"a\" stands there twice");
}
