// A module without BRASA_MODULE.
// expect: BRASA_MODULE_is_missing_in_this_class

#include <brasa/brasa.hpp>

namespace nn = brasa::nn;

struct Forgetful : nn::Module<float> {
  nn::Linear<> linear{2, 3};
  brasa::Tensor<float> forward(const brasa::Tensor<float>& x) const { return linear(x); }
#ifndef BRASA_SHOULD_FAIL
  BRASA_MODULE(Forgetful, linear)
#endif
};

int main() { Forgetful module; }
