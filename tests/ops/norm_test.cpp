// Norms and logsumexp; the recorded cases run in reduce_test.cpp. T = torch.tensor.

#include "brasa/ops/norm.hpp"

#include <limits>
#include <vector>

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
using golden::close;
using golden::equal_bits;

TEST_CASE("Norms and their gradients at odd places are PyTorch's", "[ops][norm][autograd]") {
  // for p, v in …: x = T(v).requires_grad_(); y = x.norm(p); y.backward(); print(y.item(), x.grad)
  struct Row {
    double p;
    std::vector<float> points;
    float value;
    std::vector<float> gradient;
  };
  const std::vector<Row> rows = {
      {0.5, {0, 0}, 0, {0, 0}},
      {0.5, {0, 3}, 3, {0, 1}},
      {0.5, {kNan, 1}, kNan, {kNan, kNan}},
      {0.5, {kInf, 1}, kInf, {kNan, kInf}},
      {0.5, {-2, 2}, 8, {-2, 2}},
      {1, {0, 0}, 0, {0, 0}},
      {1, {1, -2}, 3, {1, -1}},
      {1, {kNan, 1}, kNan, {0, 1}},
      {1, {kInf, 1}, kInf, {1, 1}},
      {1.5, {0, 0}, 0, {0, 0}},
      {1.5, {0, 3}, 3, {0, 1}},
      {1.5, {kNan, 1}, kNan, {kNan, kNan}},
      {1.5, {kInf, 1}, kInf, {kNan, 0}},
      {2, {0, 0}, 0, {0, 0}},
      {2, {0, 3}, 3, {0, 1}},
      {2, {kNan, 1}, kNan, {kNan, kNan}},
      {2, {kInf, 1}, kInf, {kNan, 0}},
      {3, {0, 0}, 0, {0, 0}},
      {3, {0, 3}, 3, {0, 1}},
      {3, {kNan, 1}, kNan, {kNan, kNan}},
      {3, {kInf, 1}, kInf, {kNan, 0}},
      {kInf, {0, 0}, 0, {0, 0}},
      {kInf, {1, -2}, 2, {0, -1}},
      {kInf, {kNan, 1}, kNan, {0, 0}},
      {kInf, {kInf, 1}, kInf, {1, 0}},
      {kInf, {-2, 2}, 2, {-0.5, 0.5}},
      {-kInf, {0, 3}, 0, {0, 0}},
      {-kInf, {1, -2}, 1, {1, 0}},
      {-kInf, {kNan, 1}, kNan, {0, 0}},
      {-kInf, {kInf, 1}, 1, {0, 1}},
      {-1, {0, 0}, 0, {0, 0}},
      {-1, {0, 3}, 0, {0, 0}},
      {-1, {2, 2}, 1, {0.25, 0.25}},
      {-1, {kInf, 1}, 1, {0, 1}},
      {-2, {0, 3}, 0, {0, 0}},
      {-2, {kNan, 1}, kNan, {kNan, kNan}},
      {-2, {kInf, 1}, 1, {0, 1}},
  };
  for (const Row& row : rows) {
    INFO("p = " << row.p << " at " << row.points[0] << ", " << row.points[1]);
    auto x = tensor(row.points).requires_grad_();
    const auto y = norm(x, row.p);
    CHECK(close(y.detach(), tensor(row.value)));
    y.backward();
    CHECK(close(x.grad(), tensor(row.gradient)));
  }
}

TEST_CASE("The norm with p = 0 counts, and has no gradient", "[ops][norm][autograd]") {
  // T([0., 3, nan, -2]).norm(0) is 3, of LinalgVectorNormBackward0; .grad stays None
  auto x = tensor({0, 3, kNan, -2}).requires_grad_();
  const auto y = norm(x, 0);
  CHECK(y.item() == 3);
  CHECK(y.requires_grad());
  y.backward();
  CHECK_FALSE(x.grad().defined());
}

TEST_CASE("Norms of nothing are 0, where there are such", "[ops][norm][error]") {
  // torch.zeros(0).norm(), .norm(0), .norm(.5); torch.zeros(0, 3).norm(dim=0)
  CHECK(norm(zeros({0})).item() == 0);
  CHECK(norm(zeros({0}), 0).item() == 0);
  CHECK(norm(zeros({0}), 0.5).item() == 0);
  CHECK(equal_bits(norm(zeros({0, 3}), 2, 0), zeros({3})));
  CHECK_THROWS_MATCHES(
      norm(zeros({0}), kInf), ShapeError,
      Message("norm: expected at least one element to choose from, got shape (0,)"));
  CHECK_THROWS_AS(norm(zeros({0}), -1), ShapeError);
  CHECK_THROWS_AS(norm(zeros({0, 3}), -kInf, 0), ShapeError);
  CHECK(norm(zeros({0, 3}), kInf, 1).shape() == Shape{0});
}

TEST_CASE("Norms that do not fit are refused", "[ops][norm][error]") {
  CHECK_THROWS_MATCHES(norm(zeros<std::int64_t>({2})), DtypeError,
                       Message("norm: expected a floating-point tensor, got one of int64"));
  CHECK_THROWS_AS(norm(zeros({2}), 2, 1), IndexError);
  CHECK_THROWS_AS(norm(zeros({2, 2}), 2, {1, 1}), ValueError);
}

TEST_CASE("logsumexp does not overflow, and takes integers", "[ops][norm]") {
  // T([1., 2, 4]).logsumexp(0), T([3, 4]).logsumexp(0), T([-inf, -inf]).logsumexp(0),
  // T([inf, 1.]).logsumexp(0), torch.zeros(0, 3).logsumexp(0), T([1000., 1000]).logsumexp(0)
  CHECK(logsumexp(tensor({1, 2, 4}), 0).item() == Approx(4.169846).epsilon(1e-6));
  CHECK(logsumexp(tensor<std::int64_t>({3, 4}), 0).item() == Approx(4.313262).epsilon(1e-6));
  CHECK(tensor<std::int64_t>({3, 4}).logsumexp(0).item() == Approx(4.313262).epsilon(1e-6));
  CHECK(equal_bits(logsumexp(tensor({-kInf, -kInf}), 0), tensor(-kInf)));
  CHECK(equal_bits(logsumexp(tensor({kInf, 1}), 0), tensor(kInf)));
  CHECK(equal_bits(logsumexp(zeros({0, 3}), 0), full({3}, -kInf)));
  CHECK(logsumexp(tensor({1000, 1000}), 0).item() == Approx(1000.693115).epsilon(1e-6));
  CHECK_THROWS_AS(logsumexp(zeros({2}), 1), IndexError);
}

TEST_CASE("An empty list of dimensions is all of them for logsumexp too", "[ops][norm]") {
  // There PyTorch fails for two dimensions; torch.ones(2, 3).logsumexp((0, 1))
  CHECK(logsumexp(ones({2, 3}), {}).item() == Approx(2.791759).epsilon(1e-6));
}

TEST_CASE("Gradients of norms can be differentiated again", "[ops][norm][autograd]") {
  const auto x = (rand<double>({2, 3}) - 0.5).requires_grad_();
  for (const double p : {0.5, 1.0, 1.5, 2.0, 3.0, -1.0}) {
    INFO("p = " << p);
    const auto f = [p](const auto& in) { return square(norm(in[0], p, 1)) * norm(in[0], p); };
    CHECK(gradcheck(f, {x}));
    CHECK(gradgradcheck(f, {x}));
  }
  const auto largest = [](const auto& in) { return square(norm(in[0], kInf, 0)); };
  CHECK(gradcheck(largest, {x}));
  CHECK(gradgradcheck(largest, {x}));
  const auto g = [](const auto& in) { return logsumexp(in[0] * 3, 1) * logsumexp(in[0], {0, 1}); };
  CHECK(gradcheck(g, {x}));
  CHECK(gradgradcheck(g, {x}));
}
