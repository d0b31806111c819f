#pragma once

#include <cstddef>
#include <span>

namespace brasa::detail {

/// Unpacks deflated bytes; false unless they fill `to` exactly.
using Inflate = bool (*)(std::span<const std::byte> packed, std::span<std::byte> to);

/// What unpacks the deflated entries of archives: nothing, unless the program includes
/// brasa/checkpoint/deflate.hpp. It is asked for at run time, so that what the other headers define
/// does not depend on whether a file includes that one.
inline Inflate& inflate_function() noexcept {
  static Inflate function = nullptr;
  return function;
}

}  // namespace brasa::detail
