#pragma once

#include "brasa/nn/functional/loss_distribution.hpp"
#include "brasa/nn/functional/loss_regression.hpp"
#include "brasa/nn/module.hpp"

/// Losses between numbers, or distributions, and what they should be. Shapes and errors are those
/// of the function in functional/ that each of them calls. Without options the mean is taken.
namespace brasa::nn {

/// (x − y)². See functional::mse_loss. Errors: ShapeError for shapes that do not broadcast. Source:
/// torch.nn.MSELoss.
///
///     nn::MSELoss<> loss;
///     loss(output, target).backward();
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
template <FloatScalar S = float>
class MSELoss : public Module<S>, public LossOptions {
 public:
  explicit MSELoss(LossOptions options = {}) : LossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::mse_loss(input, target, {.reduction = reduction});
  }
  BRASA_MODULE(MSELoss)
};

/// |x − y|. See functional::l1_loss. Errors: ShapeError for shapes that do not broadcast. Source:
/// torch.nn.L1Loss.
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
///
///     nn::L1Loss<> loss({.reduction = "sum"});
///     loss(output, target).backward();
template <FloatScalar S = float>
class L1Loss : public Module<S>, public LossOptions {
 public:
  explicit L1Loss(LossOptions options = {}) : LossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::l1_loss(input, target, {.reduction = reduction});
  }
  BRASA_MODULE(L1Loss)
};

/// (x − y)² / 2β near 0, else |x − y| − β/2. See functional::smooth_l1_loss. Errors: ValueError for
/// a negative β; ShapeError for shapes that do not broadcast. Source: torch.nn.SmoothL1Loss.
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
///
///     nn::SmoothL1Loss<> loss({.beta = 0.5});
///     loss(output, target).backward();
template <FloatScalar S = float>
class SmoothL1Loss : public Module<S>, public SmoothL1LossOptions {
 public:
  explicit SmoothL1Loss(SmoothL1LossOptions options = {}) : SmoothL1LossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::smooth_l1_loss(input, target, *this);
  }
  BRASA_MODULE(SmoothL1Loss)
};

/// (x − y)² / 2 near 0, else δ·(|x − y| − δ/2). See functional::huber_loss. Errors: ValueError for
/// a δ that is not positive; ShapeError for shapes that do not broadcast. Source:
/// torch.nn.HuberLoss.
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
///
///     nn::HuberLoss<> loss({.delta = 0.5});
///     loss(output, target).backward();
template <FloatScalar S = float>
class HuberLoss : public Module<S>, public HuberLossOptions {
 public:
  explicit HuberLoss(HuberLossOptions options = {}) : HuberLossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::huber_loss(input, target, {.reduction = reduction, .delta = delta});
  }
  BRASA_MODULE(HuberLoss)
};

/// The Kullback-Leibler divergence y·(log y − x). See functional::kl_div. Errors: ShapeError for
/// shapes that do not broadcast. Source: torch.nn.KLDivLoss.
///
///     nn::KLDivLoss<> loss({.reduction = "batchmean"});
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
template <FloatScalar S = float>
class KLDivLoss : public Module<S>, public KLDivLossOptions {
 public:
  explicit KLDivLoss(KLDivLossOptions options = {}) : KLDivLossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::kl_div(input, target, *this);
  }
  BRASA_MODULE(KLDivLoss)
};

/// λ − y·log λ with λ = eˣ, or λ = x. See functional::poisson_nll_loss. Errors: ShapeError for
/// shapes that do not broadcast. Source: torch.nn.PoissonNLLLoss.
///
/// Shapes: both `(*)`; the loss is a number, or with `.reduction = "none"` one for each element.
///
///     nn::PoissonNLLLoss<> loss;
///     loss(output, target).backward();
template <FloatScalar S = float>
class PoissonNLLLoss : public Module<S>, public PoissonNLLLossOptions {
 public:
  explicit PoissonNLLLoss(PoissonNLLLossOptions options = {}) : PoissonNLLLossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target) const {
    return functional::poisson_nll_loss(input, target, *this);
  }
  BRASA_MODULE(PoissonNLLLoss)
};

/// (log v + (x − y)² / v) / 2. See functional::gaussian_nll_loss. Errors: ValueError for a negative
/// variance; ShapeError. Source: torch.nn.GaussianNLLLoss.
///
/// Shapes: input and target `(N, *)` or `(*)`, the variance as they are, or with a last size of 1,
/// or without it; the loss is a number, or with `.reduction = "none"` one for each target.
///
///     nn::GaussianNLLLoss<> loss;
///     loss(output, target, 0.5).backward();
template <FloatScalar S = float>
class GaussianNLLLoss : public Module<S>, public GaussianNLLLossOptions {
 public:
  explicit GaussianNLLLoss(GaussianNLLLossOptions options = {}) : GaussianNLLLossOptions(options) {}

  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target, const Tensor<S>& var) const {
    return functional::gaussian_nll_loss(input, target, var, *this);
  }
  /// With one variance for all elements.
  Tensor<S> forward(const Tensor<S>& input, const Tensor<S>& target, double var) const {
    return functional::gaussian_nll_loss(input, target, var, *this);
  }
  BRASA_MODULE(GaussianNLLLoss)
};

}  // namespace brasa::nn
