#include "brasa/autograd/gradcheck.hpp"

#include <string>

#include "brasa/autograd/function.hpp"
#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using autograd::DoubleTensors;
using Catch::Matchers::ContainsSubstring;

namespace {

Tensor<double> input() { return tensor<double>({0.3, -1.2, 2.0}).requires_grad_(); }

/// Cubes with a gradient that is wrong in its last element, by `error`.
auto cube_wrong_by(double error) {
  return autograd::Function(
      "CubeBackward", [](const auto& x) { return x * x * x; },
      [error](const auto& grad, const auto&, const auto& x) {
        return grad * (3 * x * x + tensor<double>({0, 0, error}));
      });
}

/// Right gradients, which are not differentiable themselves as they should be.
const autograd::Function detached_cube(
    "CubeBackward", [](const auto& x) { return x * x * x; },
    [](const auto& grad, const auto&, const auto& x) {
      return grad * 3 * x.detach() * x.detach();
    });

}  // namespace

TEST_CASE("gradcheck passes right gradients", "[autograd][gradcheck]") {
  const auto f = [](const DoubleTensors& x) { return sin(x[0]) * x[1]; };
  const auto x = input();
  CHECK(autograd::gradcheck(f, {x, input()}));
  CHECK(autograd::gradgradcheck(f, {x, input()}));
  CHECK_FALSE(x.grad().defined());
  // An input that requires no gradient is left alone.
  CHECK(autograd::gradcheck(f, {x, input().detach()}));
}

TEST_CASE("gradcheck finds a wrong gradient and tells where", "[autograd][gradcheck][error]") {
  const auto wrong = cube_wrong_by(0.1);
  const auto f = [&](const DoubleTensors& x) { return wrong(x[0]); };
  CHECK_THAT(error_of<AutogradError>([&] { autograd::gradcheck(f, {input()}); }),
             ContainsSubstring("the gradient of input 0 at element 2 is "));
  CHECK_FALSE(autograd::gradcheck(f, {input()}, {.raise_exception = false}));
  // Within the tolerances it passes.
  CHECK(autograd::gradcheck(f, {input()}, {.rtol = 0.1}));
  const auto nearly = cube_wrong_by(1e-7);
  CHECK(autograd::gradcheck([&](const DoubleTensors& x) { return nearly(x[0]); }, {input()}));
}

TEST_CASE("gradgradcheck finds a gradient that cannot be differentiated",
          "[autograd][gradcheck][error]") {
  const auto f = [](const DoubleTensors& x) { return detached_cube(x[0]); };
  CHECK(autograd::gradcheck(f, {input()}));
  CHECK_THROWS_AS(autograd::gradgradcheck(f, {input()}), AutogradError);
  CHECK_FALSE(
      autograd::gradgradcheck([](const DoubleTensors& x) { return detached_cube(x[0]) * x[0]; },
                              {input()}, {.raise_exception = false}));
}

TEST_CASE("gradcheck wants an output that depends on its inputs", "[autograd][gradcheck][error]") {
  const auto constant = [](const DoubleTensors&) { return ones<double>({2}); };
  CHECK_THAT(error_of<AutogradError>([&] { autograd::gradcheck(constant, {input()}); }),
             ContainsSubstring("does not depend on an input that requires a gradient"));
}
