#pragma once

// Schedulers as recordings describe them: a name of torch.optim.lr_scheduler and its kwargs in
// JSON.

#include <memory>
#include <string>

#include "brasa/optim/lr_scheduler.hpp"
#include "support/golden.hpp"

namespace schedulers {

using Made = std::unique_ptr<brasa::optim::lr_scheduler::SchedulerBase>;

/// `torch.optim.lr_scheduler.<name>(optimizer, **kwargs)`. An unknown name or argument fails. A
/// scheduler among the arguments stands as `{"type", "kwargs"}`, a function as `{"function":
/// name}`, by its name in tests/conformance/optim_recorder/scheduler_sets.py.
Made make(const brasa::optim::Optimizer& optimizer, const std::string& name,
          const golden::Json& kwargs);

}  // namespace schedulers
