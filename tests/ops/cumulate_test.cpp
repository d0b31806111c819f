// Products and cumulated sums; the recorded cases run in reduce_test.cpp. T = torch.tensor.

#include "brasa/ops/cumulate.hpp"

#include <limits>

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

/// The gradient of f(x), summed, at the given points.
template <class F>
Tensor<float> gradient_at(const std::vector<float>& points, F f) {
  auto x = tensor(points).requires_grad_();
  sum(f(x)).backward();
  return x.grad();
}

}  // namespace

TEST_CASE("Products of nothing are 1", "[ops][cumulate]") {
  // torch.zeros(0, 3).prod(), .prod(0), .cumsum(0).shape
  CHECK(prod(zeros({0, 3})).item() == 1);
  CHECK(equal_bits(prod(zeros({0, 3}), 0), ones({3})));
  CHECK(cumsum(zeros({0, 3}), 0).shape() == Shape{0, 3});
  CHECK(cumprod(zeros({0}), 0).shape() == Shape{0});
  CHECK(cumsum(tensor(3), 0).item() == 3);
  CHECK(prod(tensor(3), 0).item() == 3);
}

TEST_CASE("Products and cumulated sums of integers wrap around", "[ops][cumulate]") {
  // T([2**62, 4]).prod(), T([2**63 - 1, 1]).cumsum(0)
  using Limits = std::numeric_limits<std::int64_t>;
  CHECK(prod(tensor<std::int64_t>({std::int64_t{1} << 62, 4})).item() == 0);
  CHECK(equal_bits(cumsum(tensor<std::int64_t>({Limits::max(), 1}), 0),
                   tensor<std::int64_t>({Limits::max(), Limits::min()})));
}

TEST_CASE("Gradients of products where factors are 0", "[ops][cumulate][autograd]") {
  // The gradients of T([…]).prod(), .prod(0), .cumprod(0)
  const auto of_all = [](const auto& x) { return prod(x); };
  const auto of_dim = [](const auto& x) { return prod(x, 0); };
  const auto so_far = [](const auto& x) { return cumprod(x, 0); };
  CHECK(equal_bits(gradient_at({0, 2, 3}, of_all), tensor({6, 0, 0})));
  CHECK(equal_bits(gradient_at({0, 0, 3}, of_all), tensor({0, 0, 0})));
  CHECK(equal_bits(gradient_at({0, 2, 3}, of_dim), tensor({6, 0, 0})));
  CHECK(equal_bits(gradient_at({0, 2}, so_far), tensor({3, 0})));
  CHECK(equal_bits(gradient_at({2, 0, 3, 0}, so_far), tensor({1, 8, 0, 0})));

  // x = T([[1., 0], [2, 0]]); x.prod(0).sum()
  auto x = tensor({{1, 0}, {2, 0}}).requires_grad_();
  prod(x, 0).sum().backward();
  CHECK(equal_bits(x.grad(), tensor({{2, 0}, {1, 0}})));
}

TEST_CASE("Gradients of products of nothing and of one number", "[ops][cumulate][autograd]") {
  auto nothing = zeros({0, 2}).requires_grad_();
  (prod(nothing) + prod(nothing, 0).sum() + cumprod(nothing, 0).sum()).backward();
  CHECK(nothing.grad().shape() == Shape{0, 2});
  auto number = tensor(0).requires_grad_();
  (prod(number) + prod(number, 0) + cumprod(number, 0) + cumsum(number, 0)).backward();
  CHECK(number.grad().item() == 4);
}

TEST_CASE("Dimensions that are not there are refused", "[ops][cumulate][error]") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(prod(x, 2), IndexError,
                       Message("prod: dimension out of range: expected it in [-2, 1], got 2"));
  CHECK_THROWS_MATCHES(cumsum(x, -3), IndexError,
                       Message("cumsum: dimension out of range: expected it in [-2, 1], got -3"));
  CHECK_THROWS_AS(cumprod(zeros({}), 1), IndexError);
}

TEST_CASE("Gradients of products can be differentiated again", "[ops][cumulate][autograd]") {
  const auto f = [](const auto& in) {
    return prod(in[0]) * square(prod(in[0], 1)).sum() +
           square(cumsum(in[0], 0)) * cumprod(in[0], 1);
  };
  auto x = rand<double>({2, 3}).requires_grad_();
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
  auto with_zeros = tensor<double>({{0.5, 0, 2}, {3, 1.5, 0.25}}).requires_grad_();
  CHECK(gradcheck(f, {with_zeros}));
  CHECK(gradgradcheck(f, {with_zeros}));
}
