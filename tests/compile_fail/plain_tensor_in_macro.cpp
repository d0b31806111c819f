// A member that is neither parameter, buffer nor module.
// expect: brasa: BRASA_MODULE takes the type's name, then members that are a Parameter, a
#include "brasa/nn/module.hpp"
#include "brasa/ops/creation.hpp"

struct Model : brasa::nn::Module<float> {
  brasa::nn::Parameter<float> weight{brasa::ones({2})};
  brasa::Tensor<float> scale = brasa::ones({2});
#ifdef BRASA_SHOULD_FAIL
  BRASA_MODULE(Model, weight, scale)
#else
  BRASA_MODULE(Model, weight)
#endif
};

int main() { return static_cast<int>(Model().parameters().size()) - 1; }
