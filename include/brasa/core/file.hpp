#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#if defined(_WIN32)
#include <filesystem>
#endif

#include "brasa/core/error.hpp"

namespace brasa::detail {

/// A file opened to be read, or null. On Windows the path is what `std::filesystem` makes of it:
/// `std::fopen` would take it for text in the system's code page.
inline std::FILE* open_to_read(const std::string& path) {
#if defined(_WIN32)
  return ::_wfopen(std::filesystem::path(path).c_str(), L"rb");
#else
  return std::fopen(path.c_str(), "rb");
#endif
}

/// All bytes of a file. Reads as much as there is, and never trusts a size that the system tells.
/// Errors: FileError.
inline std::vector<std::byte> read_file(const std::string& path) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(open_to_read(path));
  if (!file) raise<FileError>("", "cannot open ", path, ": ", std::strerror(errno));
  std::vector<std::byte> bytes;
  constexpr std::size_t kStep = std::size_t{1} << 20;
  for (std::size_t used = 0;; used = bytes.size()) {
    bytes.resize(used + kStep);
    const std::size_t count = std::fread(bytes.data() + used, 1, kStep, file.get());
    bytes.resize(used + count);
    if (count < kStep) break;
  }
  if (std::ferror(file.get()))
    raise<FileError>("", "cannot read ", path, ": ", std::strerror(errno));
  return bytes;
}

}  // namespace brasa::detail
