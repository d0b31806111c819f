#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "brasa/core/file.hpp"
#include "brasa/data/idx.hpp"

// Needs zlib, and is therefore not part of brasa.hpp: link with -lz.

namespace brasa::data {

/// The unpacked content of a gzip file, at most `limit` bytes: a small file can unpack to a large
/// one, so the limit is what a caller is willing to hold. `name` stands in the errors.
/// Errors: FileError.
inline std::vector<std::byte> gunzip(std::span<const std::byte> packed, const std::string& name,
                                     std::size_t limit = std::size_t{1} << 32) {
  z_stream stream{};
  constexpr int kGzipOnly = 15 + 16;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) {
    detail::raise<FileError>("", name, ": zlib cannot be initialised");
  }
  std::vector<std::byte> unpacked;
  std::vector<std::byte> buffer(std::size_t{1} << 18);
  std::string problem;
  int status = Z_OK;
  while (status != Z_STREAM_END && problem.empty()) {
    if (stream.avail_in == 0) {
      const auto step = std::min<std::size_t>(packed.size(), std::numeric_limits<uInt>::max());
      // zlib takes a pointer to what it does not change.
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
      stream.avail_in = static_cast<uInt>(step);
      packed = packed.subspan(step);
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t count = buffer.size() - stream.avail_out;
    if (status != Z_OK && status != Z_STREAM_END) {
      problem = packed.empty() && status == Z_BUF_ERROR ? "it is cut off" : "its data are damaged";
    } else if (count > limit - unpacked.size()) {
      problem = "it unpacks to more than " + std::to_string(limit) + " bytes";
    } else {
      unpacked.insert(unpacked.end(), buffer.begin(),
                      buffer.begin() + static_cast<std::ptrdiff_t>(count));
    }
  }
  if (problem.empty() && (stream.avail_in > 0 || !packed.empty())) {
    problem = "something follows the packed data";
  }
  inflateEnd(&stream);
  if (!problem.empty()) detail::raise<FileError>("", name, ": not a valid gzip file: ", problem);
  return unpacked;
}

/// The tensor in a gzipped IDX file, as MNIST is distributed. Errors: FileError.
inline AnyTensor load_idx_gz(const std::string& path) {
  return parse_idx(gunzip(detail::read_file(path), path), path);
}

}  // namespace brasa::data
