// What reorders and repeats elements; the recorded cases run in view_test.cpp.

#include "brasa/ops/permute.hpp"

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

TEST_CASE("Transposes and expansions are copies", "[ops][permute]") {
  const auto x = zeros({3});
  CHECK_FALSE(t(x).shares_storage(x));
  CHECK_FALSE(transpose(x, 0, 0).shares_storage(x));
  CHECK_FALSE(permute(x, {0}).shares_storage(x));
  CHECK_FALSE(expand(x, {3}).shares_storage(x));
  CHECK_FALSE(repeat(x, {1}).shares_storage(x));
  CHECK(contiguous(x).is(x));
}

TEST_CASE("mT transposes each matrix of a batch", "[ops][permute]") {
  const auto x = arange<float>(12).view({2, 2, 3});
  CHECK(equal_bits(mT(x), transpose(x, 1, 2)));
  CHECK(equal_bits(mT(x), tensor({{{0, 3}, {1, 4}, {2, 5}}, {{6, 9}, {7, 10}, {8, 11}}})));
  CHECK_THROWS_MATCHES(mT(zeros({3})), ShapeError,
                       Message("mT: expected a tensor with at least 2 dimensions, got shape (3,)"));
}

TEST_CASE("expand_as takes the shape of a tensor of any type", "[ops][permute]") {
  CHECK(equal_bits(expand_as(tensor({1, 2}), zeros<bool>({2, 2})), tensor({{1, 2}, {1, 2}})));
}

TEST_CASE("Zero-dimensional tensors pass through", "[ops][permute]") {
  // torch.ones(()).transpose(0, -1), .t(), .permute(()), .expand(0), .repeat(2, 2)
  const auto x = ones({});
  CHECK(equal_bits(transpose(x, 0, -1), x));
  CHECK(equal_bits(t(x), x));
  CHECK(equal_bits(permute(x, {}), x));
  CHECK(expand(x, {0}).shape() == Shape{0});
  CHECK(equal_bits(repeat(x, {2, 2}), ones({2, 2})));
  CHECK(equal_bits(repeat(x, {}), x));
}

TEST_CASE("Permutations that do not fit are refused", "[ops][permute][error]") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(transpose(x, 0, 2), IndexError,
                       Message("transpose: dimension out of range: expected it in [-2, 1], got 2"));
  CHECK_THROWS_MATCHES(
      t(zeros({2, 3, 4})), ShapeError,
      Message("t: expected a tensor with at most 2 dimensions, got shape (2, 3, 4)"));
  CHECK_THROWS_MATCHES(permute(x, {0, 0}), ValueError,
                       Message("permute: expected each dimension at most once, got (0, 0)"));
  CHECK_THROWS_MATCHES(permute(x, {0}), ShapeError,
                       Message("permute: expected the 2 dimensions of shape (2, 3), got (0,)"));
  CHECK_THROWS_AS(permute(x, {0, 2}), IndexError);
}

TEST_CASE("Expansions that do not fit are refused", "[ops][permute][error]") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(
      expand(x, {4, 3}), ShapeError,
      Message("expand: expected sizes that shape (2, 3) can be expanded to, got (4, 3)"));
  CHECK_THROWS_AS(expand(x, {3}), ShapeError);
  CHECK_THROWS_AS(expand(x, {2, -2}), ShapeError);
  CHECK_THROWS_AS(expand(zeros({3}), {-1, 3}), ShapeError);
  CHECK_THROWS_AS(expand(zeros({0, 3}), {1, 3}), ShapeError);
  CHECK_THROWS_MATCHES(repeat(x, {2}), ShapeError,
                       Message("repeat: expected at least 2 repeats for shape (2, 3), got (2,)"));
  CHECK_THROWS_AS(repeat(x, {2, -1}), ValueError);
}

TEST_CASE("Expansions too large for any memory are refused", "[ops][permute][error]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  CHECK_THROWS_AS(expand(zeros({1}), {kHuge, 4}), ValueError);
  CHECK_THROWS_AS(repeat(zeros({4}), {kHuge}), ValueError);
  CHECK_THROWS_AS(repeat(zeros({2}), {kHuge, kHuge}), ValueError);
  CHECK(expand(zeros({0, 1}), {kHuge, 0, kHuge}).numel() == 0);
}

TEST_CASE("Gradients of permutations can be differentiated again", "[ops][permute][autograd]") {
  const auto reorder = [](const auto& x) {
    const auto batch = permute(unsqueeze(x[0], 0), {2, 0, 1});
    return square(mT(batch)) * transpose(batch, 1, 2) * t(t(x[0])).sum();
  };
  const auto repeated = [](const auto& x) {
    return square(repeat(expand(x[0], {4, 2, 2}), {2, 1, 2}));
  };
  const auto x = rand<double>({2, 2}).requires_grad_();
  CHECK(gradcheck(repeated, {x}));
  CHECK(gradgradcheck(repeated, {x}));
  CHECK(gradcheck(reorder, {x}));
  CHECK(gradgradcheck(reorder, {x}));
}
