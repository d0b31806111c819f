// all and any; the recorded cases run in reduce_test.cpp. T = torch.tensor.

#include "brasa/ops/truth.hpp"

#include <limits>

#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using golden::equal_bits;

TEST_CASE("All of nothing are true, none of nothing is", "[ops][truth]") {
  // torch.zeros(0).all(), .any(); torch.zeros(0, 3).all(0), .any(0)
  CHECK(all(zeros({0})).item());
  CHECK_FALSE(any(zeros({0})).item());
  CHECK(equal_bits(all(zeros({0, 3}), 0), ones<bool>({3})));
  CHECK(equal_bits(any(zeros({0, 3}), 0), zeros<bool>({3})));
}

TEST_CASE("NaN is true and -0 is not", "[ops][truth]") {
  // T([nan]).all(), T([nan, 0]).any(), T([-0.]).any()
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(all(tensor({nan})).item());
  CHECK(any(tensor({nan, 0})).item());
  CHECK_FALSE(any(tensor({-0.0})).item());
}

TEST_CASE("An empty list of dimensions reduces nothing", "[ops][truth]") {
  // T([[2., 0], [0, 1]]).all(()), .any(())
  const auto x = tensor({{2, 0}, {0, 1}});
  const auto each = tensor<bool>({{true, false}, {false, true}});
  CHECK(equal_bits(all(x, {}), each));
  CHECK(equal_bits(any(x, {}), each));
}

TEST_CASE("The truth about uint8 is a bool", "[ops][truth]") {
  CHECK(all(tensor<std::uint8_t>({1, 2})).dtype() == Dtype::bool_);  // uint8 in PyTorch
}

TEST_CASE("Dimensions that do not fit all and any are refused", "[ops][truth][error]") {
  CHECK_THROWS_AS(all(zeros({2, 3}), 2), IndexError);
  CHECK_THROWS_AS(any(zeros({2, 3}), {0, -2}), ValueError);
}
