#pragma once

#include <cstddef>
#include <vector>

/// The bytes of those values, 0 to 255: what a test gives to a reader.
inline std::vector<std::byte> bytes_of(const std::vector<int>& values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}
