// to<double>() of a model whose Scalar is fixed.
// expect: brasa: only a template over its Scalar can be converted
#include "brasa/nn/module.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"

struct Fixed : brasa::nn::Module<float> {
  brasa::nn::Parameter<float> weight{brasa::ones({2})};
  BRASA_MODULE(Fixed, weight)
};

template <brasa::FloatScalar S>
struct Free : brasa::nn::Module<S> {
  brasa::nn::Parameter<S> weight{brasa::ones<S>({2})};
  BRASA_MODULE(Free, weight)
};

int main() {
#ifdef BRASA_SHOULD_FAIL
  Fixed().to<double>();
#else
  Free<float>().to<double>();
#endif
}
