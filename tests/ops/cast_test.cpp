// Copies and casts. T = torch.tensor; the numbers beyond an integer's range are what PyTorch gives
// on x86.

#include "brasa/ops/cast.hpp"

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

/// The same from float and from double.
template <class To>
void check_cast(std::initializer_list<detail::NestedList<double>> from,
                const Tensor<To>& expected) {
  const auto doubles = tensor<double>(from);
  CHECK(equal_bits(to<To>(doubles), expected));
  CHECK(equal_bits(to<To>(to<float>(doubles)), expected));
}

}  // namespace

TEST_CASE("Floating point becomes integers as in PyTorch, whatever its value", "[ops][cast]") {
  // T([1.5, -2.5, nan, inf, -inf, 1e10, 2147483648., -2147483904.]).to(torch.int32)
  check_cast<std::int32_t>({1.5, -2.5, kNan, kInf, -kInf, 1e10, 2147483648.0, -2147483904.0},
                           tensor<std::int32_t>({1, -2, kLowest32, kLowest32, kLowest32, kLowest32,
                                                 kLowest32, kLowest32}));
  check_cast<std::int32_t>({-2147483648.0, 0.0, -0.0}, tensor<std::int32_t>({kLowest32, 0, 0}));
  // T([300., -1., 1e10, nan, inf, -1e20, 9.3e18]).to(torch.int64)
  check_cast<std::int64_t>(
      {300, -1, 1e10, kNan, kInf, -1e20, 0x1p63},
      tensor<std::int64_t>({300, -1, 10000000000, kLowest64, kLowest64, kLowest64, kLowest64}));
  // T([1.5, -2.5, 256, 257, -1, 300., 1e10, nan, inf, -1e20]).to(torch.uint8)
  check_cast<std::uint8_t>({1.5, -2.5, 256, 257, -1, 300, 1e10, kNan, kInf, -1e20},
                           tensor<std::uint8_t>({1, 254, 0, 1, 255, 44, 0, 0, 0, 0}));
  // T([nan, 0., -0., 1e-40, inf]).to(torch.bool)
  check_cast<bool>({kNan, 0.0, -0.0, 1e-40, kInf}, tensor<bool>({true, false, false, true, true}));
  // The largest float below 2^31 is not below the largest int32 as a double is.
  CHECK(to<std::int32_t>(tensor<double>(2147483647.9)).item() == 2147483647);
}

TEST_CASE("Integers wrap around and become the nearest floating point", "[ops][cast]") {
  // T([300, -1]).to(torch.uint8), T([2**32 + 5]).to(torch.int32), T([0, 3, -1]).to(torch.bool)
  CHECK(equal_bits(to<std::uint8_t>(tensor<std::int64_t>({300, -1})),
                   tensor<std::uint8_t>({44, 255})));
  CHECK(to<std::int32_t>(tensor<std::int64_t>((std::int64_t{1} << 32) + 5)).item() == 5);
  CHECK(equal_bits(to<bool>(tensor<std::int64_t>({0, 3, -1})), tensor<bool>({false, true, true})));
  // T([16777217]).to(torch.float32), T([True, False]).to(torch.float32)
  CHECK(to<float>(tensor<std::int64_t>(16777217)).item() == 16777216.0f);
  CHECK(equal_bits(to<float>(tensor<bool>({true, false})), tensor({1, 0})));
  // T([1e300, -1e300, 1e-50, 0.1], dtype=torch.float64).to(torch.float32)
  CHECK(equal_bits(to<float>(tensor<double>({1e300, -1e300, 1e-50, 0.1})),
                   tensor({kInf, -kInf, 0, 0.10000000149011612})));
}

TEST_CASE("A tensor of the type already is itself", "[ops][cast]") {
  const auto x = tensor({1, 2});
  CHECK(x.to<float>().is(x));
  CHECK_FALSE(x.to<double>().shares_storage(x));
}

TEST_CASE("Gradients go through casts between float and double", "[ops][cast][autograd]") {
  auto x = tensor({1, 2}).requires_grad_();
  const auto y = x.to<double>();
  CHECK(std::string(y.impl().autograd->grad_fn->name()) == "ToCopyBackward0");
  (y * y).sum().backward();
  CHECK(equal_bits(x.grad(), tensor({2, 4})));
  CHECK_FALSE(x.to<std::int64_t>().requires_grad());
}

TEST_CASE("A clone has memory of its own and lets gradients through", "[ops][cast][autograd]") {
  auto x = tensor({1, 2}).requires_grad_();
  const auto y = x.clone();
  CHECK_FALSE(y.shares_storage(x));
  CHECK(equal_bits(y, x));
  CHECK(std::string(y.impl().autograd->grad_fn->name()) == "CloneBackward0");
  (y * 3).sum().backward();
  CHECK(equal_bits(x.grad(), tensor({3, 3})));
  CHECK(zeros({2, 0}).clone().shape() == Shape{2, 0});
  CHECK_FALSE(zeros_like(x).requires_grad());
}
