#pragma once

// Schedulers from the plain data of a recording (tests/golden/recorder/schedulers.py).

#include <memory>
#include <string>

#include "brasa/core/value.hpp"
#include "brasa/optim/lr_scheduler.hpp"
#include "support/golden.hpp"

namespace golden {

/// A number as Python has it: an int or a float.
brasa::Real real(const Json& value);

/// A tree of Python values as the recorders write it.
brasa::Value value(const Json& json);

/// The scheduler of a type with keyword arguments; those that it does not take are an error.
std::unique_ptr<brasa::optim::lr_scheduler::SchedulerBase> make_scheduler(
    const brasa::optim::Optimizer& optimizer, const std::string& type, const Json& kwargs);

}  // namespace golden
