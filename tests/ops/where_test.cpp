// Masks; index_test.cpp holds the recorded cases of where and masked_fill. T = torch.tensor.

#include "brasa/ops/where.hpp"

#include <cstdint>
#include <limits>
#include <type_traits>

#include "brasa/autograd/backward.hpp"
#include "brasa/autograd/grad.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
using golden::equal_bits;

namespace {

Tensor<bool> first_of_two() { return tensor<bool>({true, false}); }

}  // namespace

TEST_CASE("where takes tensors and numbers", "[ops][where]") {
  // torch.where(T([True, False]), T([1., 2.]), 0); (…, 1.5, 0); (…, 1, 0); (…, True, False)
  CHECK(equal_bits(where(first_of_two(), tensor({1, 2}), 0), tensor({1, 0})));
  CHECK(equal_bits(where(first_of_two(), 0.5, tensor({1, 2})), tensor({0.5, 2})));
  CHECK(equal_bits(where(first_of_two(), 1.5, 0), tensor({1.5, 0})));
  CHECK(equal_bits(where(first_of_two(), 1, 0), tensor<std::int64_t>({1, 0})));
  CHECK(equal_bits(where(first_of_two(), true, false), first_of_two()));
}

TEST_CASE("where broadcasts all three", "[ops][where]") {
  // torch.where(T([[True], [False]]), T([1, 2]), T([3, 4]))
  const auto condition = tensor<bool>({{true}, {false}});
  CHECK(equal_bits(where(condition, tensor<std::int64_t>({1, 2}), tensor<std::int64_t>({3, 4})),
                   tensor<std::int64_t>({{1, 2}, {3, 4}})));
  CHECK(where(zeros<bool>({0, 3}), zeros({1, 3}), 1).shape() == Shape{0, 3});
  CHECK_THROWS_AS(where(first_of_two(), zeros({3}), zeros({3})), ShapeError);
  CHECK_THROWS_AS(where(zeros<bool>({3}), zeros({3}), zeros({2})), ShapeError);
}

TEST_CASE("NaN in the branch not taken spoils the gradient, as in PyTorch",
          "[ops][where][autograd]") {
  // torch.where(x > 0, x.log(), 0.) at 0, 1
  auto x = tensor({0, 1}).requires_grad_();
  where(x > 0, log(x), 0.0).sum().backward();
  CHECK(equal_bits(x.grad(), tensor({kNan, 1})));
}

TEST_CASE("Second derivatives pass through where", "[ops][where][autograd]") {
  auto x = tensor<double>({-2, 3}).requires_grad_();
  const auto y = where(x > 0, x * x * x, x * x).sum();
  const auto first = autograd::grad(y, x, {}, {.create_graph = true});
  CHECK(equal_bits(first, tensor<double>({-4, 27})));
  CHECK(equal_bits(autograd::grad(first.sum(), x), tensor<double>({2, 18})));
}

TEST_CASE("masked_fill takes numbers that the type can hold", "[ops][where]") {
  const auto x = tensor<std::int64_t>({1, 2});
  // T([1, 2]).masked_fill(T([True, False]), 1.9)
  CHECK(equal_bits(masked_fill(x, first_of_two(), 1.9), tensor<std::int64_t>({1, 2})));
  CHECK(equal_bits(x.masked_fill(first_of_two(), 9), tensor<std::int64_t>({9, 2})));
  // T([1, 2]).masked_fill(T([[True], [False]]), 9)
  CHECK(equal_bits(masked_fill(x, tensor<bool>({{true}, {false}}), 9),
                   tensor<std::int64_t>({{9, 9}, {1, 2}})));
  CHECK_THROWS_WITH(masked_fill(x, first_of_two(), kNan),
                    "masked_fill: expected a number that int64 can hold, got nan");
  CHECK_THROWS_AS(masked_fill(tensor<std::uint8_t>({1, 2}), first_of_two(), 300), ValueError);
  CHECK_THROWS_AS(masked_fill(x, zeros<bool>({3}), 0), ShapeError);
}

TEST_CASE("masked_fill by a 0-d tensor gives that tensor a gradient", "[ops][where][autograd]") {
  // x = T([1., 2.], requires_grad=True); v = T(5., requires_grad=True)
  // (x.masked_fill(T([[True], [False]]), v) * T([[1., 2.], [3., 4.]])).sum().backward()
  auto x = tensor({1, 2}).requires_grad_();
  auto value = tensor(5).requires_grad_();
  const auto y = masked_fill(x, tensor<bool>({{true}, {false}}), value);
  CHECK(equal_bits(y, tensor({{5, 5}, {1, 2}})));
  CHECK(std::string(y.impl().autograd->grad_fn->name()) == "MaskedFillBackward1");
  (y * tensor({{1, 2}, {3, 4}})).sum().backward();
  CHECK(equal_bits(x.grad(), tensor({3, 4})));
  CHECK(equal_bits(value.grad(), tensor(3)));
  CHECK_THROWS_WITH(masked_fill(x, first_of_two(), tensor({1})),
                    "masked_fill: expected a 0-d tensor as value, got shape (1,)");
}
