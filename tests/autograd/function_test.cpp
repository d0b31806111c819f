#include "brasa/autograd/function.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using autograd::DoubleTensors;
using Catch::Matchers::ContainsSubstring;

// class Sq(torch.autograd.Function):                      (the answers below are PyTorch 2.13.0's)
//   forward: ctx.save_for_backward(x); return x*x
//   backward: return grad * 2 * x

namespace {

const autograd::Function squared(
    "SqBackward", [](const auto& x) { return x * x; },
    [](const auto& grad, const auto&, const auto& x) { return grad * 2 * x; });

/// a · exp(b), from what is kept of the output.
const autograd::Function scaled_exp(
    "ScaledExpBackward", [](const auto& a, const auto& b) { return a * exp(b); },
    [](const auto& grad, const auto&, const auto&, const auto& b) { return grad * exp(b); },
    [](const auto& grad, const auto& y, const auto&, const auto&) { return grad * y; });

}  // namespace

// x = ones(2, requires_grad=True); y = Sq.apply(x); print(y, y.grad_fn.name()); y.sum().backward()
//   tensor([1., 1.], grad_fn=<SqBackward>) SqBackward     x.grad: tensor([2., 2.])
TEST_CASE("A function of one's own has its name and its gradient", "[autograd][function]") {
  const auto x = ones<float>({2}).requires_grad_();
  const auto y = squared(x);
  CHECK(repr(y) == "tensor([1., 1.], grad_fn=<SqBackward>)");
  y.sum().backward();
  CHECK(x.grad().equal(tensor<float>({2, 2})));
  CHECK_FALSE(squared(ones<float>({2})).requires_grad());
  NoGradGuard not_recording;
  CHECK_FALSE(squared(x).requires_grad());
}

TEST_CASE("Gradients of a function of one's own, and theirs, are the numerical ones",
          "[autograd][function][gradcheck]") {
  const DoubleTensors inputs = {tensor<double>({0.5, -1.5}).requires_grad_(),
                                tensor<double>({0.25, 0.75}).requires_grad_()};
  const auto f = [](const DoubleTensors& x) { return scaled_exp(squared(x[0]), x[1]); };
  CHECK(autograd::gradcheck(f, inputs));
  CHECK(autograd::gradgradcheck(f, inputs));
  const auto only_second = [&](const DoubleTensors& x) {
    return scaled_exp(inputs[0].detach(), x[0]);
  };
  CHECK(autograd::gradcheck(only_second, {inputs[1]}));
}

// def fw(c, x): print(torch.is_grad_enabled()); return x*2      False
// def bw(c, g): print(torch.is_grad_enabled()); return g        False, under create_graph True
TEST_CASE("A forward of one's own is not recorded, its vjp only with create_graph",
          "[autograd][function]") {
  std::vector<bool> seen;
  const autograd::Function spy(
      "SpyBackward",
      [&](const Tensor<float>& x) {
        seen.push_back(is_grad_enabled());
        return x * 2;
      },
      [&](const Tensor<float>& grad, const auto&, const auto&) {
        seen.push_back(is_grad_enabled());
        return grad;
      });
  const auto x = ones<float>({2}).requires_grad_();
  spy(x).sum().backward();
  autograd::grad(spy(x).sum(), x, {}, {.create_graph = true});
  CHECK(seen == std::vector<bool>{false, false, false, true});
}

// forward: return x;  backward: return g*5     y is x: False, x.grad: tensor([5., 5.])
// backward: return None                        x.grad: None
TEST_CASE("A function may return its input, and give no gradient", "[autograd][function]") {
  const autograd::Function same(
      "SameBackward", [](const auto& x) { return x; },
      [](const auto& grad, const auto&, const auto&) { return grad * 5; });
  const auto x = ones<float>({2}).requires_grad_();
  const auto y = same(x);
  CHECK_FALSE(y.is(x));
  CHECK(x.is_leaf());
  y.sum().backward();
  CHECK(x.grad().equal(tensor<float>({5, 5})));

  const autograd::Function stop(
      "StopBackward", [](const auto& z) { return z * 2; },
      [](const Tensor<float>&, const auto&, const auto&) { return Tensor<float>(); });
  const auto z = ones<float>({2}).requires_grad_();
  stop(z).sum().backward();
  CHECK_FALSE(z.grad().defined());
}

// backward: return torch.ones(3, 2) for an input of shape (2,)     x.grad: tensor([3., 3.])
TEST_CASE("A function of one's own takes parameters, which may broadcast", "[autograd][function]") {
  nn::Linear<> linear(2, 2);
  scaled_exp(linear.weight, linear.bias).sum().backward();
  const float b = linear.bias(1);
  CHECK(linear.weight.grad()(0, 1) == Approx(std::exp(b)));
  const float column = linear.weight(0, 1) + linear.weight(1, 1);
  CHECK(linear.bias.grad().shape() == Shape{2});
  CHECK(linear.bias.grad()(1) == Approx(column * std::exp(b)));
}

TEST_CASE("A function of one's own tells what went wrong", "[autograd][function][error]") {
  // y = Sq.apply(x).sum(); y.backward(); y.backward()
  //   Trying to backward through the graph a second time
  const auto x = ones<float>({2}).requires_grad_();
  const auto y = squared(x).sum();
  y.backward();
  CHECK_THAT(error_of<AutogradError>([&] { y.backward(); }), ContainsSubstring("SqBackward"));

  // z = x*1; y = Sq.apply(z); z.add_(1); y.sum().backward()
  //   one of the variables needed for gradient computation has been modified by an inplace
  //   operation
  auto z = x * 1;
  const auto w = squared(z);
  z.add_(1);
  CHECK_THAT(error_of<AutogradError>([&] { w.sum().backward(); }),
             ContainsSubstring("modified by an in-place operation"));

  // backward: return ones(3)
  //   Function SqBackward returned an invalid gradient at index 0 - got [3] but expected [2]
  const autograd::Function wrong(
      "WrongBackward", [](const auto& a) { return a * 2; },
      [](const auto&, const auto&, const auto&) { return ones<float>({3}); });
  CHECK_THAT(
      error_of<AutogradError>([&] { wrong(x).sum().backward(); }),
      ContainsSubstring("WrongBackward: the gradient of input 0 has shape (3,), expected (2,)"));
}
