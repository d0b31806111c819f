#include "brasa/nn/module.hpp"

#include <thread>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/module_cases.hpp"
#include "support/module_tree.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;
using TinyModel = module_tree::TinyModel<float>;

namespace {

template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::vector<std::string> names_of(const nn::Module<float>& module) {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : module.named_parameters()) names.push_back(name);
  return names;
}

/// A parameter, a counting buffer, one that is not saved, and a tied weight.
struct Net : nn::Module<float> {
  nn::Linear<> a{2, 3};
  nn::Linear<> tied{2, 3};
  nn::Parameter<float> p{zeros({1})};
  nn::Buffer<std::int64_t> count{zeros<std::int64_t>({})};
  nn::Buffer<float> scratch{zeros({1}), false};

  Net() { tied.weight.tie(a.weight); }
  Tensor<float> forward(const Tensor<float>& x) const { return a(x) + tied(x); }
  BRASA_MODULE(Net, a, tied, p, count, scratch)
};

}  // namespace

TEST_CASE("Modules compute, print and differentiate as PyTorch's do", "[nn][modules][golden]") {
  int cases = 0;
  for (const char* module :
       {"nn.Linear", "nn.Identity", "nn.ReLU", "nn.Sigmoid", "nn.Tanh", "nn.Softmax",
        "nn.LogSoftmax", "nn.Flatten", "nn.Unflatten", "nn.Sequential", "TinyModel"}) {
    const auto counts = module_cases::check(module);
    INFO(module);
    CHECK(counts.cases > 0);
    cases += counts.cases;
  }
  CHECK(cases == 258);
}

TEST_CASE("Trees of modules print as PyTorch prints them", "[nn][modules][golden]") {
  const golden::File file("printing.safetensors");
  int trees = 0;
  for (const golden::Json& c : file.cases()) {
    if (c.at("kind") != "module") continue;
    ++trees;
    INFO(c.dump());
    if (c.at("dtype") == "float64") {
      CHECK(module_tree::build<double>(c.at("tree"))->repr() == c.at("text").get<std::string>());
    } else {
      CHECK(module_tree::build<float>(c.at("tree"))->repr() == c.at("text").get<std::string>());
    }
  }
  CHECK(trees == 210);
}

// In Python the same Net gives these lists (torch 2.13.0).
TEST_CASE("A module lists its own parameters first, and a shared one once", "[nn][module]") {
  Net net;
  CHECK(names_of(net) == std::vector<std::string>{"p", "a.weight", "a.bias", "tied.bias"});
  CHECK(net.state_dict().keys() ==
        std::vector<std::string>{"p", "count", "a.weight", "a.bias", "tied.weight", "tied.bias"});
  CHECK(net.buffers().size() == 2);
  CHECK(net.get_buffer("count").dtype() == Dtype::int64);
  CHECK_THROWS_AS(net.get_parameter("a.nothing"), KeyError);
  CHECK_THROWS_AS(net.get_submodule("b"), KeyError);
  CHECK_THROWS_AS(net.get_buffer("p"), KeyError);
  std::vector<std::string> order;
  net.apply([&](nn::Module<float>& module) { order.emplace_back(module.type_name()); });
  CHECK(order == std::vector<std::string>{"Linear", "Linear", "Net"});
}

TEST_CASE("A copied module is independent, a moved one keeps its tensors", "[nn][module]") {
  TinyModel model;
  const Tensor<float> handle = model.linear1.weight;
  TinyModel copy = model;
  CHECK(copy.linear1.weight.equal(handle));
  CHECK_FALSE(copy.linear1.weight.shares_storage(handle));
  TinyModel moved = std::move(model);
  CHECK(moved.linear1.weight.is(handle));
  nn::init::zeros_(copy.linear1.weight);
  moved = copy;
  CHECK(moved.linear1.weight.is(handle));
  CHECK(handle.equal(zeros({200, 100})));
  CHECK(moved.clone()->repr() == moved.repr());
}

TEST_CASE("train, eval, requires_grad_ and zero_grad reach all of a module", "[nn][module]") {
  TinyModel model(3, 4, 2);
  model.eval();
  CHECK_FALSE(model.linear2.training);
  model.train();
  CHECK(model.linear2.training);
  model(ones({1, 3})).sum().backward();
  const auto grad = model.linear1.weight.grad();
  REQUIRE(grad.defined());
  model.zero_grad(false);
  CHECK(model.linear1.weight.grad().equal(zeros({4, 3})));
  model.zero_grad();
  CHECK_FALSE(model.linear1.weight.grad().defined());
  model.requires_grad_(false);
  CHECK_FALSE(model(ones({1, 3})).requires_grad());
}

TEST_CASE("load_state_dict copies, converts, and changes nothing where it fails",
          "[nn][module][state]") {
  TinyModel model(3, 4, 2);
  TinyModel other(3, 4, 2);
  const Tensor<float> handle = model.linear1.weight;
  CHECK(nn::repr(model.load_state_dict(other.state_dict())) == "<All keys matched successfully>");
  CHECK(handle.equal(other.linear1.weight));
  model.load_state_dict(model.state_dict());
  CHECK(handle.equal(other.linear1.weight));

  auto state = TinyModel(3, 4, 2).state_dict();
  state["linear1.weights"] = state.at("linear1.weight");
  state.erase("linear1.weight");
  state["linear2.weight"] = zeros({5, 4});
  const std::string error = error_of([&] { model.load_state_dict(state); });
  CHECK_THAT(error, ContainsSubstring("Missing key(s) in state_dict: \"linear1.weight\""));
  CHECK_THAT(error, ContainsSubstring("Unexpected key(s) in state_dict: \"linear1.weights\""));
  CHECK_THAT(error, ContainsSubstring("linear1.weights: did you mean linear1.weight?"));
  CHECK_THAT(error,
             ContainsSubstring("the state_dict has shape (5, 4), the module has shape (2, 4)"));
  CHECK(handle.equal(other.linear1.weight));
  CHECK(model.linear1.bias.equal(other.linear1.bias));

  auto partial = other.state_dict();
  partial.erase("linear2.bias");
  const auto result = model.load_state_dict(partial, {.strict = false});
  CHECK(result.missing_keys == std::vector<std::string>{"linear2.bias"});

  auto wide = other.state_dict();
  wide["linear2.bias"] = tensor<double>({0.5, 0.1});
  CHECK_THAT(error_of([&] { model.load_state_dict(wide); }), ContainsSubstring("float32"));
  model.load_state_dict(wide, {.allow_lossy = true});
  CHECK(model.linear2.bias.equal(tensor<float>({0.5, 0.1})));
}

TEST_CASE("A module becomes one of another Scalar", "[nn][module]") {
  TinyModel model;
  model.eval();
  const auto wide = model.to<double>();
  CHECK(wide.linear1.weight.equal(model.linear1.weight.to<double>()));
  CHECK(wide.repr() == model.repr());
  CHECK_FALSE(wide.linear1.training);
}

TEST_CASE("Hooks see and replace what goes in and out", "[nn][module][hooks]") {
  // i = nn.Identity(); pre-hook: a[0] + 1; hook: out * 10; i(torch.ones(1))    tensor([20.])
  nn::Identity<> identity;
  auto pre = identity.register_forward_pre_hook(
      [](const auto&, const auto& inputs) { return inputs[0] + 1; });
  auto post = identity.register_forward_hook(
      [](const auto&, const auto&, const auto& outputs) { return outputs[0] * 10; });
  CHECK(identity(ones({1})).item() == 20.0f);
  pre.remove();
  CHECK(identity(ones({1})).item() == 10.0f);
  post.remove();
  CHECK(identity(ones({1})).item() == 1.0f);
}

TEST_CASE("An error tells the path of the module it happened in", "[nn][module][error]") {
  TinyModel model;
  CHECK(
      error_of([&] {
        model.linear2(ones({1, 100}));
      }) ==
      "Linear(in_features=200, out_features=10, bias=True): expected input of shape (*, 200), got "
      "(1, 100)");
  CHECK(
      error_of([&] {
        model(ones({1, 7}));
      }) ==
      "TinyModel.linear1: Linear(in_features=100, out_features=200, bias=True): expected input of "
      "shape (*, 100), got (1, 7)");
  CHECK_THAT(error_of([&] { model(ones({100})); }),
             ContainsSubstring("TinyModel.softmax: Softmax"));
}

TEST_CASE("Containers name, find and take out their modules", "[nn][module][container]") {
  nn::Sequential model{nn::Linear(2, 3), nn::ReLU()};
  model.append(nn::Tanh()).insert(0, nn::Identity());
  CHECK(model.size() == 4);
  CHECK(model[-1]->type_name() == "Tanh");
  CHECK(model[1].as<nn::Linear<>>().in_features == 2);
  CHECK_THROWS_AS(model[1].as<nn::ReLU<>>(), ValueError);
  CHECK_THROWS_AS(model[4], IndexError);
  CHECK_THROWS_AS(model.insert(9, nn::ReLU()), IndexError);
  CHECK(model.pop(0)->type_name() == "Identity");
  CHECK(names_of(model) == std::vector<std::string>{"0.weight", "0.bias"});
  // list(nn.Sequential(...)[1:]._modules)    ['1', '2']
  CHECK(model.slice(1, 3).begin()->first == "1");
  nn::Sequential<> empty;
  CHECK(empty(ones({2})).equal(ones({2})));
  nn::Sequential named{{"fc", nn::Linear(2, 3)}, {"act", nn::ReLU()}};
  CHECK(names_of(named) == std::vector<std::string>{"fc.weight", "fc.bias"});
  CHECK_THROWS_AS((nn::Sequential<>{{"a.b", nn::ReLU()}}), KeyError);
  CHECK_THROWS_AS((nn::Sequential<>{{"a", nn::ReLU()}, {"a", nn::ReLU()}}), KeyError);
  nn::ModuleDict dict{{"b", nn::ReLU()}, {"a", nn::Tanh()}};
  CHECK(dict.keys() == std::vector<std::string>{"b", "a"});
  CHECK_THROWS_AS(dict["q"], KeyError);
  nn::ParameterDict<> weights{{"b", ones({1})}, {"a", ones({1})}};
  CHECK(names_of(weights) == std::vector<std::string>{"a", "b"});
  nn::ParameterList<> list{ones({1}), ones({2})};
  CHECK(names_of(list) == std::vector<std::string>{"0", "1"});
  CHECK(list[0].is_parameter());
}

TEST_CASE("Softmax without a dim chooses as PyTorch does, with a warning that can be silenced",
          "[nn][module]") {
  // F.softmax(torch.zeros(2, 3))    UserWarning: Implicit dimension choice for softmax ...
  std::string warning;
  const auto previous = set_warning_handler([&](std::string_view text) { warning = text; });
  nn::Softmax<> softmax;
  CHECK(softmax(zeros({2, 4})).equal(full({2, 4}, 0.25f)));
  CHECK(softmax(zeros({4, 2, 1})).equal(full({4, 2, 1}, 0.25f)));
  set_warning_handler(previous);
  CHECK_THAT(warning, ContainsSubstring("Implicit dimension choice for softmax"));
}

TEST_CASE("Several threads use one model at once", "[nn][module][thread]") {
  TinyModel model;
  model.eval();
  const auto x = rand({8, 100});
  const auto run = [&] {
    NoGradGuard no_grad;
    return model(x);
  };
  const auto expected = run();
  std::vector<int> equal(4, 0);
  std::vector<std::thread> threads;
  for (int& flag : equal) {
    threads.emplace_back([&] {
      flag = 1;
      for (int i = 0; i < 20; ++i) flag = flag && run().equal(expected);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(equal == std::vector<int>{1, 1, 1, 1});
}

TEST_CASE("SkipInitGuard draws nothing", "[nn][module]") {
  manual_seed(0);
  const auto expected = rand({1});
  manual_seed(0);
  {
    nn::SkipInitGuard skip;
    const nn::Linear linear(3, 4);
    CHECK(linear.weight.shape() == Shape{4, 3});
  }
  CHECK(rand({1}).equal(expected));
}
