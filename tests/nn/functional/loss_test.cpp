// What losses refuse, and what they let through as PyTorch does; the conformance recordings hold
// what they compute.

#include "brasa/nn/functional/loss.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "brasa/autograd/backward.hpp"
#include "brasa/autograd/grad.hpp"
#include "brasa/nn/functional/distance.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
namespace F = nn::functional;
using nn::Reduction;

namespace {

Tensor<std::int64_t> labels(std::initializer_list<std::int64_t> values) {
  auto y = Tensor<std::int64_t>::empty({static_cast<std::int64_t>(values.size())});
  std::copy(values.begin(), values.end(), y.data());
  return y;
}

const Tensor<float>& x() {
  static const auto input = full<float>({3, 4}, 0.5);
  return input;
}
const Tensor<float>& three() {
  static const auto input = ones<float>({3});
  return input;
}

}  // namespace

TEST_CASE("A reduction is written as in PyTorch, or as an enumerator", "[nn][loss]") {
  const auto y = zeros<float>({3, 4});
  const std::string text = "sum";
  CHECK(F::mse_loss(x(), y).item() == 0.25F);
  CHECK(F::mse_loss(x(), y, {.reduction = "mean"}).item() == 0.25F);
  CHECK(F::mse_loss(x(), y, {text}).item() == 3);
  CHECK(F::mse_loss(x(), y, {Reduction::sum}).item() == 3);
  CHECK(F::mse_loss(x(), y, {Reduction::none}).shape() == Shape{3, 4});
  CHECK(Reduction("batchmean") == Reduction::batchmean);
  CHECK(Reduction(Reduction::none).text() == "none");
}

TEST_CASE("Other reductions are refused by name", "[nn][loss][error]") {
  CHECK(error_of<ValueError>([] { F::mse_loss(x(), x(), {"avg"}); }) ==
        "reduction: expected \"mean\", \"sum\" or \"none\" (for kl_div also \"batchmean\"), got "
        "\"avg\"");
  CHECK_THROWS_AS(Reduction(""), ValueError);
  CHECK_THROWS_AS(Reduction("Mean"), ValueError);
  const auto refused = [](auto loss) {
    return error_of<ValueError>([&] { loss(Reduction(Reduction::batchmean)); });
  };
  const std::string why =
      ": expected \"mean\", \"sum\" or \"none\" as reduction, got \"batchmean\"";
  const auto y = labels({0, 1, 2});
  CHECK(refused([](auto r) { F::mse_loss(x(), x(), {r}); }) == "mse_loss" + why);
  CHECK(refused([](auto r) { F::mse_loss(x(), x(), {r, x()}); }) == "mse_loss" + why);
  CHECK(refused([](auto r) { F::l1_loss(x(), x(), {r}); }) == "l1_loss" + why);
  CHECK(refused([](auto r) { F::l1_loss(x(), x(), {r, x()}); }) == "l1_loss" + why);
  CHECK(refused([](auto r) { F::smooth_l1_loss(x(), x(), {r}); }) == "smooth_l1_loss" + why);
  CHECK(refused([](auto r) { F::huber_loss(x(), x(), {r}); }) == "huber_loss" + why);
  CHECK(refused([](auto r) { F::huber_loss(x(), x(), {r, 1, x()}); }) == "huber_loss" + why);
  CHECK(refused([&](auto r) { F::nll_loss(x(), y, {.reduction = r}); }) == "nll_loss" + why);
  CHECK(refused([&](auto r) { F::cross_entropy(x(), y, {.reduction = r}); }) ==
        "cross_entropy" + why);
  CHECK(refused([](auto r) { F::cross_entropy(x(), x(), {.reduction = r}); }) ==
        "cross_entropy" + why);
  CHECK(refused([](auto r) { F::binary_cross_entropy(x(), x(), {.reduction = r}); }) ==
        "binary_cross_entropy" + why);
  CHECK(refused([](auto r) { F::poisson_nll_loss(x(), x(), {.reduction = r}); }) ==
        "poisson_nll_loss" + why);
  CHECK(refused([](auto r) { F::soft_margin_loss(x(), x(), {r}); }) == "soft_margin_loss" + why);
  CHECK(refused([&](auto r) { F::multi_margin_loss(x(), y, {.reduction = r}); }) ==
        "multi_margin_loss" + why);
  CHECK(refused([](auto r) { F::triplet_margin_loss(x(), x(), x(), {.reduction = r}); }) ==
        "triplet_margin_loss" + why);
}

TEST_CASE("A class that does not exist is told with its place", "[nn][loss][error]") {
  CHECK(error_of<IndexError>([] {
          F::nll_loss(x(), labels({0, 1, 4}));
        }) ==
        "nll_loss: target 4 at (2,) is out of range: there are 4 classes, and ignored is -100");
  CHECK(error_of<IndexError>([] {
          F::cross_entropy(x(), labels({0, -1, 2}));
        }) ==
        "cross_entropy: target -1 at (1,) is out of range: there are 4 classes, and ignored is "
        "-100");
  CHECK(error_of<IndexError>([] {
          F::cross_entropy(zeros<float>({2, 3, 2}), labels({0, 1, 2, 3}).reshape({2, 2}),
                           {.ignore_index = 7});
        }) ==
        "cross_entropy: target 3 at (1, 1) is out of range: there are 3 classes, and ignored "
        "is 7");
  CHECK_THROWS_AS(F::nll_loss(x(), labels({0, 1, std::numeric_limits<std::int64_t>::max()})),
                  IndexError);
  CHECK_THROWS_AS(F::nll_loss(x(), labels({0, 1, std::numeric_limits<std::int64_t>::min()})),
                  IndexError);
  CHECK_THROWS_AS(F::nll_loss(x(), to<std::uint8_t>(labels({0, 1, 200}))), IndexError);
  CHECK_THROWS_AS(F::nll_loss(zeros<float>({3, 0}), labels({0, 0, 0})), IndexError);
  CHECK_THROWS_AS(F::linear_cross_entropy(x(), zeros<float>({5, 4}), labels({0, 1, 5})),
                  IndexError);
  CHECK(error_of<IndexError>([] {
          F::multi_margin_loss(x(), labels({0, 4, 1}));
        }) ==
        "multi_margin_loss: target 4 at position 1 is out of range [0, 3]: there are 4 classes");
  const auto beyond = labels({0, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0}).reshape({3, 4});
  CHECK_THROWS_AS(F::multilabel_margin_loss(x(), beyond), IndexError);
  CHECK_THROWS_AS(F::multilabel_margin_loss(x(), beyond - 2), IndexError);
}

TEST_CASE("Sizes that do not fit are told", "[nn][loss][error]") {
  CHECK(error_of<ShapeError>([] {
          F::nll_loss(x(), labels({0, 1}));
        }) ==
        "nll_loss: expected class indices of shape (3,) for an input of shape (3, 4), got (2,)");
  CHECK(error_of<ShapeError>([] {
          F::cross_entropy(x(), ones<float>({3, 3}));
        }) ==
        "cross_entropy: expected probabilities of the input's shape (3, 4), got (3, 3); class "
        "indices are a Tensor<std::int64_t>");
  CHECK(error_of<ShapeError>([] {
          F::cross_entropy(x(), labels({0, 1, 2}), {.weight = three()});
        }) ==
        "cross_entropy: expected a weight for each of the 4 classes, of shape (4,), got (3,)");
  CHECK_THROWS_AS(F::nll_loss(tensor(1), labels({0})), ShapeError);
  CHECK_THROWS_AS(F::cross_entropy(tensor(1), tensor(1)), ShapeError);
  CHECK(error_of<ShapeError>([] { F::binary_cross_entropy(x(), three()); }) ==
        "binary_cross_entropy: expected a target of the input's shape (3, 4), got (3,)");
  CHECK_THROWS_AS(F::binary_cross_entropy_with_logits(x(), ones<float>({4})), ShapeError);
  CHECK_THROWS_AS(F::binary_cross_entropy(x(), x(), {.weight = three()}), ShapeError);
  CHECK(error_of<ShapeError>([] {
          F::binary_cross_entropy_with_logits(x(), x(), {.pos_weight = ones<float>({2, 3, 4})});
        }) ==
        "binary_cross_entropy_with_logits: expected a pos_weight that broadcasts to shape "
        "(3, 4), got (2, 3, 4)");
  CHECK_THROWS_AS(F::mse_loss(x(), three()), ShapeError);
  CHECK(error_of<ShapeError>([] { F::mse_loss(x(), x(), {.weight = ones<float>({4})}); }) ==
        "mse_loss: expected a weight of the input's shape (3, 4), got (4,)");
  CHECK_THROWS_AS(F::huber_loss(x(), x(), {.weight = ones<float>({4})}), ShapeError);
  CHECK_THROWS_AS(F::kl_div(x(), three()), ShapeError);
  CHECK_THROWS_AS(F::poisson_nll_loss(x(), three()), ShapeError);
  CHECK_THROWS_AS(F::soft_margin_loss(x(), three()), ShapeError);
  CHECK_THROWS_AS(F::hinge_embedding_loss(x(), three()), ShapeError);
  CHECK(error_of<ShapeError>([] { F::gaussian_nll_loss(x(), x(), ones<float>({2})); }) ==
        "gaussian_nll_loss: expected a var of the input's shape (3, 4), without its last dimension "
        "or with one size of 1, got (2,)");
  CHECK_THROWS_AS(F::gaussian_nll_loss(x(), x(), ones<float>({1, 1})), ShapeError);
  CHECK_THROWS_AS(F::cosine_embedding_loss(x(), x(), ones<float>({4})), ShapeError);
  CHECK_THROWS_AS(F::cosine_embedding_loss(x(), x(), x()), ShapeError);
  CHECK_THROWS_AS(F::margin_ranking_loss(x(), x(), three()), ShapeError);
  CHECK_THROWS_AS(F::triplet_margin_loss(x(), x(), ones<float>({4})), ShapeError);
  CHECK_THROWS_AS(F::multi_margin_loss(x(), labels({0, 1})), ShapeError);
  CHECK_THROWS_AS(F::multi_margin_loss(zeros<float>({3, 0}), labels({0, 0, 0})), ShapeError);
  CHECK_THROWS_AS(F::multi_margin_loss(zeros<float>({2, 3, 4}), labels({0, 1})), ShapeError);
  CHECK_THROWS_AS(F::multi_margin_loss(x(), labels({0, 1, 2}), {.weight = three()}), ShapeError);
  CHECK_THROWS_AS(F::multilabel_margin_loss(x(), labels({0, 1, 2})), ShapeError);
  CHECK_THROWS_AS(F::multilabel_soft_margin_loss(tensor(1), tensor(1)), ShapeError);
  CHECK_THROWS_AS(F::multilabel_soft_margin_loss(x(), x(), {.weight = three()}), ShapeError);
  CHECK_THROWS_AS(F::pairwise_distance(x(), three()), ShapeError);
  CHECK_THROWS_AS(F::cosine_similarity(x(), x(), {.dim = 3}), IndexError);
}

TEST_CASE("linear_cross_entropy tells what does not fit", "[nn][loss][error]") {
  const auto y = labels({0, 1, 2});
  CHECK(error_of<ShapeError>([&] {
          F::linear_cross_entropy(x(), ones<float>({5, 3}), y);
        }) ==
        "linear_cross_entropy: expected an input of shape (N, in_features) and a weight of shape "
        "(C, …, in_features), got (3, 4) and (5, 3)");
  CHECK(error_of<ShapeError>([&] {
          F::linear_cross_entropy(x(), ones<float>({5, 4}), y, {.linear_bias = three()});
        }) == "linear_cross_entropy: expected a bias of shape (5,), got (3,)");
  CHECK_THROWS_AS(F::linear_cross_entropy(three(), ones<float>({5, 2, 3}), y), ShapeError);
  CHECK(
      error_of<ValueError>([] {
        F::linear_cross_entropy(x(), ones<float>({5, 4}), ones<float>({3, 5}), {.ignore_index = 1});
      }).find("linear_cross_entropy: ignore_index is for class indices") == 0);
}

TEST_CASE("Values that make no sense are refused", "[nn][loss][error]") {
  const auto y = labels({0, 1, 2});
  CHECK(error_of<ValueError>([&] { F::cross_entropy(x(), y, {.label_smoothing = 1.5}); }) ==
        "cross_entropy: expected a label_smoothing between 0 and 1, got 1.5");
  CHECK_THROWS_AS(F::cross_entropy(x(), y, {.label_smoothing = -0.5}), ValueError);
  CHECK_THROWS_AS(F::cross_entropy(x(), y, {.label_smoothing = kNan}), ValueError);
  CHECK_THROWS_AS(F::cross_entropy(x(), x(), {.ignore_index = 2}), ValueError);
  CHECK(error_of<ValueError>([] { F::smooth_l1_loss(x(), x(), {.beta = -1}); }) ==
        "smooth_l1_loss: expected a beta that is not negative, got -1");
  CHECK(error_of<ValueError>([] { F::huber_loss(x(), x(), {.delta = 0}); }) ==
        "huber_loss: expected a positive delta, got 0");
  CHECK_THROWS_AS(F::huber_loss(x(), x(), {.delta = kNan}), ValueError);
  CHECK_THROWS_AS(F::triplet_margin_loss(x(), x(), x(), {.margin = 0}), ValueError);
  CHECK(error_of<ValueError>([&] { F::multi_margin_loss(x(), y, {.p = 3}); }) ==
        "multi_margin_loss: expected a p of 1 or 2, got 3");
  CHECK(error_of<ValueError>([] { F::gaussian_nll_loss(x(), x(), -x()); }) ==
        "gaussian_nll_loss: expected no var that is negative, got -0.5");
  CHECK_THROWS_AS(F::gaussian_nll_loss(x(), x(), -1.0), ValueError);
  CHECK(error_of<ValueError>([] { F::binary_cross_entropy(3 * x(), x()); }) ==
        "binary_cross_entropy: expected all elements of input between 0 and 1, got 1.5");
  CHECK(error_of<ValueError>([] { F::binary_cross_entropy(x(), -x()); }) ==
        "binary_cross_entropy: expected all elements of target between 0 and 1, got -0.5");
  CHECK_THROWS_AS(F::binary_cross_entropy(x() * kNan, x()), ValueError);
}

TEST_CASE("What has no gradient must not want one", "[nn][loss][error]") {
  const auto y = labels({0, 1, 2});
  const auto w = ones<float>({4}).requires_grad_();
  const auto all = ones<float>({3, 4}).requires_grad_();
  const std::string why =
      " must not require a gradient: the loss is not differentiable with respect to it";
  CHECK(error_of<AutogradError>([&] { F::nll_loss(x(), y, {.weight = w}); }) ==
        "nll_loss: weight" + why);
  CHECK(error_of<AutogradError>([&] { F::soft_margin_loss(x(), all); }) ==
        "soft_margin_loss: target" + why);
  CHECK_THROWS_AS(F::cross_entropy(x(), y, {.weight = w}), AutogradError);
  CHECK_THROWS_AS(F::multi_margin_loss(x(), y, {.weight = w}), AutogradError);
  CHECK_THROWS_AS(F::binary_cross_entropy(x(), x(), {.weight = w}), AutogradError);
  CHECK_THROWS_AS(F::binary_cross_entropy_with_logits(x(), x(), {.pos_weight = w}), AutogradError);
  const NoGradGuard no_grad;
  CHECK(F::nll_loss(x(), y, {.weight = w}).item() == -0.5F);
}

TEST_CASE("Losses without a second derivative say so", "[nn][loss][error]") {
  const auto input = tensor<double>({{1, 2, 4}, {3, 1, 2}}).requires_grad_();
  const auto several = labels({0, -1, 1, 2, 1, -1}).reshape({2, 3});
  const auto gradient_of = [&](const Tensor<double>& loss) {
    return sum(autograd::grad(loss * loss, input, {}, {.create_graph = true}));
  };
  CHECK(error_of<AutogradError>([&] {
          gradient_of(F::multi_margin_loss(input, labels({0, 1}))).backward();
        }) == "multi_margin_loss: its gradient is not differentiable");
  CHECK(error_of<AutogradError>([&] {
          gradient_of(F::multilabel_margin_loss(input, several)).backward();
        }) == "multilabel_margin_loss: its gradient is not differentiable");
}

TEST_CASE("NaN and infinity in a loss are left to the user", "[nn][loss]") {
  // F.mse_loss(torch.tensor([nan, 1.]), torch.zeros(2)), F.cross_entropy of nan, inf - inf
  CHECK(std::isnan(F::mse_loss(tensor({kNan, 1.0F}), zeros<float>({2})).item()));
  CHECK(std::isnan(F::cross_entropy(x() * kNan, labels({0, 1, 2})).item()));
  // F.nll_loss(torch.full((3, 4), -inf), torch.tensor([0, 1, 2])) is inf
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(F::nll_loss(full<float>({3, 4}, -inf), labels({0, 1, 2})).item() == inf);
  // F.cross_entropy(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long)) is nan, with sum 0
  CHECK(std::isnan(F::cross_entropy(zeros<float>({0, 4}), labels({})).item()));
  CHECK(F::cross_entropy(zeros<float>({0, 4}), labels({}), {.reduction = "sum"}).item() == 0);
  CHECK(std::isnan(F::cross_entropy(x(), labels({1, 1, 1}), {.ignore_index = 1}).item()));
}

TEST_CASE("A target of another shape broadcasts, with a warning", "[nn][loss]") {
  std::vector<std::string> texts;
  const auto previous =
      set_warning_handler([&](std::string_view text) { texts.emplace_back(text); });
  F::mse_loss(x(), ones<float>({4}));
  F::kl_div(x(), x());
  F::kl_div(x(), x(), {"batchmean"});
  F::mse_loss(x(), x());
  set_warning_handler(previous);
  // with warnings.catch_warnings(record=True) as w: F.mse_loss(torch.ones(3, 4), torch.ones(4))
  REQUIRE(texts.size() == 2);
  CHECK(texts[0] ==
        "Using a target size (torch.Size([4])) that is different to the input size "
        "(torch.Size([3, 4])). This will likely lead to incorrect results due to broadcasting. "
        "Please ensure they have the same size.");
  CHECK(texts[1].find("reduction: 'mean' divides the total loss by both the batch size") == 0);
}
