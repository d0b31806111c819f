// Edges of rounded quotients and rests; T = torch.tensor, U = torch.uint8, I = torch.int32.

#include "brasa/ops/division.hpp"

#include <cstdint>
#include <limits>

#include "brasa/autograd/backward.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
using golden::equal_bits;

TEST_CASE("Quotients of integers are rounded down or towards zero", "[ops][division]") {
  const auto a = tensor<std::int64_t>({7, -7, 7, -7});
  const auto b = tensor<std::int64_t>({2, 2, -2, -2});
  CHECK(equal_bits(div(a, b, Rounding::floor), tensor<std::int64_t>({3, -4, -4, 3})));
  CHECK(equal_bits(div(a, b, Rounding::trunc), tensor<std::int64_t>({3, -3, -3, 3})));
  CHECK(equal_bits(div(a, 2, "floor"), tensor<std::int64_t>({3, -4, 3, -4})));
  CHECK(equal_bits(div(a, 2, "trunc"), tensor<std::int64_t>({3, -3, 3, -3})));
  CHECK(equal_bits(div(7, b, "floor"), tensor<std::int64_t>({3, 3, -4, -4})));
  // torch.div(T([200], dtype=U), T([7], dtype=U), rounding_mode='floor')
  CHECK(equal_bits(div(tensor<std::uint8_t>({200}), 7, "floor"), tensor<std::uint8_t>({28})));
}

TEST_CASE("The smallest integer over -1 wraps around", "[ops][division]") {
  // torch.div(T([-2147483648], dtype=I), -1, rounding_mode='floor'); T([-2**63]) % -1
  const auto ints = tensor<std::int32_t>({kLowest32});
  const auto longs = tensor<std::int64_t>({kLowest64});
  CHECK(equal_bits(div(ints, -1, "floor"), ints));
  CHECK(equal_bits(div(longs, -1, "trunc"), longs));
  CHECK(equal_bits(remainder(longs, -1), tensor<std::int64_t>({0})));
  CHECK(equal_bits(fmod(ints, -1), tensor<std::int32_t>({0})));
}

TEST_CASE("A remainder has the divisor's sign, fmod the dividend's", "[ops][division]") {
  // T([7, -7, 7, -7]) % T([3, 3, -3, -3]); torch.fmod of the same
  const auto a = tensor<std::int64_t>({7, -7, 7, -7});
  const auto b = tensor<std::int64_t>({3, 3, -3, -3});
  CHECK(equal_bits(remainder(a, b), tensor<std::int64_t>({1, 2, -2, -1})));
  CHECK(equal_bits(fmod(a, b), tensor<std::int64_t>({1, -1, 1, -1})));
  CHECK(equal_bits(remainder(tensor<std::uint8_t>({200}), 7), tensor<std::uint8_t>({4})));
  // torch.remainder(7, T([4, -4]))
  CHECK(equal_bits(remainder(7, tensor<std::int64_t>({4, -4})), tensor<std::int64_t>({3, -1})));
}

TEST_CASE("Floating point is divided with PyTorch's signs, infinities and NaN", "[ops][division]") {
  // a = T([7., -7, 7, -7, 0., -0., 1, -1, inf, 1, -1, 1])
  // b = T([2., 2, -2, -2, 3, 3, 0, 0, 2, inf, inf, -inf])
  const auto a = tensor({7, -7, 7, -7, 0.0, -0.0, 1, -1, kInf, 1, -1, 1});
  const auto b = tensor({2, 2, -2, -2, 3, 3, 0, 0, 2, kInf, kInf, -kInf});
  CHECK(equal_bits(div(a, b, "floor"),
                   tensor({3, -4, -4, 3, 0.0, -0.0, kInf, -kInf, kNan, 0, -1, -1})));
  CHECK(equal_bits(remainder(a, b),
                   tensor({1, 1, -1, -1, 0.0, -0.0, kNan, kNan, kNan, 1, kInf, -kInf})));
  CHECK(equal_bits(fmod(a, b), tensor({1, -1, 1, -1, 0.0, -0.0, kNan, kNan, kNan, 1, -1, 1})));
  // torch.div(T([7., -7, 0., -0., 1, -1, inf]), T([2., 2, 3, 3, 0, 0, 2]), rounding_mode='trunc')
  CHECK(equal_bits(
      div(tensor({7, -7, 0.0, -0.0, 1, -1, kInf}), tensor({2, 2, 3, 3, 0, 0, 2}), Rounding::trunc),
      tensor({3, -3, 0.0, -0.0, kInf, -kInf, kInf})));
  // torch.div(T([1.]), T([.1]), rounding_mode='floor'): 0.1 is a little more than a tenth
  CHECK(equal_bits(div(tensor({1}), tensor({0.1}), "floor"), tensor({9})));
  // torch.remainder(T([-1e-20]), 1)
  CHECK(equal_bits(remainder(tensor({-1e-20}), 1), tensor({1})));
}

TEST_CASE("Dividing integers by zero is an error", "[ops][division][error]") {
  using Catch::Matchers::Message;
  const auto x = tensor<std::int64_t>({7, 1});
  CHECK_THROWS_MATCHES(div(x, 0, "floor"), ValueError, Message("div: integer division by zero"));
  CHECK_THROWS_AS(div(x, tensor<std::int64_t>({1, 0}), Rounding::trunc), ValueError);
  CHECK_THROWS_MATCHES(remainder(x, 0), ValueError, Message("remainder: integer division by zero"));
  CHECK_THROWS_MATCHES(fmod(x, 0), ValueError, Message("fmod: integer division by zero"));
  CHECK_THROWS_AS(remainder(7, tensor<std::uint8_t>({0})), ValueError);
  // Nothing is divided where there is nothing.
  CHECK_NOTHROW(div(zeros<std::int64_t>({0}), 0, "floor"));
}

TEST_CASE("Only floor and trunc are rounding modes", "[ops][division][error]") {
  using Catch::Matchers::Message;
  CHECK_THROWS_MATCHES(
      div(tensor({1}), 2, "nearest"), ValueError,
      Message("div: expected a rounding mode of 'floor' or 'trunc', got 'nearest'"));
  CHECK_THROWS_AS(div(zeros({2}), zeros({3}), "floor"), ShapeError);
  CHECK_THROWS_AS(remainder(zeros({2}), zeros({3})), ShapeError);
  CHECK_THROWS_AS(fmod(zeros({2}), zeros({3})), ShapeError);
}

TEST_CASE("Rests of a number by a tensor have gradients too", "[ops][division][autograd]") {
  // PyTorch has none for remainder(number, tensor); for y = a - floor(a / b) * b it is -floor(a /
  // b).
  auto x = tensor<double>({2, -3}).requires_grad_();
  remainder(7, x).backward(tensor<double>({1, 1}));
  CHECK(equal_bits(x.grad(), tensor<double>({-3, 3})));
}
