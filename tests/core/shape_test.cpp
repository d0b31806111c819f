#include "brasa/core/shape.hpp"

#include <cstdint>
#include <cstdio>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;

namespace {

Shape counted(std::int64_t count) {
  Shape shape;
  for (std::int64_t i = 0; i < count; ++i) shape.push_back(i);
  return shape;
}

/// All shapes of up to three dimensions with sizes from 0 to 3, in the order of
/// `[s for rank in range(4) for s in itertools.product(range(4), repeat=rank)]`.
std::vector<Shape> small_shapes() {
  std::vector<Shape> shapes{Shape{}};
  std::size_t begin = 0;
  for (int rank = 1; rank <= 3; ++rank) {
    const std::size_t end = shapes.size();
    for (std::size_t i = begin; i < end; ++i) {
      for (std::int64_t size = 0; size < 4; ++size) {
        Shape longer = shapes[i];
        longer.push_back(size);
        shapes.push_back(longer);
      }
    }
    begin = end;
  }
  return shapes;
}

/// The shape, or where it does not broadcast the numbers in PyTorch's message: both sizes and the
/// dimension.
std::string broadcast_text(const Shape& a, const Shape& b) {
  try {
    return shape_text(detail::broadcast_shapes("add", a, b));
  } catch (const ShapeError& error) {
    const std::string message = error.what();
    long first = -1, second = -1, dim = -1;
    std::sscanf(message.c_str() + message.find("sizes"),
                "sizes %ld and %ld differ at dimension %ld", &first, &second, &dim);
    std::ostringstream text;
    text << first << ' ' << second << ' ' << dim;
    return text.str();
  }
}

}  // namespace

TEST_CASE("A Shape holds few sizes in itself and many elsewhere", "[core][shape]") {
  for (const std::int64_t count : {0, 1, 5, 6, 7, 12, 13, 100}) {
    INFO(count);
    const Shape shape = counted(count);
    REQUIRE(shape.size() == static_cast<std::size_t>(count));
    CHECK(shape.empty() == (count == 0));
    for (std::int64_t i = 0; i < count; ++i) CHECK(shape[static_cast<std::size_t>(i)] == i);
    const Shape copy = shape;  // NOLINT: the copy is what is tested
    CHECK(copy == shape);
    Shape moved = Shape(shape);
    Shape target{1, 2};
    target = std::move(moved);
    CHECK(target == shape);
    target = counted(3);
    CHECK(target == Shape{0, 1, 2});
    target = copy;
    CHECK(target == shape);
    target = *&target;
    CHECK(target == shape);
  }
}

TEST_CASE("A Shape can be changed", "[core][shape]") {
  Shape shape = counted(5);
  shape.insert(0, 9);
  shape.insert(6, 8);
  CHECK(shape == Shape{9, 0, 1, 2, 3, 4, 8});
  shape.erase(0);
  shape.erase(5);
  CHECK(shape == Shape{0, 1, 2, 3, 4});
  shape.append(shape);
  CHECK(shape == Shape{0, 1, 2, 3, 4, 0, 1, 2, 3, 4});
  CHECK(shape.slice(3, 6) == Shape{3, 4, 0});
  CHECK(shape.slice(4, 4) == Shape{});
  shape.front() = 7;
  shape.back() = 6;
  CHECK(shape.slice(0, 1) == Shape{7});
  CHECK(std::as_const(shape).back() == 6);
  CHECK(Shape::filled(8, 2) == Shape{2, 2, 2, 2, 2, 2, 2, 2});
  CHECK(Shape(std::vector<std::int64_t>{1, 2}) == Shape{1, 2});
  CHECK_FALSE(Shape{1, 2} == Shape{1, 2, 3});
  CHECK_FALSE(Shape{1, 2} == Shape{1, 3});
  Shape emptied = counted(9);
  const Shape taken = std::move(emptied);
  CHECK(taken.size() == 9);
  CHECK(emptied.empty());  // NOLINT: a Shape that was moved from is empty
}

TEST_CASE("A Shape prints as in PyTorch", "[core][shape]") {
  // print(torch.Size([2, 3]), torch.Size([]), torch.Size([4]))
  CHECK(repr(Shape{2, 3}) == "torch.Size([2, 3])");
  CHECK(repr(Shape{}) == "torch.Size([])");
  std::ostringstream out;
  out << Shape{4};
  CHECK(out.str() == "torch.Size([4])");
  CHECK(shape_text({2, 3}) == "(2, 3)");
  CHECK(shape_text({2}) == "(2,)");
  CHECK(shape_text({}) == "()");
}

TEST_CASE("Broadcasting is PyTorch's for 7,225 pairs of shapes", "[core][shape]") {
  // text = ""
  // for a in shapes:
  //     for b in shapes:
  //         try: text += str(tuple((torch.empty(a) + torch.empty(b)).shape))
  //         except RuntimeError as e: text += " ".join(re.findall(r"\d+", str(e)))
  //         text += "\n"
  // h = 0xcbf29ce484222325
  // for c in text.encode(): h = (h ^ c) * 0x100000001b3 % 2**64
  std::uint64_t hash = 0xcbf29ce484222325;
  int pairs = 0;
  const std::vector<Shape> shapes = small_shapes();
  for (const Shape& a : shapes) {
    for (const Shape& b : shapes) {
      ++pairs;
      for (const char c : broadcast_text(a, b) + "\n") {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
      }
    }
  }
  CHECK(pairs == 7225);
  CHECK(hash == 0xc468c85d2850158e);
}

TEST_CASE("The number of elements is checked before anybody relies on it", "[core][shape][error]") {
  using detail::checked_numel;
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  CHECK(checked_numel("op", {}) == 1);
  CHECK(checked_numel("op", {2, 3}) == 6);
  CHECK(checked_numel("op", {kHuge, kHuge, 0}) == 0);
  CHECK_THROWS_AS(checked_numel("op", {kHuge, 4}), ValueError);
  constexpr std::int64_t kLarge = std::int64_t{1} << 29;
  CHECK(checked_numel("op", {kLarge - 1, kLarge - 1}) == (kLarge - 1) * (kLarge - 1));
  CHECK(checked_numel("op", {kLarge, kLarge}) == std::int64_t{1} << 58);
  CHECK_THROWS_AS(checked_numel("op", {kLarge - 1, kLarge - 1, kLarge - 1}), ValueError);
  CHECK_THROWS_AS(checked_numel("op", {8 * kLarge, 8 * kLarge}), ValueError);  // 0 in 64 bits
  CHECK_THROWS_AS(checked_numel("op", {std::numeric_limits<std::int64_t>::max()}), ValueError);
  CHECK_THROWS_AS(checked_numel("op", {0, -1}), ValueError);
  CHECK_THROWS_WITH(checked_numel("op", {2, -3}),
                    "op: expected sizes that are not negative, got (2, -3)");
  CHECK_THROWS_WITH(checked_numel("op", {kHuge, 4}), ContainsSubstring("too many elements"));
  CHECK(detail::numel_of({kHuge, kHuge, 0}) == 0);
  CHECK(detail::numel_of({}) == 1);
}

TEST_CASE("Sizes too large to multiply give the largest number, unless there is no element",
          "[core][shape]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  CHECK(detail::numel_of({kHuge, kHuge}) == kMax);
  CHECK(detail::numel_of({kHuge, kHuge, 3}) == kMax);
  CHECK(detail::numel_of({kHuge, kHuge, 0}) == 0);
  CHECK(detail::numel_of({0, kHuge, kHuge}) == 0);
  CHECK(detail::numel_of({std::int64_t{1} << 31, std::int64_t{1} << 31}) == std::int64_t{1} << 62);
  CHECK(detail::numel_of({kMax}) == kMax);
  CHECK(detail::numel_of({3, 1, 5}) == 15);
  CHECK(detail::numel_of({}) == 1);
}

TEST_CASE("Dimensions count from either end", "[core][shape][error]") {
  using detail::wrap_dim;
  CHECK(wrap_dim("op", 1, 3) == 1);
  CHECK(wrap_dim("op", -1, 3) == 2);
  CHECK(wrap_dim("op", -3, 3) == 0);
  CHECK(wrap_dim("op", -1, 0) == 0);
  CHECK_THROWS_WITH(wrap_dim("op", 3, 3),
                    "op: dimension out of range: expected it in [-3, 2], got 3");
  CHECK_THROWS_AS(wrap_dim("op", -4, 3), IndexError);
  CHECK_THROWS_AS(wrap_dim("op", 1, 0), IndexError);
}

TEST_CASE("Strides are those of row-major memory", "[core][shape]") {
  CHECK(detail::strides_of({2, 3, 4}) == Shape{12, 4, 1});
  CHECK(detail::strides_of({}) == Shape{});
  CHECK(detail::strides_of({1}) == Shape{1});
}
