#include "brasa/core/tensor.hpp"

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/autograd/backward.hpp"
#include "brasa/core/from_blob.hpp"
#include "brasa/core/from_eigen.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;
using golden::equal_bits;

namespace {

Tensor<float> counted() { return tensor({{1, 2, 3}, {4, 5, 6}}); }

}  // namespace

TEST_CASE("Copying a tensor copies the handle", "[core][tensor]") {
  auto x = counted();
  auto y = x;
  CHECK(y.is(x));
  y(0, 0) = 9;
  CHECK(std::as_const(x)(0, 0) == 9.0f);
  const auto z = x.clone();
  CHECK_FALSE(z.shares_storage(x));
  const auto detached = x.detach();
  CHECK_FALSE(detached.is(x));
  CHECK(detached.shares_storage(x));
  STATIC_REQUIRE(sizeof(Tensor<float>) == sizeof(void*));
}

TEST_CASE("A tensor knows its sizes", "[core][tensor]") {
  const auto x = counted();
  CHECK(x.shape() == Shape{2, 3});
  CHECK(x.dim() == 2);
  CHECK(x.size(0) == 2);
  CHECK(x.size(-1) == 3);
  CHECK(x.numel() == 6);
  CHECK(x.nbytes() == 24);
  CHECK(x.dtype() == Dtype::float32);
  CHECK(tensor(1).dim() == 0);
  CHECK(tensor(1).numel() == 1);
  CHECK(zeros({2, 0}).numel() == 0);
  CHECK_THROWS_AS(x.size(2), IndexError);
  CHECK_THROWS_AS(x.size(-3), IndexError);
  CHECK_THROWS_AS(tensor(1).size(0), IndexError);
}

TEST_CASE("An undefined tensor says so", "[core][tensor][error]") {
  const Tensor<float> nothing;
  CHECK_FALSE(nothing.defined());
  CHECK(counted().defined());
  CHECK_THROWS_AS(nothing.shape(), ValueError);
  CHECK_THROWS_WITH(nothing.numel(), ContainsSubstring("nothing was assigned to it"));
  CHECK_THROWS_AS(nothing.item(), ValueError);
  CHECK_THROWS_AS(nothing.sum(), ValueError);
}

TEST_CASE("Elements are read and written by their indices", "[core][tensor]") {
  auto x = counted();
  CHECK(x(1, 2) == 6.0f);
  CHECK(x(-1, -3) == 4.0f);
  x(0, 1) = 20;
  CHECK(equal_bits(x, tensor({{1, 20, 3}, {4, 5, 6}})));
  auto scalar = tensor(3);
  CHECK(scalar() == 3.0f);
  scalar() = 4;
  CHECK(scalar.item() == 4.0f);
  CHECK(tensor<std::int64_t>({{{7}}}).item() == 7);
  CHECK(std::as_const(x)(std::int64_t{0}, std::size_t{0}) == 1.0f);
}

TEST_CASE("Indices are checked", "[core][tensor][error]") {
  const auto x = counted();
  CHECK_THROWS_AS(x(0, 3), IndexError);
  CHECK_THROWS_AS(x(-3, 0), IndexError);
  CHECK_THROWS_WITH(x(2, 0), ContainsSubstring("index 2 is out of range for dimension 0 of shape "
                                               "(2, 3)"));
  CHECK_THROWS_WITH(x(0), ContainsSubstring("expected 2 indices for shape (2, 3), got 1"));
  CHECK_THROWS_AS(x(), IndexError);
  CHECK_THROWS_AS(zeros({0})(0), IndexError);
  CHECK_THROWS_WITH(x.item(), "item: expected a tensor with one element, got shape (2, 3)");
  CHECK_THROWS_AS(zeros({0}).item(), ShapeError);
  CHECK_THROWS_AS(x[2], IndexError);
  CHECK_THROWS_AS(tensor(1)[0], IndexError);
}

TEST_CASE("x[i] and iteration give copies of slices", "[core][tensor]") {
  const auto x = counted();
  CHECK(equal_bits(x[1], tensor({4, 5, 6})));
  CHECK(equal_bits(x[-1][0], tensor(4)));
  CHECK_FALSE(x[0].shares_storage(x));
  STATIC_REQUIRE_FALSE(std::is_assignable_v<decltype(x[0]), Tensor<float>>);
  std::vector<float> sums;
  for (const auto& row : x) sums.push_back(row.sum().item());
  CHECK(sums == std::vector<float>{6, 15});
  for (const auto& row : zeros({0, 3})) FAIL(row.numel());
  CHECK_THROWS_WITH(tensor(1).begin(), "begin: cannot iterate over a 0-d tensor");
}

TEST_CASE("Iterating over a leaf records slices", "[core][tensor][autograd]") {
  auto x = counted().requires_grad_();
  auto total = zeros({3});
  float factor = 1;
  for (const auto& row : x) total = total + row * factor++;
  total.sum().backward();
  CHECK(equal_bits(x.grad(), tensor({{1, 1, 1}, {2, 2, 2}})));
}

TEST_CASE("Eigen sees the tensor's own memory", "[core][tensor][eigen]") {
  auto x = counted();
  const auto& constant = x;
  CHECK(x.matrix().data() == constant.data());
  CHECK(x.matrix().rows() == 2);
  CHECK(x.matrix().cols() == 3);
  CHECK(constant.matrix()(1, 0) == 4.0f);
  x.matrix()(0, 2) = 30;
  x.array() += 1;
  x.vector()[0] = -1;
  CHECK(equal_bits(x, tensor({{-1, 3, 31}, {5, 6, 7}})));
  CHECK(constant.array().data() == constant.data());
  CHECK(constant.vector().sum() == 51.0f);
  x.matrix() = x.matrix() * 2;
  CHECK(x.span()[5] == 14.0f);
  x.span()[5] = 0;
  CHECK(constant.span().back() == 0.0f);
  CHECK_THROWS_WITH(tensor({1}).matrix(),
                    "matrix: expected a tensor with 2 dimensions, got shape "
                    "(1,)");
  CHECK_THROWS_AS(std::as_const(x)[0].matrix(), ShapeError);
  CHECK(zeros({0, 3}).matrix().cols() == 3);
}

TEST_CASE("A tensor is made of an Eigen expression", "[core][tensor][eigen]") {
  Eigen::Matrix<float, 2, 3> m;
  m << 1, 2, 3, 4, 5, 6;
  CHECK(equal_bits(from_eigen(m), counted()));
  CHECK(equal_bits(from_eigen(m.transpose()), tensor({{1, 4}, {2, 5}, {3, 6}})));
  CHECK(equal_bits(from_eigen(m.array() * 2 + 1), tensor({{3, 5, 7}, {9, 11, 13}})));
  CHECK(equal_bits(from_eigen(m.row(1)), tensor({4, 5, 6})));
  CHECK(equal_bits(from_eigen(m.col(0)), tensor({1, 4})));
  CHECK(equal_bits(from_eigen(m * m.transpose()), tensor({{14, 32}, {32, 77}})));
  const Eigen::VectorXd v = Eigen::VectorXd::LinSpaced(3, 0, 2);
  CHECK(equal_bits(from_eigen(v), tensor<double>({0, 1, 2})));
  CHECK(
      equal_bits(from_eigen(m.cast<std::int64_t>()), tensor<std::int64_t>({{1, 2, 3}, {4, 5, 6}})));
  CHECK(equal_bits(from_eigen(m.array() > 3),
                   tensor<bool>({{false, false, false}, {true, true, true}})));
  CHECK(from_eigen(Eigen::MatrixXf(0, 3)).shape() == Shape{0, 3});
}

TEST_CASE("A tensor wraps a buffer without copying", "[core][tensor]") {
  std::array<float, 6> buffer{1, 2, 3, 4, 5, 6};
  int freed = 0;
  {
    auto x = from_blob(buffer.data(), {2, 3}, [&] { ++freed; });
    CHECK(std::as_const(x).data() == buffer.data());
    CHECK(equal_bits(x, counted()));
    x += 1;
    CHECK(buffer[5] == 7.0f);
    buffer[0] = 50;
    CHECK(x(0, 0) == 50.0f);
    const auto view = x.view({6});
    x = Tensor<float>();
    CHECK(freed == 0);
    CHECK(view(0) == 50.0f);
  }
  CHECK(freed == 1);
  CHECK(from_blob<float>(nullptr, {0}).numel() == 0);
  CHECK_THROWS_WITH(from_blob<float>(nullptr, {2}),
                    "from_blob: expected a buffer for shape (2,), got a null pointer");
  CHECK_THROWS_AS(from_blob(buffer.data(), {-1}), ValueError);
  CHECK_THROWS_AS(from_blob(buffer.data(), {std::int64_t{1} << 62, 4}), ValueError);
  CHECK(freed == 1);
}

TEST_CASE("An AnyTensor gives back the tensor that it is", "[core][tensor][error]") {
  const auto x = counted();
  const AnyTensor any = x;
  CHECK(any.holds<float>());
  CHECK_FALSE(any.holds<double>());
  CHECK(any.as<float>().is(x));
  CHECK_THROWS_WITH(any.as<double>(), "as: expected a tensor of float64, got one of float32");
  CHECK_THROWS_AS(any.as<bool>(), DtypeError);
  const auto half = AnyTensor::empty(Dtype::float16, {3});
  CHECK(half.nbytes() == 6);
  CHECK_FALSE(half.holds<float>());
  CHECK_THROWS_AS(AnyTensor::empty(Dtype::int8, {-1}), ValueError);
}

TEST_CASE("What is written through data is not seen by autograd, as in PyTorch",
          "[core][tensor][autograd]") {
  auto x = tensor({1, 2}).requires_grad_();
  x.data()[0] = 5;
  CHECK(x.impl().storage->version() == 0);
  (x * x).sum().backward();
  CHECK(equal_bits(x.grad(), tensor({10, 4})));
}
