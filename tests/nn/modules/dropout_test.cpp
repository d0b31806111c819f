#include "brasa/nn/modules/dropout.hpp"

#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;

TEST_CASE("Dropout follows train and eval of the model it is in", "[nn][dropout]") {
  nn::Sequential model{nn::Dropout(0.5), nn::AlphaDropout(0.5)};
  const auto x = ones<float>({100});
  CHECK_FALSE(model(x).equal(x));
  model.eval();
  CHECK(model(x).is(x));
  model.train();
  CHECK_FALSE(model(x).equal(x));
}

TEST_CASE("Dropout prints its p, and that it was asked to work in place", "[nn][dropout]") {
  // print(nn.Dropout(0.2, inplace=True)), print(nn.FeatureAlphaDropout())
  CHECK(nn::Dropout<>(0.2, {.inplace = true}).repr() == "Dropout(p=0.2, inplace=True)");
  CHECK(nn::FeatureAlphaDropout<>().repr() == "FeatureAlphaDropout(p=0.5, inplace=False)");
  const auto x = ones<float>({100});
  CHECK(nn::Dropout<>(0.2, {.inplace = true})(x).is(x) == false);
  CHECK(x.equal(ones<float>({100})));
}

TEST_CASE("Dropout converts to another Scalar", "[nn][dropout]") {
  nn::Dropout2d dropout(0.3);
  dropout.eval();
  const auto other = dropout.to<double>();
  CHECK(other.p == 0.3);
  CHECK_FALSE(other.training);
}

TEST_CASE("A p that is no probability is refused when the module is made", "[nn][dropout][error]") {
  CHECK(error_of<ValueError>([] { nn::Dropout<>(1.5); }) ==
        "dropout: expected a dropout probability between 0 and 1, got 1.5");
  CHECK_THROWS_AS(nn::Dropout1d<>(-0.1), ValueError);
  CHECK_THROWS_AS(nn::AlphaDropout<>(2), ValueError);
  nn::Dropout<> later(0.5);
  later.p = 7;  // also one that is set afterwards
  CHECK(error_of<ValueError>([&] { later(ones<float>({2})); }) ==
        "Dropout(p=7.0, inplace=False): expected a dropout probability between 0 and 1, got 7");
}
