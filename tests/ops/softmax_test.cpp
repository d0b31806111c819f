#include "brasa/ops/softmax.hpp"

#include <limits>

#include "brasa/autograd/gradcheck.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/recorded_ops.hpp"

using namespace brasa;
using autograd::gradcheck;
using autograd::gradgradcheck;
using Catch::Matchers::Message;
using golden::equal_bits;

TEST_CASE("softmax and log_softmax give what PyTorch recorded", "[ops][softmax]") {
  golden::run_recorded("ops/softmax.safetensors", [](auto& call) -> golden::Outputs {
    if (call.op() == "softmax") return {softmax(call.x(), call.integer("dim"))};
    if (call.op() == "log_softmax") return {log_softmax(call.x(), call.integer("dim"))};
    return {};
  });
}

TEST_CASE("softmax of 0-d and empty tensors", "[ops][softmax]") {
  // F.softmax(torch.zeros(()), 0), F.softmax(torch.zeros(2, 0), 1).shape, (0, 3) over 0
  CHECK(equal_bits(softmax(zeros({}), 0), tensor(1)));
  CHECK(equal_bits(log_softmax(zeros({}), -1), tensor(0)));
  CHECK(softmax(zeros({2, 0}), 1).shape() == Shape{2, 0});
  CHECK(softmax(zeros({0, 3}), 0).shape() == Shape{0, 3});
}

TEST_CASE("softmax of infinities and NaN", "[ops][softmax]") {
  // T([-inf, 0.]).softmax(0), T([-inf, -inf]), T([inf, 1.]), T([nan, 1.]); and log_softmax
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(equal_bits(softmax(tensor({-inf, 0}), 0), tensor({0, 1})));
  CHECK(equal_bits(log_softmax(tensor({-inf, 0}), 0), tensor({-inf, 0})));
  CHECK(equal_bits(softmax(tensor({-inf, -inf}), 0), tensor({nan, nan})));
  CHECK(equal_bits(log_softmax(tensor({-inf, -inf}), 0), tensor({nan, nan})));
  CHECK(equal_bits(softmax(tensor({inf, 1}), 0), tensor({nan, nan})));
  CHECK(equal_bits(log_softmax(tensor({inf, 1}), 0), tensor({nan, nan})));
  CHECK(equal_bits(softmax(tensor({nan, 1}), 0), tensor({nan, nan})));
  CHECK(equal_bits(softmax(tensor({1, nan}), 0), tensor({nan, nan})));
  CHECK(equal_bits(log_softmax(tensor({1, nan}), 0), tensor({nan, nan})));
}

TEST_CASE("Large numbers do not overflow in softmax", "[ops][softmax]") {
  // T([1e4, 1e4]).softmax(0), T([-1e4, 0]).log_softmax(0)
  CHECK(equal_bits(softmax(tensor({1e4, 1e4}), 0), tensor({0.5, 0.5})));
  CHECK(equal_bits(log_softmax(tensor({-1e4, 0}), 0), tensor({-1e4, 0})));
}

TEST_CASE("softmax goes along any dimension, however long the others are", "[ops][softmax]") {
  const auto x = randn<double>({3, 5, 150});
  const auto y = softmax(x, 1);
  const auto lines = softmax(transpose(x, 1, 2), 2);
  CHECK(golden::close(y, transpose(lines, 1, 2)));
  CHECK(golden::close(log_softmax(x, 1), log(y)));
  CHECK(golden::close(sum(y, 1), ones<double>({3, 150})));
}

TEST_CASE("What has no softmax is refused", "[ops][softmax][error]") {
  CHECK_THROWS_MATCHES(softmax(zeros({2, 3}), 2), IndexError,
                       Message("softmax: dimension out of range: expected it in [-2, 1], got 2"));
  CHECK_THROWS_AS(log_softmax(zeros({}), 1), IndexError);
  CHECK_THROWS_MATCHES(softmax(zeros<std::int64_t>({2}), 0), DtypeError,
                       Message("softmax: expected a floating-point tensor, got one of int64"));
  CHECK_THROWS_AS(log_softmax(zeros<bool>({2}), 0), DtypeError);
}

TEST_CASE("Gradients of softmax can be differentiated again", "[ops][softmax][autograd]") {
  const auto x = rand<double>({3, 4}).requires_grad_();
  const auto f = [](const auto& in) {
    return square(softmax(in[0], 0)) * log_softmax(in[0], 1) * softmax(in[0], -1);
  };
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
