// BRASA_MODULE with the name of another class.
// expect: brasa: BRASA_MODULE begins with the name of the class it stands in

#include <brasa/brasa.hpp>

namespace nn = brasa::nn;

struct Other : nn::Module<float> {
  brasa::Tensor<float> forward(const brasa::Tensor<float>& x) const { return x; }
  BRASA_MODULE(Other)
};

struct Mine : nn::Module<float> {
  nn::Linear<> linear{2, 3};
  brasa::Tensor<float> forward(const brasa::Tensor<float>& x) const { return linear(x); }
#ifdef BRASA_SHOULD_FAIL
  BRASA_MODULE(Other, linear)
#else
  BRASA_MODULE(Mine, linear)
#endif
};

int main() { Mine module; }
