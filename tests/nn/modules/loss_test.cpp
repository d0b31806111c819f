#include "brasa/nn/modules/loss.hpp"

#include <cstdint>

#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/golden.hpp"
#include "support/leaves.hpp"

using namespace brasa;

TEST_CASE("A loss has its options as members, and may change them", "[nn][loss]") {
  nn::SmoothL1Loss loss({.reduction = "sum", .beta = 0.5});
  const auto x = tensor({1, 2, 3});
  const auto y = tensor({0, 2, 3});
  CHECK(loss(x, y).item() == 0.75F);
  loss.reduction = "none";
  loss.beta = 2;
  CHECK(loss(x, y).equal(tensor({0.25, 0, 0})));
  nn::CrossEntropyLoss entropy({.label_smoothing = 0.1});
  CHECK(entropy.label_smoothing == 0.1);
  CHECK(entropy.ignore_index == -100);
  CHECK_FALSE(entropy.weight.defined());
}

TEST_CASE("Losses convert to another Scalar with their options and weights", "[nn][loss]") {
  const auto w = tensor({1, 2, 4});
  const nn::TripletMarginLoss triplet({.margin = 2, .p = 3, .swap = true, .reduction = "sum"});
  const auto triplet64 = triplet.to<double>();
  CHECK(triplet64.margin == 2);
  CHECK(triplet64.p == 3);
  CHECK(triplet64.swap);
  CHECK(triplet64.reduction == nn::Reduction::sum);
  const nn::CrossEntropyLoss entropy({w, 1, "none", 0.25});
  const auto entropy64 = entropy.to<double>();
  CHECK(entropy64.weight.equal(tensor<double>({1, 2, 4})));
  CHECK(entropy64.ignore_index == 1);
  CHECK(entropy64.reduction == nn::Reduction::none);
  CHECK(entropy64.label_smoothing == 0.25);
  const nn::BCEWithLogitsLoss logits({.pos_weight = w});
  CHECK_FALSE(logits.to<double>().weight.defined());
  CHECK(logits.to<double>().pos_weight.equal(tensor<double>({1, 2, 4})));
  const nn::MultiMarginLoss margin({2, 0.5, w, "sum"});
  CHECK(margin.to<double>().p == 2);
  CHECK(margin.to<double>().weight.equal(tensor<double>({1, 2, 4})));
  const nn::LinearCrossEntropyLoss linear(2, 3, {{4}, true, "sum", w, 2, 0.5});
  const auto linear64 = linear.to<double>();
  CHECK(linear64.out_features == Shape{4});
  CHECK(linear64.linear.weight.equal(to<double>(linear.linear.weight)));
  CHECK(linear64.ignore_index == 2);
}

TEST_CASE("A copied loss has a weight of its own", "[nn][loss]") {
  const nn::NLLLoss loss({.weight = tensor({1, 2})});
  nn::NLLLoss copy = loss;
  copy.weight.fill_(0);
  CHECK(loss.weight.equal(tensor({1, 2})));
  CHECK(loss.state_dict().keys() == std::vector<std::string>{"weight"});
  CHECK(nn::NLLLoss<>().state_dict().empty());
}

TEST_CASE("All that a loss learns is listed", "[nn][loss]") {
  manual_seed(0);
  const auto x = rand<float>({3, 4}).requires_grad_();
  const auto y = tensor<std::int64_t>({0, 4, 2});
  const nn::LinearCrossEntropyLoss<> loss(4, 5, {.bias = true, .weight = rand<float>({5})});
  CHECK(leaves::unlisted(loss, loss(x, y), {x}).empty());
  CHECK(leaves::unused(loss, loss(x, y)).empty());
  CHECK(loss.parameters().size() == 2);
  const nn::LinearCrossEntropyLoss<> spatial(4, 5, {.out_features = {2, 3}});
  const auto z = zeros<std::int64_t>({3, 2, 3});
  CHECK(leaves::unlisted(spatial, spatial(x, z), {x}).empty());
  CHECK(leaves::unused(spatial, spatial(x, z)).empty());
  const nn::CrossEntropyLoss<> plain({.weight = rand<float>({4})});
  CHECK(leaves::unlisted(plain, plain(x, tensor<std::int64_t>({0, 3, 2})), {x}).empty());
  CHECK(plain.parameters().empty());
}

TEST_CASE("Errors tell the loss that they come from", "[nn][loss][error]") {
  const auto x = zeros<float>({3, 4});
  const auto y = tensor<std::int64_t>({0, 4, 2});
  CHECK(error_of<IndexError>([&] { nn::CrossEntropyLoss<>()(x, y); }) ==
        "CrossEntropyLoss(): cross_entropy: target 4 at (1,) is out of range: there are 4 classes, "
        "and ignored is -100");
  CHECK(error_of<ShapeError>([&] {
          nn::MSELoss<>()(x, zeros<float>({5}));
        }).find("MSELoss(): mse_loss: ") == 0);
  CHECK_THROWS_AS(nn::MSELoss<>({.reduction = "batchmean"})(x, x), ValueError);
}

TEST_CASE("Losses that cannot be made are refused at once", "[nn][loss][error]") {
  CHECK_THROWS_AS(nn::MSELoss<>({.reduction = "foo"}), ValueError);
  CHECK(error_of<ValueError>([] { nn::TripletMarginLoss<>({.margin = 0}); }) ==
        "TripletMarginLoss: expected a positive margin, got 0");
  CHECK(error_of<ValueError>([] { nn::MultiMarginLoss<>({.p = 3}); }) ==
        "MultiMarginLoss: expected a p of 1 or 2, got 3");
  CHECK_THROWS_AS(nn::MultiMarginLoss<>({.weight = zeros<float>({2, 2})}), ShapeError);
  CHECK(error_of<ShapeError>([] {
          nn::LinearCrossEntropyLoss<>(3, 4, {.weight = tensor({1})});
        }).find("LinearCrossEntropyLoss: expected a weight for each of the 4 classes") == 0);
  CHECK_THROWS_AS(nn::LinearCrossEntropyLoss<>(3, 4, {.label_smoothing = 2}), ValueError);
  CHECK_THROWS_AS(nn::LinearCrossEntropyLoss<>(3, -4), ValueError);
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  CHECK_THROWS_AS(nn::LinearCrossEntropyLoss<>(3, kHuge, {.out_features = {kHuge}}), ValueError);
}
