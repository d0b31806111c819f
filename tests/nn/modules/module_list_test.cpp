#include "brasa/nn/modules/module_list.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/module_dict.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/leaves.hpp"

using namespace brasa;
using Names = std::vector<std::string>;

namespace {

/// Calls some of the layers of a list, and one branch of a dict.
struct Listed : nn::Module<float> {
  nn::ModuleList<> layers;
  nn::ModuleDict<> branches{{"small", nn::Linear(2, 2)}, {"act", nn::Tanh()}};

  Listed() {
    for (int i = 0; i < 3; ++i) layers.append(nn::Linear(2, 2));
  }
  Tensor<float> forward(const Tensor<float>& input, const std::string& branch) const {
    Tensor<float> x = input;
    for (const auto& [name, layer] : layers) x = layer(x);
    return branches[branch](x);
  }
  BRASA_MODULE(Listed, layers, branches)
};

template <class Container>
Names types_of(const Container& container) {
  Names types;
  for (const auto& [name, module] : container) types.emplace_back(module->type_name());
  return types;
}

}  // namespace

TEST_CASE("Modules in lists and dicts are part of their model", "[nn][container]") {
  const Listed net;
  CHECK(net.state_dict().keys() == Names{"layers.0.weight", "layers.0.bias", "layers.1.weight",
                                         "layers.1.bias", "layers.2.weight", "layers.2.bias",
                                         "branches.small.weight", "branches.small.bias"});
  const auto y = net(ones({1, 2}), "small");
  CHECK(leaves::unlisted(net, y).empty());
  CHECK(leaves::unused(net, y).empty());
  CHECK(leaves::unused(net, net(ones({1, 2}), "act")) ==
        Names{"branches.small.weight", "branches.small.bias"});
  Listed copy = net;
  copy.eval();
  CHECK_FALSE(copy.layers[2]->training);
  CHECK(net.layers[2]->training);
  CHECK_FALSE(copy.parameters()[0].shares_storage(net.parameters()[0]));
}

// ml.insert(0, nn.Sigmoid()); ml.insert(9, …) and ml.pop(7) are IndexErrors. ml.insert(-1, …), a
// KeyError in PyTorch, puts the module before the last one.
TEST_CASE("ModuleList is a Python list of modules", "[nn][container]") {
  nn::ModuleList list{nn::ReLU(), nn::Tanh()};
  list.insert(0, nn::Sigmoid()).insert(-1, nn::Linear(1, 1));
  CHECK(types_of(list) == Names{"Sigmoid", "ReLU", "Linear", "Tanh"});
  CHECK(list.state_dict().keys() == Names{"2.weight", "2.bias"});
  CHECK_THROWS_AS(list.insert(9, nn::ReLU()), IndexError);
  CHECK_THROWS_AS(list.pop(7), IndexError);
  CHECK(list.pop(0)->type_name() == "Sigmoid");
  CHECK(list.pop()->type_name() == "Tanh");
  CHECK(list.state_dict().keys() == Names{"1.weight", "1.bias"});
  CHECK(list[-1].as<nn::Linear<>>().in_features == 1);
  CHECK_THROWS_AS(list[2], IndexError);
  CHECK_THROWS_AS(std::as_const(list)[-3], IndexError);
  list.extend(list);
  CHECK(types_of(list) == Names{"ReLU", "Linear", "ReLU", "Linear"});
  CHECK(list.size() == 4);
  CHECK_THROWS_AS(nn::ModuleList<>().pop(), IndexError);
}

// nn.ModuleList([nn.ReLU()])(1)    NotImplementedError
TEST_CASE("Lists and dicts of modules have no forward", "[nn][container]") {
  STATIC_REQUIRE_FALSE(nn::unary_module<nn::ModuleList<float>, float>);
  STATIC_REQUIRE_FALSE(nn::unary_module<nn::ModuleDict<float>, float>);
  CHECK_THROWS_AS(nn::AnyModule<float>(nn::ModuleList{nn::ReLU()})(ones({1})), ValueError);
}

TEST_CASE("A list of lists nests, a list of one list is a copy", "[nn][container]") {
  const nn::ModuleList inner{nn::Linear(1, 1)};
  CHECK(nn::ModuleList{inner, inner}.state_dict().keys() ==
        Names{"0.0.weight", "0.0.bias", "1.0.weight", "1.0.bias"});
  CHECK(nn::ModuleList{inner}.state_dict().keys() == Names{"0.weight", "0.bias"});
}
