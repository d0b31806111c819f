// Joining tensors; the recorded cases run in view_test.cpp.

#include "brasa/ops/join.hpp"

#include "brasa/autograd/gradcheck.hpp"
#include "brasa/nn/parameter.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using autograd::gradcheck;
using autograd::gradgradcheck;
using Catch::Matchers::Message;
using golden::equal_bits;

TEST_CASE("cat and stack take braces and every list of tensors", "[ops][join]") {
  const auto a = tensor({1, 2});
  const auto b = tensor({3});
  CHECK(equal_bits(cat({a, b}), tensor({1, 2, 3})));
  CHECK(equal_bits(cat(std::vector{a, b}), tensor({1, 2, 3})));
  CHECK(equal_bits(stack({a, a}, -1), tensor({{1, 1}, {2, 2}})));
  CHECK(equal_bits(stack(std::array{a, a}), tensor({{1, 2}, {1, 2}})));
  std::vector<nn::Parameter<float>> parameters;
  parameters.emplace_back(a);
  parameters.emplace_back(b);
  CHECK(equal_bits(cat(parameters), tensor({1, 2, 3})));
  CHECK(cat(parameters).requires_grad());
}

TEST_CASE("cat passes over tensors of shape (0,)", "[ops][join]") {
  // torch.cat([torch.ones(0), torch.ones(2, 3)], -2).shape; torch.cat([torch.ones(0, 2),
  // torch.ones(0)]).shape; torch.cat([torch.ones(1, 0), torch.ones(1, 3)], 1).shape
  CHECK(cat({ones({0}), ones({2, 3})}, -2).shape() == Shape{2, 3});
  CHECK(cat({ones({2, 3}), ones({0})}, 1).shape() == Shape{2, 3});
  CHECK(cat({ones({0, 2}), ones({0})}).shape() == Shape{0, 2});
  CHECK(cat({ones({1, 0}), ones({1, 3})}, 1).shape() == Shape{1, 3});
  CHECK(cat({ones({0}), ones({0})}).shape() == Shape{0});

  auto nothing = ones({0}).requires_grad_();
  auto x = ones({2, 3}).requires_grad_();
  cat({nothing, x}, 1).sum().backward();
  CHECK(nothing.grad().shape() == Shape{0});
  CHECK(equal_bits(x.grad(), ones({2, 3})));
}

TEST_CASE("Tensors that do not fit together are refused", "[ops][join][error]") {
  const std::vector<Tensor<float>> none;
  CHECK_THROWS_MATCHES(cat(none), ValueError,
                       Message("cat: expected at least one tensor, got none"));
  CHECK_THROWS_MATCHES(stack(none), ValueError,
                       Message("stack: expected at least one tensor, got none"));
  CHECK_THROWS_MATCHES(cat({zeros({2, 3}), zeros({2, 4})}), ShapeError,
                       Message("cat: expected shapes that are equal except in dimension 0, got "
                               "(2, 3) and (2, 4)"));
  CHECK_THROWS_AS(cat({zeros({2, 3}), zeros({0, 4})}), ShapeError);
  CHECK_THROWS_AS(cat({zeros({2, 3}), zeros({2})}), ShapeError);
  CHECK_THROWS_MATCHES(cat({zeros({}), zeros({2})}), ShapeError,
                       Message("cat: expected tensors with at least 1 dimension, got a 0-d one"));
  CHECK_THROWS_AS(cat({zeros({0}), zeros({2, 3})}, 2), IndexError);
  CHECK_THROWS_MATCHES(stack({zeros({2}), zeros({3})}), ShapeError,
                       Message("stack: expected tensors of equal shape, got (2,) and (3,)"));
  CHECK_THROWS_AS(stack({zeros({2})}, 2), IndexError);
}

TEST_CASE("Sizes that add up to too many are refused", "[ops][join][error]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  const auto x = zeros({0, kHuge});
  CHECK_THROWS_AS(cat({x, x}, 1), ValueError);
  CHECK(cat({x, x}, 0).shape() == Shape{0, kHuge});
}

TEST_CASE("Gradients of joins can be differentiated again", "[ops][join][autograd]") {
  const auto x = rand<double>({2, 2}).requires_grad_();
  const auto y = rand<double>({2, 1}).requires_grad_();
  const auto f = [](const auto& in) {
    return square(cat({in[0], in[1]}, 1)).sum() * square(stack({in[0], in[0] * in[1]}, 1));
  };
  CHECK(gradcheck(f, {x, y}));
  CHECK(gradgradcheck(f, {x, y}));
}
