#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "brasa/core/error.hpp"

/// Runs `read`, which may do one thing with bad input: raise a brasa::Error.
template <class Read>
int only_errors(Read&& read) {
  try {
    read();
  } catch (const brasa::Error&) {
  }
  return 0;
}

inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}
