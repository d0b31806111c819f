#include "brasa/nn/modules/linear.hpp"

#include <string_view>

#include "brasa/core/warning.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/leaves.hpp"

using namespace brasa;

TEST_CASE("Linear has its sizes, and a bias unless told otherwise", "[nn][linear]") {
  const nn::Linear<> linear(3, 2);
  CHECK(linear.in_features == 3);
  CHECK(linear.out_features == 2);
  CHECK(linear.weight.shape() == Shape{2, 3});
  CHECK(linear.bias.shape() == Shape{2});
  const nn::Linear<double> without(3, 2, {.bias = false});
  CHECK_FALSE(without.bias.defined());
  CHECK(without.state_dict().keys() == std::vector<std::string>{"weight"});
}

TEST_CASE("Linear's parameters are all that its forward uses", "[nn][linear]") {
  const nn::Linear<> linear(3, 2);
  const auto y = linear(ones({4, 3}));
  CHECK(leaves::unlisted(linear, y).empty());
  CHECK(leaves::unused(linear, y).empty());
}

// m.reset_parameters() under the same seed draws the same
TEST_CASE("reset_parameters draws what the constructor drew", "[nn][linear]") {
  manual_seed(3);
  nn::Linear<> linear(3, 2);
  const auto weight = linear.weight.clone();
  const auto bias = linear.bias.clone();
  const Tensor<float> handle = linear.weight;
  linear.reset_parameters();
  CHECK_FALSE(linear.weight.equal(weight));
  manual_seed(3);
  linear.reset_parameters();
  CHECK(linear.weight.equal(weight));
  CHECK(linear.bias.equal(bias));
  CHECK(linear.weight.is(handle));
  CHECK(linear.weight.is_leaf());
}

// nn.Linear(0, 2): UserWarning: Initializing zero-element tensors is a no-op
// nn.Linear(0, 3)(torch.zeros(2, 0)) is its bias, which is 0; nn.Linear(3, 0)(…).shape is (2, 0)
TEST_CASE("Linear works without inputs and without outputs", "[nn][linear]") {
  const auto previous = set_warning_handler([](std::string_view) {});
  const nn::Linear<> no_inputs(0, 3);
  const nn::Linear<> no_outputs(3, 0);
  set_warning_handler(previous);
  CHECK(no_inputs(zeros({2, 0})).equal(zeros({2, 3})));
  CHECK(no_outputs(zeros({2, 3})).shape() == Shape{2, 0});
}

// Each is a RuntimeError in PyTorch.
TEST_CASE("Linear tells wrong shapes and sizes", "[nn][linear][error]") {
  const nn::Linear<> linear(3, 2);
  CHECK(error_of<ShapeError>([&] {
          linear(ones({4, 5}));
        }) ==
        "Linear(in_features=3, out_features=2, bias=True): expected input of shape (*, 3), got "
        "(4, 5)");
  CHECK_THROWS_AS(linear(ones({5})), ShapeError);
  CHECK_THROWS_AS(linear(ones({})), ShapeError);
  CHECK_THROWS_AS(linear(ones({3, 0})), ShapeError);
  CHECK_THROWS_AS(nn::Linear(3, -2), ValueError);
  CHECK_THROWS_AS(nn::Linear(-3, 2), ValueError);
  CHECK_THROWS_AS(nn::Linear(std::int64_t{1} << 40, std::int64_t{1} << 40), Error);
}
