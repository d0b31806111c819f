#include "brasa/nn/module.hpp"

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using Names = std::vector<std::string>;

namespace {

// class Cell(nn.Module):
//     def __init__(self):
//         super().__init__()
//         self.fc = nn.Linear(2, 2)
//         self.gain = nn.Parameter(torch.ones(2))
//         self.register_buffer('mean', torch.zeros(2))
struct Cell : nn::Module<float> {
  nn::Linear<> fc{2, 2};
  nn::Parameter<> gain{ones({2})};
  nn::Buffer<> mean{zeros({2})};

  Tensor<float> forward(const Tensor<float>& x) const { return (fc(x) - mean) * gain; }
  BRASA_MODULE(Cell, fc, gain, mean)
};

// class Net(nn.Module):
//     def __init__(self):
//         super().__init__()
//         self.block = Cell()
//         self.head = nn.Linear(2, 2)
//         self.head.weight = self.block.fc.weight
//         self.scale = nn.Parameter(torch.ones(1))
//         self.register_buffer('count', torch.zeros((), dtype=torch.int64))
//         self.register_buffer('scratch', torch.zeros(1), persistent=False)
struct Net : nn::Module<float> {
  Cell block;
  nn::Linear<> head{2, 2};
  nn::Parameter<> scale{ones({1})};
  nn::Parameter<> nothing;
  nn::Buffer<std::int64_t> count{zeros<std::int64_t>({})};
  nn::Buffer<> scratch{zeros({1}), false};

  Net() { head.weight.tie(block.fc.weight); }
  Tensor<float> forward(const Tensor<float>& x) const { return head(block(x)) * scale; }
  BRASA_MODULE(Net, block, head, scale, nothing, count, scratch)
};

template <class T>
Names names_of(const std::vector<std::pair<std::string, T>>& named) {
  Names names;
  for (const auto& entry : named) names.push_back(entry.first);
  return names;
}

/// Members as one may write them: private, with a trailing underscore, through this.
class Guarded : public nn::Module<float> {
 public:
  Tensor<float> forward(const Tensor<float>& x) const { return first_(x) + second_; }
  BRASA_MODULE(Guarded, first_, this->second_)

 private:
  nn::Linear<> first_{2, 2};
  nn::Parameter<> second_{zeros({2})};
};

/// A class that derives from a layer and lists what it inherits.
struct Scaled : nn::Linear<> {
  using nn::Linear<>::Linear;
  nn::Parameter<> factor{full({1}, 2.0f)};

  Tensor<float> forward(const Tensor<float>& x) const { return Linear::forward(x) * factor; }
  BRASA_MODULE(Scaled, weight, bias, factor)
};

}  // namespace

// [k for k, _ in Net().named_parameters(…)]
TEST_CASE("named_parameters gives own ones first, a shared one once", "[nn][module]") {
  const Net net;
  CHECK(names_of(net.named_parameters()) ==
        Names{"scale", "block.gain", "block.fc.weight", "block.fc.bias", "head.bias"});
  CHECK(names_of(net.named_parameters("", true, false)) == Names{"scale", "block.gain",
                                                                 "block.fc.weight", "block.fc.bias",
                                                                 "head.weight", "head.bias"});
  CHECK(names_of(net.named_parameters("x")) ==
        Names{"x.scale", "x.block.gain", "x.block.fc.weight", "x.block.fc.bias", "x.head.bias"});
  CHECK(names_of(net.named_parameters("x", false)) == Names{"x.scale"});
  CHECK(net.parameters().size() == 5);
  CHECK(net.parameters(false).size() == 1);
  CHECK(net.parameters()[1].is(net.block.gain));
  CHECK(net.parameters()[1].is_parameter());
}

// [k for k, _ in Net().named_buffers(…)]
TEST_CASE("named_buffers gives all of them, of any dtype, saved or not", "[nn][module]") {
  const Net net;
  CHECK(names_of(net.named_buffers()) == Names{"count", "scratch", "block.mean"});
  CHECK(names_of(net.named_buffers("p")) == Names{"p.count", "p.scratch", "p.block.mean"});
  CHECK(names_of(net.named_buffers("", false)) == Names{"count", "scratch"});
  CHECK(net.buffers().size() == 3);
  CHECK(net.buffers(false).size() == 2);
  CHECK(net.buffers()[0].dtype() == Dtype::int64);
  CHECK(net.buffers()[2].is(net.block.mean));
}

// [k for k, _ in Net().named_modules(…)]
TEST_CASE("named_modules gives each module before its children", "[nn][module]") {
  Net net;
  CHECK(names_of(net.named_children()) == Names{"block", "head"});
  CHECK(names_of(net.named_modules()) == Names{"", "block", "block.fc", "head"});
  CHECK(names_of(std::as_const(net).named_modules("m")) ==
        Names{"m", "m.block", "m.block.fc", "m.head"});
  CHECK(net.modules() ==
        std::vector<nn::Module<float>*>{&net, &net.block, &net.block.fc, &net.head});
  CHECK(std::as_const(net).children() ==
        std::vector<const nn::Module<float>*>{&net.block, &net.head});
}

// o = []; Net().apply(lambda m: o.append(type(m).__name__))
TEST_CASE("apply calls children before their parents", "[nn][module]") {
  Net net;
  Names order;
  nn::Module<float>& self =
      net.apply([&](nn::Module<float>& module) { order.emplace_back(module.type_name()); });
  CHECK(order == Names{"Linear", "Cell", "Linear", "Net"});
  CHECK(&self == &net);
}

TEST_CASE("Members are found by their paths", "[nn][module]") {
  Net net;
  CHECK(&net.get_submodule("") == &net);
  CHECK(&net.get_submodule("block.fc") == &net.block.fc);
  CHECK(&std::as_const(net).get_submodule("head") == &net.head);
  CHECK(net.get_parameter("scale").is(net.scale));
  CHECK(net.get_parameter("block.fc.bias").is(net.block.fc.bias));
  CHECK(net.get_buffer("block.mean").is(net.block.mean));
  CHECK(net.get_buffer("count").dtype() == Dtype::int64);
}

// Each of them is an AttributeError in PyTorch.
TEST_CASE("A path that leads nowhere is a KeyError that says where it ended", "[nn][module]") {
  const Net net;
  CHECK(error_of<KeyError>([&] { net.get_submodule("block.q.r"); }) ==
        "get_submodule: Cell has no child `q` (looking for `block.q.r`)");
  CHECK_THROWS_AS(net.get_submodule("block.gain"), KeyError);
  CHECK_THROWS_AS(net.get_submodule("block."), KeyError);
  CHECK_THROWS_AS(net.get_submodule(".block"), KeyError);
  CHECK_THROWS_AS(net.get_submodule("Cell"), KeyError);
  CHECK(error_of<KeyError>([&] { net.get_parameter("block.fc.w"); }) ==
        "get_parameter: Linear has no parameter `w`");
  CHECK_THROWS_AS(net.get_parameter("block.mean"), KeyError);
  CHECK_THROWS_AS(net.get_parameter("nothing"), KeyError);
  CHECK_THROWS_AS(net.get_parameter("scale.x"), KeyError);
  CHECK_THROWS_AS(net.get_parameter(""), KeyError);
  CHECK(error_of<KeyError>([&] { net.get_buffer("scale"); }) ==
        "get_buffer: Net has no buffer `scale`");
}

// m = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU())); m.eval(); m[1].train()
TEST_CASE("train and eval reach all modules below", "[nn][module]") {
  Net net;
  CHECK(net.training);
  CHECK(&net.eval() == &net);
  CHECK_FALSE(net.training);
  CHECK_FALSE(net.block.fc.training);
  net.block.train();
  CHECK_FALSE(net.training);
  CHECK(net.block.fc.training);
  CHECK_FALSE(net.head.training);
  net.train(false);
  CHECK_FALSE(net.block.training);
}

TEST_CASE("requires_grad_ freezes and unfreezes all parameters", "[nn][module]") {
  Net net;
  net.requires_grad_(false);
  for (const auto& parameter : net.parameters()) CHECK_FALSE(parameter.requires_grad());
  CHECK_FALSE(net(ones({1, 2})).requires_grad());
  net.block.requires_grad_();
  CHECK(net.block.fc.weight.requires_grad());
  CHECK_FALSE(net.scale.requires_grad());
}

// m.zero_grad(set_to_none=False); w.grad    tensor([[0.]])
// m.zero_grad(); w.grad                     None
TEST_CASE("zero_grad drops the gradients, or fills them with 0", "[nn][module]") {
  Net net;
  const auto train = [&] { net(ones({1, 2})).sum().backward(); };
  train();
  const Tensor<float> grad = net.scale.grad();
  REQUIRE(grad.defined());
  net.zero_grad(false);
  CHECK(net.scale.grad().equal(zeros({1})));
  CHECK(grad.equal(zeros({1})));
  CHECK(net.block.fc.weight.grad().equal(zeros({2, 2})));
  train();
  CHECK(net.scale.grad().item() != 0.0f);
  net.zero_grad();
  for (const auto& parameter : net.parameters()) CHECK_FALSE(parameter.grad().defined());
  net.zero_grad(false);
  CHECK_FALSE(net.scale.grad().defined());
}

// A copy.deepcopy() in Python.
TEST_CASE("A copied module is an independent model with the same weights", "[nn][module]") {
  Net net;
  net.eval();
  net.scale.requires_grad_(false);
  net.count.fill_(3);
  const Net copy = net;
  CHECK_FALSE(copy.training);
  CHECK_FALSE(copy.scale.requires_grad());
  CHECK(copy.count.item() == 3);
  CHECK(copy.block.fc.weight.equal(net.block.fc.weight));
  for (const auto& [name, tensor] : copy.state_dict()) {
    CHECK_FALSE(tensor.shares_storage(net.state_dict().at(name)));
  }
  {
    const NoGradGuard no_grad;
    net.scale.fill_(5);
  }
  CHECK(copy.scale.item() == 1.0f);
  // Tying is not copied: each parameter of the copy has its own value.
  CHECK(copy.parameters().size() == net.parameters().size() + 1);
}

TEST_CASE("clone copies a module behind its base class", "[nn][module]") {
  const Net net;
  const nn::Module<float>& base = net;
  const std::unique_ptr<nn::Module<float>> copy = base.clone();
  CHECK(copy->type_name() == "Net");
  CHECK(copy->repr() == net.repr());
  CHECK_FALSE(copy->get_parameter("scale").is(net.scale));
  CHECK(copy->get_parameter("block.gain").equal(net.block.gain));
}

TEST_CASE("A moved module keeps its tensors: an optimizer's handles see it train", "[nn][module]") {
  Net net;
  const auto handles = net.parameters();
  Net moved = std::move(net);
  CHECK(moved.scale.is(handles[0]));
  std::vector<Net> models;
  models.push_back(std::move(moved));
  models.emplace_back();
  models.emplace_back();
  REQUIRE(models[0].parameters().size() == handles.size());
  for (std::size_t i = 0; i < handles.size(); ++i) {
    CHECK(models[0].parameters()[i].is(handles[i]));
  }
  // p -= 0.5 * p.grad, as SGD does, through a handle
  models[0](ones({1, 2})).sum().backward();
  const auto before = models[0].scale.clone();
  {
    const NoGradGuard no_grad;
    Tensor<float> handle = handles[0];
    handle.sub_(handle.grad() * 0.5);
  }
  CHECK(models[0].scale.equal(before - models[0].scale.grad() * 0.5));
  CHECK_FALSE(models[0].scale.equal(before));
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Net>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<nn::Sequential<>>);
}

TEST_CASE("Assigning a model copies the values into the same tensors", "[nn][module]") {
  Net net;
  const Tensor<float> handle = net.block.gain;
  Net other;
  {
    const NoGradGuard no_grad;
    other.block.gain.fill_(4);
  }
  net = other;
  CHECK(net.block.gain.is(handle));
  CHECK(handle.equal(full({2}, 4.0f)));
  CHECK_FALSE(other.block.gain.shares_storage(handle));
}

// One of the two uses is enough to reach the weight; both add to its gradient.
TEST_CASE("Tied parameters train as one", "[nn][module]") {
  Net net;
  CHECK(net.head.weight.is(net.block.fc.weight));
  net(ones({1, 2})).sum().backward();
  const auto both = net.block.fc.weight.grad().clone();
  Net untied = net;
  CHECK_FALSE(untied.head.weight.is(untied.block.fc.weight));
  untied.zero_grad();
  untied(ones({1, 2})).sum().backward();
  CHECK(both.allclose(untied.block.fc.weight.grad() + untied.head.weight.grad()));
}

TEST_CASE("Private members are listed under their plain names", "[nn][module]") {
  const Guarded guarded;
  CHECK(names_of(guarded.named_parameters()) == Names{"second", "first.weight", "first.bias"});
  CHECK(guarded.repr() ==
        "Guarded(\n  (first): Linear(in_features=2, out_features=2, bias=True)\n)");
}

TEST_CASE("A class may derive from a layer and list what it inherits", "[nn][module]") {
  Scaled scaled(2, 2, {.bias = false});
  CHECK(scaled.repr() == "Scaled(in_features=2, out_features=2, bias=False)");
  CHECK(names_of(scaled.named_parameters()) == Names{"weight", "factor"});
  const auto x = ones({1, 2});
  CHECK(scaled(x).equal(nn::functional::linear<float>(x, scaled.weight) * 2));
  nn::Sequential model{scaled};
  CHECK(model(x).equal(scaled(x)));
  CHECK(model[0]->type_name() == "Scaled");
}

TEST_CASE("A module prints to a stream as its repr", "[nn][module]") {
  std::ostringstream out;
  out << nn::ReLU<>() << ' ' << nn::AnyModule<float>(nn::Tanh<>());
  CHECK(out.str() == "ReLU() Tanh()");
  CHECK(nn::repr(nn::ReLU<>()) == "ReLU()");
}
