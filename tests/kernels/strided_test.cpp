#include "brasa/kernels/strided.hpp"

#include <cstdint>
#include <numeric>
#include <vector>

#include "support/catch.hpp"

using namespace brasa;

namespace {

std::vector<int> counted(std::size_t count) {
  std::vector<int> values(count);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

/// What copy_strided reads from 0, 1, 2, … into row-major memory.
std::vector<int> gathered(const Shape& shape, const Shape& strides, std::int64_t offset = 0) {
  const std::vector<int> source = counted(60);
  std::vector<int> target(static_cast<std::size_t>(detail::numel_of(shape)), -1);
  kernels::copy_strided(shape, source.data() + offset, strides, target.data(),
                        detail::strides_of(shape));
  return target;
}

}  // namespace

TEST_CASE("A walk visits all indices in row-major order", "[kernels][strided]") {
  kernels::OffsetWalk<2> walk({2, 3}, {Shape{10, 1}, Shape{-1, 2}});
  std::vector<std::int64_t> first, second;
  do {
    first.push_back(walk[0]);
    second.push_back(walk[1]);
  } while (walk.next());
  CHECK(first == std::vector<std::int64_t>{0, 1, 2, 10, 11, 12});
  CHECK(second == std::vector<std::int64_t>{0, 2, 4, -1, 1, 3});
}

TEST_CASE("A walk over no dimension has one stop", "[kernels][strided]") {
  kernels::OffsetWalk<1> walk({}, {Shape{}});
  CHECK(walk[0] == 0);
  CHECK_FALSE(walk.next());
}

TEST_CASE("Dimensions without a gap are merged, those of size 1 dropped", "[kernels][strided]") {
  Shape shape{2, 1, 3, 4};
  Shape source{12, 99, 4, 1};
  Shape target{24, 7, 8, 2};
  kernels::merge_dims(shape, source, target);
  CHECK(shape == Shape{24});
  CHECK(source == Shape{1});
  CHECK(target == Shape{2});
}

TEST_CASE("Elements are read with any strides", "[kernels][strided]") {
  CHECK(gathered({2, 3}, {3, 1}) == std::vector<int>{0, 1, 2, 3, 4, 5});     // in order
  CHECK(gathered({3, 2}, {1, 3}) == std::vector<int>{0, 3, 1, 4, 2, 5});     // transposed
  CHECK(gathered({2, 3}, {0, 1}) == std::vector<int>{0, 1, 2, 0, 1, 2});     // rows repeated
  CHECK(gathered({2, 3}, {1, 0}) == std::vector<int>{0, 0, 0, 1, 1, 1});     // columns repeated
  CHECK(gathered({4}, {-1}, 3) == std::vector<int>{3, 2, 1, 0});             // reversed
  CHECK(gathered({2, 2}, {-10, -1}, 11) == std::vector<int>{11, 10, 1, 0});  // both
  CHECK(gathered({3}, {11}, 5) == std::vector<int>{5, 16, 27});              // a diagonal
  CHECK(gathered({}, {}, 7) == std::vector<int>{7});
  CHECK(gathered({1, 1}, {5, 9}, 7) == std::vector<int>{7});
  CHECK(gathered({2, 0, 3}, {1, 1, 1}).empty());
}

TEST_CASE("Elements are written with any strides", "[kernels][strided]") {
  const std::vector<int> source = counted(4);
  std::vector<int> target(9, -1);
  kernels::copy_strided({2, 2}, source.data(), {2, 1}, target.data() + 1, {3, 2});
  CHECK(target == std::vector<int>{-1, 0, -1, 1, 2, -1, 3, -1, -1});
}
