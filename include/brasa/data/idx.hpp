#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "brasa/core/any_tensor.hpp"
#include "brasa/core/file.hpp"

namespace brasa {
namespace detail {

inline std::uint32_t big_endian_u32(const std::byte* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

inline Dtype idx_dtype(std::byte code, const std::string& name) {
  switch (std::to_integer<int>(code)) {
    // clang-format off
    case 0x08: return Dtype::uint8;
    case 0x09: return Dtype::int8;
    case 0x0B: return Dtype::int16;
    case 0x0C: return Dtype::int32;
    case 0x0D: return Dtype::float32;
    case 0x0E: return Dtype::float64;
      // clang-format on
  }
  raise<FileError>("", name, ": not an IDX file: there is no element type ",
                   std::to_integer<int>(code));
}

/// True if `bytes` hold just the elements of `shape`, whose sizes may be anything that is not
/// negative.
inline bool fills_exactly(std::size_t bytes, const Shape& shape, std::size_t element) {
  for (const std::int64_t size : shape) {
    if (size == 0) return bytes == 0;
  }
  for (const std::int64_t size : shape) {
    if (bytes % static_cast<std::size_t>(size) != 0) return false;
    bytes /= static_cast<std::size_t>(size);
  }
  return bytes == element;
}

/// Copies big-endian elements into this machine's order.
inline void copy_big_endian(const std::byte* from, std::byte* to, std::size_t bytes,
                            std::size_t element) {
  if (element == 1 || std::endian::native == std::endian::big) {
    if (bytes > 0) std::memcpy(to, from, bytes);
    return;
  }
  for (std::size_t i = 0; i < bytes; i += element) {
    for (std::size_t j = 0; j < element; ++j) to[i + j] = from[i + element - 1 - j];
  }
}

}  // namespace detail

namespace data {

/// The tensor in a file of the IDX format, in which MNIST comes: two zero bytes, the element type,
/// the number of dimensions, their sizes as big-endian 32-bit numbers, then the elements.
///
/// `name` stands in the errors. Errors: FileError for anything that is not exactly such a file.
/// Source: the format's description with the MNIST database, Y. LeCun, C. Cortes, C. Burges.
inline AnyTensor parse_idx(std::span<const std::byte> bytes, const std::string& name = "IDX data") {
  if (bytes.size() < 4 || bytes[0] != std::byte{0} || bytes[1] != std::byte{0}) {
    detail::raise<FileError>("", name,
                             ": not an IDX file: it does not begin with two zero bytes, "
                             "a type and a number of dimensions");
  }
  const Dtype dtype = detail::idx_dtype(bytes[2], name);
  const auto rank = std::to_integer<std::size_t>(bytes[3]);
  const std::size_t header = 4 + 4 * rank;
  if (bytes.size() < header) {
    detail::raise<FileError>("", name, ": the sizes of ", rank, " dimensions are cut off");
  }
  Shape shape;
  for (std::size_t i = 0; i < rank; ++i) {
    shape.push_back(detail::big_endian_u32(bytes.data() + 4 + 4 * i));
  }
  // The elements must be there before memory is taken for them.
  const std::size_t given = bytes.size() - header;
  if (!detail::fills_exactly(given, shape, dtype_size(dtype))) {
    detail::raise<FileError>("", name, ": expected the elements of shape ", shape_text(shape),
                             " of ", dtype_name(dtype), ", got ", given, " bytes");
  }
  auto tensor = AnyTensor::empty(dtype, shape);
  detail::copy_big_endian(bytes.data() + header, static_cast<std::byte*>(tensor.raw_data()), given,
                          dtype_size(dtype));
  return tensor;
}

/// The tensor in an IDX file. For `.gz` files see data/gzip.hpp. Errors: FileError.
inline AnyTensor load_idx(const std::string& path) {
  return parse_idx(detail::read_file(path), path);
}

}  // namespace data
}  // namespace brasa
