#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <vector>

#include "brasa/core/file.hpp"

/// All bytes of a file. Raises FileError where there is none.
inline std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  return brasa::detail::read_file(path.string());
}

/// How many entries a folder has.
inline std::size_t files_in(const std::filesystem::path& folder) {
  using Entries = std::filesystem::directory_iterator;
  return static_cast<std::size_t>(std::distance(Entries(folder), Entries()));
}
