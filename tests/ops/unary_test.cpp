// Edges of the functions of one element, and their derivatives; elementwise_test.cpp holds the
// recorded cases. T = torch.tensor.

#include "brasa/ops/unary.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "brasa/autograd/grad.hpp"
#include "brasa/autograd/gradcheck.hpp"
#include "brasa/core/print.hpp"
#include "brasa/ops/atan2.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
using golden::equal_bits;

namespace {

using Doubles = Tensor<double>;
using Function = std::function<Doubles(const Doubles&)>;

/// Smooth on (0.1, 0.9).
const std::vector<std::pair<std::string, Function>> kSmooth{
    {"abs", [](const Doubles& x) { return abs(x); }},
    {"acos", [](const Doubles& x) { return acos(x); }},
    {"asin", [](const Doubles& x) { return asin(x); }},
    {"atan", [](const Doubles& x) { return atan(x); }},
    {"atan2", [](const Doubles& x) { return atan2(x, x * x + 1); }},
    {"clamp", [](const Doubles& x) { return clamp(x, 0.25, 0.75) * x; }},
    {"cos", [](const Doubles& x) { return cos(x); }},
    {"cosh", [](const Doubles& x) { return cosh(x); }},
    {"div", [](const Doubles& x) { return (x + 1) / (x * x + 2); }},
    {"erf", [](const Doubles& x) { return erf(x); }},
    {"exp", [](const Doubles& x) { return exp(x); }},
    {"expm1", [](const Doubles& x) { return expm1(x); }},
    {"fmod", [](const Doubles& x) { return fmod(3 * x, x * x + 0.7); }},
    {"log", [](const Doubles& x) { return log(x); }},
    {"log10", [](const Doubles& x) { return log10(x); }},
    {"log1p", [](const Doubles& x) { return log1p(x); }},
    {"log2", [](const Doubles& x) { return log2(x); }},
    {"maximum", [](const Doubles& x) { return maximum(x * x, 0.7 - x); }},
    {"mul", [](const Doubles& x) { return x * x * 3; }},
    {"neg", [](const Doubles& x) { return -x * x; }},
    {"pow by number", [](const Doubles& x) { return pow(x, 2.5); }},
    {"pow of number", [](const Doubles& x) { return pow(3, x); }},
    {"pow", [](const Doubles& x) { return pow(x, 1 + x); }},
    {"reciprocal", [](const Doubles& x) { return reciprocal(x); }},
    {"relu", [](const Doubles& x) { return relu(x - 0.4) * x; }},
    {"rsqrt", [](const Doubles& x) { return rsqrt(x); }},
    {"sigmoid", [](const Doubles& x) { return sigmoid(x); }},
    {"sin", [](const Doubles& x) { return sin(x); }},
    {"sinh", [](const Doubles& x) { return sinh(x); }},
    {"sqrt", [](const Doubles& x) { return sqrt(x); }},
    {"square", [](const Doubles& x) { return square(x); }},
    {"tan", [](const Doubles& x) { return tan(x); }},
    {"tanh", [](const Doubles& x) { return tanh(x); }},
    {"where", [](const Doubles& x) { return where(x > 0.5, x * x, sin(x)); }},
};

}  // namespace

TEST_CASE("First and second derivatives of smooth functions are the numerical ones",
          "[ops][unary][autograd]") {
  for (const auto& [name, function] : kSmooth) {
    INFO(name);
    const auto call = [&f = function](const autograd::DoubleTensors& x) { return f(x[0]); };
    auto x = tensor<double>({{0.11, 0.23, 0.37}, {0.52, 0.68, 0.89}}).requires_grad_();
    CHECK(autograd::gradcheck(call, {x}));
    if (name == "abs") continue;  // straight: its gradient does not depend on x
    CHECK(autograd::gradgradcheck(call, {x}));
  }
}

TEST_CASE("Gradients at corners are PyTorch's", "[ops][unary][autograd]") {
  const auto gradient = [](auto f, Tensor<float> x) {
    x.requires_grad_();
    f(x).sum().backward();
    return x.grad();
  };
  CHECK(equal_bits(gradient([](auto x) { return relu(x); }, tensor({-1, 0, 1, kNan})),
                   tensor({0, 0, 1, 1})));
  CHECK(
      equal_bits(gradient([](auto x) { return abs(x); }, tensor({-1, 0, 1})), tensor({-1, 0, 1})));
  CHECK(equal_bits(gradient([](auto x) { return sign(x); }, tensor({0, 2})), tensor({0, 0})));
  CHECK(equal_bits(gradient([](auto x) { return sqrt(x); }, tensor({0})), tensor({kInf})));
  CHECK(equal_bits(gradient([](auto x) { return sqrt(relu(x)); }, tensor({0})), tensor({0})));
  CHECK(equal_bits(gradient([](auto x) { return rsqrt(x); }, tensor({0})), tensor({-kInf})));
  CHECK(equal_bits(gradient([](auto x) { return log(x); }, tensor({0})), tensor({kInf})));
  CHECK(equal_bits(gradient([](auto x) { return round(x); }, tensor({1.5})), tensor({0})));
  CHECK(equal_bits(gradient([](auto x) { return floor(x); }, tensor({1})), tensor({0})));
}

// g, = torch.autograd.grad(torch.relu(x), x, s, create_graph=True); print(g)
// print(torch.autograd.grad(g, s, T([10., 100.]))) of PyTorch 2.13.0
TEST_CASE("The gradient of relu can be differentiated", "[ops][unary][autograd]") {
  const auto x = tensor({1, -2}).requires_grad_();
  const auto scale = tensor({3, 4}).requires_grad_();
  const auto g = autograd::grad(relu(x), x, scale, {.create_graph = true});
  CHECK(repr(g) == "tensor([3., 0.], grad_fn=<ThresholdBackwardBackward0>)");
  CHECK(equal_bits(autograd::grad(g, scale, tensor({10, 100})), tensor({10, 0})));
}

TEST_CASE("Zeros keep their signs and NaN stays", "[ops][unary]") {
  // torch.sign, torch.relu, torch.abs of T([nan, -0., 3., -2.])
  const auto x = tensor({kNan, -0.0, 3, -2});
  CHECK(equal_bits(sign(x), tensor({0, 0, 1, -1})));
  CHECK(equal_bits(relu(x), tensor({kNan, -0.0, 3, 0})));
  CHECK(equal_bits(abs(x), tensor({kNan, 0, 3, 2})));
  // torch.rsqrt(T([0., -0., -1])), torch.sqrt(T([-0., -1])), torch.ceil(T([-0.5, -0.2]))
  CHECK(equal_bits(rsqrt(tensor({0.0, -0.0, -1})), tensor({kInf, -kInf, kNan})));
  CHECK(equal_bits(sqrt(tensor({-0.0, -1})), tensor({-0.0, kNan})));
  CHECK(equal_bits(ceil(tensor({-0.5, -0.2})), tensor({-0.0, -0.0})));
  CHECK(equal_bits(trunc(tensor({-0.5, 1.7})), tensor({-0.0, 1})));
}

TEST_CASE("Halves are rounded to even numbers", "[ops][unary]") {
  // torch.round(T([0.5, 1.5, 2.5, -0.5, -1.5]))
  CHECK(equal_bits(round(tensor({0.5, 1.5, 2.5, -0.5, -1.5})), tensor({0, 2, 2, -0.0, -2})));
  // torch.round(T([1.2345, -1.235]), decimals=2), torch.round(T([1234., 1250, 1350]), decimals=-2)
  CHECK(equal_bits(round(tensor({1.2345, -1.235}), 2),
                   tensor({1.2300000190734863, -1.2400000095367432})));
  CHECK(equal_bits(round(tensor({1234, 1250, 1350}), -2), tensor({1200, 1200, 1400})));
}

TEST_CASE("Functions of integers and bools", "[ops][unary]") {
  const auto ints = tensor<std::int64_t>({3, -3});
  CHECK(equal_bits(relu(ints), tensor<std::int64_t>({3, 0})));
  CHECK(equal_bits(floor(ints), ints));
  CHECK(equal_bits(round(ints), ints));
  CHECK(equal_bits(sign(tensor<std::uint8_t>({0, 3})), tensor<std::uint8_t>({0, 1})));
  CHECK(equal_bits(sign(tensor<bool>({true, false})), tensor<bool>({true, false})));
  // T([-2147483648], dtype=torch.int32).abs()
  constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();
  CHECK(equal_bits(abs(tensor<std::int32_t>({kLowest, -3})), tensor<std::int32_t>({kLowest, 3})));
  // torch.sqrt(T([4, 9])), torch.exp(T([True, False])), torch.atan2(T([1, -1]), T([-1, -1]))
  CHECK(equal_bits(sqrt(tensor<std::int64_t>({4, 9})), tensor({2, 3})));
  CHECK(golden::close(exp(tensor<bool>({true, false})), tensor({2.7182817459106445, 1})));
  CHECK(golden::close(atan2(tensor<std::int64_t>({1, -1}), tensor<std::int64_t>({-1, -1})),
                      tensor({2.356194496154785, -2.356194496154785})));
  CHECK_THROWS_AS(atan2(zeros({2}), zeros({3})), ShapeError);
}
