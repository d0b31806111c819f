#include "brasa/ops/index.hpp"

#include "brasa/autograd/gradcheck.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "brasa/ops/where.hpp"
#include "support/recorded_ops.hpp"

using namespace brasa;
using autograd::gradcheck;
using autograd::gradgradcheck;
using Catch::Matchers::Message;
using golden::equal_bits;
using golden::Outputs;

namespace {

template <class C>
double number(const C& call, std::size_t i) {
  const golden::Json& value = call.arg(i);
  return value.is_boolean() ? value.get<bool>() : golden::number(value);
}

template <class S, class C>
Outputs choose(const C& call) {
  const auto operand = [&call](std::size_t i) { return call.template x<S>(i); };
  const auto scalar = [&call](std::size_t i) { return static_cast<S>(number(call, i)); };
  const Tensor<bool> condition = call.template x<bool>(0);
  if (!call.has_x(1)) return {where(condition, scalar(1), operand(2))};
  if (!call.has_x(2)) return {where(condition, operand(1), scalar(2))};
  return {where(condition, operand(1), operand(2))};
}

/// The first argument is the condition, so that its dtype is not the operands'.
template <class C>
Outputs choose_by_dtype(const C& call) {
  return visit_dtype(call.dtype(call.has_x(1) ? 1 : 2), [&](auto zero) -> Outputs {
    if constexpr (TensorScalar<decltype(zero)>) {
      return choose<decltype(zero)>(call);
    } else {
      return {};
    }
  });
}

template <class C>
Outputs filled(const C& call) {
  const Tensor<bool> mask = call.template x<bool>(1);
  if (call.has_x(2)) return {masked_fill(call.x(), mask, call.x(2))};
  return {masked_fill(call.x(), mask, number(call, 2))};
}

}  // namespace

TEST_CASE("Picking elements gives what PyTorch recorded", "[ops][index]") {
  golden::run_recorded("ops/index.safetensors", [](auto& call) -> Outputs {
    const std::string op = call.op();
    if (op == "index_select") {
      return {index_select(call.x(), call.integer("dim"), call.indices("index"))};
    }
    if (op == "gather") return {gather(call.x(), call.integer("dim"), call.indices("index"))};
    if (op == "masked_fill") return filled(call);
    if (op == "where") return choose_by_dtype(call);
    return {};
  });
}

TEST_CASE("masked_select broadcasts and goes row by row", "[ops][index]") {
  // x = T([[1., 2, 3], [4, 5, 6]]); x.masked_select(x > 2); x.masked_select(T([[False], [True]]));
  // T([1., 2, 3]).masked_select(T([[True], [False]])); T(1.).masked_select(T(True))
  const auto x = tensor({{1, 2, 3}, {4, 5, 6}});
  CHECK(equal_bits(masked_select(x, x > 2), tensor({3, 4, 5, 6})));
  CHECK(equal_bits(masked_select(x, tensor<bool>({{false}, {true}})), tensor({4, 5, 6})));
  CHECK(equal_bits(masked_select(tensor({1, 2, 3}), tensor<bool>({{true}, {false}})),
                   tensor({1, 2, 3})));
  CHECK(equal_bits(masked_select(tensor(1), tensor<bool>(true)), tensor({1})));
  CHECK(masked_select(zeros({0, 3}), tensor<bool>(true)).shape() == Shape{0});
  CHECK(masked_select(x, x > 9).shape() == Shape{0});

  auto y = tensor({1, 2, 3}).requires_grad_();
  const auto chosen = masked_select(y, tensor<bool>({{true, false, true}, {true, true, false}}));
  CHECK(golden::node_name(chosen) == "MaskedSelectBackward0");
  chosen.backward(tensor({1, 10, 100, 1000}));
  CHECK(equal_bits(y.grad(), tensor({101, 1000, 10})));
}

TEST_CASE("Indices of 0-d and empty tensors", "[ops][index]") {
  // torch.ones(()).index_select(0, T([0])), .gather(0, T(0)), .gather(0, T([0, 0])).shape,
  // torch.ones(3).gather(0, T(0)).shape, torch.ones(2, 3).index_select(0, T(1)).shape,
  // torch.ones(2, 3).gather(0, zeros(0, 7)).shape, …gather(0, zeros(0)).shape
  using Index = std::int64_t;
  CHECK(index_select(ones({}), 0, tensor<Index>({0})).shape() == Shape{});
  CHECK(gather(ones({}), 0, tensor<Index>(0)).shape() == Shape{});
  CHECK(gather(ones({}), 0, tensor<Index>({0, 0})).shape() == Shape{2});
  CHECK(gather(ones({3}), 0, tensor<Index>(0)).shape() == Shape{});
  CHECK(index_select(ones({2, 3}), 0, tensor<Index>(1)).shape() == Shape{1, 3});
  CHECK(gather(ones({2, 3}), 0, zeros<Index>({0, 7})).shape() == Shape{0, 7});
  CHECK(gather(ones({2, 3}), 0, zeros<Index>({0})).shape() == Shape{0});
  CHECK(index_select(zeros({2, 0}), 0, tensor<Index>({1, 1, 0})).shape() == Shape{3, 0});
}

TEST_CASE("Tensors without elements to pick may have sizes too large to multiply", "[ops][index]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  const auto none = zeros<std::int64_t>({0});
  CHECK(index_select(zeros({kHuge, kHuge, 0}), 2, none).shape() == Shape{kHuge, kHuge, 0});
  CHECK(index_select(zeros({0, kHuge, kHuge}), 0, none).shape() == Shape{0, kHuge, kHuge});
}

TEST_CASE("Elements that were picked twice get both gradients", "[ops][index][autograd]") {
  using Index = std::int64_t;
  auto x = tensor({1, 2, 3}).requires_grad_();
  index_select(x, 0, tensor<Index>({2, 0, 2})).backward(tensor({1, 10, 100}));
  CHECK(equal_bits(x.grad(), tensor({10, 0, 101})));
  x.set_grad({});
  gather(x, 0, tensor<Index>({1, 1})).backward(tensor({1, 10}));
  CHECK(equal_bits(x.grad(), tensor({0, 11, 0})));
  auto number = tensor(5).requires_grad_();
  gather(number, 0, tensor<Index>({0, 0})).backward(tensor({1, 10}));
  CHECK(number.grad().item() == 11);
}

TEST_CASE("Indices that do not fit are refused", "[ops][index][error]") {
  using Index = std::int64_t;
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(index_select(x, 1, tensor<Index>({0, 3})), IndexError,
                       Message("index_select: expected indices in [0, 3), got 3"));
  CHECK_THROWS_AS(index_select(x, 0, tensor<Index>({-1})), IndexError);
  CHECK_THROWS_AS(index_select(zeros({}), 0, tensor<Index>({1})), IndexError);
  CHECK_THROWS_AS(index_select(zeros({2, 0}), 0, tensor<Index>({2})), IndexError);
  CHECK_THROWS_AS(index_select(x, 2, tensor<Index>({0})), IndexError);
  CHECK_THROWS_MATCHES(index_select(x, 0, tensor<Index>({{0}})), ShapeError,
                       Message("index_select: expected a 1-d index, got shape (1, 1)"));
  CHECK_THROWS_MATCHES(
      index_select(zeros({}), 0, tensor<Index>({0, 0})), ShapeError,
      Message("index_select: expected a 1-d index with 1 element for a 0-d tensor, "
              "got shape (2,)"));
  CHECK_THROWS_MATCHES(gather(x, 1, tensor<Index>({{3}})), IndexError,
                       Message("gather: expected indices in [0, 3), got 3"));
  CHECK_THROWS_AS(gather(x, 1, tensor<Index>({{-1}})), IndexError);
  CHECK_THROWS_MATCHES(gather(x, 1, zeros<Index>({3, 1})), ShapeError,
                       Message("gather: expected an index that has as many dimensions as shape (2, "
                               "3) and is nowhere larger except in dimension 1, got shape (3, 1)"));
  CHECK_THROWS_AS(gather(x, 1, tensor<Index>({0})), ShapeError);
  CHECK_THROWS_AS(gather(x, 2, tensor<Index>({{0}})), IndexError);
  CHECK_THROWS_MATCHES(masked_select(zeros({3}), zeros<bool>({2})), ShapeError,
                       Message("masked_select: expected shapes that broadcast, got (3,) and (2,): "
                               "sizes 3 and 2 differ at dimension 0"));
}

TEST_CASE("Gradients of picked elements can be differentiated again", "[ops][index][autograd]") {
  const auto x = rand<double>({2, 3}).requires_grad_();
  const auto f = [](const auto& in) {
    const auto columns = tensor<std::int64_t>({0, 2, 2});
    const auto places = tensor<std::int64_t>({{2, 0}, {1, 1}});
    const auto mask = tensor<bool>({true, false, true});
    return square(index_select(in[0], 1, columns)).sum() * square(gather(in[0], 1, places)).sum() *
           square(masked_select(in[0], mask));
  };
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
