#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace brasa::detail {

/// Appends the lowest `size` bytes of a number, the lowest first.
inline void append_little_endian(std::string& bytes, std::uint64_t number, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes += static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
  }
}

}  // namespace brasa::detail
