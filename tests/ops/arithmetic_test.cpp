// Edges of arithmetic; elementwise_test.cpp holds the recorded cases. What stands above a check is
// what PyTorch 2.13.0 was asked; T = torch.tensor, U = torch.uint8, I = torch.int32.

#include "brasa/ops/arithmetic.hpp"

#include <cstdint>
#include <limits>

#include "brasa/autograd/backward.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
using golden::equal_bits;

namespace {

auto bytes(std::initializer_list<detail::NestedList<std::uint8_t>> values) {
  return tensor<std::uint8_t>(values);
}
auto ints(std::initializer_list<detail::NestedList<std::int32_t>> values) {
  return tensor<std::int32_t>(values);
}
auto longs(std::initializer_list<detail::NestedList<std::int64_t>> values) {
  return tensor<std::int64_t>(values);
}

}  // namespace

TEST_CASE("Integers wrap around", "[ops][arithmetic]") {
  // T([2147483647], dtype=I) + 1; T([-2147483648], dtype=I) - 1, * -1, -T(…)
  CHECK(equal_bits(ints({2147483647}) + 1, ints({kLowest32})));
  CHECK(equal_bits(ints({kLowest32}) - 1, ints({2147483647})));
  CHECK(equal_bits(ints({kLowest32}) * -1, ints({kLowest32})));
  CHECK(equal_bits(-ints({kLowest32}), ints({kLowest32})));
  CHECK(equal_bits(longs({kLowest64}) * longs({-1}), longs({kLowest64})));
  // T([250, 3], dtype=U) + 10; T([3], dtype=U) - T([5], dtype=U); T([100], dtype=U) * 3
  CHECK(equal_bits(bytes({250, 3}) + 10, bytes({4, 13})));
  CHECK(equal_bits(bytes({3}) - bytes({5}), bytes({254})));
  CHECK(equal_bits(bytes({100}) * 3, bytes({44})));
  CHECK(equal_bits(-bytes({1, 0}), bytes({255, 0})));
  // T([1], dtype=U) + 300, * -1: the numbers are taken modulo 256 too
  CHECK(equal_bits(bytes({1}) + 300, bytes({45})));
  CHECK(equal_bits(bytes({1}) * -1, bytes({255})));
}

TEST_CASE("A number may stand on either side", "[ops][arithmetic]") {
  const auto x = tensor({1, 2});
  CHECK(equal_bits(1 + x, tensor({2, 3})));
  CHECK(equal_bits(1 - x, tensor({0, -1})));
  CHECK(equal_bits(3 * x, tensor({3, 6})));
  CHECK(equal_bits(1 / x, tensor({1, 0.5})));
  CHECK(equal_bits(x - 1, tensor({0, 1})));
  CHECK(equal_bits(x / 2, tensor({0.5, 1})));
  CHECK(equal_bits(+x, x));
}

TEST_CASE("alpha scales the second operand", "[ops][arithmetic]") {
  // torch.add(T([1, 2]), T([3, 4]), alpha=2); torch.sub(T([1., 2]), 2, alpha=3)
  CHECK(equal_bits(add(longs({1, 2}), longs({3, 4}), 2), longs({7, 10})));
  CHECK(equal_bits(sub(tensor({1, 2}), 2, 3), tensor({-5, -4})));
  CHECK(equal_bits(add(2, tensor({1, 2}), 3), tensor({5, 8})));
  CHECK(equal_bits(sub(2, tensor({1, 2}), 3), tensor({-1, -4})));
}

TEST_CASE("Bools add to 'or' and multiply to 'and'", "[ops][arithmetic]") {
  const auto a = tensor<bool>({true, false, false});
  const auto b = tensor<bool>({true, true, false});
  CHECK(equal_bits(a + b, tensor<bool>({true, true, false})));
  CHECK(equal_bits(a * b, tensor<bool>({true, false, false})));
  CHECK(equal_bits(a / tensor<bool>({true, true, true}), tensor({1, 0, 0})));
}

TEST_CASE("True division of integers gives float", "[ops][arithmetic]") {
  // T([7, -7]) / 2, / 2.5; 1 / T([4, 2]); 2.5 / T([2, 4])
  CHECK(equal_bits(longs({7, -7}) / 2, tensor({3.5, -3.5})));
  CHECK(equal_bits(longs({7, -7}) / 2.5, tensor({2.799999952316284, -2.799999952316284})));
  CHECK(equal_bits(1 / longs({4, 2}), tensor({0.25, 0.5})));
  CHECK(equal_bits(2.5 / longs({2, 4}), tensor({1.25, 0.625})));
  CHECK(equal_bits(longs({1}) / 0, tensor({kInf})));
  // 0.1 / T([3.], dtype=torch.float64)
  CHECK(equal_bits(0.1 / tensor<double>({3}), tensor<double>({0.03333333333333333})));
  CHECK(equal_bits(tensor({1, -1, 0}) / 0, tensor({kInf, -kInf, kNan})));
}

TEST_CASE("Zeros keep their signs", "[ops][arithmetic]") {
  // T([0.]) * -1, -T([0.]), 0 - T([0.])
  CHECK(equal_bits(tensor({0}) * -1, tensor({-0.0})));
  CHECK(equal_bits(-tensor({0}), tensor({-0.0})));
  CHECK(equal_bits(0 - tensor({0}), tensor({0})));
}

TEST_CASE("0-d and empty tensors broadcast", "[ops][arithmetic]") {
  CHECK((tensor(1) + tensor(2)).shape() == Shape{});
  CHECK((tensor(1) + tensor({1, 2})).shape() == Shape{2});
  CHECK((zeros({2, 1}) + zeros({0})).shape() == Shape{2, 0});
  CHECK((zeros({0, 3}) * zeros({1, 3})).shape() == Shape{0, 3});
  CHECK((zeros({2, 1, 3, 1}) + zeros({1, 4, 1, 5})).shape() == Shape{2, 4, 3, 5});
}

TEST_CASE("Operations name both shapes where they do not broadcast", "[ops][arithmetic][error]") {
  using Catch::Matchers::Message;
  CHECK_THROWS_MATCHES(zeros({2, 3}) + zeros({2, 4}), ShapeError,
                       Message("add: expected shapes that broadcast, got (2, 3) and (2, 4): sizes "
                               "3 and 4 differ at dimension 1"));
  CHECK_THROWS_MATCHES(zeros({3, 3}) - zeros({2, 3}), ShapeError,
                       Message("sub: expected shapes that broadcast, got (3, 3) and (2, 3): sizes "
                               "3 and 2 differ at dimension 0"));
  CHECK_THROWS_AS(zeros({2, 3}) * zeros({0}), ShapeError);
  CHECK_THROWS_AS(zeros({2}) / zeros({3}), ShapeError);
  CHECK_THROWS_AS(Tensor<float>() + zeros({2}), ValueError);
}

TEST_CASE("Nodes of arithmetic with numbers have PyTorch's names", "[ops][arithmetic][autograd]") {
  const auto name = [](const Tensor<float>& y) {
    return std::string(y.impl().autograd->grad_fn->name());
  };
  auto x = tensor({1, 2}).requires_grad_();
  CHECK(name(x + 1) == "AddBackward0");
  CHECK(name(1 + x) == "AddBackward0");
  CHECK(name(x - 1) == "SubBackward0");
  CHECK(name(1 - x) == "RsubBackward1");
  CHECK(name(2 * x) == "MulBackward0");
  CHECK(name(x / 2) == "DivBackward0");
  CHECK(name(1 / x) == "MulBackward0");
  CHECK(name(-x) == "NegBackward0");
  NoGradGuard no_grad;
  CHECK((x + 1).is_leaf());
  CHECK_FALSE((x * x).requires_grad());
}

TEST_CASE("A product with a number can be walked back once", "[ops][arithmetic][autograd]") {
  // y = (x * 2).sum(); y.backward(); y.backward(), then with x + 2
  auto x = tensor({1, 2}).requires_grad_();
  const auto product = (x * 2).sum();
  product.backward();
  CHECK_THROWS_AS(product.backward(), AutogradError);
  const auto sum = (x + 2).sum();
  sum.backward();
  CHECK_NOTHROW(sum.backward());
  CHECK(equal_bits(x.grad(), tensor({4, 4})));
}

TEST_CASE("What an input without gradient would need is not kept", "[ops][arithmetic][autograd]") {
  auto weight = tensor({1, 2}).requires_grad_();
  auto constant = tensor({3, 4});
  const auto y = weight * constant;
  {
    // The weight would be needed for the gradient of the constant only.
    NoGradGuard no_grad;
    weight.add_(1);
  }
  y.backward(ones({2}));
  CHECK(equal_bits(weight.grad(), constant));
}
