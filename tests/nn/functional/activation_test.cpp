#include "brasa/nn/functional/activation.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "brasa/core/random.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"
#include "support/warnings.hpp"

using namespace brasa;
namespace F = brasa::nn::functional;

// F.softmax(torch.tensor([1., 2., 3.]), 0)        tensor([0.09003057, 0.24472848, 0.66524094])
// F.log_softmax(torch.tensor([1., 2., 3.]), 0)    tensor([-2.40760589, -1.40760589, -0.40760595])
TEST_CASE("functional::softmax and log_softmax give PyTorch's values", "[nn][functional]") {
  const auto x = tensor({1.0f, 2.0f, 3.0f});
  CHECK(golden::close(F::softmax(x, 0), tensor({0.09003057f, 0.24472848f, 0.66524094f})));
  CHECK(golden::close(F::log_softmax(x, -1), tensor({-2.40760589f, -1.40760589f, -0.40760595f})));
}

// F.relu(torch.tensor([-1, 0, 2]))        tensor([0, 0, 2])
// torch.sigmoid(torch.tensor([-1, 0, 2]))    tensor([0.26894143, 0.50000000, 0.88079703])
// torch.tanh(torch.tensor([-1, 0, 2]))       tensor([-0.76159418,  0.00000000,  0.96402758])
TEST_CASE("Of integers relu gives integers, sigmoid and tanh floats", "[nn][functional]") {
  const auto x = tensor<std::int64_t>({-1, 0, 2});
  CHECK(F::relu(x).equal(tensor<std::int64_t>({0, 0, 2})));
  CHECK(golden::close(F::sigmoid(x), tensor({0.26894143f, 0.5f, 0.88079703f})));
  CHECK(golden::close(F::tanh(x), tensor({-0.76159418f, 0.0f, 0.96402758f})));
}

// F.softmax(torch.zeros(shape)) for 0 to 6 dimensions takes dim 0 for 0, 1 and 3 of them, else 1.
TEST_CASE("Without a dim softmax takes PyTorch's", "[nn][functional]") {
  const Warnings warnings;
  Shape shape;
  for (std::int64_t rank = 0; rank <= 6; ++rank) {
    CAPTURE(rank);
    const std::int64_t dim = rank == 0 || rank == 1 || rank == 3 ? 0 : 1;
    const auto x = ones(shape);
    CHECK(F::softmax(x).equal(F::softmax(x, dim)));
    CHECK(F::log_softmax(x).equal(F::log_softmax(x, dim)));
    shape.push_back(rank + 2);  // different sizes: another dim would give other values
  }
  CHECK(warnings.texts.size() == 14);
}

// UserWarning: Implicit dimension choice for softmax has been deprecated. Change the call to
// include dim=X as an argument.
TEST_CASE("Without a dim softmax warns, and can be silenced", "[nn][functional]") {
  const Warnings warnings;
  F::softmax(zeros({3}));
  F::log_softmax(zeros({3}));
  F::softmax(zeros({3}), 0);
  CHECK(warnings.texts ==
        std::vector<std::string>{
            "Implicit dimension choice for softmax has been deprecated. Change the call to include "
            "dim=X as an argument.",
            "Implicit dimension choice for log_softmax has been deprecated. Change the call to "
            "include dim=X as an argument."});
  const auto gathering = set_warning_handler([](std::string_view) {});
  F::softmax(zeros({3}));
  set_warning_handler(gathering);
  CHECK(warnings.texts.size() == 2);
}

// x=X(1); g,=ag.grad(f(x*100).sum(), x, create_graph=True); g.sum().backward(); x.grad
TEST_CASE("Second derivatives are finite where an exponential overflows",
          "[nn][functional][autograd]") {
  const auto second = [](auto f) {
    auto x = tensor({100.0f, -100.0f, 500.0f, -500.0f}).requires_grad_();
    f(x).backward(ones({4}), false, true);
    const auto gradient = x.grad();
    x.set_grad({});
    gradient.backward(ones({4}));
    return x.grad().isfinite().all().item();
  };
  CHECK(second([](auto x) { return F::elu(x); }));
  CHECK(second([](auto x) { return F::selu(x); }));
  CHECK(second([](auto x) { return F::softplus(x); }));
  CHECK(second([](auto x) { return F::logsigmoid(x); }));
  CHECK(second([](auto x) { return F::mish(x); }));
  CHECK(second([](auto x) { return F::silu(x); }));
  CHECK(second([](auto x) { return F::gelu(x); }));
  CHECK(second([](auto x) { return F::gelu(x, "tanh"); }));
}

// Sub-gradients: x=X(…); f(x).sum().backward(); x.grad
TEST_CASE("Gradients at the corners of activations are PyTorch's", "[nn][functional][autograd]") {
  const auto gradient = [](auto f, Tensor<float> x) {
    x.requires_grad_();
    f(x).sum().backward();
    return x.grad();
  };
  using golden::close;
  CHECK(close(gradient([](auto x) { return F::leaky_relu(x); }, tensor({-1, 0, 1})),
              tensor({0.01f, 0.01f, 1})));
  CHECK(close(gradient([](auto x) { return F::elu(x); }, tensor({-1, 0, 1})),
              tensor({0.367879f, 1, 1})));
  CHECK(close(gradient([](auto x) { return F::selu(x); }, tensor({0})), tensor({1.7580993f})));
  CHECK(close(gradient([](auto x) { return F::prelu(x, tensor({0.25})); }, tensor({-1, 0, 1})),
              tensor({0.25, 0.25, 1})));
  CHECK(close(gradient([](auto x) { return F::hardtanh(x); }, tensor({-1, 1})), tensor({0, 0})));
  CHECK(close(gradient([](auto x) { return F::relu6(x); }, tensor({0, 6})), tensor({0, 0})));
  CHECK(close(gradient([](auto x) { return F::hardsigmoid(x); }, tensor({-3, 3})), tensor({0, 0})));
  CHECK(close(gradient([](auto x) { return F::hardswish(x); }, tensor({-3, 0, 3})),
              tensor({0, 0.5, 1})));
  CHECK(close(gradient([](auto x) { return F::hardshrink(x); }, tensor({-0.5, 0, 0.5})),
              tensor({0, 0, 0})));
  CHECK(close(gradient([](auto x) { return F::softshrink(x); }, tensor({-0.5, 0, 0.5})),
              tensor({0, 0, 0})));
  CHECK(close(gradient([](auto x) { return F::threshold(x, 0.1, 0); }, tensor({0.1, 0.2})),
              tensor({0, 1})));
  CHECK(close(gradient([](auto x) { return F::softplus(x); }, tensor({-1e4, 0, 20, 20.5})),
              tensor({0, 0.5, 1, 1})));
}

// torch.manual_seed(0); F.rrelu(torch.tensor([-1., 0, -1, 1, -1]), training=True)
TEST_CASE("rrelu draws for what is not above 0 alone", "[nn][functional][random]") {
  manual_seed(0);
  CHECK(F::rrelu(tensor({-1, 0, -1, 1, -1}), 1.0 / 8, 1.0 / 3, true)
            .equal(tensor({-0.32709438f, 0, -0.22070478f, 1, -0.31682244f})));
}

TEST_CASE("Activations refuse what makes no sense", "[nn][functional][error]") {
  const auto x = ones({2, 3});
  CHECK(error_of<ShapeError>([&] { F::glu(x); }) ==
        "glu: expected an even size of dimension -1, got shape (2, 3)");
  CHECK_THROWS_AS(F::glu(tensor(1.0)), ShapeError);
  CHECK_THROWS_AS(F::glu(x, 2), IndexError);
  CHECK_THROWS_AS(F::prelu(x, ones({2})), ShapeError);
  CHECK_THROWS_AS(F::prelu(x, ones({1, 3})), ShapeError);
  CHECK_THROWS_AS(F::prelu(ones({3}), ones({3})), ShapeError);
  CHECK_THROWS_AS(F::softshrink(x, -1), ValueError);
  CHECK_THROWS_AS(F::softshrink(x, kNan), ValueError);
  CHECK_THROWS_AS(F::hardtanh(x, 1, -1), ValueError);
  CHECK_THROWS_AS(F::celu(x, 0), ValueError);
  CHECK_THROWS_AS(F::rrelu(x, 0.5, 0.1), ValueError);
  CHECK_THROWS_AS(F::rrelu(x, kNan, 0.1, true), ValueError);
  CHECK(error_of<ValueError>([&] { F::gelu(x, "x"); }) ==
        "gelu: expected approximate to be none or tanh, got x");
}
