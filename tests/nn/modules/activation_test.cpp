#include "brasa/nn/modules/activation.hpp"

#include <optional>

#include "brasa/nn/module.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;

// nn.ReLU(inplace=True)(x) changes x; brasa prints the flag and leaves x alone.
TEST_CASE("ReLU leaves its input alone, also where it says in place", "[nn][activation]") {
  const auto x = tensor({-1.0f, 2.0f});
  const nn::ReLU<> relu({.inplace = true});
  CHECK(relu(x).equal(tensor({0.0f, 2.0f})));
  CHECK(x.equal(tensor({-1.0f, 2.0f})));
  CHECK(relu.repr() == "ReLU(inplace=True)");
  CHECK(nn::ReLU().repr() == "ReLU()");
}

// m = nn.Softmax(0); m.dim = 1; print(m)    Softmax(dim=1)
TEST_CASE("Softmax shows and follows its dim", "[nn][activation]") {
  nn::Softmax<> softmax(0);
  CHECK(softmax(zeros({2, 4})).equal(full({2, 4}, 0.5f)));
  softmax.dim = 1;
  CHECK(softmax.repr() == "Softmax(dim=1)");
  CHECK(softmax(zeros({2, 4})).equal(full({2, 4}, 0.25f)));
  CHECK(nn::LogSoftmax<>().repr() == "LogSoftmax(dim=None)");
}

// F.softmax(torch.zeros(2, 3), 2)    IndexError
TEST_CASE("A dim that is not there is an IndexError with the module's text",
          "[nn][activation][error]") {
  CHECK_THAT(error_of<IndexError>([] {
               nn::Softmax(2)(zeros({2, 3}));
             }),
             Catch::Matchers::StartsWith("Softmax(dim=2): "));
  CHECK_THAT(error_of<IndexError>([] {
               nn::LogSoftmax(-3)(zeros({2, 3}));
             }),
             Catch::Matchers::StartsWith("LogSoftmax(dim=-3): "));
}
