// A child of another Scalar than its module.
// expect: brasa: a child in BRASA_MODULE has another Scalar than its module

#include <brasa/brasa.hpp>

namespace nn = brasa::nn;

struct Mixed : nn::Module<float> {
#ifdef BRASA_SHOULD_FAIL
  nn::Linear<double> linear{2, 3};
#else
  nn::Linear<float> linear{2, 3};
#endif
  brasa::Tensor<float> forward(const brasa::Tensor<float>& x) const { return x; }
  BRASA_MODULE(Mixed, linear)
};

int main() { Mixed module; }
