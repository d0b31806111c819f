#pragma once

#include <string>

namespace brasa::nn {

/// Where modules differ from PyTorch: with `.inplace = true` they print so, but leave their input
/// alone. It is an argument of a const forward, which other threads may be reading.
struct InplaceOptions {
  bool inplace = false;
};

namespace detail {

/// What a module prints of its arguments, with `inplace` last, which is shown only if it is true.
inline std::string inplace_text(std::string arguments, bool inplace) {
  if (inplace) arguments += arguments.empty() ? "inplace=True" : ", inplace=True";
  return arguments;
}

}  // namespace detail
}  // namespace brasa::nn
