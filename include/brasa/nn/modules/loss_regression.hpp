#pragma once

#include "brasa/nn/functional/loss_distribution.hpp"
#include "brasa/nn/functional/loss_regression.hpp"
#include "brasa/nn/module.hpp"

/// Losses between numbers, or distributions, and what they should be. Shapes and errors are those
/// of the function in functional/ that each of them calls. Without options the mean is taken.
namespace brasa::nn {

/// (x − y)². See functional::mse_loss. Source: torch.nn.MSELoss.
///
///     nn::MSELoss<> loss;
///     loss(output, target).backward();
template <FloatScalar S = float>
class MSELoss : public Module<S> {
 public:
  explicit MSELoss(LossOptions options = {}) : reduction(options.reduction) {}
  template <FloatScalar From>
  explicit MSELoss(const MSELoss<From>& other) : reduction(other.reduction) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::mse_loss(input, target, {.reduction = reduction});
  }

  Reduction reduction;
  BRASA_MODULE(MSELoss)
};

/// |x − y|. See functional::l1_loss. Source: torch.nn.L1Loss.
template <FloatScalar S = float>
class L1Loss : public Module<S> {
 public:
  explicit L1Loss(LossOptions options = {}) : reduction(options.reduction) {}
  template <FloatScalar From>
  explicit L1Loss(const L1Loss<From>& other) : reduction(other.reduction) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::l1_loss(input, target, {.reduction = reduction});
  }

  Reduction reduction;
  BRASA_MODULE(L1Loss)
};

/// (x − y)² / 2β near 0, else |x − y| − β/2. See functional::smooth_l1_loss. Source:
/// torch.nn.SmoothL1Loss.
template <FloatScalar S = float>
class SmoothL1Loss : public Module<S> {
 public:
  explicit SmoothL1Loss(SmoothL1LossOptions options = {})
      : reduction(options.reduction), beta(options.beta) {}
  template <FloatScalar From>
  explicit SmoothL1Loss(const SmoothL1Loss<From>& other)
      : reduction(other.reduction), beta(other.beta) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::smooth_l1_loss(input, target, {.reduction = reduction, .beta = beta});
  }

  Reduction reduction;
  double beta;
  BRASA_MODULE(SmoothL1Loss)
};

/// (x − y)² / 2 near 0, else δ·(|x − y| − δ/2). See functional::huber_loss. Source:
/// torch.nn.HuberLoss.
template <FloatScalar S = float>
class HuberLoss : public Module<S> {
 public:
  explicit HuberLoss(HuberLossOptions options = {})
      : reduction(options.reduction), delta(options.delta) {}
  template <FloatScalar From>
  explicit HuberLoss(const HuberLoss<From>& other)
      : reduction(other.reduction), delta(other.delta) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::huber_loss(input, target, {.reduction = reduction, .delta = delta});
  }

  Reduction reduction;
  double delta;
  BRASA_MODULE(HuberLoss)
};

/// The Kullback-Leibler divergence y·(log y − x). See functional::kl_div. Source:
/// torch.nn.KLDivLoss.
///
///     nn::KLDivLoss<> loss({.reduction = "batchmean"});
template <FloatScalar S = float>
class KLDivLoss : public Module<S> {
 public:
  explicit KLDivLoss(KLDivLossOptions options = {})
      : reduction(options.reduction), log_target(options.log_target) {}
  template <FloatScalar From>
  explicit KLDivLoss(const KLDivLoss<From>& other)
      : reduction(other.reduction), log_target(other.log_target) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::kl_div(input, target, {.reduction = reduction, .log_target = log_target});
  }

  Reduction reduction;
  bool log_target;
  BRASA_MODULE(KLDivLoss)
};

/// λ − y·log λ with λ = eˣ, or λ = x. See functional::poisson_nll_loss. Source:
/// torch.nn.PoissonNLLLoss.
template <FloatScalar S = float>
class PoissonNLLLoss : public Module<S> {
 public:
  explicit PoissonNLLLoss(PoissonNLLLossOptions options = {})
      : log_input(options.log_input),
        full(options.full),
        eps(options.eps),
        reduction(options.reduction) {}
  template <FloatScalar From>
  explicit PoissonNLLLoss(const PoissonNLLLoss<From>& other)
      : PoissonNLLLoss({other.log_input, other.full, other.eps, other.reduction}) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::poisson_nll_loss(input, target, {log_input, full, eps, reduction});
  }

  bool log_input;
  bool full;
  double eps;
  Reduction reduction;
  BRASA_MODULE(PoissonNLLLoss)
};

/// (log v + (x − y)² / v) / 2. See functional::gaussian_nll_loss. Source: torch.nn.GaussianNLLLoss.
template <FloatScalar S = float>
class GaussianNLLLoss : public Module<S> {
 public:
  explicit GaussianNLLLoss(GaussianNLLLossOptions options = {})
      : full(options.full), eps(options.eps), reduction(options.reduction) {}
  template <FloatScalar From>
  explicit GaussianNLLLoss(const GaussianNLLLoss<From>& other)
      : GaussianNLLLoss({other.full, other.eps, other.reduction}) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target, const Tensor<S>& var) const {
    return functional::gaussian_nll_loss(input, target, var, {full, eps, reduction});
  }
  /// With one variance for all elements.
  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target, double var) const {
    return functional::gaussian_nll_loss(input, target, var, {full, eps, reduction});
  }

  bool full;
  double eps;
  Reduction reduction;
  BRASA_MODULE(GaussianNLLLoss)
};

}  // namespace brasa::nn
