#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

/// A safetensors file of a header, as it stands, and data.
inline std::vector<std::byte> file_bytes(std::string_view json, std::string_view data,
                                         std::uint64_t length) {
  std::vector<std::byte> file;
  for (int i = 0; i < 8; ++i) file.push_back(static_cast<std::byte>(length >> 8 * i & 0xFF));
  for (const char c : json) file.push_back(static_cast<std::byte>(c));
  for (const char c : data) file.push_back(static_cast<std::byte>(c));
  return file;
}
inline std::vector<std::byte> file_bytes(std::string_view json, std::string_view data = {}) {
  return file_bytes(json, data, json.size());
}

inline void write_bytes(const std::filesystem::path& path, const std::vector<std::byte>& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}
