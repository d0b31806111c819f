#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "brasa/optim/lr_scheduler/law_scheduler.hpp"
#include "brasa/optim/lr_scheduler/per_group.hpp"

namespace brasa::optim::lr_scheduler {

/// A factor of the learning rate at an epoch.
using Factor = std::function<Real(std::int64_t epoch)>;

namespace detail {

/// A law made of the user's functions, which are not part of the state.
class FactorScheduler : public LawScheduler {
 protected:
  FactorScheduler(const char* name, const Optimizer& optimizer, const PerGroup<Factor>& lr_lambda)
      : LawScheduler(name, optimizer),
        lr_lambdas_(lr_lambda.values(name, "lr_lambda", groups().size())) {
    for (const Factor& factor : lr_lambdas_) {
      if (!factor) raise<ValueError>(name, "lr_lambda should be a function, but got an empty one");
    }
  }

  Real factor(const Point& p) const { return of_group(lr_lambdas_, p.index)(p.epoch.integer()); }
  void attributes(const Attributes& attribute) override {
    LawScheduler::attributes(attribute);
    attribute.constant("lr_lambdas", Value::list(std::vector<Value>(lr_lambdas_.size())));
  }

 private:
  std::vector<Factor> lr_lambdas_;
};

}  // namespace detail
}  // namespace brasa::optim::lr_scheduler
