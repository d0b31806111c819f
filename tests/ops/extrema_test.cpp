// Largest and smallest elements; the recorded cases run in reduce_test.cpp. T = torch.tensor.

#include "brasa/ops/extrema.hpp"

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

namespace {

Tensor<std::int64_t> ints(const std::vector<std::int64_t>& values) { return tensor(values); }

/// The gradient of f(x), summed, at the given points.
template <class F>
Tensor<float> gradient_of_extremum(const std::vector<float>& points, F f) {
  auto x = tensor(points).requires_grad_();
  sum(f(x)).backward();
  return x.grad();
}

}  // namespace

TEST_CASE("Of equal elements the first one is found", "[ops][extrema]") {
  // T([4, 2, 4, 2]).max(0), .min(0), .argmax(); T([[1, 5], [5, 1]]).argmax(), .argmax(1)
  const auto x = ints({4, 2, 4, 2});
  CHECK(max(x, 0).indices.item() == 0);
  CHECK(min(x, 0).indices.item() == 1);
  CHECK(argmax(x).item() == 0);
  const auto matrix = tensor<std::int64_t>({{1, 5}, {5, 1}});
  CHECK(argmax(matrix).item() == 1);
  CHECK(equal_bits(argmax(matrix, 1), ints({1, 0})));
}

TEST_CASE("The first of many equal elements is found, wherever it stands", "[ops][extrema]") {
  for (std::int64_t first = 0; first < 40; ++first) {
    INFO(first);
    auto x = zeros({40});
    for (std::int64_t i = first; i < 40; i += 3) x(i) = 1;
    CHECK(argmax(x).item() == first);
    CHECK(argmin(-x).item() == first);
    CHECK(max(x.view({40, 1}).expand({40, 2}), 0).indices(1) == first);
  }
}

TEST_CASE("NaN is both the largest and the smallest", "[ops][extrema]") {
  // T([1, nan, nan, 2]).max(0), .argmax(), .argmin(), .amax(), .min()
  const auto x = tensor({1, kNan, kNan, 2});
  CHECK(max(x, 0).indices.item() == 1);
  CHECK(equal_bits(max(x, 0).values, tensor(kNan)));
  CHECK(min(x, 0).indices.item() == 1);
  CHECK(argmax(x).item() == 1);
  CHECK(argmin(x).item() == 1);
  CHECK(equal_bits(amax(x), tensor(kNan)));
  CHECK(equal_bits(amin(x), tensor(kNan)));
  CHECK(equal_bits(max(x), tensor(kNan)));
  CHECK(equal_bits(min(x), tensor(kNan)));
}

TEST_CASE("Infinities are found", "[ops][extrema]") {
  // T([-inf, -inf]).max(0), .argmax(), T([inf, inf]).argmin()
  const auto low = tensor({-kInf, -kInf});
  CHECK(max(low).item() == -std::numeric_limits<float>::infinity());
  CHECK(max(low, 0).indices.item() == 0);
  CHECK(argmax(low).item() == 0);
  CHECK(argmin(-low).item() == 0);
}

TEST_CASE("Extrema of bools", "[ops][extrema]") {
  // T([True, False]).max(), .min(0), .amax(0)
  const auto x = tensor<bool>({true, false});
  CHECK(max(x).item());
  CHECK_FALSE(min(x, 0).values.item());
  CHECK(amax(x, 0).item());
}

TEST_CASE("Gradients where elements are equal or NaN", "[ops][extrema][autograd]") {
  // The gradients of T([…]).max(), .amax(), .max(0)[0], and of min likewise
  const auto of_all = [](const auto& x) { return max(x); };
  const auto of_dims = [](const auto& x) { return amax(x); };
  const auto of_dim = [](const auto& x) { return max(x, 0).values; };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(equal_bits(gradient_of_extremum({1, 1, 0}, of_all), tensor({0.5, 0.5, 0})));
  CHECK(equal_bits(gradient_of_extremum({1, 1, 0}, of_dims), tensor({0.5, 0.5, 0})));
  CHECK(equal_bits(gradient_of_extremum({1, 1, 0}, of_dim), tensor({1, 0, 0})));
  CHECK(equal_bits(gradient_of_extremum({1, nan}, of_all), tensor({0, 1})));
  CHECK(equal_bits(gradient_of_extremum({1, nan}, of_dims), tensor({kNan, kNan})));
  CHECK(equal_bits(gradient_of_extremum({1, nan}, of_dim), tensor({0, 1})));
  CHECK(equal_bits(gradient_of_extremum({0, 1, 0}, [](const auto& x) { return min(x); }),
                   tensor({0.5, 0, 0.5})));
  CHECK(equal_bits(gradient_of_extremum({0, 1, 0}, [](const auto& x) { return amin(x); }),
                   tensor({0.5, 0, 0.5})));
  CHECK(equal_bits(gradient_of_extremum({0, 1, 0}, [](const auto& x) { return min(x, 0).values; }),
                   tensor({1, 0, 0})));
}

TEST_CASE("There is no extremum of nothing", "[ops][extrema][error]") {
  const auto x = zeros({0, 3});
  CHECK_THROWS_MATCHES(
      max(x), ShapeError,
      Message("max: expected at least one element to choose from, got shape (0, 3)"));
  CHECK_THROWS_AS(min(x, 0), ShapeError);
  CHECK_THROWS_AS(amax(x, 0), ShapeError);
  CHECK_THROWS_AS(amin(x), ShapeError);
  CHECK_THROWS_AS(argmax(x), ShapeError);
  CHECK_THROWS_AS(argmin(x, 0), ShapeError);
  // torch.zeros(0, 3).max(1), .amax(1), .argmax(1) are empty
  CHECK(max(x, 1).values.shape() == Shape{0});
  CHECK(amax(x, 1).shape() == Shape{0});
  CHECK(argmax(x, 1).shape() == Shape{0});
}

TEST_CASE("Extrema that do not fit are refused", "[ops][extrema][error]") {
  CHECK_THROWS_MATCHES(max(zeros({2, 3}), 2), IndexError,
                       Message("max: dimension out of range: expected it in [-2, 1], got 2"));
  CHECK_THROWS_AS(argmax(zeros({2, 3}), 2), IndexError);
  CHECK_THROWS_AS(amax(zeros({2, 3}), {0, 0}), ValueError);
  CHECK_THROWS_MATCHES(argmax(zeros<bool>({2})), DtypeError,
                       Message("argmax: expected numbers, got bool"));
  CHECK_THROWS_AS(argmin(zeros<bool>({2}), 0), DtypeError);
}

TEST_CASE("Gradients of extrema can be differentiated again", "[ops][extrema][autograd]") {
  const auto x = rand<double>({3, 4}).requires_grad_();
  const auto f = [](const auto& in) {
    return square(max(in[0])) * square(min(in[0], 1).values).sum() * square(amax(in[0], {0}));
  };
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
