#include "support/descent.hpp"

#include "brasa/brasa.hpp"

namespace optimizers {

using namespace brasa;

template <FloatScalar S>
Tensor<S> objective(const std::vector<Tensor<S>>& params, S steepness) {
  const auto& x = params[0];
  const auto now = narrow(x, 0, 0, x.numel() - 1);
  const auto next = narrow(x, 0, 1, x.numel() - 1);
  const auto valley = (steepness * pow(next - pow(now, 2), 2) + pow(S(1) - now, 2)).sum();
  return valley + pow(params[1], 4).sum() + pow(params[1], 2).sum() + pow(params[2] - S(0.5), 2) +
         params[3].sum();
}

template <FloatScalar S>
Tensor<S> descend(optim::Optimizer& optimizer, const std::vector<Tensor<S>>& params, S steepness) {
  return optimizer.step([&] {
    optimizer.zero_grad();
    const auto loss = objective(params, steepness);
    loss.backward();
    return loss;
  });
}

template Tensor<float> objective(const std::vector<Tensor<float>>&, float);
template Tensor<double> objective(const std::vector<Tensor<double>>&, double);
template Tensor<float> descend(optim::Optimizer&, const std::vector<Tensor<float>>&, float);
template Tensor<double> descend(optim::Optimizer&, const std::vector<Tensor<double>>&, double);

}  // namespace optimizers
