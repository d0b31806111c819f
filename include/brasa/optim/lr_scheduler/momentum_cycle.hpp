#pragma once

#include <cstddef>
#include <vector>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"
#include "brasa/optim/lr_scheduler/per_group.hpp"

namespace brasa::optim::lr_scheduler::detail {

/// The momentum that goes down where the rate goes up: `momentum` of an optimizer or, if it has
/// betas, the first of them.
struct MomentumCycle {
  bool on;
  bool use_beta1;
  std::vector<Real> base;  // of each group, the lowest
  std::vector<Real> max;

  /// Errors: ValueError for an optimizer without either.
  MomentumCycle(const char* scheduler, const OptimizerData& optimizer, bool cycle_momentum,
                const PerGroup<Real>& base_momentum, const PerGroup<Real>& max_momentum)
      : on(cycle_momentum), use_beta1(optimizer.defaults.contains("betas")) {
    if (!on) return;
    if (!use_beta1 && !optimizer.defaults.contains("momentum")) {
      raise<ValueError>(
          scheduler,
          "optimizer must support momentum or beta1 with `cycle_momentum` option enabled; ",
          optimizer.name, " has neither");
    }
    base = base_momentum.values(scheduler, "base_momentum", optimizer.groups.size());
    max = max_momentum.values(scheduler, "max_momentum", optimizer.groups.size());
  }

  /// Gives each group the highest momentum, and notes the range.
  void begin(OptimizerData& optimizer) const {
    for (std::size_t i = 0; i < optimizer.groups.size() && on; ++i) {
      set_momentum(optimizer, optimizer.groups[i], max[i]);
      optimizer.groups[i].set("max_momentum", max[i]);
      optimizer.groups[i].set("base_momentum", base[i]);
    }
  }
};

}  // namespace brasa::optim::lr_scheduler::detail
