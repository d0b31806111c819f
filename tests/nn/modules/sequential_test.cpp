#include "brasa/nn/modules/sequential.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/identity.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/leaves.hpp"

using namespace brasa;
using Names = std::vector<std::string>;

namespace {

Names keys_of(const nn::Sequential<>& model) {
  Names keys;
  for (const auto& [name, module] : model) keys.push_back(name);
  return keys;
}

Names types_of(const nn::Sequential<>& model) {
  Names types;
  for (const auto& [name, module] : model) types.emplace_back(module->type_name());
  return types;
}

/// s = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid(), nn.Identity())
nn::Sequential<> four() {
  return nn::Sequential{nn::ReLU(), nn::Tanh(), nn::Sigmoid(), nn::Identity()};
}

}  // namespace

TEST_CASE("Sequential calls its modules one after the other", "[nn][sequential]") {
  const nn::Linear first(2, 3);
  const nn::Linear second(3, 1);
  const nn::Sequential model{first, nn::ReLU(), second};
  const auto x = tensor({{1.0f, -2.0f}});
  CHECK(model(x).equal(second(nn::ReLU()(first(x)))));
  CHECK(leaves::unlisted(model, model(x)).empty());
  CHECK(leaves::unused(model, model(x)).empty());
}

// In inference they are one pass over memory: it must not show.
TEST_CASE("A Linear and a ReLU behind it give what they give one by one", "[nn][sequential]") {
  const InferenceGuard guard;
  manual_seed(5);
  for (const bool bias : {true, false}) {
    nn::Sequential model{nn::Linear(20, 30, {.bias = bias}), nn::ReLU(), nn::ReLU(),
                         nn::Linear(30, 7, {.bias = bias}), nn::ReLU()};
    for (const std::int64_t rows : {0, 1, 2, 5, 70}) {
      auto x = randn({rows, 20});
      if (rows > 2) x(1, 3) = std::numeric_limits<float>::quiet_NaN();
      if (rows > 2) x(0, 3) = -std::numeric_limits<float>::infinity();
      auto expected = x;
      for (const auto& [name, module] : model) expected = module(expected);
      CHECK(model(x).allclose(expected, 0, 0, true));
    }
    int calls = 0;
    const auto count = [&calls](const auto&, const auto&, const auto& outputs) {
      CHECK((outputs[0] < 0).any().item());
      ++calls;
    };
    auto handle = model[0]->register_forward_hook(count);
    const auto x = randn({5, 20});
    const auto hooked = model(x);
    CHECK(calls == 1);
    handle.remove();
    CHECK(model(x).equal(hooked));
    CHECK(calls == 1);
  }
  const nn::Sequential wrong{nn::Linear(3, 2), nn::ReLU()};
  CHECK(error_of<ShapeError>([&] {
          wrong(ones({1, 2}));
        }) ==
        "Sequential.0: Linear(in_features=3, out_features=2, bias=True): expected input of shape "
        "(*, 3), got (1, 2)");
}

// nn.Sequential()(5)    5
TEST_CASE("An empty Sequential returns its input", "[nn][sequential]") {
  const nn::Sequential<> empty;
  const auto x = ones({2});
  CHECK(empty(x).is(x));
  CHECK(empty.size() == 0);
  CHECK(empty.begin() == empty.end());
  CHECK(empty.repr() == "Sequential()");
}

TEST_CASE("Sequential is made by position, by name, and of other modules", "[nn][sequential]") {
  const nn::Linear linear(2, 2);
  CHECK(keys_of(nn::Sequential{linear, linear}) == Names{"0", "1"});
  CHECK(keys_of(nn::Sequential{linear}) == Names{"0"});
  CHECK(keys_of(nn::Sequential{{"fc", linear}, {"act", nn::ReLU()}}) == Names{"fc", "act"});
  CHECK(keys_of(nn::Sequential{{"fc", linear}}) == Names{"fc"});
  const nn::Sequential<double> wide{{"fc", nn::Linear<double>(2, 2)}};
  CHECK(wide(ones<double>({1, 2})).shape() == Shape{1, 2});
  const nn::Sequential also_wide{nn::Linear<double>(2, 2), nn::ReLU<double>()};
  CHECK(also_wide(ones<double>({1, 2})).shape() == Shape{1, 2});
  const nn::AnyModule<float> any = linear;
  CHECK(types_of(nn::Sequential{any, any}) == Names{"Linear", "Linear"});
}

// list(nn.Sequential(nn.ReLU(), nn.Sequential(nn.Linear(1, 1))).state_dict())
TEST_CASE("A Sequential in a Sequential nests, a Sequential of one is a copy", "[nn][sequential]") {
  const nn::Sequential inner{nn::Linear(1, 1)};
  CHECK(nn::Sequential{nn::ReLU(), inner}.state_dict().keys() == Names{"1.0.weight", "1.0.bias"});
  const nn::Sequential copy{inner};
  CHECK(copy.state_dict().keys() == Names{"0.weight", "0.bias"});
  CHECK_FALSE(copy.parameters()[0].shares_storage(inner.parameters()[0]));
  nn::Sequential<> outer;
  outer.append(inner);
  CHECK(outer.state_dict().keys() == Names{"0.0.weight", "0.0.bias"});
}

TEST_CASE("Modules that are moved into a Sequential keep their tensors", "[nn][sequential]") {
  nn::Linear linear(2, 2);
  const Tensor<float> handle = linear.weight;
  nn::Sequential model{std::move(linear), nn::ReLU()};
  CHECK(model[0].as<nn::Linear<>>().weight.is(handle));
  nn::Linear second(2, 2);
  const Tensor<float> second_handle = second.weight;
  model.append(std::move(second));
  CHECK(model[-1].as<nn::Linear<>>().weight.is(second_handle));
  nn::Sequential moved = std::move(model);
  CHECK(moved[0].as<nn::Linear<>>().weight.is(handle));
}

// s[4]    IndexError: index 4 is out of range; s[-4]    ReLU()
TEST_CASE("Sequential is indexed as a Python list", "[nn][sequential]") {
  auto model = four();
  CHECK(model[0]->type_name() == "ReLU");
  CHECK(model[-1]->type_name() == "Identity");
  CHECK(std::as_const(model)[-4]->type_name() == "ReLU");
  CHECK(error_of<IndexError>([&] { model[4]; }) ==
        "operator[]: index 4 is out of range for 4 entries");
  CHECK_THROWS_AS(model[-5], IndexError);
  CHECK_THROWS_AS(nn::Sequential<>()[0], IndexError);
  model[1] = nn::Linear(1, 1);
  CHECK(model.state_dict().keys() == Names{"1.weight", "1.bias"});
}

// list(s[1:]._modules), list(s[-3:-1]._modules), s[2:1], s[1:99], s[-99:2]
TEST_CASE("A slice keeps the old names", "[nn][sequential]") {
  const auto model = four();
  CHECK(keys_of(model.slice(1)) == Names{"1", "2", "3"});
  CHECK(keys_of(model.slice(-3, -1)) == Names{"1", "2"});
  CHECK(keys_of(model.slice(2, 1)).empty());
  CHECK(keys_of(model.slice(1, 99)) == Names{"1", "2", "3"});
  CHECK(keys_of(model.slice(-99, 2)) == Names{"0", "1"});
  CHECK(types_of(model.slice(1, 3)) == Names{"Tanh", "Sigmoid"});
  // PyTorch would replace the module at that name.
  auto part = model.slice(1, 3);
  CHECK_THROWS_AS(part.append(nn::ReLU()), KeyError);
}

// s.insert(-1, nn.Softmax(0)), s.insert(5, nn.Softmax(1)); s.insert(7, …) is an IndexError
TEST_CASE("Sequential inserts before a position and counts anew", "[nn][sequential]") {
  auto model = four();
  model.insert(-1, nn::Softmax(0)).insert(5, nn::Softmax(1)).insert(0, nn::Linear(1, 1));
  CHECK(types_of(model) ==
        Names{"Linear", "ReLU", "Tanh", "Sigmoid", "Softmax", "Identity", "Softmax"});
  CHECK(keys_of(model) == Names{"0", "1", "2", "3", "4", "5", "6"});
  CHECK(error_of<IndexError>([&] { model.insert(8, nn::ReLU()); }) ==
        "insert: index 8 is out of range for 7 entries");
  CHECK_THROWS_AS(model.insert(-8, nn::ReLU()), IndexError);
  CHECK(model.size() == 7);
}

TEST_CASE("Sequential pops modules and counts anew", "[nn][sequential]") {
  auto model = four();
  CHECK(model.pop(-1)->type_name() == "Identity");
  CHECK(model.pop(1)->type_name() == "Tanh");
  CHECK(keys_of(model) == Names{"0", "1"});
  CHECK(types_of(model) == Names{"ReLU", "Sigmoid"});
  CHECK_THROWS_AS(model.pop(2), IndexError);

  nn::Sequential trained{nn::ReLU(), nn::Linear(1, 1)};
  const auto handle = trained.parameters()[0];
  CHECK(trained.pop(1).as<nn::Linear<>>().weight.is(handle));
}

TEST_CASE("extend adds copies of another's modules, or of its own", "[nn][sequential]") {
  nn::Sequential model{nn::ReLU()};
  model.extend(nn::Sequential{nn::Tanh(), nn::Linear(1, 1)});
  CHECK(types_of(model) == Names{"ReLU", "Tanh", "Linear"});
  model.extend(model);
  CHECK(keys_of(model) == Names{"0", "1", "2", "3", "4", "5"});
  CHECK(model.parameters().size() == 4);
}

// Names: no dot, not empty; PyTorch lets a name that is there already replace its module.
TEST_CASE("Names in a Sequential are checked", "[nn][sequential][error]") {
  nn::Sequential<> model;
  model.add_module("fc", nn::Linear(1, 1)).add_module("act", nn::ReLU());
  CHECK(keys_of(model) == Names{"fc", "act"});
  CHECK(error_of<KeyError>([&] { model.add_module("a.b", nn::ReLU()); }) ==
        "add_module: a name can't contain \".\", got \"a.b\"");
  CHECK_THROWS_AS(model.add_module("", nn::ReLU()), KeyError);
  CHECK_THROWS_AS(model.add_module("fc", nn::ReLU()), KeyError);
  CHECK_THROWS_AS((nn::Sequential{{"a", nn::ReLU()}, {"a", nn::Tanh()}}), KeyError);
  CHECK_THROWS_AS(model.insert(0, nn::ReLU()), ValueError);
  CHECK(model.pop(0)->type_name() == "Linear");
  CHECK(keys_of(model) == Names{"act"});
}
