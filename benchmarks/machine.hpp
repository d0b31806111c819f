#pragma once

#include <cstdint>

/// What the machine itself can do, measured in the same run.
namespace bench {

/// Runs that many rounds of multiplications and additions whose operands stay in registers, with
/// the widest vectors that the machine has; returns how many floating-point operations they were.
double multiply_and_add(std::int64_t rounds, float);
double multiply_and_add(std::int64_t rounds, double);

}  // namespace bench
