// What the optimizers give to save: their state_dicts in the bytes that torch.save writes of
// PyTorch's.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "brasa/checkpoint/crc32.hpp"
#include "brasa/checkpoint/torch_save.hpp"
#include "brasa/nn/parameter.hpp"
#include "brasa/ops/creation.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/optimizers.hpp"
#include "support/torch_tree.hpp"

using namespace brasa;
using golden::Json;

namespace {

/// The parameters of the recorder's small model.
std::vector<AnyTensor> parameters() {
  std::vector<AnyTensor> result;
  for (const Shape& shape : {Shape{3, 2}, {3}, {3}, {3}, {1, 3}, {1}}) {
    result.push_back(nn::Parameter<float>(ones(shape)));
  }
  return result;
}

/// `torch.optim.<name>(parameters, **kwargs)`, the first parameters in a group of their own.
optimizers::Made make(const std::string& name, const Json& kwargs = Json::object(),
                      std::size_t first_group = 6) {
  const auto all = parameters();
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(first_group);
  std::vector<optimizers::Group> groups{{{all.begin(), middle}}};
  if (middle != all.end()) groups.push_back({{middle, all.end()}});
  return optimizers::make(name, kwargs, groups);
}

Value new_state(const std::string& name, const Json& kwargs = Json::object()) {
  return make(name, kwargs).optimizer->state_dict();
}

void check_file(const Value& value, const Json& c) {
  const std::vector<std::byte> file = serialize(value);
  CHECK(file.size() == c.at("length").get<std::size_t>());
  CHECK(detail::crc32(file) == c.at("crc32").get<std::uint32_t>());
}

}  // namespace

TEST_CASE("A state that PyTorch saved is loaded by an optimizer and saved as the same file",
          "[checkpoint][torch][optim]") {
  const std::set<std::string> absent{"ASGD", "Rprop", "Adafactor"};  // brasa has none
  const golden::File recorded("torch_saves.safetensors");
  int states = 0;
  for (const Json& c : recorded.cases()) {
    if (!c.contains("optimizer") || absent.contains(c.at("optimizer"))) continue;
    INFO(c.at("name"));
    const Value state = torch_tree::Builder(c.at("storages"))(c.at("tree"));
    const std::size_t first_group = state["param_groups"][0]["params"].size();
    const auto made = make(c.at("optimizer"), Json::object(), first_group);
    made.optimizer->load_state_dict(state);
    check_file(made.optimizer->state_dict(), c);
    ++states;
  }
  CHECK(states == 15);
}

// record_new_optimizers in recorder/torch_saves.py: Adam and AdamW make a tuple of their betas, the
// others keep the one that they were given, by default the same for all of their class
TEST_CASE("A new optimizer is saved as PyTorch's", "[checkpoint][torch][optim]") {
  const golden::File recorded("torch_saves.safetensors");
  int names = 0;
  for (const Json& c : recorded.cases()) {
    if (c.at("kind") != "optimizer") continue;
    INFO(c.at("name"));
    ++names;
    if (c.at("name") != "several") {
      check_file(new_state(c.at("name")), c);
      continue;
    }
    std::vector<Value> twice;
    for (const char* name : {"NAdam", "NAdam", "RAdam", "RAdam", "Adamax", "Adamax"}) {
      twice.push_back(new_state(name));
    }
    const auto adam = make("Adam");
    adam.add_param_group({{nn::Parameter<float>(ones({2}))}, {{"lr", 0.5}}});
    check_file(Value::dict({{"a", adam.optimizer->state_dict()},
                            {"b", new_state("Adam")},
                            {"c", new_state("AdamW")},
                            {"d", new_state("Adam", {{"betas", {{"tuple", {0.5, 0.75}}}}})},
                            {"twice", Value::list(std::move(twice))}}),
               c);
  }
  CHECK(names == 11);
}
