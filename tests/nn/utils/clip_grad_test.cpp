#include "brasa/nn/utils/clip_grad.hpp"

#include <limits>
#include <string>
#include <vector>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/golden.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;
using golden::Json;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The recorded parameters: three with a gradient, one without.
template <FloatScalar S>
std::vector<Tensor<S>> recorded_parameters(const golden::File& file, const Json& record) {
  std::vector<Tensor<S>> params;
  for (int i = 0; i < 4; ++i) {
    const std::string name = "grad/" + std::to_string(i);
    if (!file.has(record, name)) {
      params.push_back(zeros<S>({2, 1, 3}).requires_grad_());
      continue;
    }
    const auto grad = file.tensor<S>(record, name);
    params.push_back(zeros<S>(grad.shape()).requires_grad_());
    params.back().set_grad(grad);
  }
  return params;
}

template <FloatScalar S>
void check_clipped(const golden::File& file, const Json& record,
                   const std::vector<Tensor<S>>& params, bool exact) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    const std::string name = "clipped/" + std::to_string(i);
    REQUIRE(params[i].grad().defined() == file.has(record, name));
    if (!file.has(record, name)) continue;
    const auto expected = file.tensor(record, name);
    CHECK((exact ? golden::equal_bits(params[i].grad(), expected)
                 : golden::close(params[i].grad(), expected)));
  }
}

template <FloatScalar S>
void check(const golden::File& file, const Json& record) {
  auto params = recorded_parameters<S>(file, record);
  if (record.at("kind") == "value") {
    nn::utils::clip_grad_value_(params, record.at("clip_value").get<double>());
    check_clipped(file, record, params, true);
    return;
  }
  const double norm_type = golden::number(record.at("norm_type"));
  const double max_norm = record.at("max_norm").get<double>();
  const auto norm = file.tensor<S>(record, "norm");
  CHECK(golden::close(nn::utils::clip_grad_norm_(params, max_norm, norm_type), norm));
  check_clipped(file, record, params, false);

  params = recorded_parameters<S>(file, record);
  nn::utils::clip_grads_with_norm_(params, max_norm, norm);
  check_clipped(file, record, params, true);
}

}  // namespace

TEST_CASE("Gradients are clipped as PyTorch clips them", "[nn][utils][golden]") {
  const golden::File file("utils.safetensors");
  for (const Json& record : file.cases()) {
    INFO(record.dump());
    if (golden::dtype(record.at("dtype")) == Dtype::float64) {
      check<double>(file, record);
    } else {
      check<float>(file, record);
    }
  }
}

// g = torch.tensor([3., 4.]); get_total_norm([g, g]) is sqrt(50); get_total_norm([]) tensor(0.)
TEST_CASE("The total norm is that of all elements together", "[nn][utils]") {
  const auto g = tensor<float>({3, 4});
  CHECK(nn::utils::get_total_norm(g).item() == 5);
  CHECK(nn::utils::get_total_norm(std::vector{g, g}).item() == Approx(7.0710678));
  CHECK(nn::utils::get_total_norm(std::vector{g, g}, kInfinity).item() == 4);
  CHECK(nn::utils::get_total_norm(std::vector<Tensor<double>>{}).item() == 0);
  CHECK(nn::utils::get_total_norm(g).shape() == Shape{});
  const auto leaf = tensor<float>({3, 4}).requires_grad_();
  CHECK_FALSE(nn::utils::get_total_norm(leaf).requires_grad());
}

TEST_CASE("One parameter may stand for a list, and none has no norm", "[nn][utils]") {
  auto w = zeros<float>({2}).requires_grad_();
  CHECK(nn::utils::clip_grad_norm_(w, 1).item() == 0);
  CHECK_FALSE(w.grad().defined());
  w.set_grad(tensor<float>({3, 4}));
  CHECK(nn::utils::clip_grad_norm_(w, 1).item() == 5);
  CHECK(golden::close(w.grad(), tensor<float>({0.6f, 0.8f})));
  nn::utils::clip_grad_value_(w, 0.7);
  CHECK(golden::close(w.grad(), tensor<float>({0.6f, 0.7f})));
  CHECK(nn::utils::clip_grad_norm_(std::vector<Tensor<float>>{}, 1).item() == 0);
}

TEST_CASE("Gradients of a module are clipped in place, also those that have a graph",
          "[nn][utils]") {
  nn::Linear<> linear(3, 2);
  linear(ones<float>({4, 3})).sum().backward({}, false, true);
  const auto grad = linear.weight.grad();
  const float before = nn::utils::clip_grad_norm_(linear.parameters(), 0.5).item();
  CHECK(before > 0.5f);
  CHECK(nn::utils::get_total_norm(std::vector{grad, linear.bias.grad()}).item() == Approx(0.5));
  CHECK(linear.weight.grad().is(grad));
}

TEST_CASE("A norm that is not finite is refused if one asks for it", "[nn][utils][error]") {
  auto w = zeros<float>({2}).requires_grad_();
  w.set_grad(tensor<float>({3, std::numeric_limits<float>::infinity()}));
  CHECK_THAT(error_of<ValueError>([&] { nn::utils::clip_grad_norm_(w, 1, 2, true); }),
             ContainsSubstring("the total norm of order 2.0 of the gradients is inf"));
  CHECK(w.grad()(0) == 3);
}
