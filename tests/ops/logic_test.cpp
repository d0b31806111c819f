#include "brasa/ops/logic.hpp"

#include <cstdint>

#include "brasa/ops/creation.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using golden::equal_bits;

namespace {

const auto kA = [] { return tensor<bool>({true, true, false, false}); };
const auto kB = [] { return tensor<bool>({true, false, true, false}); };

}  // namespace

TEST_CASE("The operators on masks are those of logic", "[ops][logic]") {
  CHECK(equal_bits(kA() && kB(), tensor<bool>({true, false, false, false})));
  CHECK(equal_bits(kA() || kB(), tensor<bool>({true, true, true, false})));
  CHECK(equal_bits(!kA(), tensor<bool>({false, false, true, true})));
  CHECK(equal_bits(kA() & kB(), tensor<bool>({true, false, false, false})));
  CHECK(equal_bits(kA() | kB(), tensor<bool>({true, true, true, false})));
  CHECK(equal_bits(kA() ^ kB(), tensor<bool>({false, true, true, false})));
  CHECK(equal_bits(~kA(), tensor<bool>({false, false, true, true})));
  CHECK(equal_bits(logical_xor(kA(), kB()), tensor<bool>({false, true, true, false})));
  CHECK(equal_bits(kA() && true, kA()));
  CHECK(equal_bits(false || kB(), kB()));
}

TEST_CASE("The bits of integers are combined as PyTorch combines them", "[ops][logic]") {
  // x = torch.tensor([12, -7]); x & 10, x | 10, x ^ 10, ~x
  const auto x = tensor<std::int64_t>({12, -7});
  CHECK(equal_bits(x & 10, tensor<std::int64_t>({8, 8})));
  CHECK(equal_bits(x | 10, tensor<std::int64_t>({14, -5})));
  CHECK(equal_bits(x ^ 10, tensor<std::int64_t>({6, -13})));
  CHECK(equal_bits(~x, tensor<std::int64_t>({-13, 6})));
  // ~torch.tensor([5], dtype=torch.uint8)
  CHECK(equal_bits(~tensor<std::uint8_t>({5}), tensor<std::uint8_t>({250})));
  const auto matrix = tensor<std::int32_t>({{1}, {2}});
  CHECK(equal_bits(matrix | tensor<std::int32_t>({4, 8}), tensor<std::int32_t>({{5, 9}, {6, 10}})));
}

TEST_CASE("Everything but 0 counts as true", "[ops][logic]") {
  // torch.logical_and(T([1., 0., nan]), T([1., 1., 1.])); torch.logical_not(T([2., 0., -0.]))
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(equal_bits(logical_and(tensor({1, 0, nan}), tensor({1, 1, 1})),
                   tensor<bool>({true, false, true})));
  CHECK(equal_bits(!tensor({2, 0, -0.0}), tensor<bool>({false, true, true})));
  CHECK(equal_bits(tensor<std::int64_t>({2, 0}) && 4, tensor<bool>({true, false})));
}
