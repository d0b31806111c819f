// expect: brasa: the target of cross_entropy is a Tensor<std::int64_t> of class indices, or
#include "brasa/nn/functional/loss_cross_entropy.hpp"
#include "brasa/ops/creation.hpp"

int main() {
  const auto input = brasa::zeros<float>({2, 3});
#ifdef BRASA_SHOULD_FAIL
  const auto target = brasa::zeros<double>({2, 3});
#else
  const auto target = brasa::zeros<float>({2, 3});
#endif
  return static_cast<int>(brasa::nn::functional::cross_entropy(input, target).dim());
}
