// A parameter from a tensor of another Scalar: `tensor(1.0)` is one of float.
// expect: brasa: a Parameter or Buffer is made from a tensor of its own Scalar
#include "brasa/nn/parameter.hpp"
#include "brasa/ops/creation.hpp"

int main() {
#ifdef BRASA_SHOULD_FAIL
  brasa::nn::Parameter<double> weight(brasa::tensor(1.0));
#else
  brasa::nn::Parameter<double> weight(brasa::tensor(1.0).to<double>());
#endif
  return static_cast<int>(weight.numel()) - 1;
}
