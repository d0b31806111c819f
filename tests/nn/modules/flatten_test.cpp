#include "brasa/nn/modules/flatten.hpp"

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/identity.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;

TEST_CASE("Flatten and Unflatten share memory with their input", "[nn][flatten]") {
  const auto x = ones({2, 3, 4});
  const auto flat = nn::Flatten()(x);
  CHECK(flat.shape() == Shape{2, 12});
  CHECK(flat.shares_storage(x));
  const auto back = nn::Unflatten(1, {3, 4})(flat);
  CHECK(back.shape() == x.shape());
  CHECK(back.shares_storage(x));
}

// nn.Flatten(2, 1)(torch.zeros(2, 3, 4))    RuntimeError: … start_dim cannot come after end_dim
// nn.Flatten(0, 3)(torch.zeros(2, 3, 4))    IndexError
TEST_CASE("Flatten tells dims that are not there or in the wrong order", "[nn][flatten][error]") {
  const auto x = zeros({2, 3, 4});
  CHECK_THAT(error_of<ValueError>([&] { nn::Flatten(2, 1)(x); }),
             Catch::Matchers::StartsWith("Flatten(start_dim=2, end_dim=1): "));
  CHECK_THROWS_AS(nn::Flatten(0, 3)(x), IndexError);
  CHECK_THROWS_AS(nn::Flatten(-4)(x), IndexError);
}

// nn.Unflatten(1, (2, 2))(torch.zeros(2, 3))      RuntimeError
// nn.Unflatten(1, (-1, -1))(torch.zeros(2, 4))    RuntimeError
// nn.Unflatten(5, (1, 2))(torch.zeros(2, 4))      IndexError
TEST_CASE("Unflatten tells sizes that do not multiply up", "[nn][flatten][error]") {
  CHECK_THAT(error_of<ShapeError>([] {
               nn::Unflatten(1, {2, 2})(zeros({2, 3}));
             }),
             Catch::Matchers::StartsWith("Unflatten(dim=1, unflattened_size=(2, 2)): "));
  CHECK_THROWS_AS(nn::Unflatten(1, {-1, -1})(zeros({2, 4})), ValueError);
  CHECK_THROWS_AS(nn::Unflatten(1, {})(zeros({2, 4})), ValueError);
  CHECK_THROWS_AS(nn::Unflatten(5, {1, 2})(zeros({2, 4})), IndexError);
}

// nn.Identity(54, unused=1)(x) is x
TEST_CASE("Identity takes any arguments and gives back its input", "[nn][identity]") {
  const auto x = ones({2});
  CHECK(nn::Identity()(x).is(x));
  const nn::Identity<> identity(54, "unused", 1.5);
  CHECK(identity(x).is(x));
  CHECK(identity.repr() == "Identity()");
  const nn::Identity<> copy = identity;
  CHECK(copy(x).is(x));
}
