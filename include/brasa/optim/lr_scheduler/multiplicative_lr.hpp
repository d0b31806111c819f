#pragma once

#include "brasa/optim/lr_scheduler/factor_scheduler.hpp"

namespace brasa::optim::lr_scheduler {

/// lr ← lr·f(e) at each epoch e > 0, with a function of one's own, or one for each group.
///
///     optim::lr_scheduler::MultiplicativeLR scheduler(optimizer, [](std::int64_t) { return 0.95;
///     });
///
/// Functions are not part of the state.
///
/// Errors: ValueError for more or fewer functions than groups, or an empty one.
///
/// Source:
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
class MultiplicativeLR final : public detail::FactorScheduler {
 public:
  MultiplicativeLR(const Optimizer& optimizer, const PerGroup<Factor>& lr_lambda,
                   const LastEpoch& options = {})
      : FactorScheduler("MultiplicativeLR", optimizer, lr_lambda) {
    begin(options.last_epoch);
  }

 private:
  Rates next(const Point& p) const override { return p.initial ? p.lr : p.lr * factor(p); }
};

}  // namespace brasa::optim::lr_scheduler
