#pragma once

#include <cstdint>
#include <limits>

/// What tests of every area pass and expect. As floats, since they are converted to any type of
/// floating point without narrowing.
inline constexpr float kInf = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// The integers that have no counterpart of the other sign.
inline constexpr std::int32_t kLowest32 = std::numeric_limits<std::int32_t>::min();
inline constexpr std::int64_t kLowest64 = std::numeric_limits<std::int64_t>::min();
