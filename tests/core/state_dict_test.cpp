#include "brasa/core/state_dict.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using brasa::AnyTensor;
using brasa::Dtype;
using brasa::KeyError;
using brasa::StateDict;

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
