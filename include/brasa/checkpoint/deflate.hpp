#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>

#include "brasa/checkpoint/inflate.hpp"

// Lets `brasa::load` read archives that were packed anew by a zip tool and are deflated; those of
// torch.save never are. Needs zlib, and is therefore not part of checkpoint.hpp: include it in any
// one file of the program, and link with -lz.

namespace brasa::detail {

inline bool inflate_with_zlib(std::span<const std::byte> packed, std::span<std::byte> to) {
  constexpr int kNoHeader = -15;
  z_stream stream{};
  if (inflateInit2(&stream, kNoHeader) != Z_OK) return false;
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  std::byte nothing[1];  // so that data without an end are not taken for empty ones
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t in = std::min(packed.size(), kMost);
    const std::size_t out = std::min(to.size(), kMost);
    // zlib takes a pointer to what it does not change.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
    stream.avail_in = static_cast<uInt>(in);
    stream.next_out = reinterpret_cast<Bytef*>(out > 0 ? to.data() : nothing);
    stream.avail_out = static_cast<uInt>(out);
    status = inflate(&stream, Z_NO_FLUSH);
    packed = packed.subspan(in - stream.avail_in);
    to = to.subspan(out - stream.avail_out);
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END && packed.empty() && to.empty();
}

inline const bool inflate_is_there = [] {
  inflate_function() = &inflate_with_zlib;
  return true;
}();

}  // namespace brasa::detail
