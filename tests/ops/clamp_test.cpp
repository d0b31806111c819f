// Edges of maximum, minimum and clamp; elementwise_test.cpp holds the recorded cases.

#include "brasa/ops/clamp.hpp"

#include <cstdint>
#include <limits>
#include <optional>

#include "brasa/autograd/backward.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
using golden::equal_bits;

TEST_CASE("NaN on either side wins", "[ops][clamp]") {
  const auto a = tensor({0.0, -0.0, kNan, 1, kInf});
  const auto b = tensor({-0.0, 0.0, 1, kNan, 2});
  // torch.maximum(T([0., -0., nan, 1]), T([-0., 0., 1, nan])): of equal values the first
  CHECK(equal_bits(maximum(a, b), tensor({0.0, -0.0, kNan, kNan, kInf})));
  CHECK(equal_bits(minimum(a, b), tensor({0.0, -0.0, kNan, kNan, 2})));
  CHECK(equal_bits(clamp(tensor({1, -1, kNan}), 0, kNan), tensor({kNan, kNan, kNan})));
  CHECK(equal_bits(clamp(tensor({1, 5}), kNan), tensor({kNan, kNan})));
  CHECK(equal_bits(maximum(tensor<bool>({true, false}), tensor<bool>({false, false})),
                   tensor<bool>({true, false})));
}

TEST_CASE("clamp takes either bound, or both", "[ops][clamp]") {
  const auto x = tensor({1, 5, kNan});
  CHECK(equal_bits(clamp(x, 2), tensor({2, 5, kNan})));
  CHECK(equal_bits(clamp(x, std::nullopt, 2), tensor({1, 2, kNan})));
  CHECK(equal_bits(clamp_min(x, 2), tensor({2, 5, kNan})));
  CHECK(equal_bits(clamp_max(x, 2), tensor({1, 2, kNan})));
  // torch.clamp(T([1., 5, nan]), 2, 1): the upper bound counts
  CHECK(equal_bits(clamp(x, 2, 1), tensor({1, 1, kNan})));
  // T([-0., 0.]).clamp(min=0.), T([-0., 0.]).clamp(max=-0.)
  CHECK(equal_bits(clamp(tensor({-0.0, 0.0}), 0), tensor({-0.0, 0.0})));
  CHECK(equal_bits(clamp(tensor({-0.0, 0.0}), std::nullopt, -0.0), tensor({-0.0, 0.0})));
  const auto ints = tensor<std::int64_t>({1, 5, 9});
  CHECK(equal_bits(clamp(ints, 2, 6), tensor<std::int64_t>({2, 5, 6})));
  // T([1, 2], dtype=torch.uint8).clamp(-1, 2): -1 is the byte 255
  CHECK(equal_bits(clamp(tensor<std::uint8_t>({1, 2}), -1, 2), tensor<std::uint8_t>({2, 2})));
}

TEST_CASE("Bounds that cannot be are refused", "[ops][clamp][error]") {
  const auto ints = tensor<std::int64_t>({1, 2});
  CHECK_THROWS_AS(clamp(ints, std::nullopt), ValueError);
  CHECK_THROWS_WITH(clamp(ints, std::nullopt, std::nullopt),
                    "clamp: expected at least one of min and max");
  CHECK_THROWS_AS(clamp(ints, Tensor<std::int64_t>(), Tensor<std::int64_t>()), ValueError);
  CHECK_THROWS_AS(clamp(ints, 0.5), DtypeError);
  CHECK_THROWS_WITH(clamp(ints, 0, 1.5),
                    "clamp: expected an integer for max beside a tensor of int64, got 1.5");
  CHECK_THROWS_AS(clamp(tensor<std::uint8_t>({1}), 0, 300), ValueError);
  CHECK_THROWS_AS(clamp(ints, kNan), DtypeError);
  CHECK_THROWS_AS(clamp(zeros({2}), zeros({3}), zeros({2})), ShapeError);
  CHECK_THROWS_AS(maximum(zeros({2}), zeros({3})), ShapeError);
  CHECK_THROWS_AS(minimum(zeros({2}), zeros({3})), ShapeError);
}

TEST_CASE("Gradients of clamp are PyTorch's on the bounds and beyond", "[ops][clamp][autograd]") {
  const auto gradient = [](Tensor<float> x, auto f) {
    x.requires_grad_();
    f(x).sum().backward();
    return x.grad();
  };
  // x.clamp(0, 1) at -1, 0, 1, 2; x.clamp(min=0) at -1, 0, 1
  CHECK(equal_bits(gradient(tensor({-1, 0, 1, 2}), [](auto x) { return clamp(x, 0, 1); }),
                   tensor({0, 1, 1, 0})));
  CHECK(equal_bits(gradient(tensor({-1, 0, 1}), [](auto x) { return clamp(x, 0); }),
                   tensor({0, 1, 1})));
  // torch.maximum(x, T([1., 3.])) at 1, 2
  CHECK(equal_bits(gradient(tensor({1, 2}),
                            [](auto x) {
                              return maximum(x, tensor({1, 3}));
                            }),
                   tensor({0.5, 0})));
}

TEST_CASE("One bound of a clamp may be an undefined tensor", "[ops][clamp][autograd]") {
  // x = T([1., 5.], requires_grad=True); b = T([2., 4.], requires_grad=True)
  // x.clamp(min=b), x.clamp(max=b) and the gradients of their sums
  auto x = tensor({1, 5}).requires_grad_();
  auto b = tensor({2, 4}).requires_grad_();
  const auto low = clamp(x, b, {});
  CHECK(equal_bits(low, tensor({2, 5})));
  low.sum().backward();
  CHECK(equal_bits(x.grad(), tensor({0, 1})));
  CHECK(equal_bits(b.grad(), tensor({1, 0})));
  const auto high = clamp(x, {}, b);
  CHECK(equal_bits(high, tensor({1, 4})));
  high.sum().backward();
  CHECK(equal_bits(x.grad(), tensor({1, 1})));
  CHECK(equal_bits(b.grad(), tensor({1, 1})));
}
