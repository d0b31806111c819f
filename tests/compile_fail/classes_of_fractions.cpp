// expect: brasa: class indices are a Tensor<std::int64_t> or a Tensor<std::uint8_t>
#include <cstdint>

#include "brasa/nn/modules/loss.hpp"
#include "brasa/ops/creation.hpp"

int main() {
  const auto input = brasa::zeros<float>({2, 3});
  const brasa::nn::NLLLoss<> loss;
#ifdef BRASA_SHOULD_FAIL
  return static_cast<int>(loss(input, brasa::zeros<float>({2})).dim());
#else
  return static_cast<int>(loss(input, brasa::zeros<std::int64_t>({2})).dim());
#endif
}
