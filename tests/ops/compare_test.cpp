#include "brasa/ops/compare.hpp"

#include <cstdint>
#include <limits>

#include "brasa/ops/creation.hpp"
#include "brasa/ops/logic.hpp"
#include "support/recorded_ops.hpp"
#include "support/special.hpp"

using namespace brasa;
using golden::equal_bits;
using golden::Outputs;

namespace {

template <class A, class B>
Outputs compared(const std::string& op, const A& a, const B& b) {
  if (op == "eq") return {eq(a, b)};
  if (op == "ne") return {ne(a, b)};
  if (op == "lt") return {lt(a, b)};
  if (op == "le") return {le(a, b)};
  if (op == "gt") return {gt(a, b)};
  if (op == "ge") return {ge(a, b)};
  if (op == "logical_and") return {logical_and(a, b)};
  if (op == "logical_or") return {logical_or(a, b)};
  if (op == "logical_xor") return {logical_xor(a, b)};
  return {};
}

Tensor<bool> bools(const std::vector<bool>& values) { return tensor(values); }

}  // namespace

TEST_CASE("Comparisons and logic give what PyTorch recorded", "[ops][compare][logic]") {
  const auto count = golden::run_recorded("ops/compare.safetensors", [](auto& call) -> Outputs {
    if (call.op() == "logical_not") return {logical_not(call.x())};
    if (call.has_x(1)) return compared(call.op(), call.x(0), call.x(1));
    return compared(call.op(), call.x(0), golden::number(call.arg(1)));
  });
  CHECK(count >= 394);
}

TEST_CASE("A number stands on either side of a comparison", "[ops][compare]") {
  const auto x = tensor({1, 2, 3});
  CHECK(equal_bits(2 < x, bools({false, false, true})));
  CHECK(equal_bits(2 <= x, bools({false, true, true})));
  CHECK(equal_bits(2 > x, bools({true, false, false})));
  CHECK(equal_bits(2 >= x, bools({true, true, false})));
  CHECK(equal_bits(2 == x, bools({false, true, false})));
  CHECK(equal_bits(2 != x, bools({true, false, true})));
}

TEST_CASE("Beside integers a number keeps its value", "[ops][compare]") {
  const auto bytes = tensor<std::uint8_t>({0, 200, 255});
  CHECK(equal_bits(bytes < 300, bools({true, true, true})));
  CHECK(equal_bits(bytes == -1, bools({false, false, false})));
  CHECK(equal_bits(bytes > -1, bools({true, true, true})));
  CHECK(equal_bits(bytes <= 199.5, bools({true, false, false})));
  CHECK(equal_bits(bytes < kInf, bools({true, true, true})));
  CHECK(equal_bits(bytes != kNan, bools({true, true, true})));
  const auto ints = tensor<std::int32_t>({5, -5});
  CHECK(equal_bits(ints < (std::int64_t{1} << 40), bools({true, true})));
  // torch.tensor([16777216]) == 16777217.0 is true: in float32 they are the same.
  CHECK(equal_bits(tensor<std::int64_t>({16777216}) == 16777217.0, bools({false})));
  const auto longs = tensor<std::int64_t>({-1, std::numeric_limits<std::int64_t>::max()});
  CHECK(equal_bits(longs == std::numeric_limits<std::uint64_t>::max(), bools({false, false})));
  CHECK(equal_bits(longs < std::uint64_t{1} << 63, bools({true, true})));
  CHECK(equal_bits(tensor<bool>({true, false}) == 1, bools({true, false})));
  CHECK(equal_bits(tensor<bool>({true, false}) == 2, bools({false, false})));
}

TEST_CASE("Beside floating point a number is cast to its type", "[ops][compare]") {
  // (torch.tensor([0.1]) == 0.1).item(), (torch.tensor([16777217.]) == 16777217).item()
  CHECK((tensor({0.1}) == 0.1).item());
  CHECK((tensor({16777216}) == 16777217).item());
}

TEST_CASE("isnan, isinf and isfinite know integers too", "[ops][compare]") {
  const auto x = tensor({1, kNan, kInf, -kInf});
  CHECK(equal_bits(isnan(x), bools({false, true, false, false})));
  CHECK(equal_bits(isinf(x), bools({false, false, true, true})));
  CHECK(equal_bits(isfinite(x), bools({true, false, false, false})));
  const auto ints = tensor<std::int64_t>({3, 0});
  CHECK(equal_bits(isnan(ints), bools({false, false})));
  CHECK(equal_bits(isinf(ints), bools({false, false})));
  CHECK(equal_bits(isfinite(ints), bools({true, true})));
}

TEST_CASE("isclose follows PyTorch with infinities, NaN and integers", "[ops][compare]") {
  // torch.isclose(T([inf, nan, -inf, 1.]), T([inf, nan, inf, 1.000005])), then with equal_nan=True
  const auto a = tensor({kInf, kNan, -kInf, 1});
  const auto b = tensor({kInf, kNan, kInf, 1.000005});
  CHECK(equal_bits(isclose(a, b), bools({true, false, false, true})));
  CHECK(equal_bits(isclose(a, b, 1e-5, 1e-8, true), bools({true, true, false, true})));
  // torch.isclose(T([100000000]), T([100000001])), torch.isclose(T([1]), T([2]))
  CHECK(isclose(tensor<std::int64_t>({100000000}), tensor<std::int64_t>({100000001})).item());
  CHECK_FALSE(isclose(tensor<std::int64_t>({1}), tensor<std::int64_t>({2})).item());
  CHECK_THROWS_AS(isclose(a, b, -1), ValueError);
  CHECK_THROWS_AS(isclose(a, b, 0, -1), ValueError);
  CHECK_THROWS_AS(isclose(a, b, kNan), ValueError);
  CHECK_THROWS_AS(isclose(a, tensor({1, 2})), ShapeError);
}

TEST_CASE("allclose broadcasts, equal does not", "[ops][compare]") {
  CHECK(allclose(tensor({1}), tensor({1, 1, 1})));
  CHECK_FALSE(allclose(tensor({1, 2}), tensor({1})));
  CHECK(allclose(zeros({0}), zeros({0})));
  CHECK(equal(tensor({1, 2}), tensor({1, 2})));
  CHECK_FALSE(equal(tensor({1, 2}), tensor({1, 3})));
  CHECK_FALSE(equal(tensor({1}), tensor({1, 1})));
  CHECK_FALSE(equal(tensor({kNan}), tensor({kNan})));
  CHECK(equal(tensor({0.0}), tensor({-0.0})));
  CHECK(equal(zeros({2, 0}), zeros({2, 0})));
  CHECK_FALSE(equal(zeros({2, 0}), zeros({0, 2})));
}

TEST_CASE("Shapes that do not broadcast are named with both", "[ops][compare][error]") {
  using Catch::Matchers::Message;
  CHECK_THROWS_MATCHES(zeros({2, 3}) == zeros({2}), ShapeError,
                       Message("eq: expected shapes that broadcast, got (2, 3) and (2,): sizes 3 "
                               "and 2 differ at dimension 1"));
  CHECK_THROWS_AS(zeros({3}) < zeros({2}), ShapeError);
  CHECK_THROWS_AS(zeros({3}) && zeros({2}), ShapeError);
}
