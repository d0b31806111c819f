// The TinyModel of PyTorch's introduction to building models, written in three styles.
//
// tiny_model.py beside this file says the same in Python. Under one seed both print the same bytes.

#include <brasa/brasa.hpp>
#include <iostream>

namespace nn = brasa::nn;
namespace F = brasa::nn::functional;
using brasa::Tensor;

struct TinyModel : nn::Module<float> {
  nn::Linear<> linear1{100, 200};
  nn::ReLU<> activation;
  nn::Linear<> linear2{200, 10};
  nn::Softmax<> softmax{1};

  Tensor<float> forward(const Tensor<float>& x) const {
    return softmax(linear2(activation(linear1(x))));
  }
  BRASA_MODULE(TinyModel, linear1, activation, linear2, softmax)
};

Tensor<float> functional_model(const Tensor<float>& x, const std::vector<Tensor<float>>& p) {
  return F::softmax(F::linear(F::relu(F::linear(x, p[0], p[1])), p[2], p[3]), 1);
}

int main() {
  brasa::manual_seed(0);
  TinyModel model;
  auto x = brasa::rand<float>({1, 100});

  std::cout << "The model:\n" << model << '\n';

  std::cout << "\nJust one layer:\n" << model.linear2 << '\n';

  std::cout << "\nModel params:\n";
  for (const auto& param : model.parameters()) std::cout << param << '\n';

  std::cout << "\nLayer params:\n";
  for (const auto& param : model.linear2.parameters()) std::cout << param << '\n';

  brasa::NoGradGuard no_grad;
  std::cout << "\nBy members:\n" << model(x) << '\n';

  std::cout << "\nIn functional style:\n" << functional_model(x, model.parameters()) << '\n';

  // The same seed draws the same weights and the same input.
  brasa::manual_seed(0);
  nn::Sequential model2{nn::Linear(100, 200), nn::ReLU(), nn::Linear(200, 10), nn::Softmax(1)};
  x = brasa::rand<float>({1, 100});

  std::cout << "\nBy Sequential:\n" << model2 << '\n' << model2(x) << '\n';
}
