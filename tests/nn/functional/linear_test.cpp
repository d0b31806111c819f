#include "brasa/nn/functional/linear.hpp"

#include <cstdint>

#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using nn::functional::linear;

// F.linear(torch.tensor([[1., 2.]]), torch.tensor([[1., 2.], [3., 4.], [5., 6.]]),
//          torch.tensor([10., 20., 30.]))    tensor([[15., 31., 47.]])
// without the bias                           tensor([[ 5., 11., 17.]])
TEST_CASE("functional::linear is x·Wᵀ + b", "[nn][functional][linear]") {
  const auto x = tensor({{1.0f, 2.0f}});
  const auto weight = tensor({{1.0f, 2.0f}, {3.0f, 4.0f}, {5.0f, 6.0f}});
  CHECK(linear(x, weight, tensor({10.0f, 20.0f, 30.0f})).equal(tensor({{15.0f, 31.0f, 47.0f}})));
  CHECK(linear(x, weight).equal(tensor({{5.0f, 11.0f, 17.0f}})));
}

// F.linear(torch.ones(4, 2), torch.tensor([1., 3.]))    tensor([4., 4., 4., 4.])
TEST_CASE("functional::linear takes one row of weights as a vector", "[nn][functional][linear]") {
  CHECK(linear(ones({4, 2}), tensor({1.0f, 3.0f})).equal(full({4}, 4.0f)));
  CHECK(linear(ones({2}), ones({2})).equal(tensor(2.0f)));
}

// Each is a RuntimeError in PyTorch.
TEST_CASE("functional::linear tells sizes that do not fit", "[nn][functional][linear][error]") {
  CHECK(error_of<ShapeError>([] {
          linear(zeros({4, 3}), zeros({2, 5}));
        }) == "linear: expected input of shape (*, 5), got (4, 3)");
  CHECK_THROWS_AS(linear(zeros({4, 3}), zeros({2, 3}), zeros({5})), ShapeError);
  CHECK_THROWS_AS(linear(zeros({4, 3}), zeros({3}), zeros({4})), ShapeError);
  CHECK_THROWS_AS(linear(zeros({4, 3}), zeros({2, 2, 3})), ShapeError);
  CHECK_THROWS_AS(linear(zeros({}), zeros({2, 3})), ShapeError);
  CHECK_THROWS_AS(linear(zeros({4, 3}), zeros({})), ShapeError);
}
