#pragma once

#include "brasa/optim/lr_scheduler/factor_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// lr·f(e) at epoch e, with a function of one's own, or one for each group.
///
///     optim::lr_scheduler::LambdaLR scheduler(
///         optimizer, [](std::int64_t epoch) { return 1 / (1 + 0.05 * double(epoch)); });
///
/// Functions are not part of the state.
///
/// Errors: ValueError for more or fewer functions than groups, or an empty one.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.LambdaLR.html
class LambdaLR final : public detail::FactorScheduler {
 public:
  LambdaLR(const Optimizer& optimizer, const PerGroup<Factor>& lr_lambda,
           const LastEpoch& options = {})
      : FactorScheduler("LambdaLR", optimizer, lr_lambda) {
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override { return p.base() * factor(p); }
};

}  // namespace brasa::optim::lr_scheduler
