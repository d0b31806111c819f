// What dropout refuses, and what it leaves alone; the conformance recordings hold what falls.

#include "brasa/nn/functional/dropout.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/warnings.hpp"

using namespace brasa;
namespace F = nn::functional;

TEST_CASE("What dropout has nothing to do with stays the same tensor", "[nn][dropout]") {
  // F.dropout(x, 0.5, False) is x; F.dropout(x, 0.) is x; F.alpha_dropout(x) is x
  const auto x = ones<float>({2, 3, 4});
  const auto before = default_generator().get_state();
  CHECK(F::dropout(x, 0.5, false).is(x));
  CHECK(F::dropout(x, 0).is(x));
  CHECK(F::dropout2d(x, 0.5, false).is(x));
  CHECK(F::alpha_dropout(x).is(x));
  CHECK(F::feature_alpha_dropout(x).is(x));
  CHECK(F::dropout(x, 1).equal(zeros<float>({2, 3, 4})));
  CHECK(default_generator().get_state().equal(before));  // and nothing was drawn
}

TEST_CASE("What is dropped is a share of p, and the mean stays", "[nn][dropout]") {
  manual_seed(1);
  const std::int64_t n = 100000;
  for (const double p : {0.1, 0.5, 0.9}) {
    CAPTURE(p);
    const auto y = F::dropout(ones<double>({n}), p);
    const auto dropped = static_cast<double>(sum(y == 0).item());
    const double deviation = std::sqrt(static_cast<double>(n) * p * (1 - p));
    CHECK(std::abs(dropped - static_cast<double>(n) * p) < 5 * deviation);
    CHECK(all((y == 0) | (y == 1 / (1 - p))).item());
    const auto z = F::alpha_dropout(randn<double>({n}), p, true);
    CHECK(mean(z).item() == Approx(0).margin(0.02));
    CHECK(z.std().item() == Approx(1).margin(0.02));
  }
}

TEST_CASE("Channels are dropped as a whole", "[nn][dropout]") {
  manual_seed(2);
  const auto y = F::dropout2d(ones<float>({8, 16, 3, 5}));
  const auto sums = y.reshape({8 * 16, 15}).sum(1);
  int dropped = 0;
  for (const float sum : sums.span()) {
    CHECK((sum == 0.0F || sum == 30.0F));
    dropped += sum == 0.0F;
  }
  CHECK(dropped > 30);
  CHECK(dropped < 98);
}

TEST_CASE("A p that is no probability is refused by name", "[nn][dropout][error]") {
  const auto x = ones<float>({2, 3, 4, 5});
  CHECK(error_of<ValueError>([&] { F::dropout(x, 1.5); }) ==
        "dropout: expected a dropout probability between 0 and 1, got 1.5");
  CHECK(error_of<ValueError>([&] { F::dropout1d(x, -0.1, false); }) ==
        "dropout1d: expected a dropout probability between 0 and 1, got -0.1");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(F::dropout2d(x, nan), ValueError);
  CHECK_THROWS_AS(F::dropout3d(x, 2), ValueError);
  CHECK_THROWS_AS(F::alpha_dropout(x, -1, true), ValueError);
  CHECK_THROWS_AS(F::feature_alpha_dropout(x, 1.0001), ValueError);
}

TEST_CASE("Inputs of a wrong number of dimensions are refused or warned of", "[nn][dropout]") {
  CHECK(error_of<ShapeError>([] { F::dropout1d(ones<float>({5})); }) ==
        "dropout1d: expected an input of shape (N, C, L) or (C, L), got (5,)");
  CHECK_THROWS_AS(F::dropout1d(ones<float>({1, 2, 3, 4})), ShapeError);
  CHECK(error_of<ShapeError>([] { F::feature_alpha_dropout(ones<float>({5}), 0.5, true); }) ==
        "feature_alpha_dropout: expected an input with at least 2 dimensions, got shape (5,)");
  std::vector<std::string> texts;
  const auto previous =
      set_warning_handler([&](std::string_view text) { texts.emplace_back(text); });
  F::dropout2d(ones<float>({2, 3}));
  F::dropout2d(ones<float>({2, 3, 4}));
  F::dropout3d(ones<float>({2, 3}));
  F::dropout3d(ones<float>({2, 3, 4, 5}));
  CHECK_THROWS_AS(F::dropout2d(ones<float>({3})), ShapeError);
  set_warning_handler(previous);
  // The texts of PyTorch, from
  // with warnings.catch_warnings(record=True) as w: F.dropout2d(torch.ones(2, 3)); w[0].message
  REQUIRE(texts.size() == 4);
  CHECK(texts[0] ==
        "dropout2d: Received a 2-D input to dropout2d, which is deprecated and will result in an "
        "error in a future release. To retain the behavior and silence this warning, please use "
        "dropout instead. Note that dropout2d exists to provide channel-wise dropout on inputs "
        "with 2 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 3D "
        "or 4D inputs).");
  CHECK(texts[1].find("dropout2d: Received a 3D input to dropout2d and assuming that") == 0);
  CHECK(texts[2].find("(i.e. 4D or 5D inputs)") != std::string::npos);
}
