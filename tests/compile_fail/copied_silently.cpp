// An alias in Python, which here would be a copy.
// expect: brasa: this would copy a Parameter or Buffer silently: write `Tensor<float> w =
// layer.weight;`
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/linear.hpp"

int main() {
  brasa::nn::Linear<> layer(2, 3);
#ifdef BRASA_SHOULD_FAIL
  auto w = layer.weight;
#else
  brasa::Tensor<float> w = layer.weight;
  brasa::nn::Parameter<float> copy(layer.weight);
#endif
  return static_cast<int>(w.numel()) - 6;
}
