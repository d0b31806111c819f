// A class that derives from a layer and has only the layer's BRASA_MODULE.
// expect: brasa: BRASA_MODULE is missing in a class that derives from another module
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/sequential.hpp"

struct LoudReLU : brasa::nn::ReLU<float> {
  brasa::Tensor<float> forward(const brasa::Tensor<float>& x) const { return ReLU::forward(x); }
#ifndef BRASA_SHOULD_FAIL
  BRASA_MODULE(LoudReLU)
#endif
};

int main() { brasa::nn::Sequential model{LoudReLU()}; }
