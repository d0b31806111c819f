// What the optimizers give to save: their state_dicts in the bytes that torch.save writes of
// PyTorch's.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "brasa/checkpoint/crc32.hpp"
#include "brasa/checkpoint/torch_save.hpp"
#include "brasa/nn/parameter.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/optim/adadelta.hpp"
#include "brasa/optim/adagrad.hpp"
#include "brasa/optim/adam.hpp"
#include "brasa/optim/adamax.hpp"
#include "brasa/optim/adamw.hpp"
#include "brasa/optim/nadam.hpp"
#include "brasa/optim/radam.hpp"
#include "brasa/optim/rmsprop.hpp"
#include "brasa/optim/sgd.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/torch_tree.hpp"

namespace nn = brasa::nn;
namespace optim = brasa::optim;
using namespace brasa;
using golden::Json;

namespace {

using Parameters = std::vector<Tensor<float>>;

/// The parameters of the recorder's small model.
Parameters parameters() {
  Parameters result;
  for (const Shape& shape : {Shape{3, 2}, {3}, {3}, {3}, {1, 3}, {1}}) {
    result.push_back(nn::Parameter<float>(ones(shape)));
  }
  return result;
}

template <class Optimizer>
std::unique_ptr<optim::Optimizer> make(std::size_t first_group) {
  const Parameters all = parameters();
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(first_group);
  auto result = std::make_unique<Optimizer>(Parameters(all.begin(), middle));
  if (middle != all.end()) result->add_param_group({Parameters(middle, all.end())});
  return result;
}

/// By name: makes an optimizer of all the parameters, the first ones in a group of their own.
const std::map<std::string, std::function<std::unique_ptr<optim::Optimizer>(std::size_t)>> kMakers =
    {{"SGD", make<optim::SGD>},          {"Adam", make<optim::Adam>},
     {"AdamW", make<optim::AdamW>},      {"NAdam", make<optim::NAdam>},
     {"RAdam", make<optim::RAdam>},      {"RMSprop", make<optim::RMSprop>},
     {"Adagrad", make<optim::Adagrad>},  {"Adamax", make<optim::Adamax>},
     {"Adadelta", make<optim::Adadelta>}};

void check_file(const Value& value, const Json& c) {
  const std::vector<std::byte> file = serialize(value);
  CHECK(file.size() == c.at("length").get<std::size_t>());
  CHECK(detail::crc32(file) == c.at("crc32").get<std::uint32_t>());
}

}  // namespace

TEST_CASE("A state that PyTorch saved is loaded by an optimizer and saved as the same file",
          "[checkpoint][torch][optim]") {
  const golden::File recorded("torch_saves.safetensors");
  int states = 0;
  for (const Json& c : recorded.cases()) {
    if (!c.contains("optimizer") || !kMakers.contains(c.at("optimizer"))) continue;
    INFO(c.at("name"));
    const Value state = torch_tree::Builder(c.at("storages"))(c.at("tree"));
    const auto optimizer = kMakers.at(c.at("optimizer"))(state["param_groups"][0]["params"].size());
    optimizer->load_state_dict(state);
    check_file(optimizer->state_dict(), c);
    ++states;
  }
  CHECK(states >= 13);
}

TEST_CASE("A new optimizer is saved as PyTorch's", "[checkpoint][torch][optim]") {
  const golden::File recorded("torch_saves.safetensors");
  int names = 0;
  for (const Json& c : recorded.cases()) {
    if (c.at("kind") != "optimizer" || !kMakers.contains(c.at("name"))) continue;
    INFO(c.at("name"));
    check_file(kMakers.at(c.at("name"))(parameters().size())->state_dict(), c);
    ++names;
  }
  CHECK(names == static_cast<int>(kMakers.size()));
}

// record_new_optimizers in recorder/torch_saves.py: Adam and AdamW make a tuple of their betas, the
// others keep the one that they were given, by default the same for all of their class
TEST_CASE("Several optimizers share the objects that PyTorch's share",
          "[checkpoint][torch][optim]") {
  const golden::File recorded("torch_saves.safetensors");
  optim::Adam adam(parameters());
  adam.add_param_group({Parameters{nn::Parameter<float>(ones({2}))}, {.lr = 0.5}});
  const auto second = make<optim::Adam>(6);
  const auto third = make<optim::AdamW>(6);
  const optim::Adam fourth(parameters(), {.betas = {0.5, 0.75}});
  std::vector<Value> twice;
  for (const char* name : {"NAdam", "NAdam", "RAdam", "RAdam", "Adamax", "Adamax"}) {
    twice.push_back(kMakers.at(name)(6)->state_dict());
  }
  int found = 0;
  for (const Json& c : recorded.cases()) {
    if (c.at("kind") != "optimizer" || c.at("name") != "several") continue;
    check_file(Value::dict({{"a", adam.state_dict()},
                            {"b", second->state_dict()},
                            {"c", third->state_dict()},
                            {"d", fourth.state_dict()},
                            {"twice", Value::list(std::move(twice))}}),
               c);
    ++found;
  }
  CHECK(found == 1);
}
