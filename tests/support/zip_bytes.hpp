#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "brasa/checkpoint/crc32.hpp"

/// The bytes of a text.
inline std::vector<std::byte> to_bytes(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

/// An entry of a zip archive, honest unless told otherwise.
struct ZipPart {
  std::string name;
  std::string data;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::optional<std::uint32_t> crc{};
  std::optional<std::uint32_t> packed{};  // what both headers say
  std::optional<std::uint32_t> size{};
  std::optional<std::uint32_t> header{};    // where the directory says that it begins
  std::optional<std::string> local_name{};  // in the local header
  std::string extra{};                      // in the directory
};

/// What the end of an archive says, where it is not the truth.
struct ZipEnd {
  std::optional<std::uint16_t> count{};
  std::optional<std::uint32_t> directory_size{};
  std::optional<std::uint32_t> directory{};
  std::string comment{};
  std::string tail{};        // after all
  std::string before_end{};  // between the directory and its end
};

inline void append_number(std::string& text, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> 8 * i & 0xFF);
}

/// A zip archive as a text.
inline std::string zip_text(const std::vector<ZipPart>& parts, const ZipEnd& end = {}) {
  std::string file;
  std::string directory;
  for (const ZipPart& part : parts) {
    const std::uint32_t crc =
        part.crc.value_or(brasa::detail::crc32(std::as_bytes(std::span(part.data))));
    const auto size = static_cast<std::uint32_t>(part.data.size());
    std::string common;
    for (const auto& [number, bytes] : {std::pair<std::uint64_t, int>{part.flags, 2},
                                        {part.method, 2},
                                        {0, 4},
                                        {crc, 4},
                                        {part.packed.value_or(size), 4},
                                        {part.size.value_or(size), 4}}) {
      append_number(common, number, bytes);
    }
    const auto header = static_cast<std::uint32_t>(file.size());
    const std::string local_name = part.local_name.value_or(part.name);
    ((file += "PK\3\4") += std::string(2, '\0')) += common;
    append_number(file, local_name.size(), 2);
    append_number(file, 0, 2);
    (file += local_name) += part.data;
    ((directory += "PK\1\2") += std::string(4, '\0')) += common;
    append_number(directory, part.name.size(), 2);
    append_number(directory, part.extra.size(), 2);
    directory += std::string(10, '\0');
    append_number(directory, part.header.value_or(header), 4);
    (directory += part.name) += part.extra;
  }
  const std::size_t begin = file.size();
  (file += directory) += end.before_end;
  (file += "PK\5\6") += std::string(4, '\0');
  const std::uint16_t count = end.count.value_or(static_cast<std::uint16_t>(parts.size()));
  append_number(file, count, 2);
  append_number(file, count, 2);
  append_number(file, end.directory_size.value_or(directory.size()), 4);
  append_number(file, end.directory.value_or(begin), 4);
  append_number(file, end.comment.size(), 2);
  return (file += end.comment) += end.tail;
}

/// An archive of torch.save with a pickle and storages "0", "1", …
inline std::string torch_text(const std::string& pickle,
                              const std::vector<std::string>& storages = {}) {
  std::vector<ZipPart> parts{{.name = "x/data.pkl", .data = pickle},
                             {.name = "x/version", .data = "3\n"}};
  for (std::size_t i = 0; i < storages.size(); ++i) {
    parts.push_back({.name = "x/data/" + std::to_string(i), .data = storages[i]});
  }
  return zip_text(parts);
}
