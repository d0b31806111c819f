// Reversed, rolled and triangular tensors; the recorded cases run in view_test.cpp.

#include "brasa/ops/rearrange.hpp"

#include <limits>

#include "brasa/autograd/gradcheck.hpp"
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

namespace {

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kFarBack = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("What moves nothing still copies", "[ops][rearrange]") {
  const auto x = tensor({{1, 2}, {3, 4}});
  CHECK(equal_bits(roll(x, 0), x));
  CHECK_FALSE(roll(x, 0).shares_storage(x));
  CHECK(equal_bits(roll(x, {2, 4}, {0, 1}), x));
  CHECK_FALSE(roll(x, {2, 4}, {0, 1}).shares_storage(x));
  CHECK(equal_bits(flip(x, {}), x));
  CHECK_FALSE(flip(x, {}).shares_storage(x));
}

TEST_CASE("roll takes any shift, and a dimension more than once", "[ops][rearrange]") {
  // 2^63 - 1 and -2^63 are 1 modulo 3; torch.tensor([0., 1, 2]).roll((1, 1), (0, 0))
  const auto x = tensor({0, 1, 2});
  CHECK(equal_bits(roll(x, kFar), tensor({2, 0, 1})));
  CHECK(equal_bits(roll(x, kFarBack), tensor({2, 0, 1})));
  CHECK(equal_bits(roll(x, {1, 1}, {0, 0}), tensor({1, 2, 0})));
  CHECK(equal_bits(roll(ones({}), 1), ones({})));
  CHECK(roll(zeros({0, 3}), 5).shape() == Shape{0, 3});
}

TEST_CASE("Triangles take any diagonal", "[ops][rearrange]") {
  const auto x = ones({2, 2});
  CHECK(equal_bits(tril(x, kFar), x));
  CHECK(equal_bits(tril(x, kFarBack), zeros({2, 2})));
  CHECK(equal_bits(triu(x, kFar), zeros({2, 2})));
  CHECK(equal_bits(triu(x, kFarBack), x));
}

TEST_CASE("Rearrangements that do not fit are refused", "[ops][rearrange][error]") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(flip(x, 2), IndexError,
                       Message("flip: dimension out of range: expected it in [-2, 1], got 2"));
  CHECK_THROWS_MATCHES(flip(x, {0, -2}), ValueError,
                       Message("flip: expected each dimension at most once, got (0, -2)"));
  CHECK_THROWS_MATCHES(
      roll(x, {1, 2}, 0), ValueError,
      Message("roll: expected as many shifts as dims, or one shift without dims, got shifts (1, 2) "
              "and dims (0,)"));
  CHECK_THROWS_AS(roll(x, {1, 2}), ValueError);
  CHECK_THROWS_AS(roll(x, Shape{}), ValueError);
  CHECK_THROWS_AS(roll(x, 1, 2), IndexError);
  CHECK_THROWS_AS(roll(zeros({}), 1, 0), IndexError);
  CHECK_THROWS_MATCHES(
      tril(zeros({3})), ShapeError,
      Message("tril: expected a tensor with at least 2 dimensions, got shape (3,)"));
  CHECK_THROWS_AS(triu(zeros({})), ShapeError);
}

TEST_CASE("Gradients of rearrangements can be differentiated again", "[ops][rearrange][autograd]") {
  const auto x = rand<double>({2, 3}).requires_grad_();
  const auto f = [](const auto& in) {
    return square(flip(in[0], {0, 1})) * roll(in[0], {1, -2}, {0, 1}) * roll(in[0], 2) +
           square(tril(in[0])) * triu(in[0]);
  };
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
