#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace brasa::detail {

/// Table k, entry b: what the byte b comes to when k zero bytes follow it.
using CrcTables = std::array<std::array<std::uint32_t, 256>, 16>;

constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

inline constexpr CrcTables kCrcTables = make_crc_tables();

/// The CRC-32 of zip archives: of the bytes given to `add`, piece by piece.
///
/// Sixteen bytes a round, each by a table of its own ("slicing-by-16", after M. Kounavis and F.
/// Berry, Novel Table Lookup-Based Algorithms for High-Performance CRC Generation, 2008).
class Crc32 {
 public:
  void add(std::span<const std::byte> bytes) noexcept {
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint32_t crc = state_;
    for (; left >= 16; at += 16, left -= 16) {
      const std::uint32_t a = word(at) ^ crc;
      crc =
          slice(a, 12) ^ slice(word(at + 4), 8) ^ slice(word(at + 8), 4) ^ slice(word(at + 12), 0);
    }
    for (; left > 0; ++at, --left) {
      crc = (crc >> 8) ^ kCrcTables[0][(crc ^ std::to_integer<std::uint32_t>(*at)) & 0xFF];
    }
    state_ = crc;
  }
  std::uint32_t value() const noexcept { return ~state_; }

 private:
  static_assert(std::endian::native == std::endian::little,
                "brasa: the words of Crc32 are little-endian; this machine is not");

  static std::uint32_t word(const std::byte* at) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  /// What four bytes come to when `after` bytes of the round follow them.
  static std::uint32_t slice(std::uint32_t bytes, std::size_t after) noexcept {
    return kCrcTables[after + 3][bytes & 0xFF] ^ kCrcTables[after + 2][(bytes >> 8) & 0xFF] ^
           kCrcTables[after + 1][(bytes >> 16) & 0xFF] ^ kCrcTables[after][bytes >> 24];
  }

  std::uint32_t state_ = 0xFFFFFFFFu;
};

inline std::uint32_t crc32(std::span<const std::byte> bytes) noexcept {
  Crc32 crc;
  crc.add(bytes);
  return crc.value();
}

}  // namespace brasa::detail
