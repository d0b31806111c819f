// The README's program, and a checkpoint there and back where the way to brasa brings that part.
#ifndef BRASA_ONE_HEADER
#include <brasa/brasa.hpp>
#ifdef WITH_CHECKPOINT
#include <brasa/checkpoint.hpp>
#endif
#else
#include "brasa.hpp"
#endif
#include <iostream>

namespace nn = brasa::nn;

struct TinyModel : nn::Module<float> {
  nn::Linear<> linear1{100, 200};
  nn::ReLU<> activation;
  nn::Linear<> linear2{200, 10};
  nn::Softmax<> softmax{1};

  brasa::Tensor<float> forward(const brasa::Tensor<float>& x) const {
    return softmax(linear2(activation(linear1(x))));
  }
  BRASA_MODULE(TinyModel, linear1, activation, linear2, softmax)
};

int main() {
  brasa::manual_seed(0);
  TinyModel model;
  const brasa::NoGradGuard no_grad;
  const auto x = brasa::rand<float>({1, 100});
  std::cout << model << '\n' << model(x) << '\n';
#ifdef WITH_CHECKPOINT
  brasa::save(model.state_dict(), "model.pt");
  TinyModel other;
  other.load_state_dict(brasa::load("model.pt"));
  if (!brasa::equal(model(x), other(x))) return 1;
#endif
}
