#pragma once

#include <limits>

/// What tests of every area pass and expect. As floats, since they are converted to any type of
/// floating point without narrowing.
inline constexpr float kInf = std::numeric_limits<float>::infinity();
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
