#include "brasa/nn/module_call.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/identity.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/module_list.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using Names = std::vector<std::string>;
using Tensors = std::vector<Tensor<float>>;

namespace {

// class Two(nn.Module):
//     def forward(self, a, b, k=1): return a + b * k, a - b
struct Two : nn::Module<float> {
  std::pair<Tensor<float>, Tensor<float>> forward(const Tensor<float>& a, const Tensor<float>& b,
                                                  int k = 1) const {
    return {a + b * k, a - b};
  }
  BRASA_MODULE(Two)
};

/// An LSTM's manner: a tensor and a pair in, a tensor and a pair out.
struct Nested : nn::Module<float> {
  using State = std::pair<Tensor<float>, Tensor<float>>;
  std::tuple<Tensor<float>, State> forward(const Tensor<float>& x, const State& state) const {
    return {x + state.first, {state.first * 2, state.second * 2}};
  }
  BRASA_MODULE(Nested)
};

struct List : nn::Module<float> {
  Tensors forward(const Tensors& inputs, const Tensor<std::int64_t>& index) const {
    return {inputs[static_cast<std::size_t>(index.item())]};
  }
  BRASA_MODULE(List)
};

/// Returns no tensor, and takes what cannot be copied.
struct Logger : nn::Module<float> {
  void forward(const Tensor<float>& x, std::unique_ptr<double>& sum) const {
    *sum += static_cast<double>(x.item());
  }
  BRASA_MODULE(Logger)
};

/// The model of the design's example of an error, with its first layer left out.
struct Skipping : nn::Module<float> {
  nn::Linear<> linear1{100, 200};
  nn::ReLU<> activation;
  nn::Linear<> linear2{200, 10};
  nn::Softmax<> softmax{1};

  Tensor<float> forward(const Tensor<float>& x) const { return softmax(linear2(activation(x))); }
  BRASA_MODULE(Skipping, linear1, activation, linear2, softmax)
};

struct Layers : nn::Module<float> {
  nn::ModuleList<> layers{nn::Linear(2, 2), nn::Sequential{nn::ReLU(), nn::Linear(3, 2)}};
  nn::Parameter<> scale{ones({5})};

  Tensor<float> forward(const Tensor<float>& x) const {
    Tensor<float> y = x;
    for (const auto& [name, layer] : layers) y = layer(y);
    return y * scale;
  }
  BRASA_MODULE(Layers, layers, scale)
};

/// Calls a module that is no member.
struct Borrower : nn::Module<float> {
  Tensor<float> forward(const Tensor<float>& x) const { return nn::Linear(7, 7)(x); }
  BRASA_MODULE(Borrower)
};

}  // namespace

// i.register_forward_pre_hook(…) twice, the second with prepend=True; the same with forward hooks:
// ['pre0', 'pre1', 'post0', 'post1']
TEST_CASE("Hooks run in the order of registration, prepended ones first", "[nn][hooks]") {
  nn::Identity<> identity;
  Names log;
  const auto say = [&](const char* text) {
    return [&log, text](const auto&...) { log.emplace_back(text); };
  };
  identity.register_forward_pre_hook(say("pre1"));
  identity.register_forward_pre_hook(say("pre0"), true);
  identity.register_forward_hook(say("post1"));
  identity.register_forward_hook(say("post0"), true);
  identity(ones({1}));
  CHECK(log == Names{"pre0", "pre1", "post0", "post1"});
}

// i.register_forward_pre_hook(lambda m, a: a[0] + 1)
// i.register_forward_hook(lambda m, a, out: out * 10); i(torch.ones(1))    tensor([20.])
TEST_CASE("What hooks return takes the place of inputs and outputs", "[nn][hooks]") {
  nn::Identity<> identity;
  auto pre = identity.register_forward_pre_hook(
      [](const auto&, const Tensors& inputs) { return inputs[0] + 1; });
  auto post = identity.register_forward_hook(
      [](const auto&, const Tensors&, const Tensors& outputs) { return outputs[0] * 10; });
  CHECK(identity(ones({1})).item() == 20.0f);
  pre.remove();
  CHECK(identity(ones({1})).item() == 10.0f);
  post.remove();
  CHECK(identity(ones({1})).item() == 1.0f);
  post.remove();
}

TEST_CASE("A hook decides at each call whether it replaces something", "[nn][hooks]") {
  nn::Identity<> identity;
  bool replace = false;
  identity.register_forward_hook(
      [&](const auto&, const Tensors&, const Tensors&) -> std::optional<Tensors> {
        if (!replace) return std::nullopt;
        return Tensors{zeros({1})};
      });
  CHECK(identity(ones({1})).item() == 1.0f);
  replace = true;
  CHECK(identity(ones({1})).item() == 0.0f);
}

// t(torch.tensor([5.]), torch.tensor([2.]), k=3)    (tensor([11.]), tensor([3.]))
// with a pre-hook that swaps: (tensor([17.]), tensor([-3.])); with a hook that multiplies by 10
// and 100, too: (tensor([170.]), tensor([-300.])), and a last hook sees
// [([2.0, 5.0], [170.0, -300.0])]
TEST_CASE("Hooks see and replace several inputs and outputs", "[nn][hooks]") {
  Two two;
  const auto a = tensor({5.0f});
  const auto b = tensor({2.0f});
  const auto call = [&] {
    const auto [sum, difference] = two(a, b, 3);
    return std::pair(sum.item(), difference.item());
  };
  CHECK(call() == std::pair(11.0f, 3.0f));
  two.register_forward_pre_hook([](const auto&, const Tensors& inputs) {
    return Tensors{inputs[1], inputs[0]};
  });
  CHECK(call() == std::pair(17.0f, -3.0f));
  two.register_forward_hook([](const auto&, const Tensors&, const Tensors& outputs) {
    return Tensors{outputs[0] * 10, outputs[1] * 100};
  });
  CHECK(call() == std::pair(170.0f, -300.0f));
  std::vector<float> seen;
  two.register_forward_hook(
      [&](const nn::Module<float>& module, const Tensors& inputs, const Tensors& outputs) {
        CHECK(&module == &two);
        for (const auto& tensor : inputs) seen.push_back(tensor.item());
        for (const auto& tensor : outputs) seen.push_back(tensor.item());
      });
  call();
  CHECK(seen == std::vector<float>{2, 5, 170, -300});
}

TEST_CASE("Hooks see the tensors in tuples and vectors", "[nn][hooks]") {
  Nested nested;
  nested.register_forward_pre_hook([](const auto&, const Tensors& inputs) {
    CHECK(inputs.size() == 3);
    return Tensors{inputs[0], inputs[1] + 1, inputs[2]};
  });
  nested.register_forward_hook([](const auto&, const Tensors&, const Tensors& outputs) {
    CHECK(outputs.size() == 3);
    return Tensors{outputs[0], outputs[1], outputs[2] * 5};
  });
  const Nested::State state{tensor({10.0f}), tensor({20.0f})};
  const auto [y, next] = nested(ones({1}), state);
  CHECK(y.item() == 12.0f);
  CHECK(next.first.item() == 22.0f);
  CHECK(next.second.item() == 200.0f);
  CHECK(state.first.item() == 10.0f);

  List list;
  list.register_forward_pre_hook([](const auto&, const Tensors& inputs) {
    return Tensors{inputs[0], inputs[1] * 3};  // the index is no float tensor, it is left alone
  });
  CHECK(list(Tensors{ones({1}), ones({1})}, tensor<std::int64_t>({1}))[0].item() == 3.0f);
}

TEST_CASE("A module may return nothing and take what cannot be copied, with hooks too",
          "[nn][hooks]") {
  Logger logger;
  auto sum = std::make_unique<double>(0);
  logger(ones({1}), sum);
  int calls = 0;
  logger.register_forward_pre_hook(
      [](const auto&, const Tensors& inputs) { return inputs[0] * 5; });
  logger.register_forward_hook([&](const auto&, const Tensors& inputs, const Tensors& outputs) {
    CHECK(inputs[0].item() == 5.0f);
    CHECK(outputs.empty());
    ++calls;
  });
  logger(ones({1}), sum);
  CHECK(*sum == 6.0);
  CHECK(calls == 1);
}

// l.weight is 3., l.register_forward_hook(lambda m, a, o: o * 2); y = l(x); y.sum().backward()
// y 6., x.grad 6., l.weight.grad 2.
TEST_CASE("Gradients pass what hooks compute", "[nn][hooks]") {
  nn::Linear<> linear(1, 1, {.bias = false});
  {
    const NoGradGuard no_grad;
    linear.weight.fill_(3);
  }
  linear.register_forward_hook(
      [](const auto&, const Tensors&, const Tensors& outputs) { return outputs[0] * 2; });
  auto x = ones({1, 1});
  x.requires_grad_();
  const auto y = linear(x);
  y.sum().backward();
  CHECK(y.item() == 6.0f);
  CHECK(x.grad().item() == 6.0f);
  CHECK(linear.weight.grad().item() == 2.0f);
}

// A copy of the parameter would get the gradient instead.
TEST_CASE("A Parameter passed to a module with hooks gets its gradient", "[nn][hooks]") {
  nn::Identity<> identity;
  identity.register_forward_hook([](const auto&...) {});
  const nn::Parameter<> p(ones({2}));
  identity(p).sum().backward();
  REQUIRE(p.grad().defined());
  CHECK(p.grad().equal(ones({2})));
}

// def once(m, a): log.append('once'); handle.remove()
TEST_CASE("A hook may remove itself while it runs", "[nn][hooks]") {
  nn::Identity<> identity;
  int calls = 0;
  RemovableHandle handle;
  handle = identity.register_forward_pre_hook([&](const auto&...) {
    ++calls;
    handle.remove();
  });
  identity(ones({1}));
  identity(ones({1}));
  CHECK(calls == 1);
}

TEST_CASE("A handle may outlive its module", "[nn][hooks]") {
  RemovableHandle handle;
  {
    nn::Identity<> identity;
    handle = identity.register_forward_hook([](const auto&...) {});
  }
  handle.remove();
  RemovableHandle().remove();
  SUCCEED("nothing happens");
}

// Each module of nn.Sequential(nn.ReLU(), nn.Tanh()) with both hooks:
// ['pre self', 'pre 0', 'post 0', 'pre 1', 'post 1', 'post self']
TEST_CASE("Hooks of nested modules nest", "[nn][hooks]") {
  nn::Sequential model{nn::ReLU(), nn::Tanh()};
  Names log;
  for (const auto& [name, module] : model.named_modules()) {
    const std::string shown = name.empty() ? "self" : name;
    module->register_forward_pre_hook(
        [&log, shown](const auto&...) { log.push_back("pre " + shown); });
    module->register_forward_hook(
        [&log, shown](const auto&...) { log.push_back("post " + shown); });
  }
  model(ones({1}));
  CHECK(log == Names{"pre self", "pre 0", "post 0", "pre 1", "post 1", "post self"});
}

// copy.deepcopy(i) has the hooks of i; removing one of them leaves the other's alone
TEST_CASE("A copied module has copies of the hooks, a moved one has them", "[nn][hooks]") {
  nn::Identity<> identity;
  auto handle = identity.register_forward_hook(
      [](const auto&, const Tensors&, const Tensors& outputs) { return outputs[0] + 1; });
  const auto copy = identity;
  auto moved = std::move(identity);
  CHECK(copy(zeros({1})).item() == 1.0f);
  CHECK(moved(zeros({1})).item() == 1.0f);
  handle.remove();
  CHECK(moved(zeros({1})).item() == 0.0f);
  CHECK(copy(zeros({1})).item() == 1.0f);
}

TEST_CASE("A hook must return as many tensors as it got", "[nn][hooks]") {
  Two two;
  auto handle = two.register_forward_pre_hook(
      [](const auto&, const Tensors& inputs) { return Tensors{inputs[0]}; });
  CHECK(error_of<ValueError>([&] { two(ones({1}), ones({1})); }) ==
        "Two(): forward_pre_hook: the hook must return 2 tensor(s), got 1");
  handle.remove();
  two.register_forward_hook([](const auto&...) { return ones({1}); });
  CHECK(error_of<ValueError>([&] { two(ones({1}), ones({1})); }) ==
        "Two(): forward_hook: the hook must return 2 tensor(s), got 1");
}

TEST_CASE("An error tells the path, the module and what was expected", "[nn][error]") {
  CHECK(error_of<ShapeError>([] {
          Skipping()(ones({1, 100}));
        }) ==
        "Skipping.linear2: Linear(in_features=200, out_features=10, bias=True): expected input of "
        "shape (*, 200), got (1, 100)");
  CHECK(error_of<ShapeError>([] {
          nn::Linear(3, 2)(ones({1, 2}));
        }) ==
        "Linear(in_features=3, out_features=2, bias=True): expected input of shape (*, 3), got "
        "(1, 2)");
}

TEST_CASE("The path of an error leads through containers", "[nn][error]") {
  CHECK(error_of<ShapeError>([] {
          Layers()(ones({1, 2}));
        }) ==
        "Layers.layers.1.1: Linear(in_features=3, out_features=2, bias=True): expected input of "
        "shape (*, 3), got (1, 2)");
  const nn::Sequential named{{"body", nn::Sequential{nn::ReLU(), nn::Linear(3, 2)}}};
  CHECK(error_of<ShapeError>([&] {
          named(ones({1, 2}));
        }) ==
        "Sequential.body.1: Linear(in_features=3, out_features=2, bias=True): expected input of "
        "shape (*, 3), got (1, 2)");
}

TEST_CASE("An error of forward itself tells the module's path and the operation", "[nn][error]") {
  Layers layers;
  layers.layers.pop();
  const auto text = error_of<ShapeError>([&] { layers(ones({1, 2})); });
  CHECK_THAT(text, Catch::Matchers::StartsWith("Layers: mul: "));
  CHECK_THAT(error_of<ShapeError>([] {
               Borrower()(ones({1, 2}));
             }),
             Catch::Matchers::StartsWith("Borrower > Linear: Linear(in_features=7, "));
}

TEST_CASE("After an error, and beside a call, the path is gone", "[nn][error]") {
  CHECK_THROWS_AS(Skipping()(ones({1, 7})), ShapeError);
  CHECK(error_of<ShapeError>([] {
          nn::functional::linear(ones({1, 2}), ones({3, 3}));
        }) == "linear: expected input of shape (*, 3), got (1, 2)");
  // Another thread is in no module's call.
  nn::Identity<> identity;
  std::string text;
  identity.register_forward_hook([&](const auto&...) {
    std::thread([&] {
      text = error_of<ShapeError>([] { nn::functional::linear(ones({1, 2}), ones({3, 3})); });
    }).join();
  });
  identity(ones({1}));
  CHECK(text == "linear: expected input of shape (*, 3), got (1, 2)");
}

TEST_CASE("Several threads use one model at once", "[nn][threads]") {
  manual_seed(0);
  nn::Sequential model{nn::Linear(20, 30), nn::ReLU(), nn::Linear(30, 5), nn::Softmax(1)};
  model.eval();
  std::atomic<int> hooked = 0;
  model.register_forward_hook([&](const auto&...) { ++hooked; });
  const auto x = rand({8, 20});
  const auto recorded = model(x).detach();
  const auto plain = [&] {  // may differ in the last bits
    const NoGradGuard guard;
    return model(x);
  }();

  constexpr std::size_t kThreads = 4;
  constexpr int kCalls = 50;
  std::vector<int> equal(kThreads, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i) {
        // Half of them record a graph on the shared parameters, half do not.
        const bool records = t % 2 == 1;
        const std::unique_ptr<NoGradGuard> no_grad(records ? nullptr : new NoGradGuard);
        const auto y = model(x);
        if (y.equal(records ? recorded : plain) && y.requires_grad() == records) ++equal[t];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(equal == std::vector<int>(kThreads, kCalls));
  CHECK(hooked == static_cast<int>(kThreads) * kCalls + 2);
}

TEST_CASE("Threads that get errors get each its own", "[nn][threads]") {
  const Skipping model;
  std::vector<std::string> texts(2);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    threads.emplace_back([&, t] {
      const auto width = static_cast<std::int64_t>(t) + 1;
      for (int i = 0; i < 20; ++i) {
        texts[t] = error_of<ShapeError>([&] { model(ones({1, width})); });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_THAT(texts[0], Catch::Matchers::EndsWith("got (1, 1)"));
  CHECK_THAT(texts[1], Catch::Matchers::EndsWith("got (1, 2)"));
}
