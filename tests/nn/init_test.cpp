#include "brasa/nn/init.hpp"

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using golden::Json;
namespace init = nn::init;

namespace {

double number(const Json& kwargs, const char* key, double otherwise) {
  return kwargs.contains(key) && !kwargs.at(key).is_null() ? golden::number(kwargs.at(key))
                                                           : otherwise;
}
std::string text(const Json& kwargs, const char* key, const char* otherwise) {
  return kwargs.value(key, std::string(otherwise));
}

/// torch.nn.init.<op>(empty(shape), **kwargs); false for an op that is not known.
template <class S>
bool run(const std::string& op, const Json& k, Tensor<S>& x) {
  const double gain = number(k, "gain", 1);
  const double a = number(k, "a", 0);
  const std::string mode = text(k, "mode", "fan_in");
  const std::string nonlinearity = text(k, "nonlinearity", "leaky_relu");
  if (op == "uniform_") {
    init::uniform_(x, a, number(k, "b", 1));
  } else if (op == "normal_") {
    init::normal_(x, number(k, "mean", 0), number(k, "std", 1));
  } else if (op == "constant_") {
    init::constant_(x, golden::number(k.at("val")));
  } else if (op == "ones_") {
    init::ones_(x);
  } else if (op == "zeros_") {
    init::zeros_(x);
  } else if (op == "eye_") {
    init::eye_(x);
  } else if (op == "dirac_") {
    init::dirac_(x, k.value("groups", std::int64_t{1}));
  } else if (op == "xavier_uniform_") {
    init::xavier_uniform_(x, gain);
  } else if (op == "xavier_normal_") {
    init::xavier_normal_(x, gain);
  } else if (op == "kaiming_uniform_") {
    init::kaiming_uniform_(x, a, mode, nonlinearity);
  } else if (op == "kaiming_normal_") {
    init::kaiming_normal_(x, a, mode, nonlinearity);
  } else if (op == "trunc_normal_") {
    init::trunc_normal_(x, number(k, "mean", 0), number(k, "std", 1), number(k, "a", -2),
                        number(k, "b", 2));
  } else if (op == "orthogonal_") {
    init::orthogonal_(x, gain);
  } else if (op == "sparse_") {
    init::sparse_(x, golden::number(k.at("sparsity")), number(k, "std", 0.01));
  } else {
    return false;
  }
  return true;
}

template <class S>
void check_function(const golden::File& file, const Json& c) {
  auto x = full<S>(golden::sizes(c.at("shape")), S(9));
  REQUIRE(run(c.at("op").get<std::string>(), c.at("kwargs"), x));
  const auto expected = file.tensor<S>(c, "output/0");
  if (c.at("exact").get<bool>()) {
    CHECK(golden::equal_bits(x, expected));
  } else {
    CHECK(golden::close(x, expected));
  }
}

template <class S>
void check_linear(const golden::File& file, const Json& c) {
  REQUIRE(c.at("module") == "nn.Linear");
  const auto& args = c.at("ctor_args");
  const bool bias = c.at("ctor_kwargs").value("bias", true);
  const nn::Linear<S> linear(args[0].get<std::int64_t>(), args[1].get<std::int64_t>(),
                             {.bias = bias});
  CHECK(golden::equal_bits(linear.weight, file.tensor<S>(c, "param/weight")));
  CHECK(linear.bias.defined() == file.has(c, "param/bias"));
  if (linear.bias.defined()) {
    CHECK(golden::equal_bits(linear.bias, file.tensor<S>(c, "param/bias")));
  }
}

}  // namespace

TEST_CASE("Initial values are PyTorch's to the bit", "[nn][init][golden]") {
  set_warning_handler([](std::string_view) {});
  const golden::File file("init.safetensors");
  int functions = 0;
  int modules = 0;
  int gains = 0;
  for (const Json& c : file.cases()) {
    INFO(c.dump());
    if (c.value("op", "") == "calculate_gain") {
      ++gains;
      const Json& k = c.at("kwargs");
      const bool has_param = k.contains("param") && !k.at("param").is_null();
      const auto param =
          has_param ? std::optional<double>(golden::number(k.at("param"))) : std::nullopt;
      CHECK(init::calculate_gain(k.at("nonlinearity").get<std::string>(), param) ==
            golden::number(c.at("value")));
      continue;
    }
    manual_seed(c.at("seed").get<std::int64_t>());
    const bool is_float = c.at("dtype") == "float32";
    if (c.contains("module")) {
      ++modules;
      is_float ? check_linear<float>(file, c) : check_linear<double>(file, c);
    } else {
      ++functions;
      is_float ? check_function<float>(file, c) : check_function<double>(file, c);
    }
    auto next = empty<std::int64_t>({});
    next.random_();
    CHECK(next.item() == c.at("next").get<std::int64_t>());
  }
  set_warning_handler(nullptr);
  CHECK(functions + modules + gains == 966);
  CHECK(modules > 0);
  CHECK(gains > 0);
}

TEST_CASE("nn.init takes a generator and leaves the default one alone", "[nn][init]") {
  // g=torch.Generator().manual_seed(0); torch.nn.init.uniform_(torch.empty(1), generator=g)
  //   tensor([0.4963])
  manual_seed(1);
  const auto expected_next = rand({1});
  manual_seed(1);
  Generator generator(0);
  auto x = empty({1});
  init::uniform_(x, 0, 1, &generator);
  CHECK(x.item() == Approx(0.4963).margin(5e-5));
  CHECK(rand({1}).equal(expected_next));
}

TEST_CASE("nn.init records nothing and may fill parameters", "[nn][init]") {
  nn::Linear linear(2, 3);
  init::ones_(linear.weight);
  CHECK(linear.weight.equal(ones({3, 2})));
  init::normal_(linear.weight);
  CHECK(linear.weight.is_leaf());
}

// The conditions are those of PyTorch 2.13.0.
TEST_CASE("nn.init refuses what it cannot fill", "[nn][init][error]") {
  auto vector = empty({3});
  auto matrix = empty({3, 3});
  CHECK_THROWS_AS(init::kaiming_uniform_(vector), ShapeError);
  CHECK_THROWS_AS(init::xavier_uniform_(vector), ShapeError);
  CHECK_THROWS_AS(init::kaiming_uniform_(matrix, 0, "x"), ValueError);
  CHECK_THROWS_AS(init::kaiming_uniform_(matrix, 0, "fan_in", "x"), ValueError);
  CHECK_THROWS_AS(init::calculate_gain("gelu"), ValueError);
  CHECK_THROWS_AS(init::eye_(vector), ShapeError);
  CHECK_THROWS_AS(init::sparse_(vector, 0.5), ShapeError);
  CHECK_THROWS_AS(init::sparse_(matrix, 1.5), ValueError);
  CHECK_THROWS_AS(init::orthogonal_(vector), ShapeError);
  CHECK_THROWS_AS(init::dirac_(matrix), ShapeError);
  auto cube = empty({3, 3, 3});
  CHECK_THROWS_AS(init::dirac_(cube, 2), ShapeError);
  CHECK_THROWS_AS(init::dirac_(cube, 0), ShapeError);
  CHECK_THROWS_AS(init::uniform_(vector, 1, 0), ValueError);
  CHECK_THROWS_AS(init::normal_(vector, 0, -1), ValueError);
  CHECK_THROWS_AS(init::trunc_normal_(vector, 0, 0), ValueError);
}
