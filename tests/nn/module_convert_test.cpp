#include "brasa/nn/module_convert.hpp"

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/flatten.hpp"
#include "brasa/nn/modules/identity.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/parameter_containers.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;

namespace {

/// All that a module may hold, and a container that its constructor fills.
template <FloatScalar S>
struct Convertible : nn::Module<S> {
  nn::Linear<S> fc{3, 4};
  nn::Sequential<S> body{nn::ReLU<S>(), nn::Linear<S>(4, 2)};
  nn::Parameter<S> scale{ones<S>({2})};
  nn::Buffer<S> mean{zeros<S>({2})};
  nn::Buffer<S> scratch{zeros<S>({2}), false};
  nn::Buffer<std::int64_t> count{zeros<std::int64_t>({})};

  Tensor<S> forward(const Tensor<S>& x) const { return (body(fc(x)) - mean) * scale; }
  BRASA_MODULE(Convertible, fc, body, scale, mean, scratch, count)
};

/// Its width is lost in conversion: there is only the default constructor.
template <FloatScalar S>
struct Forgetful : nn::Module<S> {
  nn::Linear<S> fc;

  explicit Forgetful(std::int64_t width = 2) : fc(width, width) {}
  BRASA_MODULE(Forgetful, fc)
};

/// Its number is lost in conversion, and shows in what it prints.
template <FloatScalar S>
struct Power : nn::Module<S> {
  int exponent = 2;
  std::string extra_repr() const override { return "exponent=" + std::to_string(exponent); }
  BRASA_MODULE(Power)
};

/// It keeps its width, by a constructor from the other type.
template <FloatScalar S>
struct Mindful : nn::Module<S> {
  nn::Linear<S> fc;

  explicit Mindful(std::int64_t width) : fc(width, width) {}
  template <FloatScalar From>
  explicit Mindful(const Mindful<From>& other) : fc(other.fc) {}
  BRASA_MODULE(Mindful, fc)
};

/// Tied by its constructor; a copy is not tied.
template <FloatScalar S>
struct Tied : nn::Module<S> {
  nn::Linear<S> a{2, 2};
  nn::Linear<S> b{2, 2};

  Tied() { b.weight.tie(a.weight); }
  BRASA_MODULE(Tied, a, b)
};

struct NoTemplate : nn::Module<float> {
  nn::Linear<> fc{2, 2};
  BRASA_MODULE(NoTemplate, fc)
};

}  // namespace

// net.double() in Python: floating point tensors change, integers stay.
TEST_CASE("A model of another Scalar has the same values", "[nn][convert]") {
  Convertible<float> net;
  net.mean.copy_(tensor({1.0f, 2.0f}));
  net.scratch.fill_(3);
  net.count.fill_(5);
  const auto wide = net.to<double>();
  STATIC_REQUIRE(std::is_same_v<decltype(wide), const Convertible<double>>);
  CHECK(wide.repr() == net.repr());
  CHECK(wide.fc.weight.equal(net.fc.weight.to<double>()));
  CHECK(wide.get_parameter("body.1.bias").equal(net.get_parameter("body.1.bias").to<double>()));
  CHECK(wide.mean.equal(tensor<double>({1, 2})));
  CHECK(wide.scratch.equal(full<double>({2}, 3)));
  CHECK(wide.count.dtype() == Dtype::int64);
  CHECK(wide.count.item() == 5);
  CHECK(wide.fc.weight.is_parameter());

  const auto x = randn({5, 3});
  CHECK(wide(x.to<double>()).to<float>().allclose(net(x)));
}

TEST_CASE("Modes and frozen parameters are kept in conversion", "[nn][convert]") {
  Convertible<double> net;
  net.eval();
  net.fc.train();
  net.fc.bias.requires_grad_(false);
  const auto narrow = net.to<float>();
  CHECK_FALSE(narrow.training);
  CHECK(narrow.fc.training);
  CHECK_FALSE(narrow.body[1]->training);
  CHECK_FALSE(narrow.fc.bias.requires_grad());
  CHECK(narrow.fc.weight.requires_grad());
}

TEST_CASE("Going back from double to float gives the same model", "[nn][convert]") {
  const Convertible<float> net;
  const auto back = net.to<double>().to<float>();
  CHECK(back.fc.weight.equal(net.fc.weight));
  // 0.1 is not a float: it is rounded, as in PyTorch
  nn::Linear<double> linear(1, 1);
  {
    const NoGradGuard no_grad;
    linear.weight.fill_(0.1);
  }
  CHECK(linear.to<float>().weight.item() == 0.1f);
}

TEST_CASE("The same Scalar again gives a copy, of any module", "[nn][convert]") {
  const NoTemplate module;
  const auto copy = module.to<float>();
  CHECK(copy.fc.weight.equal(module.fc.weight));
  CHECK_FALSE(copy.fc.weight.shares_storage(module.fc.weight));
  const nn::Sequential model{nn::Linear(1, 1)};
  CHECK(model.to<float>().repr() == model.repr());
}

TEST_CASE("Every layer converts, with its hyperparameters", "[nn][convert]") {
  const auto same = [](const auto& module) {
    const auto converted = module.template to<double>();
    CHECK(converted.repr() == module.repr());
    CHECK(converted.template to<float>().repr() == module.repr());
  };
  same(nn::Linear(3, 2));
  same(nn::Linear(3, 2, {.bias = false}));
  same(nn::Identity());
  same(nn::ReLU());
  same(nn::ReLU({.inplace = true}));
  same(nn::Sigmoid());
  same(nn::Tanh());
  same(nn::Softmax());
  same(nn::Softmax(-2));
  same(nn::LogSoftmax(1));
  same(nn::Flatten(0, -2));
  same(nn::Unflatten(1, {2, -1}));
}

TEST_CASE("Parameter lists and dicts convert", "[nn][convert]") {
  const nn::ParameterList<> list{ones({2}), zeros({1, 3})};
  const auto wide = list.to<double>();
  CHECK(wide[0].equal(ones<double>({2})));
  CHECK(wide[1].shape() == Shape{1, 3});
  const nn::ParameterDict<> dict{{"b", ones({2})}, {"a", full({1}, 4.0f)}};
  CHECK(dict.to<double>().keys() == std::vector<std::string>{"a", "b"});
  CHECK(dict.to<double>()["a"].item() == 4.0);
}

TEST_CASE("Conversion draws no random numbers", "[nn][convert]") {
  const nn::Linear linear(3, 2);
  manual_seed(0);
  const auto expected = rand({2});
  manual_seed(0);
  linear.to<double>();
  CHECK(rand({2}).equal(expected));
}

TEST_CASE("A hyperparameter that conversion would lose is an error", "[nn][convert]") {
  CHECK(Forgetful<float>().to<double>().fc.in_features == 2);
  CHECK(error_of<ValueError>([] { Forgetful<float>(3).to<double>(); }) ==
        "to: expected Forgetful.fc: Linear(in_features=3, out_features=3, bias=True), but "
        "Forgetful's constructor made Forgetful.fc: Linear(in_features=2, out_features=2, "
        "bias=True): give Forgetful a constructor from the same module with another Scalar");
  Power<float> power;
  power.exponent = 3;
  CHECK_THROWS_AS(power.to<double>(), ValueError);
  power.exponent = 2;
  CHECK(power.to<double>().exponent == 2);
  Convertible<float> grown;
  grown.body.append(nn::Tanh());
  CHECK_THROWS_AS(grown.to<double>(), ValueError);
}

TEST_CASE("A constructor from the other Scalar keeps hyperparameters", "[nn][convert]") {
  const Mindful<float> module(5);
  const auto wide = module.to<double>();
  CHECK(wide.fc.in_features == 5);
  CHECK(wide.fc.weight.equal(module.fc.weight.to<double>()));
}

TEST_CASE("Tied parameters convert, whether the constructor ties them or not", "[nn][convert]") {
  Tied<float> tied;
  CHECK(tied.to<double>().parameters().size() == 3);
  const Tied<float> untied = tied;
  REQUIRE(untied.parameters().size() == 4);
  CHECK(untied.to<double>().parameters().size() == 3);
  CHECK(untied.to<double>().b.bias.equal(untied.b.bias.to<double>()));
  Convertible<float> net;
  nn::Linear<float> other(3, 4);
  net.fc.weight.tie(other.weight);
  net.fc.weight.requires_grad_(false);
  const auto wide = net.to<double>();
  CHECK(wide.fc.weight.equal(other.weight.to<double>()));
  CHECK_FALSE(wide.fc.weight.requires_grad());
  CHECK(wide.fc.bias.requires_grad());
}
