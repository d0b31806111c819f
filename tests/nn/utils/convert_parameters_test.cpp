#include "brasa/nn/utils/convert_parameters.hpp"

#include <vector>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;

// m = nn.Linear(2, 2); m.weight is [[1, 2], [3, 4]], m.bias [5, 6]
// parameters_to_vector(m.parameters())   tensor([1., 2., 3., 4., 5., 6.], grad_fn=<CatBackward0>)
TEST_CASE("Parameters become one vector, and go back into their tensors", "[nn][utils]") {
  nn::Linear<> linear(2, 2);
  const auto params = linear.parameters();
  nn::utils::vector_to_parameters(tensor<float>({1, 2, 3, 4, 5, 6}), params);
  CHECK(linear.weight.equal(tensor<float>({{1, 2}, {3, 4}})));
  CHECK(linear.bias.equal(tensor<float>({5, 6})));
  CHECK(linear.weight.is(params[0]));
  CHECK(linear.weight.requires_grad());

  const auto vec = nn::utils::parameters_to_vector(params);
  CHECK(vec.equal(tensor<float>({1, 2, 3, 4, 5, 6})));
  (vec * vec).sum().backward();
  CHECK(linear.weight.grad().equal(tensor<float>({{2, 4}, {6, 8}})));
  CHECK(linear.bias.grad().equal(tensor<float>({10, 12})));
}

// vector_to_parameters(torch.arange(5.), [a, b]) with a of shape (), b of shape (2,): 0, [1, 2]
TEST_CASE("A vector may be longer than the parameters, or one of them", "[nn][utils]") {
  std::vector<Tensor<float>> params = {zeros<float>({}), zeros<float>({2})};
  nn::utils::vector_to_parameters(arange<float>(5), params);
  CHECK(params[0].item() == 0);
  CHECK(params[1].equal(tensor<float>({1, 2})));
  const auto swapped = tensor<float>({1, 2, 3});
  nn::utils::vector_to_parameters(
      swapped, {tensor<float>({0}), swapped.reshape({3}).detach()[0], tensor<float>({0})});
  CHECK(swapped.equal(tensor<float>({1, 2, 3})));
}

TEST_CASE("A graph notices that its parameters were overwritten", "[nn][utils][error]") {
  const auto w = tensor<float>({1, 2}).requires_grad_();
  const auto loss = (w * w).sum();
  nn::utils::vector_to_parameters(tensor<float>({3, 4}), {w});
  CHECK_THAT(error_of<AutogradError>([&] { loss.backward(); }),
             ContainsSubstring("has been modified by an in-place operation"));
}

TEST_CASE("A vector that does not fit changes nothing", "[nn][utils][error]") {
  std::vector<Tensor<float>> params = {ones<float>({2}), ones<float>({2})};
  CHECK_THAT(
      error_of<ShapeError>([&] { nn::utils::vector_to_parameters(zeros<float>({3}), params); }),
      ContainsSubstring("expected a vector of 4 elements, got shape (3,)"));
  CHECK_THROWS_AS(nn::utils::vector_to_parameters(zeros<float>({2, 2}), params), ShapeError);
  CHECK(params[0].equal(ones<float>({2})));
  CHECK_THROWS_AS(nn::utils::parameters_to_vector(std::vector<Tensor<float>>{}), ValueError);
}
