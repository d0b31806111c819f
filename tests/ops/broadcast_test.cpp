// The loops under all elementwise operations, against the definition of broadcasting.

#include "brasa/ops/broadcast.hpp"

#include <cstdint>
#include <vector>

#include "brasa/ops/creation.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using golden::equal_bits;

namespace {

/// The offset of the element of a tensor of shape `own` that stands at `index` of a larger shape.
std::int64_t offset_of(const Shape& own, const Shape& index) {
  std::int64_t offset = 0;
  for (std::size_t dim = 0; dim < own.size(); ++dim) {
    const std::int64_t i = index[index.size() - own.size() + dim];
    offset = offset * own[dim] + (own[dim] == 1 ? 0 : i);
  }
  return offset;
}

Shape index_of(std::int64_t flat, const Shape& shape) {
  Shape index = shape;
  for (std::size_t dim = shape.size(); dim-- > 0;) {
    index[dim] = flat % shape[dim];
    flat /= shape[dim];
  }
  return index;
}

Tensor<std::int64_t> counted(const Shape& shape, std::int64_t from) {
  auto x = empty<std::int64_t>(shape);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data()[i] = from + i;
  return x;
}

/// How many elements of zip(a, b, c) are not those of the definition.
int wrong(const Shape& shape_a, const Shape& shape_b, const Shape& shape_c) {
  const auto a = counted(shape_a, 1);
  const auto b = counted(shape_b, 1);
  const auto c = counted(shape_c, 1);
  const auto two = detail::zip<std::int64_t>(
      "zip", a, b, [](std::int64_t x, std::int64_t y) { return 1000 * x + y; });
  const auto three = detail::zip<std::int64_t>(
      "zip", a, b, c,
      [](std::int64_t x, std::int64_t y, std::int64_t z) { return 1000000 * x + 1000 * y + z; });
  int count = 0;
  for (std::int64_t i = 0; i < two.numel(); ++i) {
    const Shape index = index_of(i, two.shape());
    const std::int64_t expected =
        1000 * (offset_of(shape_a, index) + 1) + offset_of(shape_b, index) + 1;
    count += two.data()[i] != expected;
  }
  for (std::int64_t i = 0; i < three.numel(); ++i) {
    const Shape index = index_of(i, three.shape());
    const std::int64_t expected = 1000000 * (offset_of(shape_a, index) + 1) +
                                  1000 * (offset_of(shape_b, index) + 1) +
                                  offset_of(shape_c, index) + 1;
    count += three.data()[i] != expected;
  }
  return count;
}

}  // namespace

TEST_CASE("Operands of every shape meet the right elements", "[ops][broadcast]") {
  // Up to four dimensions, each of the full size or 1, and dimensions left out in front.
  const Shape full{2, 3, 2, 4};
  std::vector<Shape> shapes;
  for (std::size_t first = 0; first <= 4; ++first) {
    for (unsigned mask = 0; mask < (1u << (4 - first)); ++mask) {
      Shape shape = full.slice(first, 4);
      for (std::size_t i = 0; i < shape.size(); ++i) {
        if ((mask >> i) & 1u) shape[i] = 1;
      }
      shapes.push_back(shape);
    }
  }
  REQUIRE(shapes.size() == 31);
  int count = 0;
  for (const Shape& a : shapes) {
    for (const Shape& b : shapes) count += wrong(a, b, shapes[(a.size() * 7 + b.size()) % 31]);
  }
  CHECK(count == 0);
  // More dimensions than a Shape keeps in itself.
  CHECK(wrong({2, 1, 3, 1, 2, 1, 2}, {4, 1, 2, 1, 3, 1}, {3, 1}) == 0);
}

TEST_CASE("Rows are as long as the operands allow", "[ops][broadcast]") {
  const auto length = [](const Shape& a, const Shape& b) {
    const Shape shape = detail::broadcast_shapes("op", a, b);
    return detail::BroadcastWalk<2>(shape, {&a, &b}).row_length();
  };
  CHECK(length({2, 3, 4}, {2, 3, 4}) == 24);
  CHECK(length({2, 3, 4}, {4}) == 4);
  CHECK(length({2, 3, 4}, {3, 4}) == 12);
  CHECK(length({2, 3, 4}, {2, 1, 1}) == 12);
  CHECK(length({2, 3, 4}, {}) == 24);
  CHECK(length({2, 3, 1, 4}, {3, 1, 4}) == 12);
  CHECK(length({2, 3}, {2, 1}) == 3);
  CHECK(length({}, {}) == 1);
}

TEST_CASE("Where a dimension is empty there are no rows", "[ops][broadcast]") {
  const auto never = [](std::int64_t, std::int64_t) -> std::int64_t {
    FAIL("called for no element");
    return 0;
  };
  const auto a = zeros<std::int64_t>({2, 0, 3});
  CHECK(detail::zip<std::int64_t>("op", a, zeros<std::int64_t>({1, 3}), never).shape() ==
        Shape{2, 0, 3});
  CHECK(detail::zip<std::int64_t>("op", zeros<std::int64_t>({0}), zeros<std::int64_t>({}), never)
            .shape() == Shape{0});
  CHECK(detail::zip<std::int64_t>("op", a, std::int64_t{1}, never).shape() == Shape{2, 0, 3});
  const Shape huge{0, std::int64_t{1} << 40, std::int64_t{1} << 40};  // too large to multiply
  CHECK(detail::zip<std::int64_t>("op", zeros<std::int64_t>(huge), zeros<std::int64_t>({1}), never)
            .shape() == huge);
}

TEST_CASE("The result may be of another type than the operands", "[ops][broadcast]") {
  CHECK(equal_bits(
      detail::zip<bool>("op", tensor({1, 2}), tensor<std::int64_t>({2, 1}),
                        [](float x, std::int64_t y) { return x < static_cast<float>(y); }),
      tensor<bool>({true, false})));
  CHECK(equal_bits(detail::map<std::int64_t>(tensor({1.5, -1.5}), [](float x) { return x * 2; }),
                   tensor<std::int64_t>({3, -3})));
}
