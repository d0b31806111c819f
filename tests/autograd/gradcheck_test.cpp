// The helpers that check gradients: that they find what is wrong, and where.

#include "brasa/autograd/gradcheck.hpp"

#include <vector>

#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using autograd::DoubleTensors;
using autograd::gradcheck;
using autograd::gradgradcheck;

namespace {

Tensor<double> doubles(const std::vector<double>& values) {
  return tensor<double>(values).requires_grad_();
}

/// x², whose gradient is computed by `gradient(grad, x)`.
template <class Gradient>
auto squared_with(Gradient gradient) {
  return [gradient](const DoubleTensors& x) {
    auto y = square(x[0].detach());
    if (autograd::recording(x[0])) {
      autograd::record(y, "SquareBackward0", autograd::vjp(x[0], gradient, autograd::save(x[0])));
    }
    return y;
  };
}

}  // namespace

TEST_CASE("A right gradient passes, and leaves the inputs alone", "[autograd][gradcheck]") {
  const auto x = doubles({0.5, -1, 2});
  const auto right = squared_with([](const auto& grad, const auto& v) { return grad * 2 * v; });
  CHECK(gradcheck(right, {x}));
  CHECK(gradgradcheck(right, {x}));
  CHECK_FALSE(x.grad().defined());
  CHECK(x.equal(tensor<double>({0.5, -1, 2})));
}

TEST_CASE("A wrong gradient is told, with its place", "[autograd][gradcheck]") {
  const auto x = doubles({0.5, -1, 2});
  const auto wrong = squared_with(
      [](const auto& grad, const auto& v) { return grad * 2 * where(v > 1, v + 0.5, v); });
  // The weight of the third output is 0.5 + frac(3 · 0.754877666) = 0.764632998.
  CHECK(error_of<AutogradError>([&] { gradcheck(wrong, {x}); }) ==
        "gradcheck: the gradient of input 0 at element 2 is 3.82316, numerically it is 3.05853");
  CHECK_FALSE(gradcheck(wrong, {x}, {.raise_exception = false}));
  CHECK(gradcheck(wrong, {x}, {.rtol = 0.3}));
}

TEST_CASE("Second derivatives are checked on their own", "[autograd][gradcheck]") {
  const auto x = doubles({0.5, -1, 2});
  const auto constant =
      squared_with([](const auto& grad, const auto& v) { return grad * 2 * v.detach(); });
  CHECK(gradcheck(constant, {x}));
  CHECK_THROWS_AS(gradgradcheck(constant, {x}), AutogradError);
  CHECK_FALSE(gradgradcheck(constant, {x}, {.raise_exception = false}));
  // Right with respect to x, but not to the gradient that comes in.
  const auto forgetful =
      squared_with([](const auto& grad, const auto& v) { return grad.detach() * 2 * v; });
  CHECK(gradcheck(forgetful, {x}));
  CHECK(error_of<AutogradError>([&] {
          gradgradcheck(forgetful, {x});
        }).find("gradcheck: the gradient of input 1 at element 0 is 0") == 0);
}

TEST_CASE("Several inputs and outputs are checked, constants are not", "[autograd][gradcheck]") {
  const auto x = doubles({0.5, -1, 2});
  const auto y = doubles({1, 3});
  const auto constant = tensor<double>({2, 2, 2});
  const auto f = [](const DoubleTensors& in) {
    return DoubleTensors{in[0] * in[2], in[2] * 3, sum(in[0]) * exp(in[1])};
  };
  CHECK(gradcheck(f, {x, y, constant}));
  CHECK(gradgradcheck(f, {x, y, constant}));
  const auto second_is_wrong = [&](const DoubleTensors& in) {
    return DoubleTensors{
        in[0], squared_with([](const auto& grad, const auto& v) { return grad * v; })({in[1]})};
  };
  CHECK(error_of<AutogradError>([&] {
          gradcheck(second_is_wrong, {x, y});
        }).find("gradcheck: the gradient of input 1 at element 0 is") == 0);
}

TEST_CASE("An input that is not used has the gradient 0", "[autograd][gradcheck]") {
  CHECK(gradcheck([](const auto& x) { return x[0] * 2; }, {doubles({1}), doubles({2})}));
  CHECK(gradgradcheck([](const auto& x) { return square(x[0]); }, {doubles({1}), doubles({2})}));
}

TEST_CASE("Where there is no gradient there is nothing to check", "[autograd][gradcheck][error]") {
  const auto twice = [](const DoubleTensors& x) { return x[0] * 2; };
  CHECK(error_of<ValueError>([&] { gradcheck(twice, {tensor<double>({1})}); }) ==
        "gradcheck: no input requires a gradient");
  CHECK_THROWS_AS(gradcheck(twice, {}), ValueError);
  CHECK(error_of<AutogradError>([] {
          gradcheck([](const auto& x) { return x[0].detach(); }, {doubles({1})});
        }) == "gradcheck: no output depends on an input that requires a gradient");
}

TEST_CASE("Gradients are checked within no_grad too", "[autograd][gradcheck]") {
  const NoGradGuard no_grad;
  const auto f = [](const DoubleTensors& x) { return tanh(x[0]); };
  CHECK(gradcheck(f, {doubles({0.5, -1})}));
  CHECK(gradgradcheck(f, {doubles({0.5, -1})}));
}
