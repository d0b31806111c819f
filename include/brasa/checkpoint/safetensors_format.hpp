#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/dtype.hpp"
#include "brasa/core/ordered_map.hpp"
#include "brasa/core/shape.hpp"

// A safetensors file is the length of its header (8 bytes, little-endian), the header in JSON, and
// the data. See https://github.com/huggingface/safetensors for the description of the format.

namespace brasa {

/// `__metadata__` of a safetensors file: texts by name, in the order of the file.
using SafetensorsMetadata = OrderedMap<std::string>;

/// What a safetensors file says of one tensor.
struct SafetensorsInfo {
  std::string_view dtype;  // the format's word: F32, BF16, BOOL…
  Shape shape;
  std::uint64_t begin = 0;  // its bytes are [begin, end) of the data
  std::uint64_t end = 0;
};

namespace detail {

struct SafetensorsDtype {
  std::string_view word;
  unsigned bits;
  std::optional<Dtype> dtype;  // none: an AnyTensor cannot hold it
};

/// In the order of the writer: the last come first in a file.
inline constexpr SafetensorsDtype kSafetensorsDtypes[] = {
    {"BOOL", 8, Dtype::bool_},
    {"F4", 4, {}},
    {"F6_E2M3", 6, {}},
    {"F6_E3M2", 6, {}},
    {"U8", 8, Dtype::uint8},
    {"I8", 8, Dtype::int8},
    {"F8_E5M2", 8, {}},
    {"F8_E4M3", 8, {}},
    {"F8_E8M0", 8, {}},
    {"F8_E4M3FNUZ", 8, {}},
    {"F8_E5M2FNUZ", 8, {}},
    {"I16", 16, Dtype::int16},
    {"U16", 16, Dtype::uint16},
    {"F16", 16, Dtype::float16},
    {"BF16", 16, Dtype::bfloat16},
    {"I32", 32, Dtype::int32},
    {"U32", 32, Dtype::uint32},
    {"F32", 32, Dtype::float32},
    {"C64", 64, {}},
    {"F64", 64, Dtype::float64},
    {"I64", 64, Dtype::int64},
    {"U64", 64, Dtype::uint64},
};

inline const SafetensorsDtype* find_safetensors_dtype(std::string_view word) {
  for (const SafetensorsDtype& entry : kSafetensorsDtypes) {
    if (entry.word == word) return &entry;
  }
  return nullptr;
}

inline const SafetensorsDtype* find_safetensors_dtype(Dtype dtype) {
  for (const SafetensorsDtype& entry : kSafetensorsDtypes) {
    if (entry.dtype == dtype) return &entry;
  }
  return nullptr;
}

inline constexpr std::string_view kMetadataKey = "__metadata__";
inline constexpr std::uint64_t kLongestSafetensorsHeader = 100'000'000;

/// A text in JSON, as the format's own writer escapes it.
inline void append_json(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
    constexpr std::string_view kLetters = "\"\\bfnrt";
    const std::size_t known = kEscaped.find(c);
    if (known != std::string_view::npos) {
      (json += '\\') += kLetters[known];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      json += escape;
    } else {
      json += c;
    }
  }
  json += '"';
}

/// The header, as the format's own writer makes it. The tensors come in the order of their data;
/// a header without tensors never names metadata that are empty.
inline std::string safetensors_header(
    const std::vector<std::pair<std::string_view, SafetensorsInfo>>& tensors,
    const SafetensorsMetadata* metadata) {
  std::string json = "{";
  const auto key = [&](std::string_view name) {
    if (json.back() != '{') json += ',';
    append_json(json, name);
    json += ':';
  };
  if (metadata && !(metadata->empty() && tensors.empty())) {
    key(kMetadataKey);
    json += '{';
    for (const auto& [name, text] : *metadata) {
      key(name);
      append_json(json, text);
    }
    json += '}';
  }
  for (const auto& [name, info] : tensors) {
    key(name);
    (json += "{\"dtype\":\"") += info.dtype;
    json += "\",\"shape\":[";
    for (std::size_t i = 0; i < info.shape.size(); ++i) {
      if (i > 0) json += ',';
      json += std::to_string(info.shape[i]);
    }
    json += "],\"data_offsets\":[" + std::to_string(info.begin) + ',';
    json += std::to_string(info.end) + "]}";
  }
  json += '}';
  json.append((8 - json.size() % 8) % 8, ' ');
  return json;
}

}  // namespace detail
}  // namespace brasa
