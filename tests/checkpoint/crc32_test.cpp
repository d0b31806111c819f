#include "brasa/checkpoint/crc32.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "support/catch.hpp"

using brasa::detail::Crc32;

namespace {

std::uint32_t crc_of(std::string_view text) {
  return brasa::detail::crc32(std::as_bytes(std::span(text)));
}

/// By the definition, a bit at a time.
std::uint32_t slow_crc_of(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

std::string counting(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>((i * 37 + i / 256) & 0xFF);
  return text;
}

}  // namespace

// [hex(zlib.crc32(b)) for b in (b'', b'a', b'123456789', bytes(64), bytes(range(256)))]
TEST_CASE("CRC-32 is zlib's", "[checkpoint][crc32]") {
  CHECK(crc_of("") == 0);
  CHECK(crc_of("a") == 0xe8b7be43);
  CHECK(crc_of("123456789") == 0xcbf43926);
  CHECK(crc_of(std::string(64, '\0')) == 0x758d6336);
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK(crc_of(all) == 0x29058c73);
}

TEST_CASE("CRC-32 is right for every length and every address", "[checkpoint][crc32]") {
  const std::string text = counting(120);
  for (std::size_t begin = 0; begin < 17; ++begin) {
    for (std::size_t size = 0; begin + size <= text.size(); ++size) {
      const std::string_view part = std::string_view(text).substr(begin, size);
      REQUIRE(crc_of(part) == slow_crc_of(part));
    }
  }
}

TEST_CASE("CRC-32 can be computed piece by piece", "[checkpoint][crc32]") {
  const std::string text = counting(1000);
  for (const std::size_t piece : {1u, 7u, 16u, 33u, 999u}) {
    Crc32 crc;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      crc.add(std::as_bytes(std::span(std::string_view(text).substr(at, piece))));
    }
    CHECK(crc.value() == slow_crc_of(text));
  }
}
