#include "brasa/nn/init.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/parameter.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"
#include "support/warnings.hpp"

using namespace brasa;
using golden::Json;
namespace init = brasa::nn::init;

namespace {

/// `count` numbers 1, 2, 3, …
template <class S>
Tensor<S> counting(const Shape& shape) {
  auto result = Tensor<S>::empty(shape);
  S next = 0;
  for (S& value : result.span()) value = ++next;
  return result;
}

/// init.<op>(tensor, **kwargs)
template <FloatScalar S>
Tensor<S> run(const std::string& op, const Tensor<S>& x, const Json& kwargs) {
  const auto arg = [&](const char* name, double otherwise) {
    return kwargs.value(name, otherwise);
  };
  const auto text = [&](const char* name, const char* otherwise) {
    return kwargs.value(name, std::string(otherwise));
  };
  if (op == "uniform_") return init::uniform_(x, arg("a", 0), arg("b", 1));
  if (op == "normal_") return init::normal_(x, arg("mean", 0), arg("std", 1));
  if (op == "constant_") return init::constant_(x, arg("val", kNan));
  if (op == "ones_") return init::ones_(x);
  if (op == "zeros_") return init::zeros_(x);
  if (op == "eye_") return init::eye_(x);
  if (op == "dirac_") return init::dirac_(x, kwargs.value("groups", std::int64_t{1}));
  if (op == "xavier_uniform_") return init::xavier_uniform_(x, arg("gain", 1));
  if (op == "xavier_normal_") return init::xavier_normal_(x, arg("gain", 1));
  if (op == "kaiming_uniform_") {
    return init::kaiming_uniform_(x, arg("a", 0), text("mode", "fan_in"),
                                  text("nonlinearity", "leaky_relu"));
  }
  if (op == "kaiming_normal_") {
    return init::kaiming_normal_(x, arg("a", 0), text("mode", "fan_in"),
                                 text("nonlinearity", "leaky_relu"));
  }
  if (op == "trunc_normal_") {
    return init::trunc_normal_(x, arg("mean", 0), arg("std", 1), arg("a", -2), arg("b", 2));
  }
  if (op == "orthogonal_") return init::orthogonal_(x, arg("gain", 1));
  if (op == "sparse_") return init::sparse_(x, kwargs.at("sparsity"), arg("std", 0.01));
  throw std::invalid_argument("no such op: " + op);
}

/// Runs a case of type S and compares; returns the number of comparisons.
template <FloatScalar S>
int check_case(const golden::File& file, const Json& c) {
  manual_seed(c.at("seed").get<std::int64_t>());
  int checks = 1;
  if (c.contains("module")) {
    REQUIRE(c.at("module") == "nn.Linear");
    const bool bias = c.at("ctor_kwargs").value("bias", true);
    const nn::Linear<S> linear(c.at("ctor_args").at(0), c.at("ctor_args").at(1), {.bias = bias});
    CHECK(golden::equal_bits(linear.weight, file.tensor(c, "param/weight")));
    CHECK(linear.bias.defined() == file.has(c, "param/bias"));
    if (linear.bias.defined()) {
      CHECK(golden::equal_bits(linear.bias, file.tensor(c, "param/bias")));
      ++checks;
    }
  } else {
    const auto x = Tensor<S>::empty(golden::sizes(c.at("shape")));
    const auto result = run<S>(c.at("op"), x, c.at("kwargs"));
    CHECK(result.is(x));
    const AnyTensor expected = file.tensor(c, "output/0");
    if (c.at("exact").get<bool>()) {
      CHECK(golden::equal_bits(result, expected));
    } else {
      CHECK(golden::close(result, expected));
    }
  }
  CHECK(Tensor<std::int64_t>::empty({}).random_().item() == c.at("next").get<std::int64_t>());
  return checks + 1;
}

}  // namespace

TEST_CASE("Initial values are those recorded from PyTorch", "[nn][init][golden]") {
  const Warnings warnings;  // about empty tensors and a mean far from the bounds: both meant
  const golden::File file("init.safetensors");
  int checks = 0;
  std::set<std::string> ops;
  for (const Json& c : file.cases()) {
    CAPTURE(c.dump());
    ops.insert(c.value("op", "Linear"));
    if (c.value("op", "") == "calculate_gain") {
      std::optional<double> param;
      if (c.at("kwargs").contains("param")) param = c.at("kwargs").at("param").get<double>();
      CHECK(init::calculate_gain(c.at("kwargs").at("nonlinearity").get<std::string>(), param) ==
            c.at("value").get<double>());
      ++checks;
    } else {
      checks +=
          c.at("dtype") == "float32" ? check_case<float>(file, c) : check_case<double>(file, c);
    }
  }
  CHECK(file.cases().size() == 966);
  CHECK(ops.size() == 16);
  CHECK(checks >= 1900);
}

// torch.manual_seed(0); nn.init.trunc_normal_(torch.empty(5)); likewise with a=.5, b=.9
TEST_CASE("trunc_normal_ draws again, or rejects uniform numbers", "[nn][init]") {
  manual_seed(0);
  const auto wide = init::trunc_normal_(Tensor<float>::empty({5}));
  const std::vector<float> redrawn = {1.5409961f, -0.2934289f, 0.83802634f, 0.56843126f,
                                      -1.0845224f};
  CHECK(std::vector<float>(wide.span().begin(), wide.span().end()) == redrawn);
  manual_seed(0);
  const auto narrow = init::trunc_normal_(Tensor<float>::empty({5}), 0, 1, .5, .9);
  const std::vector<float> rejected = {0.6985026f, 0.8072887f, 0.535391f, 0.5528122f, 0.6229691f};
  CHECK(std::vector<float>(narrow.span().begin(), narrow.span().end()) == rejected);
}

TEST_CASE("trunc_normal_ warns where its bounds are far from the mean", "[nn][init]") {
  const Warnings warnings;
  init::trunc_normal_(Tensor<float>::empty({3}), 0, 1, 1, 2);
  CHECK(warnings.texts.empty());
  const auto x = init::trunc_normal_(Tensor<float>::empty({100}), 0, 1, 2.5, 3);
  REQUIRE(warnings.texts.size() == 1);
  CHECK(warnings.texts[0] ==
        "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values "
        "may be incorrect.");
  CHECK(x.array().minCoeff() >= 2.5f);
  CHECK(x.array().maxCoeff() <= 3.f);
}

TEST_CASE("orthogonal_ makes rows or columns orthonormal, whichever are fewer", "[nn][init]") {
  manual_seed(1);
  for (const Shape& shape : {Shape{40, 3}, Shape{3, 40}, Shape{17, 17}, Shape{6, 2, 5}}) {
    const auto x = init::orthogonal_(Tensor<double>::empty(shape), 2);
    const auto rows = shape[0];
    const Eigen::Map<const Tensor<double>::RowMajorMatrix> a(x.data(), rows, x.numel() / rows);
    const Eigen::MatrixXd gram = a.rows() < a.cols() ? Eigen::MatrixXd(a * a.transpose())
                                                     : Eigen::MatrixXd(a.transpose() * a);
    const auto identity = Eigen::MatrixXd::Identity(gram.rows(), gram.cols());
    CHECK((gram - 4 * identity).cwiseAbs().maxCoeff() < 1e-13);
  }
}

TEST_CASE("With a generator the values are the same and the default one stays", "[nn][init]") {
  const auto check = [](const auto& fill) {
    manual_seed(5);
    const auto before = get_rng_state();
    Generator generator(5);
    const auto by_generator = fill(Tensor<float>::empty({6, 5}), &generator);
    CHECK(golden::equal_bits(get_rng_state(), before));
    const auto by_default = fill(Tensor<float>::empty({6, 5}), nullptr);
    CHECK(golden::equal_bits(by_generator, by_default));
    CHECK(golden::equal_bits(get_rng_state(), generator.get_state()));
  };
  check([](auto x, Generator* g) { return init::uniform_(x, 0, 1, g); });
  check([](auto x, Generator* g) { return init::normal_(x, 0, 1, g); });
  check([](auto x, Generator* g) { return init::trunc_normal_(x, 0, 1, -2, 2, g); });
  check([](auto x, Generator* g) { return init::trunc_normal_(x, 0, 1, 1, 1.5, g); });
  check([](auto x, Generator* g) { return init::xavier_uniform_(x, 1, g); });
  check([](auto x, Generator* g) { return init::xavier_normal_(x, 1, g); });
  check([](auto x, Generator* g) { return init::kaiming_uniform_(x, 0, "fan_in", "relu", g); });
  check([](auto x, Generator* g) { return init::kaiming_normal_(x, 0, "fan_in", "relu", g); });
  check([](auto x, Generator* g) { return init::orthogonal_(x, 1, g); });
}

// torch.manual_seed(5); g = torch.Generator(); g.manual_seed(7)
// nn.init.sparse_(torch.empty(4, 2), 0.5, 1, generator=g)
TEST_CASE("sparse_ permutes by the default generator even if it is given one", "[nn][init]") {
  manual_seed(5);
  Generator generator(7);
  const auto x = init::sparse_(Tensor<float>::empty({4, 2}), 0.5, 1, &generator);
  const std::vector<float> expected = {-0.1467951f, 0.7861413f,  0.0f, 0.0f,
                                       1.6907902f,  -0.8948279f, 0.0f, 0.0f};
  CHECK(std::vector<float>(x.span().begin(), x.span().end()) == expected);
}

TEST_CASE("A parameter is filled although it requires a gradient", "[nn][init]") {
  nn::Parameter<float> parameter(Tensor<float>::empty({4, 3}));
  const std::uint64_t version = parameter.impl().storage->version();
  const Tensor<float> result = init::xavier_uniform_(parameter);
  CHECK(result.is(parameter));
  CHECK(parameter.requires_grad());
  CHECK(parameter.is_leaf());
  CHECK(parameter.impl().storage->version() == version + 1);
  init::zeros_(parameter);
  CHECK((parameter.array() == 0.f).all());
}

TEST_CASE("What needs no randomness works for all types", "[nn][init]") {
  CHECK(golden::equal_bits(
      init::constant_(Tensor<std::int64_t>::empty({2}), std::numeric_limits<std::int64_t>::max()),
      init::constant_(Tensor<std::int64_t>::empty({2}), std::numeric_limits<std::int64_t>::max())));
  CHECK(init::constant_(Tensor<std::int64_t>::empty({1}), std::int64_t{9007199254740993}).item() ==
        9007199254740993);
  CHECK(init::ones_(Tensor<bool>::empty({1})).item());
  const auto eye = init::eye_(counting<std::int32_t>({2, 3}));
  const std::vector<std::int32_t> identity = {1, 0, 0, 0, 1, 0};
  CHECK(std::vector<std::int32_t>(eye.span().begin(), eye.span().end()) == identity);
}

TEST_CASE("The mode may be written in any case of letters", "[nn][init]") {
  manual_seed(1);
  const auto x = init::kaiming_normal_(Tensor<float>::empty({3, 4}), 0, "fan_out");
  manual_seed(1);
  CHECK(golden::equal_bits(init::kaiming_normal_(Tensor<float>::empty({3, 4}), 0, "Fan_OUT"), x));
}

TEST_CASE("The fans of a tensor without elements may be too large to multiply", "[nn][init]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  CHECK(init::xavier_uniform_(zeros({0, kHuge, kHuge})).numel() == 0);
  CHECK(init::xavier_uniform_(zeros({kHuge, 0, kHuge})).numel() == 0);
}

TEST_CASE("Empty tensors get a warning from kaiming_, before anything is checked", "[nn][init]") {
  const Warnings warnings;
  manual_seed(1);
  const auto before = get_rng_state();
  const auto empty = Tensor<float>::empty({0});
  CHECK(init::kaiming_uniform_(empty, 0, "nonsense").is(empty));
  CHECK(init::kaiming_normal_(empty, 0, "fan_in", "nonsense").is(empty));
  CHECK(warnings.texts ==
        std::vector<std::string>(2, "Initializing zero-element tensors is a no-op"));
  CHECK(golden::equal_bits(get_rng_state(), before));
}

TEST_CASE("Shapes that an initialisation cannot take raise ShapeError", "[nn][init]") {
  const auto vector = Tensor<float>::empty({3});
  const auto cube = Tensor<float>::empty({2, 2, 2});
  CHECK_THROWS_AS(init::xavier_uniform_(vector), ShapeError);
  CHECK_THROWS_AS(init::xavier_normal_(vector), ShapeError);
  CHECK_THROWS_AS(init::kaiming_uniform_(vector), ShapeError);
  CHECK_THROWS_AS(init::kaiming_normal_(vector), ShapeError);
  CHECK_THROWS_AS(init::eye_(vector), ShapeError);
  CHECK_THROWS_AS(init::eye_(cube), ShapeError);
  CHECK_THROWS_AS(init::dirac_(Tensor<float>::empty({2, 2})), ShapeError);
  CHECK_THROWS_AS(init::dirac_(Tensor<float>::empty({1, 1, 1, 1, 1, 1})), ShapeError);
  CHECK_THROWS_AS(init::dirac_(Tensor<float>::empty({3, 1, 1}), 2), ShapeError);
  CHECK_THROWS_AS(init::dirac_(Tensor<float>::empty({3, 1, 1}), 0), ShapeError);
  CHECK_THROWS_AS(init::orthogonal_(vector), ShapeError);
  CHECK_THROWS_AS(init::sparse_(vector, 0.5), ShapeError);
  CHECK_THROWS_AS(init::sparse_(cube, 0.5), ShapeError);
}

TEST_CASE("Arguments that make no sense raise ValueError and change nothing", "[nn][init]") {
  manual_seed(1);
  const auto before = get_rng_state();
  const auto x = counting<float>({2, 3});
  CHECK_THROWS_AS(init::calculate_gain("gelu"), ValueError);
  CHECK_THROWS_AS(init::kaiming_uniform_(x, 0, "fan"), ValueError);
  CHECK_THROWS_AS(init::kaiming_normal_(x, 0, "fan_in", "gelu"), ValueError);
  CHECK_THROWS_AS(init::uniform_(x, 2, 1), ValueError);
  CHECK_THROWS_AS(init::normal_(x, 0, -1), ValueError);
  CHECK_THROWS_AS(init::xavier_uniform_(Tensor<float>::empty({0, 0})), ValueError);
  CHECK_THROWS_AS(init::xavier_normal_(Tensor<float>::empty({0, 0})), ValueError);
  CHECK_THROWS_AS(init::trunc_normal_(x, 0, 0), ValueError);
  CHECK_THROWS_AS(init::trunc_normal_(x, 0, kNan), ValueError);
  CHECK_THROWS_AS(init::trunc_normal_(x, 0, 1, 1, -1), ValueError);
  CHECK_THROWS_AS(init::sparse_(x, -0.1), ValueError);
  CHECK_THROWS_AS(init::sparse_(x, 1.1), ValueError);
  CHECK_THROWS_AS(init::sparse_(x, kNan), ValueError);
  CHECK_THROWS_AS(init::sparse_(x, 0.5, -1), ValueError);
  CHECK_THROWS_AS(init::zeros_(Tensor<float>()), ValueError);
  CHECK(golden::equal_bits(x, counting<float>({2, 3})));
  CHECK(golden::equal_bits(get_rng_state(), before));
}

TEST_CASE("A convolution without kernel positions has nothing to hand through", "[nn][init]") {
  CHECK(init::dirac_(Tensor<float>::empty({2, 2, 0})).numel() == 0);
}
