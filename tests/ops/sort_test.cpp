#include "brasa/ops/sort.hpp"

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
using golden::Outputs;
using golden::outputs_of;

TEST_CASE("sort, argsort and topk give what PyTorch recorded", "[ops][sort]") {
  golden::run_recorded("ops/sort.safetensors", [](auto& call) -> Outputs {
    const std::string op = call.op();
    const auto x = call.x();
    const std::int64_t dim = call.integer("dim", -1);
    const bool descending = call.flag("descending");
    const bool stable = call.flag("stable");
    if (op == "sort") return outputs_of(sort(x, dim, descending, stable));
    if (op == "argsort") return {argsort(x, dim, descending, stable)};
    if (op == "topk")
      return outputs_of(topk(x, call.integer("k"), dim, call.flag("largest", true)));
    return {};
  });
}

TEST_CASE("NaN comes last, or first where the order descends", "[ops][sort]") {
  // x = torch.tensor([nan, 1, 2]); x.sort(), x.sort(descending=True)
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto x = tensor({nan, 1, 2});
  CHECK(equal_bits(sort(x).values, tensor({1, 2, nan})));
  CHECK(equal_bits(sort(x).indices, tensor<std::int64_t>({1, 2, 0})));
  CHECK(equal_bits(sort(x, 0, true).values, tensor({nan, 2, 1})));
  CHECK(equal_bits(sort(x, 0, true).indices, tensor<std::int64_t>({0, 2, 1})));
  // torch.tensor([nan, 1, 2, nan]).topk(3, largest=False)
  CHECK(equal_bits(topk(tensor({nan, 1, 2, nan}), 3, 0, false).values, tensor({1, 2, nan})));
}

TEST_CASE("Equal elements keep their order", "[ops][sort]") {
  // x = torch.tensor([2, 1, 2, 1, 2]); x.argsort(stable=True), … descending=True
  const auto x = tensor<std::int64_t>({2, 1, 2, 1, 2});
  CHECK(equal_bits(argsort(x), tensor<std::int64_t>({1, 3, 0, 2, 4})));
  CHECK(equal_bits(argsort(x, 0, true), tensor<std::int64_t>({0, 2, 4, 1, 3})));
}

TEST_CASE("Each line is sorted by itself, along any dimension", "[ops][sort]") {
  const auto x = randint(0, 5, {4, 100, 3});
  const auto found = sort(x, 1);
  CHECK(equal_bits(gather(x, 1, found.indices), found.values));
  for (std::int64_t i = 0; i < 4; ++i) {
    for (std::int64_t k = 0; k < 3; ++k) {
      for (std::int64_t j = 1; j < 100; ++j) {
        const auto before = std::pair(found.values(i, j - 1, k), found.indices(i, j - 1, k));
        REQUIRE(before < std::pair(found.values(i, j, k), found.indices(i, j, k)));
      }
    }
  }
  const auto few = topk(x, 7, 1, false);  // the heap for few, the partition for many
  CHECK(equal_bits(few.values, narrow(found.values, 1, 0, 7)));
  CHECK(equal_bits(topk(x, 1, 1, false).values, narrow(found.values, 1, 0, 1)));
  const auto unsorted = topk(x, 60, 1, false, false);
  CHECK(equal_bits(sort(unsorted.values, 1).values, narrow(found.values, 1, 0, 60)));
}

TEST_CASE("topk and sort of tensors without dimensions or elements", "[ops][sort]") {
  // torch.ones(()).topk(0), .topk(1), .sort(); torch.zeros(0, 3).topk(0, 0), .sort(0)
  CHECK(equal_bits(topk(ones({}), 0).values, ones({})));
  CHECK(equal_bits(topk(ones({}), 1).values, ones({})));
  CHECK(sort(ones({})).indices.item() == 0);
  CHECK(topk(zeros({0, 3}), 0, 0).values.shape() == Shape{0, 3});
  CHECK(topk(zeros({2, 3}), 0).indices.shape() == Shape{2, 0});
  CHECK(sort(zeros({0, 3}), 0).values.shape() == Shape{0, 3});
}

TEST_CASE("Sorting that does not fit is refused", "[ops][sort][error]") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(
      topk(x, 4), ValueError,
      Message("topk: expected k in [0, 3] for dimension 1 of shape (2, 3), got 4"));
  CHECK_THROWS_AS(topk(x, -1), ValueError);
  CHECK_THROWS_AS(topk(zeros({}), 2), ValueError);
  CHECK_THROWS_AS(topk(x, 1, 2), IndexError);
  CHECK_THROWS_MATCHES(topk(zeros<bool>({2}), 1), DtypeError,
                       Message("topk: expected numbers, got bool"));
  CHECK_THROWS_MATCHES(sort(x, 2), IndexError,
                       Message("sort: dimension out of range: expected it in [-2, 1], got 2"));
  CHECK_THROWS_AS(argsort(x, -3), IndexError);
}

TEST_CASE("Gradients of sorted elements can be differentiated again", "[ops][sort][autograd]") {
  // x.sort()[0] * torch.tensor([1., 2, 3]) at 2, 1, 2 has the gradient 2, 1, 3 [stable=True]
  auto y = tensor({2, 1, 2}).requires_grad_();
  sum(sort(y).values * tensor({1, 2, 3})).backward();
  CHECK(equal_bits(y.grad(), tensor({2, 1, 3})));

  const auto x = rand<double>({3, 4}).requires_grad_();
  const auto f = [](const auto& in) {
    return square(sort(in[0], 0).values) * square(topk(in[0], 1).values);
  };
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
