#pragma once

#include <optional>

#include "brasa/optim/adam.hpp"

namespace brasa::optim {

/// What `AdamW` takes; what is left out has the value in parentheses.
struct AdamWOptions {
  std::optional<Real> lr = {};            ///< learning rate (0.001)
  Betas betas = {};                       ///< decay of the two averages (0.9, 0.999)
  std::optional<Real> eps = {};           ///< added to the root (1e-8)
  std::optional<Real> weight_decay = {};  ///< how fast parameters shrink, times lr (0.01)
  std::optional<bool> amsgrad = {};       ///< divide by the largest root so far (false)
  std::optional<bool> maximize = {};      ///< go up instead of down (false)

  // For brasa's own use.
  static constexpr const char* kName = "AdamW";
  static constexpr auto& kNewer = AdamOptions::kNewer;
  static Dict defaults() {
    Dict dict = AdamOptions::defaults();
    dict.set("weight_decay", 0.01);
    dict.set("decoupled_weight_decay", true);
    return dict;
  }
  static void check(const Dict& all) { detail::check_adam(kName, all); }
  Dict given() const {
    return detail::given_fields({{"lr", lr},
                                 {"betas", betas},
                                 {"eps", eps},
                                 {"weight_decay", weight_decay},
                                 {"amsgrad", amsgrad},
                                 {"maximize", maximize}});
  }
};

/// Adam with decoupled weight decay: p ← (1 − lr·weight_decay)·p, then Adam's step with the plain
/// gradient.
///
///     optim::AdamW optimizer(model.parameters(), {.lr = 3e-4, .weight_decay = 0.1});
///
/// State and errors are Adam's.
///
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.AdamW.html
class AdamW final : public RuleOptimizer<AdamWOptions, detail::AdamRule> {
 public:
  using RuleOptimizer::RuleOptimizer;

 private:
  void complete(Dict& options) const override {
    RuleOptimizer::complete(options);
    options.set("decoupled_weight_decay", true);
  }
};

}  // namespace brasa::optim
