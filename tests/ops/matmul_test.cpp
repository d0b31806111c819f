#include "brasa/ops/matmul.hpp"

#include <cmath>
#include <limits>
#include <utility>

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

TEST_CASE("Products give what PyTorch recorded", "[ops][matmul]") {
  golden::run_recorded("ops/matmul.safetensors", [](auto& call) -> Outputs {
    const std::string op = call.op();
    const auto a = call.x(0);
    const auto b = call.x(1);
    if (op == "matmul") return {matmul(a, b)};
    if (op == "mm") return {mm(a, b)};
    if (op == "mv") return {mv(a, b)};
    if (op == "bmm") return {bmm(a, b)};
    if (op == "dot") return {dot(a, b)};
    if (op == "outer") return {outer(a, b)};
    if (op == "addmm") return {addmm(a, b, call.x(2), call.real("beta", 1), call.real("alpha", 1))};
    if (op == "linear") return {call.has_x(2) ? linear(a, b, call.x(2)) : linear(a, b)};
    return {};
  });
}

TEST_CASE("matmul ends in the node that PyTorch ends in", "[ops][matmul][autograd]") {
  // (torch.rand(a).requires_grad_() @ torch.rand(b)).grad_fn and, swapped, with b's gradient alone
  struct Row {
    Shape a, b;
    const char* from_a;
    const char* from_b;
  };
  const char* view = "UnsafeViewBackward0";
  const char* copy = "CloneBackward0";
  const char* transposed = "TransposeBackward0";
  const Row rows[] = {
      {{3}, {3}, "DotBackward0", "DotBackward0"},
      {{2, 3}, {3}, "MvBackward0", "MvBackward0"},
      {{3}, {3, 4}, "SqueezeBackward4", "SqueezeBackward4"},
      {{2, 3}, {3, 4}, "MmBackward0", "MmBackward0"},
      {{3}, {2, 3, 4}, view, view},
      {{2, 5, 3}, {3}, view, view},
      {{2, 5, 3}, {3, 4}, view, view},
      {{2, 3}, {2, 3, 4}, copy, view},
      {{1, 3}, {2, 3, 4}, transposed, view},
      {{2, 3}, {5, 3, 1}, transposed, view},
      {{2, 3}, {2, 0, 3, 4}, transposed, view},
      {{2, 0}, {2, 0, 4}, copy, view},
      {{1, 2, 3}, {5, 3, 4}, copy, view},
      {{1, 1, 3}, {5, 3, 4}, transposed, view},
      {{1, 2, 3}, {1, 3, 4}, view, view},
      {{1, 1, 2, 3}, {5, 3, 4}, view, view},
      {{5, 2, 3}, {1, 3, 4}, view, view},
  };
  for (const Row& row : rows) {
    INFO(row.a << " @ " << row.b);
    auto a = rand(row.a).requires_grad_();
    auto b = rand(row.b).requires_grad_();
    CHECK(golden::node_name(matmul(a, b.detach())) == row.from_a);
    CHECK(golden::node_name(matmul(a.detach(), b)) == row.from_b);
  }
}

TEST_CASE("Batches are broadcast, also where one is all of size 1", "[ops][matmul]") {
  const auto a = rand<double>({2, 1, 3, 4});
  const auto b = rand<double>({1, 5, 4, 2});
  const auto expected = matmul(expand(a, {2, 5, 3, 4}), expand(b, {2, 5, 4, 2}));
  CHECK(golden::close(matmul(a, b), expected));
  const auto one = rand<double>({1, 1, 1, 4, 2});
  CHECK(matmul(a, one).shape() == Shape{1, 2, 1, 3, 2});
  CHECK(golden::close(matmul(a, one).flatten(0, 1), matmul(a, one.view({4, 2}))));
  CHECK(matmul(ones({2, 3}), ones({2, 0, 3, 2})).shape() == Shape{2, 0, 2, 2});
}

TEST_CASE("Products over nothing are 0", "[ops][matmul]") {
  // torch.ones(2, 0) @ torch.ones(0, 3); torch.ones(0).dot(torch.ones(0)); F.linear, 0 inputs
  CHECK(equal_bits(matmul(ones({2, 0}), ones({0, 3})), zeros({2, 3})));
  CHECK(dot(ones({0}), ones({0})).item() == 0);
  CHECK(equal_bits(linear(ones({2, 0}), ones({3, 0}), ones({3})), ones({2, 3})));
  CHECK(bmm(ones({0, 2, 3}), ones({0, 3, 4})).shape() == Shape{0, 2, 4});
  CHECK(linear(ones({0, 3}), ones({2, 3}), ones({2})).shape() == Shape{0, 2});
  const auto none = matmul(ones<std::int64_t>({2, 0}), ones<std::int64_t>({0, 3}));
  CHECK(equal_bits(none, zeros<std::int64_t>({2, 3})));
}

TEST_CASE("Products of integers wrap around", "[ops][matmul]") {
  // T([-1, 3], dtype=int32) @ T([2**31 - 1, 5], dtype=int32); 100 * ones(3, 3, uint8) @ ones(3)
  CHECK(dot(tensor<std::int32_t>({-1, 3}), tensor<std::int32_t>({2147483647, 5})).item() ==
        -2147483632);
  CHECK(equal_bits(mv(full<std::uint8_t>({1, 3}, 100), ones<std::uint8_t>({3})),
                   tensor<std::uint8_t>({44})));
}

TEST_CASE("addmm with beta = 0 does not look at its input", "[ops][matmul]") {
  // torch.addmm(T([nan, nan]), ones(2, 2), ones(2, 2), beta=0)
  const auto nans = full({2}, std::numeric_limits<float>::quiet_NaN());
  CHECK(equal_bits(addmm(nans, ones({2, 2}), ones({2, 2}), 0), full({2, 2}, 2)));
}

TEST_CASE("NaN and infinity go through products", "[ops][matmul]") {
  // T([[0., 1]]) @ T([[inf], [1.]]), T([[0., 1]]) @ T([[nan], [1.]])
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(std::isnan(matmul(tensor({{0, 1}}), tensor({{inf}, {1}})).item()));
  CHECK(std::isnan(matmul(tensor({{0, 1}}), tensor({{-inf}, {1}})).item()));
}

TEST_CASE("Products whose sizes do not fit are refused", "[ops][matmul][error]") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(matmul(x, x), ShapeError,
                       Message("matmul: expected shapes (*, n, k) and (*, k, m), got (2, 3) and "
                               "(2, 3): 3 and 2 are to be the same k"));
  CHECK_THROWS_AS(matmul(x, zeros({4})), ShapeError);
  CHECK_THROWS_AS(matmul(zeros({3}), zeros({4})), ShapeError);
  CHECK_THROWS_AS(matmul(zeros({3}), zeros({4, 2})), ShapeError);
  CHECK_THROWS_AS(matmul(zeros({2, 2, 3}), zeros({2, 2, 3})), ShapeError);
  CHECK_THROWS_MATCHES(
      matmul(x, zeros({})), ShapeError,
      Message("matmul: expected tensors with at least 1 dimension, got shapes (2, 3) and ()"));
  CHECK_THROWS_MATCHES(matmul(zeros({2, 4, 2, 3}), zeros({3, 3, 4})), ShapeError,
                       Message("matmul: expected shapes that broadcast, got (2, 4) and (3,): sizes "
                               "4 and 3 differ at dimension 1"));
  CHECK_THROWS_MATCHES(matmul(zeros<bool>({2, 2}), zeros<bool>({2, 2})), DtypeError,
                       Message("matmul: expected numbers, got bool"));
}

TEST_CASE("Products of other ranks than their names say are refused", "[ops][matmul][error]") {
  const auto x = zeros({2, 3});
  const auto batch = zeros({2, 2, 3});
  CHECK_THROWS_MATCHES(mm(zeros({3}), zeros({3, 2})), ShapeError,
                       Message("mm: expected a matrix with 2 dimensions, got shape (3,)"));
  CHECK_THROWS_AS(mm(x, x), ShapeError);
  CHECK_THROWS_MATCHES(mv(zeros({3}), zeros({3})), ShapeError,
                       Message("mv: expected a matrix with 2 dimensions, got shape (3,)"));
  CHECK_THROWS_AS(mv(x, zeros({3, 1})), ShapeError);
  CHECK_THROWS_AS(mv(x, zeros({2})), ShapeError);
  CHECK_THROWS_MATCHES(dot(zeros({3}), zeros({4})), ShapeError,
                       Message("dot: expected vectors of equal length, got shapes (3,) and (4,)"));
  CHECK_THROWS_AS(dot(x, zeros({3})), ShapeError);
  CHECK_THROWS_MATCHES(
      bmm(batch, zeros({3, 3, 2})), ShapeError,
      Message("bmm: expected batches of equal size, got shapes (2, 2, 3) and (3, 3, 2)"));
  CHECK_THROWS_AS(bmm(x, zeros({2, 3, 2})), ShapeError);
  CHECK_THROWS_AS(bmm(batch, batch), ShapeError);
  CHECK_THROWS_MATCHES(outer(x, zeros({2})), ShapeError,
                       Message("outer: expected a vector with 1 dimension, got shape (2, 3)"));
  CHECK_THROWS_MATCHES(
      addmm(zeros({2}), zeros({4, 3}), zeros({3, 5})), ShapeError,
      Message("addmm: expected a shape that broadcasts to (4, 5) to add to the product, got (2,)"));
  CHECK_THROWS_AS(addmm(zeros({5}), zeros({4, 3}), zeros({4, 5})), ShapeError);
}

TEST_CASE("linear says which input it expects", "[ops][matmul][error]") {
  const auto weight = zeros({10, 200});
  CHECK_THROWS_MATCHES(linear(zeros({1, 100}), weight), ShapeError,
                       Message("linear: expected input of shape (*, 200), got (1, 100)"));
  CHECK_THROWS_MATCHES(linear(zeros({}), weight, zeros({10})), ShapeError,
                       Message("linear: expected input of shape (*, 200), got ()"));
  CHECK_THROWS_MATCHES(linear(zeros({2, 200}), weight, zeros({5})), ShapeError,
                       Message("linear: expected a bias of shape (10,), got (5,)"));
  CHECK_THROWS_MATCHES(linear(zeros({2, 3}), zeros({2, 2, 3})), ShapeError,
                       Message("linear: expected a weight with 2 dimensions, got shape (2, 2, 3)"));
  CHECK_THROWS_AS(linear(zeros({4, 3}), zeros({3}), zeros({4})), ShapeError);
  CHECK_THROWS_AS(linear(zeros({4, 3}), zeros({})), ShapeError);
  CHECK_THROWS_AS(linear(zeros<bool>({4, 3}), zeros<bool>({2, 3})), DtypeError);
}

TEST_CASE("linear takes a weight that is a vector", "[ops][matmul]") {
  // F.linear(ones(4, 3), ones(3)), F.linear(ones(3), ones(3)), F.linear(ones(2, 4, 3), ones(3))
  CHECK(equal_bits(linear(ones({4, 3}), ones({3})), full({4}, 3)));
  CHECK(equal_bits(linear(ones({3}), ones({3})), tensor(3)));
  CHECK(linear(ones({2, 4, 3}), ones({3})).shape() == Shape{2, 4});
}

TEST_CASE("Batches without elements may have sizes too large to multiply", "[ops][matmul]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 32;
  CHECK(matmul(zeros({2, 3}), zeros({kHuge, kHuge, 3, 0})).shape() == Shape{kHuge, kHuge, 2, 0});
  CHECK(matmul(zeros({kHuge, kHuge, 0, 3}), zeros({3, 2})).shape() == Shape{kHuge, kHuge, 0, 2});
}

TEST_CASE("Products too large for any memory are refused", "[ops][matmul][error]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  CHECK_THROWS_AS(matmul(zeros({kHuge, 0}), zeros({0, kHuge})), ValueError);
  CHECK_THROWS_AS(matmul(zeros({kHuge, kHuge, 0}), zeros({0})), ValueError);
  CHECK_THROWS_AS(linear(zeros({kHuge, kHuge, 0}), zeros({1, 0})), ValueError);
}

TEST_CASE("Gradients of matrix products can be differentiated again", "[ops][matmul][autograd]") {
  const auto v = rand<double>({3}).requires_grad_();
  const auto m = rand<double>({3, 3}).requires_grad_();
  const auto b = rand<double>({2, 3, 3}).requires_grad_();
  const auto small = [](const auto& in) {
    const auto& [x, w] = std::pair(in[0], in[1]);
    return square(mv(w, x)) * dot(x, x) + matmul(x, mm(w, w)) * outer(x, x).sum();
  };
  CHECK(gradcheck(small, {v, m}));
  CHECK(gradgradcheck(small, {v, m}));
  const auto batched = [](const auto& in) {
    return square(matmul(in[0], in[1])) * matmul(in[1], in[0]) + bmm(in[1], in[1]) +
           matmul(unsqueeze(in[0], 0), in[1]);
  };
  CHECK(gradcheck(batched, {m, b}));
  CHECK(gradgradcheck(batched, {m, b}));
  const auto layers = [](const auto& in) {
    const auto y = linear(in[2], in[1], in[0]);
    return square(linear(y, in[1])) * addmm(in[0], in[1], mT(in[1]), 0.5, 2).sum();
  };
  CHECK(gradcheck(layers, {v, m, b}));
  CHECK(gradgradcheck(layers, {v, m, b}));
}
