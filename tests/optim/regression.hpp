#pragma once

// A small model on its way, for tests that go far.

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "brasa/brasa.hpp"
#include "brasa/nn/modules/loss.hpp"
#include "brasa/optim/optimizer.hpp"

namespace regression {

struct Model : brasa::nn::Module<float> {
  brasa::nn::Linear<> hidden{4, 8};
  brasa::nn::Tanh<> act;
  brasa::nn::Linear<> out{8, 1};

  brasa::Tensor<float> forward(const brasa::Tensor<float>& x) const { return out(act(hidden(x))); }
  BRASA_MODULE(Model, hidden, act, out)
};

using MakeOptimizer = std::function<std::unique_ptr<brasa::optim::Optimizer>(
    const std::vector<brasa::Tensor<float>>& params)>;

/// Learns the sum of its inputs.
class Training {
 public:
  Training(const MakeOptimizer& make_optimizer, std::uint64_t seed)
      : generator_(seed), x_(brasa::rand<float>({16, 4}, &generator_)), y_(x_.sum(1, true)) {
    std::vector<brasa::Tensor<float>> params;
    for (auto parameter : model_.parameters()) {
      brasa::NoGradGuard not_recording;
      parameter.uniform_(-0.5f, 0.5f, &generator_);
      params.push_back(parameter);
    }
    optimizer_ = make_optimizer(params);
  }

  /// Gives the loss before the step.
  float step() {
    return optimizer_
        ->step([this] {
          optimizer_->zero_grad();
          const brasa::Tensor<float> loss = criterion_(model_(x_), y_);
          loss.backward();
          return loss;
        })
        .item();
  }

 private:
  brasa::Generator generator_;
  Model model_;
  brasa::nn::MSELoss<> criterion_;
  brasa::Tensor<float> x_, y_;
  std::unique_ptr<brasa::optim::Optimizer> optimizer_;
};

}  // namespace regression
