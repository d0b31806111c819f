#include "brasa/nn/modules/parameter_containers.hpp"

#include <string>
#include <utility>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/leaves.hpp"

using namespace brasa;
using Names = std::vector<std::string>;

namespace {

struct Weights : nn::Module<float> {
  nn::ParameterList<> weights{ones({2, 2}), ones({2})};
  nn::ParameterDict<> gains{{"b", ones({1})}, {"a", ones({1})}};

  Tensor<float> forward(const Tensor<float>& x) const {
    return (x.matmul(weights[0]) + weights[1]) * gains["a"] * gains["b"];
  }
  BRASA_MODULE(Weights, weights, gains)
};

}  // namespace

TEST_CASE("Parameters in lists and dicts are part of their model", "[nn][container]") {
  Weights net;
  CHECK(net.state_dict().keys() == Names{"weights.0", "weights.1", "gains.a", "gains.b"});
  const auto y = net(ones({1, 2}));
  CHECK(leaves::unlisted(net, y).empty());
  CHECK(leaves::unused(net, y).empty());
  const Weights copy = net;
  CHECK_FALSE(copy.weights[0].shares_storage(net.weights[0]));
  CHECK(copy.weights[0].is_parameter());
  const Tensor<float> handle = net.gains["a"];
  Weights moved = std::move(net);
  CHECK(moved.gains["a"].is(handle));
}

// pl = nn.ParameterList([torch.ones(2), torch.zeros(1)]); pl.append(torch.ones(3)); pl[-1].shape
TEST_CASE("ParameterList makes parameters of tensors", "[nn][container]") {
  const auto plain = ones({2});
  nn::ParameterList<> list{plain, zeros({1})};
  list.append(ones({3}));
  CHECK(list.size() == 3);
  CHECK(list[0].is_parameter());
  CHECK(list[0].requires_grad());
  CHECK(list[0].shares_storage(plain));
  CHECK_FALSE(plain.requires_grad());
  CHECK(list[-1].shape() == Shape{3});
  CHECK_THROWS_AS(list[3], IndexError);
  CHECK_THROWS_AS(std::as_const(list)[-4], IndexError);
  CHECK(list.state_dict().keys() == Names{"0", "1", "2"});
}

// l = nn.Linear(2, 2); nn.ParameterList([l.weight])[0] is l.weight    True
TEST_CASE("A Parameter is kept as what it is", "[nn][container]") {
  nn::Linear linear(2, 2);
  linear.weight.requires_grad_(false);
  nn::ParameterList<> list{linear.weight};
  nn::ParameterDict<> dict{{"w", linear.weight}};
  list.append(linear.parameters()[1]);
  dict.insert("b", linear.bias);
  CHECK(list[0].is(linear.weight));
  CHECK(list[1].is(linear.bias));
  CHECK(dict["w"].is(linear.weight));
  CHECK(dict["b"].is(linear.bias));
  CHECK_FALSE(list[0].requires_grad());

  nn::Parameter<> tied;
  CHECK(error_of<ValueError>([&] { tied.tie(ones({2})); }) ==
        "tie: expected a parameter, got a tensor of shape (2,)");
}

// pd = nn.ParameterDict({'b': torch.ones(1), 'a': torch.zeros(2)}); pd['0'] = torch.ones(3)
// list(pd)                                      ['a', 'b', '0']
// pd['b'] = torch.zeros(4); list(pd)            ['a', 'b', '0']
// pd.pop('a').shape; list(pd)                   ['b', '0']
TEST_CASE("ParameterDict sorts what it is made of, and adds at the end", "[nn][container]") {
  nn::ParameterDict<> dict{{"b", ones({1})}, {"a", zeros({2})}};
  dict.insert("0", ones({3}));
  CHECK(dict.keys() == Names{"a", "b", "0"});
  dict.insert("b", zeros({4}));
  CHECK(dict.keys() == Names{"a", "b", "0"});
  CHECK(dict["b"].shape() == Shape{4});
  CHECK(dict.pop("a").shape() == Shape{2});
  CHECK(dict.keys() == Names{"b", "0"});
  CHECK(dict.contains("0"));
  CHECK_FALSE(dict.contains("a"));
  CHECK(dict.size() == 2);
  CHECK(dict["0"].requires_grad());
}

TEST_CASE("Names in a ParameterDict are checked", "[nn][container][error]") {
  nn::ParameterDict<> dict{{"a", ones({1})}};
  CHECK_THROWS_AS(dict["q"], KeyError);
  CHECK_THROWS_AS(std::as_const(dict)["q"], KeyError);
  CHECK_THROWS_AS(dict.pop("q"), KeyError);
  CHECK_THROWS_AS(dict.insert("a.b", ones({1})), KeyError);
  CHECK_THROWS_AS(dict.insert("", ones({1})), KeyError);
  CHECK(dict.keys() == Names{"a"});
}
