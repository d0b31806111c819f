#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "brasa/core/error.hpp"
#include "brasa/core/file.hpp"
#include "brasa/data/idx.hpp"

// Needs zlib, and is therefore not part of brasa.hpp: link with -lz.

namespace brasa::detail {

/// zlib's state while it unpacks one file.
class Gunzip {
 public:
  Gunzip(std::span<const std::byte> packed, const std::string& name)
      : packed_(packed), name_(name) {
    constexpr int kGzipOnly = 15 + 16;
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) {
      raise<FileError>("", name_, ": zlib cannot be initialised");
    }
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() { inflateEnd(&stream_); }

  /// Fills as much of `buffer` as it can; true if there is more to come.
  bool read(std::span<std::byte> buffer, std::size_t& count) {
    if (stream_.avail_in == 0) refill();
    stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_.avail_out = static_cast<uInt>(buffer.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    count = buffer.size() - stream_.avail_out;
    if (status == Z_OK) return true;
    if (status == Z_STREAM_END) return next_member();
    fail(status == Z_BUF_ERROR ? "it is cut off" : "its data are damaged");
  }

  [[noreturn]] void fail(const std::string& problem) const {
    raise<FileError>("", name_, ": not a valid gzip file: ", problem);
  }

 private:
  void refill() {
    const auto step = std::min<std::size_t>(packed_.size(), std::numeric_limits<uInt>::max());
    // zlib takes a pointer to what it does not change.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed_.data()));
    stream_.avail_in = static_cast<uInt>(step);
    packed_ = packed_.subspan(step);
  }
  /// A gzip file may be several, one after the other: their contents belong together.
  bool next_member() {
    if (stream_.avail_in == 0) refill();
    if (stream_.avail_in == 0) return false;
    constexpr Bytef kFirstByte = 0x1F;
    if (*stream_.next_in != kFirstByte) fail("something follows the packed data");
    inflateReset(&stream_);
    return true;
  }

  z_stream stream_{};
  std::span<const std::byte> packed_;  // what zlib has not been given yet
  const std::string& name_;
};

}  // namespace brasa::detail

namespace brasa::data {

/// The unpacked content of a gzip file, at most `limit` bytes: a small file can unpack to a large
/// one, so the limit is what a caller is willing to hold. `name` stands in the errors.
/// Errors: FileError.
inline std::vector<std::byte> gunzip(std::span<const std::byte> packed, const std::string& name,
                                     std::size_t limit = std::size_t{1} << 32) {
  detail::Gunzip reader(packed, name);
  std::vector<std::byte> unpacked;
  std::vector<std::byte> buffer(std::size_t{1} << 18);
  for (bool more = true; more;) {
    std::size_t count = 0;
    more = reader.read(buffer, count);
    if (count > limit - unpacked.size()) {
      reader.fail("it unpacks to more than " + std::to_string(limit) + " bytes");
    }
    const auto end = buffer.begin() + static_cast<std::ptrdiff_t>(count);
    unpacked.insert(unpacked.end(), buffer.begin(), end);
  }
  return unpacked;
}

/// The tensor in a gzipped IDX file, as MNIST is distributed. Errors: FileError.
inline AnyTensor load_idx_gz(const std::string& path) {
  return parse_idx(gunzip(detail::read_file(path), path), path);
}

}  // namespace brasa::data
