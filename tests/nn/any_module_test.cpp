#include "brasa/nn/any_module.hpp"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/module_list.hpp"
#include "brasa/nn/skip_init.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using Any = nn::AnyModule<float>;

namespace {

struct Sum : nn::Module<float> {
  Tensor<float> forward(const Tensor<float>& a, const Tensor<float>& b) const { return a + b; }
  BRASA_MODULE(Sum)
};

/// A linear layer under another name.
struct Layer : nn::Linear<> {
  using nn::Linear<>::Linear;
  BRASA_MODULE(Layer, weight, bias)
};

struct Holder : nn::Module<float> {
  Any inner;
  explicit Holder(Any module) : inner(std::move(module)) {}
  Tensor<float> forward(const Tensor<float>& x) const { return inner(x); }
  BRASA_MODULE(Holder, inner)
};

}  // namespace

TEST_CASE("An AnyModule calls what it was made from", "[nn][any_module]") {
  nn::Linear<> linear(2, 3);
  const Any any = linear;
  const auto x = ones({1, 2});
  CHECK(any(x).equal(linear(x)));
  CHECK(any->type_name() == "Linear");
  CHECK((*any).parameters().size() == 2);
}

TEST_CASE("Copies of an AnyModule are independent, moves keep the tensors", "[nn][any_module]") {
  Any any = nn::Linear(2, 3);
  const Tensor<float> handle = any.as<nn::Linear<>>().weight;
  const Any copy = any;
  CHECK(copy.as<nn::Linear<>>().weight.equal(handle));
  CHECK_FALSE(copy.as<nn::Linear<>>().weight.shares_storage(handle));
  Any moved = std::move(any);
  CHECK(moved.as<nn::Linear<>>().weight.is(handle));
  moved = copy;
  CHECK_FALSE(moved.as<nn::Linear<>>().weight.is(handle));
  moved = nn::Tanh();
  CHECK(moved->type_name() == "Tanh");

  nn::Linear<> layer(2, 3);
  const Tensor<float> weight = layer.weight;
  CHECK(Any(std::move(layer)).as<nn::Linear<>>().weight.is(weight));
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Any>);
}

TEST_CASE("An AnyModule knows its type, and only that", "[nn][any_module]") {
  Any any = Layer(2, 3);
  CHECK(any.is<Layer>());
  CHECK_FALSE(any.is<nn::Linear<>>());
  CHECK(any.as<Layer>().in_features == 2);
  CHECK(error_of<ValueError>([&] { any.as<nn::ReLU<>>(); }) ==
        "as: this Layer is not of the type that it was asked for as");
  // Behind the base class it is still reached.
  CHECK(any->get_parameter("weight").is(any.as<Layer>().weight));
}

TEST_CASE("Only a module of one tensor can be called as an AnyModule", "[nn][any_module]") {
  const Any sum = Sum();
  CHECK(error_of<ValueError>([&] { sum(ones({1})); }) ==
        "Sum does not take and return one tensor: call it as .as<TheModule>()(…)");
  CHECK(sum.as<Sum>()(ones({1}), ones({1})).item() == 2.0f);
  CHECK_THROWS_AS(Any(nn::ModuleList())(ones({1})), ValueError);
}

TEST_CASE("An AnyModule can be a member", "[nn][any_module]") {
  Holder holder{nn::Linear(2, 3)};
  CHECK(holder.repr() == "Holder(\n  (inner): Linear(in_features=2, out_features=3, bias=True)\n)");
  CHECK(holder.named_parameters()[0].first == "inner.weight");
  CHECK_THROWS_AS(holder(ones({1, 3})), ShapeError);
  const Holder copy = holder;
  CHECK_FALSE(copy.parameters()[0].shares_storage(holder.parameters()[0]));
  holder.eval();
  CHECK_FALSE(holder.inner->training);
}

// torch.nn.utils.skip_init(nn.Linear, 3, 4)
TEST_CASE("SkipInitGuard leaves parameters alone and draws nothing", "[nn][skip_init]") {
  manual_seed(0);
  const auto expected = rand({4});
  manual_seed(0);
  {
    const nn::SkipInitGuard guard;
    {
      const nn::SkipInitGuard inner;
      const nn::Linear linear(3, 4);
      CHECK(linear.weight.shape() == Shape{4, 3});
      CHECK(linear.weight.requires_grad());
    }
    const Layer still_skipped(3, 4);
    CHECK(still_skipped.bias.shape() == Shape{4});
  }
  CHECK(rand({4}).equal(expected));
  manual_seed(0);
  const nn::Linear drawn(3, 4);
  CHECK_FALSE(rand({4}).equal(expected));
}
