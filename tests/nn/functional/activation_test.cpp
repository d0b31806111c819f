#include "brasa/nn/functional/activation.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "brasa/core/warning.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
namespace F = brasa::nn::functional;

namespace {

/// Gathers the warnings while it lives.
class Warnings {
 public:
  Warnings()
      : previous_(
            set_warning_handler([this](std::string_view text) { texts.emplace_back(text); })) {}
  ~Warnings() { set_warning_handler(previous_); }
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;

  std::vector<std::string> texts;

 private:
  WarningHandler previous_;
};

}  // namespace

// F.softmax(torch.tensor([1., 2., 3.]), 0)        tensor([0.09003057, 0.24472848, 0.66524094])
// F.log_softmax(torch.tensor([1., 2., 3.]), 0)    tensor([-2.40760589, -1.40760589, -0.40760595])
TEST_CASE("functional::softmax and log_softmax give PyTorch's values", "[nn][functional]") {
  const auto x = tensor({1.0f, 2.0f, 3.0f});
  CHECK(golden::close(F::softmax(x, 0), tensor({0.09003057f, 0.24472848f, 0.66524094f})));
  CHECK(golden::close(F::log_softmax(x, -1), tensor({-2.40760589f, -1.40760589f, -0.40760595f})));
}

// F.relu(torch.tensor([-1, 0, 2]))        tensor([0, 0, 2])
// torch.sigmoid(torch.tensor([-1, 0, 2]))    tensor([0.26894143, 0.50000000, 0.88079703])
// torch.tanh(torch.tensor([-1, 0, 2]))       tensor([-0.76159418,  0.00000000,  0.96402758])
TEST_CASE("Of integers relu gives integers, sigmoid and tanh floats", "[nn][functional]") {
  const auto x = tensor<std::int64_t>({-1, 0, 2});
  CHECK(F::relu(x).equal(tensor<std::int64_t>({0, 0, 2})));
  CHECK(golden::close(F::sigmoid(x), tensor({0.26894143f, 0.5f, 0.88079703f})));
  CHECK(golden::close(F::tanh(x), tensor({-0.76159418f, 0.0f, 0.96402758f})));
}

// F.softmax(torch.zeros(shape)) for 0 to 6 dimensions takes dim 0 for 0, 1 and 3 of them, else 1.
TEST_CASE("Without a dim softmax takes PyTorch's", "[nn][functional]") {
  const Warnings warnings;
  Shape shape;
  for (std::int64_t rank = 0; rank <= 6; ++rank) {
    CAPTURE(rank);
    const std::int64_t dim = rank == 0 || rank == 1 || rank == 3 ? 0 : 1;
    const auto x = ones(shape);
    CHECK(F::softmax(x).equal(F::softmax(x, dim)));
    CHECK(F::log_softmax(x).equal(F::log_softmax(x, dim)));
    shape.push_back(rank + 2);  // different sizes: another dim would give other values
  }
  CHECK(warnings.texts.size() == 14);
}

// UserWarning: Implicit dimension choice for softmax has been deprecated. Change the call to
// include dim=X as an argument.
TEST_CASE("Without a dim softmax warns, and can be silenced", "[nn][functional]") {
  const Warnings warnings;
  F::softmax(zeros({3}));
  F::log_softmax(zeros({3}));
  F::softmax(zeros({3}), 0);
  CHECK(warnings.texts ==
        std::vector<std::string>{
            "Implicit dimension choice for softmax has been deprecated. Change the call to include "
            "dim=X as an argument.",
            "Implicit dimension choice for log_softmax has been deprecated. Change the call to "
            "include dim=X as an argument."});
  const auto gathering = set_warning_handler([](std::string_view) {});
  F::softmax(zeros({3}));
  set_warning_handler(gathering);
  CHECK(warnings.texts.size() == 2);
}
