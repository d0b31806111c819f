#include "brasa/nn/parameter.hpp"

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/core/print.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"

using namespace brasa;
using nn::Buffer;
using nn::Parameter;

// torch.nn.Parameter(torch.tensor([1., 2.]))
TEST_CASE("A Parameter requires a gradient and prints as one", "[nn][parameter]") {
  const Parameter<> p(tensor({1.0f, 2.0f}));
  CHECK(p.requires_grad());
  CHECK(p.is_leaf());
  CHECK(p.is_parameter());
  CHECK(repr(p) == "Parameter containing:\ntensor([1., 2.], requires_grad=True)");
  CHECK(repr(Parameter<>(tensor({1.0f}), false)) == "Parameter containing:\ntensor([1.])");
}

// d = torch.tensor([1., 2.]); p = torch.nn.Parameter(d); p.data_ptr() == d.data_ptr()    True
TEST_CASE("A Parameter is made over the memory of its data, outside of its graph",
          "[nn][parameter]") {
  const auto data = tensor({1.0f, 2.0f});
  CHECK(Parameter<>(data).shares_storage(data));
  auto x = tensor({1.0f, 2.0f});
  x.requires_grad_();
  const auto computed = x * 2;
  CHECK(Parameter<>(computed).is_leaf());
}

// q = copy.deepcopy(p)
TEST_CASE("A copied Parameter has the value, the gradient and the flags, and its own memory",
          "[nn][parameter]") {
  Parameter<> p(tensor({1.0f, 2.0f}));
  (p * 3).sum().backward();
  Parameter<> copy(p);
  CHECK(copy.equal(p));
  CHECK(copy.grad().equal(tensor({3.0f, 3.0f})));
  CHECK(copy.is_parameter());
  CHECK(copy.requires_grad());
  CHECK_FALSE(copy.is(p));
  CHECK_FALSE(copy.shares_storage(p));
  CHECK_FALSE(copy.grad().shares_storage(p.grad()));
  CHECK_FALSE(Parameter<>(Parameter<>(tensor({1.0f}), false)).requires_grad());

  {
    const NoGradGuard no_grad;
    copy.fill_(7);
  }
  CHECK(p.equal(tensor({1.0f, 2.0f})));
}

TEST_CASE("A moved Parameter is the same tensor: handles to it stay valid", "[nn][parameter]") {
  Parameter<> p(tensor({1.0f}));
  const Tensor<float> handle = p;
  Parameter<> moved(std::move(p));
  CHECK(moved.is(handle));
  Parameter<> target(tensor({2.0f}));
  target = std::move(moved);
  CHECK(target.is(handle));

  std::vector<Parameter<>> grown;
  grown.push_back(std::move(target));
  for (int i = 0; i < 10; ++i) grown.emplace_back(tensor({0.0f}));
  CHECK(grown[0].is(handle));
}

TEST_CASE("Assigning a copy keeps the tensor where the shape allows it", "[nn][parameter]") {
  Parameter<> p(tensor({1.0f, 2.0f}));
  const Tensor<float> handle = p;
  const Parameter<> same_shape(tensor({3.0f, 4.0f}));
  p = same_shape;
  CHECK(p.is(handle));
  CHECK(handle.equal(tensor({3.0f, 4.0f})));

  const Parameter<>& itself = p;
  p = itself;
  CHECK(p.is(handle));

  const Parameter<> other_shape(tensor({5.0f}));
  p = other_shape;
  CHECK_FALSE(p.is(handle));
  CHECK(p.equal(other_shape));
  CHECK_FALSE(p.shares_storage(other_shape));
  CHECK(p.is_parameter());
  CHECK(handle.equal(tensor({3.0f, 4.0f})));
}

TEST_CASE("A Parameter of nothing is None, also when copied, moved and assigned",
          "[nn][parameter]") {
  const Parameter<> none;
  CHECK_FALSE(none.defined());
  CHECK_FALSE(Parameter<>(none).defined());
  Parameter<> p(tensor({1.0f}));
  p = none;
  CHECK_FALSE(p.defined());
  p = Parameter<>(tensor({2.0f}));
  CHECK(p.item() == 2.0f);
}

// self.b = self.a; a copy by copy.deepcopy would stay tied, here each copy is independent.
TEST_CASE("Tied Parameters are one tensor, their copies are two", "[nn][parameter]") {
  Parameter<> a(tensor({1.0f}));
  Parameter<> b(tensor({2.0f}));
  b.tie(a);
  CHECK(b.is(a));
  {
    const NoGradGuard no_grad;
    a.fill_(5);
  }
  CHECK(b.item() == 5.0f);
  CHECK_FALSE(Parameter<>(b).is(Parameter<>(a)));
}

TEST_CASE("A Buffer copies its value and its persistence, and moves its handle",
          "[nn][parameter]") {
  Buffer<std::int64_t> count(tensor<std::int64_t>({3}), false);
  CHECK_FALSE(count.persistent());
  CHECK_FALSE(count.requires_grad());
  CHECK(Buffer<>(zeros({1})).persistent());

  const Tensor<std::int64_t> handle = count;
  Buffer<std::int64_t> copy(count);
  CHECK_FALSE(copy.persistent());
  CHECK(copy.equal(handle));
  CHECK_FALSE(copy.shares_storage(handle));
  Buffer<std::int64_t> moved(std::move(count));
  CHECK(moved.is(handle));
  CHECK_FALSE(moved.persistent());
  copy.fill_(9);
  moved = copy;
  CHECK(moved.is(handle));
  CHECK(handle.item() == 9);
}

TEST_CASE("Only a float or double can be a Parameter, and moving one throws nothing",
          "[nn][parameter]") {
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Parameter<double>>);
  STATIC_REQUIRE(std::is_nothrow_move_assignable_v<Parameter<double>>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Buffer<bool>>);
  STATIC_REQUIRE(std::is_copy_constructible_v<Parameter<float>>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Tensor<float>, Parameter<float>>);
  STATIC_REQUIRE_FALSE(std::is_assignable_v<Parameter<float>&, Tensor<float>>);
  STATIC_REQUIRE(std::is_convertible_v<Parameter<float>&, Tensor<float>>);
}
