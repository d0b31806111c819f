#include "brasa/nn/modules/activation.hpp"

#include <optional>
#include <string>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/leaves.hpp"

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

// nn.PReLU(3, 0.1).state_dict()    OrderedDict({'weight': tensor([0.1000, 0.1000, 0.1000])})
TEST_CASE("PReLU learns a slope for each channel", "[nn][activation]") {
  const nn::PReLU<> prelu(3, 0.1);
  CHECK(prelu.state_dict().keys() == std::vector<std::string>{"weight"});
  CHECK(prelu.weight.equal(full({3}, 0.1f)));
  const auto y = prelu(full({2, 3}, -10.0f));
  CHECK(y.equal(full({2, 3}, -1.0f)));
  CHECK(leaves::unlisted(prelu, y).empty());
  y.sum().backward();
  CHECK(prelu.weight.grad().equal(full({3}, -20.0f)));
  CHECK_THROWS_AS(nn::PReLU<>(-1), ValueError);
}

TEST_CASE("RReLU draws in training mode only", "[nn][activation][random]") {
  nn::RReLU<> rrelu(0.25, 0.75);
  const auto x = full({100}, -1.0f);
  CHECK_FALSE(rrelu(x).equal(rrelu(x)));
  rrelu.eval();
  CHECK(rrelu(x).equal(full({100}, -0.5f)));
}

// nn.Hardtanh(1, 1)    AssertionError;    nn.Softmax2d()(torch.zeros(2, 3))    ValueError
TEST_CASE("Activations check their arguments", "[nn][activation][error]") {
  CHECK_THROWS_AS(nn::Hardtanh(1, 1), ValueError);
  CHECK_THAT(error_of<ShapeError>([] {
               nn::Softmax2d()(zeros({2, 3}));
             }),
             Catch::Matchers::StartsWith("Softmax2d(): "));
  CHECK_THROWS_AS(nn::GELU("x")(zeros({2})), ValueError);
}

// An int stays an int: nn.ELU(2), nn.ELU(2.)
TEST_CASE("Activations print numbers as they were given", "[nn][activation]") {
  CHECK(nn::ELU(2).repr() == "ELU(alpha=2)");
  CHECK(nn::ELU(2.0, {.inplace = true}).repr() == "ELU(alpha=2.0, inplace=True)");
  CHECK(nn::ELU(2).to<double>().repr() == "ELU(alpha=2)");
  CHECK(nn::Threshold(0.1, 20, {.inplace = true}).repr() ==
        "Threshold(threshold=0.1, value=20, inplace=True)");
  CHECK(nn::Hardswish({.inplace = true}).repr() == "Hardswish()");
}

namespace {

template <class M>
void check_conversion(const M& module) {
  const auto converted = module.template to<double>();
  CHECK(converted.repr() == module.repr());
  CHECK(M(module).repr() == module.repr());
}

}  // namespace

TEST_CASE("Activations keep their arguments when they are converted", "[nn][activation]") {
  const nn::InplaceOptions inplace{.inplace = true};
  check_conversion(nn::Threshold(0.1, 20, inplace));
  check_conversion(nn::ReLU(inplace));
  check_conversion(nn::ReLU6(inplace));
  check_conversion(nn::RReLU(0.1, 1, inplace));
  check_conversion(nn::Hardtanh(-2, 2.5, inplace));
  check_conversion(nn::Hardshrink(2));
  check_conversion(nn::Softshrink(2));
  check_conversion(nn::LeakyReLU(0.2, inplace));
  check_conversion(nn::Softplus(2, 30));
  check_conversion(nn::CELU(0.5, inplace));
  check_conversion(nn::SELU(inplace));
  check_conversion(nn::GELU("tanh"));
  check_conversion(nn::GLU(1));
  check_conversion(nn::SiLU(inplace));
  check_conversion(nn::Mish(inplace));
  check_conversion(nn::PReLU(3, 0.1));
  check_conversion(nn::Softmin(1));
  check_conversion(nn::LogSigmoid());
}
