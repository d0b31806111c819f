// Variances and standard deviations; the recorded cases run in reduce_test.cpp. T = torch.tensor.

#include "brasa/ops/moments.hpp"

#include <limits>

#include "brasa/autograd/gradcheck.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
using autograd::gradcheck;
using autograd::gradgradcheck;
using Catch::Matchers::Message;
using golden::equal_bits;

TEST_CASE("The correction may leave no degree of freedom", "[ops][moments]") {
  // T(1.).var(), T([1., 1]).var(correction=2), T([1., 2]).var(correction=2), T([1., 2, 3])
  // .std(correction=5), T([1., 2, 4, 8]).var(correction=1.5), torch.zeros(0, 3).var(0)
  CHECK(equal_bits(var(tensor(1)), tensor(kNan)));
  CHECK(equal_bits(var(tensor({1, 1}), {}, 2), tensor(kNan)));
  CHECK(equal_bits(var(tensor({1, 2}), {}, 2), tensor(kInf)));
  CHECK(equal_bits(brasa::std(tensor({1, 2, 3}), {}, 5), tensor(kInf)));
  CHECK(equal_bits(var(tensor({1, 2, 4, 8}), {}, 1.5), tensor(11.5)));
  CHECK(equal_bits(var(zeros({0, 3}), 0), full({3}, kNan)));
  CHECK(var(zeros({0, 3}), 1).shape() == Shape{0});
}

TEST_CASE("A large mean does not spoil the variance", "[ops][moments]") {
  // The variance of 0, 1, 2, 3 is 5/3, whatever is added to them.
  CHECK(var(tensor<double>({1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3})).item() == 5.0 / 3);
  CHECK(var(tensor({1e6, 1e6 + 1, 1e6 + 2, 1e6 + 3})).item() == 5.0f / 3);
}

TEST_CASE("The gradient of std where all elements are equal is 0", "[ops][moments][autograd]") {
  // x = T([2., 2]).requires_grad_(); x.std().backward()
  auto x = tensor({2, 2}).requires_grad_();
  brasa::std(x).backward();
  CHECK(equal_bits(x.grad(), zeros({2})));
}

TEST_CASE("Gradients with as many corrections as elements", "[ops][moments][autograd]") {
  // x = T([1., 2, 4]).requires_grad_(); x.var(0, correction=3).backward(); and std
  auto x = tensor({1, 2, 4}).requires_grad_();
  var(x, 0, 3).backward();
  CHECK(equal_bits(x.grad(), tensor({-kInf, -kInf, kInf})));
  x.set_grad({});
  brasa::std(x, 0, 3).backward();
  CHECK(equal_bits(x.grad(), full({3}, kNan)));
}

TEST_CASE("Moments that do not fit are refused", "[ops][moments][error]") {
  CHECK_THROWS_MATCHES(var(zeros<std::int64_t>({2})), DtypeError,
                       Message("var: expected a floating-point tensor, got one of int64"));
  CHECK_THROWS_MATCHES(brasa::std(zeros<bool>({2})), DtypeError,
                       Message("std: expected a floating-point tensor, got one of bool"));
  CHECK_THROWS_AS(var(zeros({2}), 1), IndexError);
  CHECK_THROWS_AS(brasa::std(zeros({2, 2}), {0, 0}), ValueError);
}

TEST_CASE("Gradients of moments can be differentiated again", "[ops][moments][autograd]") {
  const auto x = rand<double>({2, 3, 2}).requires_grad_();
  const auto f = [](const auto& in) {
    return square(var(in[0], {0, 2})) * brasa::std(in[0], 1, 0.5, true).sum() * brasa::std(in[0]) *
           var(in[0]);
  };
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
