// Parts of tensors; the recorded cases run in view_test.cpp.

#include "brasa/ops/slice.hpp"

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

std::vector<Shape> shapes_of(const std::vector<Tensor<float>>& parts) {
  std::vector<Shape> shapes;
  for (const auto& part : parts) shapes.push_back(part.shape());
  return shapes;
}

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("Slices are copies", "[ops][slice]") {
  const auto x = zeros({2, 3});
  CHECK_FALSE(narrow(x, 0, 0, 2).shares_storage(x));
  CHECK_FALSE(select(x, 0, 0).shares_storage(x));
  CHECK_FALSE(split(x, 2)[0].shares_storage(x));
  CHECK_FALSE(diagonal(x).shares_storage(x));
}

TEST_CASE("A tensor may be cut into fewer or emptier parts than asked for", "[ops][slice]") {
  // [tuple(p.shape) for p in torch.zeros(6).chunk(4)], … .zeros(5).chunk(4), zeros(0).chunk(2),
  // zeros(0).split(0), zeros(0).split(2), zeros(2, 3).split(5), zeros(3).split([3, 0]),
  // zeros(0).split([]), zeros(0, 2).unbind()
  using Shapes = std::vector<Shape>;
  CHECK(shapes_of(chunk(zeros({6}), 4)) == Shapes{{2}, {2}, {2}});
  CHECK(shapes_of(chunk(zeros({5}), 4)) == Shapes{{2}, {2}, {1}});
  CHECK(shapes_of(chunk(zeros({0}), 2)) == Shapes{{0}, {0}});
  CHECK(shapes_of(split(zeros({0}), 0)) == Shapes{{0}});
  CHECK(shapes_of(split(zeros({0}), 2)) == Shapes{{0}});
  CHECK(shapes_of(split(zeros({2, 3}), 5)) == Shapes{{2, 3}});
  CHECK(shapes_of(split(zeros({3}), Shape{3, 0})) == Shapes{{3}, {0}});
  CHECK(split(zeros({0}), Shape{}).empty());
  CHECK(unbind(zeros({0, 2})).empty());
}

TEST_CASE("A diagonal may lie outside of the matrix", "[ops][slice]") {
  // torch.ones(2, 3).diagonal(5).shape, …diagonal(-5).shape
  CHECK(diagonal(ones({2, 3}), 5).shape() == Shape{0});
  CHECK(diagonal(ones({2, 3}), -5).shape() == Shape{0});
  CHECK(diagonal(ones({2, 3}), kMax).shape() == Shape{0});
  CHECK(diagonal(ones({2, 3}), kMin).shape() == Shape{0});
}

TEST_CASE("Selections that do not fit are refused", "[ops][slice][error]") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(select(x, 0, 2), IndexError,
                       Message("select: index 2 is out of range for dimension 0 of shape (2, 3)"));
  CHECK_THROWS_AS(select(x, 1, -4), IndexError);
  CHECK_THROWS_AS(select(x, 2, 0), IndexError);
  CHECK_THROWS_AS(select(x, 0, kMin), IndexError);
  CHECK_THROWS_MATCHES(
      select(zeros({}), 0, 0), IndexError,
      Message("select: expected a tensor with at least 1 dimension, got a 0-d one"));
  CHECK_THROWS_MATCHES(narrow(x, 0, 1, 2), ShapeError,
                       Message("narrow: expected at most 1 elements from 1 on along dimension 0 of "
                               "shape (2, 3), got length 2"));
  CHECK_THROWS_MATCHES(narrow(x, 0, 3, 0), IndexError,
                       Message("narrow: start 3 is out of range for dimension 0 of shape (2, 3)"));
  CHECK_THROWS_MATCHES(narrow(x, 0, 0, -1), ValueError,
                       Message("narrow: expected a length that is not negative, got -1"));
  CHECK_THROWS_AS(narrow(x, 0, -2, kMax), ShapeError);
  CHECK_THROWS_AS(narrow(x, 0, kMin, 1), IndexError);
  CHECK_THROWS_AS(narrow(zeros({}), 0, 0, 1), IndexError);
  CHECK_THROWS_AS(unbind(zeros({}), 0), IndexError);
  CHECK_THROWS_AS(unbind(x, 2), IndexError);
}

TEST_CASE("Splits that do not fit are refused", "[ops][slice][error]") {
  const auto x = zeros({6});
  CHECK_THROWS_MATCHES(
      split(x, 0), ValueError,
      Message("split: expected a positive split_size for dimension 0 of shape (6,), got 0"));
  CHECK_THROWS_AS(split(x, -1), ValueError);
  CHECK_THROWS_MATCHES(split(x, Shape{2, 3}), ShapeError,
                       Message("split: expected sizes that add up to 6 along dimension 0 of shape "
                               "(6,), got (2, 3)"));
  CHECK_THROWS_AS(split(x, Shape{7, -1}), ValueError);
  CHECK_THROWS_AS(split(x, Shape{kMax, kMax, 8}), ShapeError);
  CHECK_THROWS_AS(split(zeros({}), 1), IndexError);
  CHECK_THROWS_AS(split(x, 2, 1), IndexError);
  CHECK_THROWS_MATCHES(chunk(x, 0), ValueError,
                       Message("chunk: expected a positive number of chunks, got 0"));
  CHECK_THROWS_AS(chunk(zeros({}), 1), IndexError);
}

TEST_CASE("Diagonals that do not fit are refused", "[ops][slice][error]") {
  CHECK_THROWS_MATCHES(diagonal(zeros({2, 3}), 0, 0, -2), ValueError,
                       Message("diagonal: expected two different dimensions, got 0 and -2"));
  CHECK_THROWS_AS(diagonal(zeros({3})), IndexError);
}

TEST_CASE("Gradients of slices can be differentiated again", "[ops][slice][autograd]") {
  const auto x = rand<double>({3, 3}).requires_grad_();
  const auto f = [](const auto& in) {
    const auto parts = split(in[0], Shape{1, 2});
    return square(select(in[0], 0, 1)) * narrow(in[0], 1, 1, 2).sum() * diagonal(in[0]) +
           square(parts[1]).sum() * unbind(in[0], 1)[2] + square(chunk(in[0], 2)[0]).sum(0);
  };
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
