// Edges of powers; elementwise_test.cpp holds the recorded cases. T = torch.tensor.

#include "brasa/ops/power.hpp"

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

/// The gradient of Σ f(x) at x.
template <class F>
Tensor<double> gradient(F f, Tensor<double> x) {
  x.requires_grad_();
  f(x).sum().backward();
  return x.grad();
}

}  // namespace

TEST_CASE("Powers of integers wrap around", "[ops][power]") {
  // T([2, -3])**3, T([2])**63, T([2])**64, T([2])**0, 2**T([3, 0]), T([3], dtype=torch.uint8)**7
  CHECK(equal_bits(pow(tensor<std::int64_t>({2, -3}), 3), tensor<std::int64_t>({8, -27})));
  CHECK(pow(tensor<std::int64_t>(2), 63).item() == std::numeric_limits<std::int64_t>::min());
  CHECK(pow(tensor<std::int64_t>(2), 64).item() == 0);
  CHECK(pow(tensor<std::int64_t>(2), 0).item() == 1);
  CHECK(equal_bits(pow(2, tensor<std::int64_t>({3, 0})), tensor<std::int64_t>({8, 1})));
  CHECK(pow(tensor<std::uint8_t>(3), 7).item() == 139);
  CHECK(square(tensor<std::uint8_t>(200)).item() == 64);
}

TEST_CASE("In a tensor of exponents, negative powers of integers are cut off", "[ops][power]") {
  // T([2, -1, 1, 0, -1])**T([-1, -3, -2, -1, -2])
  CHECK(equal_bits(
      pow(tensor<std::int64_t>({2, -1, 1, 0, -1}), tensor<std::int64_t>({-1, -3, -2, -1, -2})),
      tensor<std::int64_t>({0, -1, 1, 0, 1})));
  // 2**T([3, -1, 0]), 1**T([3, -1, 0])
  const auto exponents = tensor<std::int64_t>({3, -1, 0});
  CHECK(equal_bits(pow(2, exponents), tensor<std::int64_t>({8, 0, 1})));
  CHECK(equal_bits(pow(1, exponents), tensor<std::int64_t>({1, 1, 1})));
}

TEST_CASE("A negative number as the exponent of integers is an error", "[ops][power][error]") {
  CHECK_THROWS_AS(pow(tensor<std::int64_t>({2}), -1), ValueError);
  CHECK_THROWS_WITH(pow(tensor<std::uint8_t>({2}), -1),
                    "pow: expected an exponent that is not negative for a tensor of uint8, got -1; "
                    "convert the tensor first, for example with x.to<float>()");
  CHECK_THROWS_AS(pow(zeros({2}), zeros({3})), ShapeError);
}

TEST_CASE("Powers of floating point follow IEEE", "[ops][power]") {
  // T([0., 2.])**0, T([-8.])**(1/3), T([4., 9.])**-0.5, T([nan, 1.])**T([0., nan])
  CHECK(equal_bits(pow(tensor({0, 2}), 0), tensor({1, 1})));
  CHECK(equal_bits(pow(tensor({-8}), 1.0 / 3), tensor({kNan})));
  CHECK(equal_bits(pow(tensor({4, 9}), -0.5), tensor({0.5, 0.3333333432674408})));
  CHECK(equal_bits(pow(tensor({kNan, 1}), tensor({0, kNan})), tensor({1, 1})));
  CHECK(equal_bits(pow(tensor({0, 0, 0}), tensor({0, -1, 2})), tensor({1, kInf, 0})));
}

TEST_CASE("Gradients of powers at the edges are PyTorch's", "[ops][power][autograd]") {
  // x**2 at 0, x**0 at 0 and 2, x**.5 at 0, x**1.5 at 0
  CHECK(equal_bits(gradient([](auto x) { return pow(x, 2); }, tensor<double>({0})),
                   tensor<double>({0})));
  CHECK(equal_bits(gradient([](auto x) { return pow(x, 0); }, tensor<double>({0, 2})),
                   tensor<double>({0, 0})));
  CHECK(equal_bits(gradient([](auto x) { return pow(x, 0.5); }, tensor<double>({0})),
                   tensor<double>({kInf})));
  CHECK(equal_bits(gradient([](auto x) { return pow(x, 1.5); }, tensor<double>({0})),
                   tensor<double>({0})));
  // x**T([0., .5]) at 0, 0; T([0., 0.])**x at 0, 2 and 0.**x at 0, 2
  CHECK(equal_bits(gradient(
                       [](auto x) {
                         return pow(x, tensor<double>({0, 0.5}));
                       },
                       tensor<double>({0, 0})),
                   tensor<double>({0, kInf})));
  CHECK(equal_bits(gradient(
                       [](auto x) {
                         return pow(tensor<double>({0, 0}), x);
                       },
                       tensor<double>({0, 2})),
                   tensor<double>({0, 0})));
  CHECK(equal_bits(gradient([](auto x) { return pow(0.0, x); }, tensor<double>({0, 2})),
                   tensor<double>({0, 0})));
}
