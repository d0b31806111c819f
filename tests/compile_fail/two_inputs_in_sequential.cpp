// A module of two inputs in a Sequential.
// expect: brasa: Sequential passes one tensor from module to module

#include <brasa/brasa.hpp>

namespace nn = brasa::nn;

struct Sum : nn::Module<float> {
#ifdef BRASA_SHOULD_FAIL
  brasa::Tensor<float> forward(const brasa::Tensor<float>& a, const brasa::Tensor<float>& b) const {
    return a + b;
  }
#else
  brasa::Tensor<float> forward(const brasa::Tensor<float>& a) const { return a + a; }
#endif
  BRASA_MODULE(Sum)
};

int main() { nn::Sequential model{nn::ReLU(), Sum()}; }
