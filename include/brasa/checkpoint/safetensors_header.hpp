#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/duplicate_keys.hpp"
#include "brasa/checkpoint/file_errors.hpp"
#include "brasa/checkpoint/file_kind.hpp"
#include "brasa/checkpoint/safetensors_format.hpp"
#include "brasa/checkpoint/text.hpp"
#include "brasa/core/error.hpp"

namespace brasa::detail {

/// Takes the parts of the header from the JSON parser and keeps what the format asks for. Each
/// function gives false where the header is not as it has to be; `error()` then tells why.
class SafetensorsHeaderReader {
 public:
  using Json = nlohmann::json;
  struct Entry {
    std::string name;
    SafetensorsInfo info;
  };

  std::vector<Entry>& entries() { return entries_; }
  std::optional<SafetensorsMetadata>& metadata() { return metadata_; }
  const std::string& error() const { return error_; }

  // ---- called by the parser ----

  bool null() { return (place_ == Place::tensors && is_metadata()) || other_value(); }
  bool boolean(bool) { return other_value(); }
  bool number_integer(Json::number_integer_t) { return other_value(); }  // negative, or -0
  bool number_float(Json::number_float_t, const std::string&) { return other_value(); }
  bool number_unsigned(Json::number_unsigned_t number) {
    if (place_ == Place::shape) return size(number);
    if (place_ == Place::offsets) return offset(number);
    return other_value();
  }
  bool string(std::string& text) {
    if (place_ == Place::metadata) {
      metadata_->assign(field_, std::move(text));
      return true;
    }
    if (place_ != Place::entry || field_ != "dtype") return other_value();
    const SafetensorsDtype* dtype = find_safetensors_dtype(text);
    if (dtype == nullptr) return fail("the format has no dtype " + shown(text));
    entries_.back().info.dtype = dtype->word;
    return true;
  }
  bool binary(Json::binary_t&) { return other_value(); }

  bool start_object(std::size_t) {
    if (!descend()) return false;
    keys_.open();
    if (place_ == Place::root) {
      place_ = Place::tensors;
    } else if (place_ == Place::tensors && is_metadata()) {
      place_ = Place::metadata;
      metadata_.emplace();
    } else if (place_ == Place::tensors) {
      place_ = Place::entry;
      entries_.push_back({*name_, {}});
      shapes_ = offsets_ = 0;
    } else {
      return start_other();
    }
    return true;
  }
  bool key(std::string& text) {
    keys_.add(text);
    if (place_ == Place::tensors) {
      name_ = std::move(text);
    } else if (place_ != Place::ignored) {
      field_ = std::move(text);
    }
    return true;
  }
  bool end_object() {
    if (const auto twice = keys_.close()) return fail(shown(*twice) + " stands there twice");
    depth_ -= 1;
    switch (place_) {
      case Place::entry:
        if (!complete()) return false;
        [[fallthrough]];
      case Place::metadata:
        place_ = Place::tensors;
        name_.reset();
        break;
      case Place::ignored:
        end_other();
        break;
      default:
        break;
    }
    return true;
  }

  bool start_array(std::size_t) {
    if (!descend()) return false;
    if (place_ == Place::entry && field_ == "shape" && shapes_++ == 0) {
      place_ = Place::shape;
    } else if (place_ == Place::entry && field_ == "data_offsets" && offsets_ == 0) {
      place_ = Place::offsets;
    } else {
      return start_other();
    }
    return true;
  }
  bool end_array() {
    depth_ -= 1;
    if (place_ == Place::shape || place_ == Place::offsets) {
      place_ = Place::entry;
    } else {
      end_other();
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    error_ = "the header is not valid JSON at its byte " + std::to_string(position);
    return false;
  }

 private:
  /// Where in the header the parser is.
  enum class Place { root, tensors, metadata, entry, shape, offsets, ignored };

  bool descend() {
    if (++depth_ <= 127) return true;
    error_ = "expected at most 127 levels of brackets in the header";
    return false;
  }
  /// An object or a list that is not known here: fine, if it is another field of a tensor.
  bool start_other() {
    if (!other_value()) return false;
    if (place_ == Place::ignored) return true;
    place_ = Place::ignored;
    outer_depth_ = depth_ - 1;
    return true;
  }
  void end_other() {
    if (depth_ == outer_depth_) place_ = Place::entry;
  }

  bool other_value() {
    switch (place_) {
      case Place::ignored:
        return true;
      case Place::root:
        return fail("expected an object in JSON");
      case Place::tensors:
        return fail(is_metadata() ? "expected an object"
                                  : "expected an object of dtype, shape and data_offsets");
      case Place::metadata:
        return fail("expected a text under " + shown(field_));
      case Place::shape:
        return fail("expected sizes that are whole numbers from 0 to 2^63 - 1");
      case Place::offsets:
        return fail("expected data_offsets that are whole numbers from 0 to 2^64 - 1");
      case Place::entry:
        break;
    }
    if (field_ == "dtype") return fail("expected a text as dtype");
    if (field_ == "shape") return fail("expected one list of sizes as shape");
    if (field_ == "data_offsets") return fail("expected one list of two numbers as data_offsets");
    return true;
  }

  bool size(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return other_value();
    }
    entries_.back().info.shape.push_back(static_cast<std::int64_t>(number));
    return true;
  }
  bool offset(std::uint64_t number) {
    SafetensorsInfo& info = entries_.back().info;
    if (offsets_ == 2) return fail("expected two data_offsets, got more");
    (offsets_++ == 0 ? info.begin : info.end) = number;
    return true;
  }
  bool complete() {
    if (entries_.back().info.dtype.empty()) return fail("expected a dtype, got none");
    if (shapes_ == 0) return fail("expected a shape, got none");
    return offsets_ == 2 || fail("expected two data_offsets, got " + std::to_string(offsets_));
  }

  bool fail(const std::string& what) {
    if (name_) error_ = is_metadata() ? "__metadata__: " : "tensor " + shown(*name_) + ": ";
    error_ += what;
    return false;
  }
  bool is_metadata() const { return name_ == kMetadataKey; }

  std::vector<Entry> entries_;
  std::optional<SafetensorsMetadata> metadata_;
  std::string error_;
  DuplicateKeys keys_;
  Place place_ = Place::root;
  int depth_ = 0;
  int outer_depth_ = 0;              // where what is ignored ends
  std::optional<std::string> name_;  // the key in the whole object
  std::string field_;                // the key in the object of a tensor, or of the metadata
  int shapes_ = 0;                   // lists of sizes that this tensor has had
  int offsets_ = 0;                  // offsets that it has had
};

/// What a file holds, checked.
struct SafetensorsHeader {
  OrderedMap<SafetensorsInfo> tensors;  // in the order of their data
  std::optional<SafetensorsMetadata> metadata;
  std::size_t data = 0;  // where the data begin
};

/// Reads the header of a file and checks it, and that the file is as long as it says.
class SafetensorsChecker {
 public:
  /// `name` is what errors call the file.
  SafetensorsChecker(std::span<const std::byte> file, std::string_view name)
      : file_(file), name_(name) {}

  SafetensorsHeader header() const {
    const std::string_view json = header_text();
    SafetensorsHeaderReader reader;
    if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader)) fail(reader.error());
    auto& entries = reader.entries();
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return std::pair(a.info.begin, a.info.end) < std::pair(b.info.begin, b.info.end);
    });
    check(entries, file_.size() - 8 - json.size());
    SafetensorsHeader header;
    for (auto& entry : entries) header.tensors.insert(entry.name, std::move(entry.info));
    header.metadata = std::move(reader.metadata());
    header.data = 8 + json.size();
    return header;
  }

 private:
  using Entry = SafetensorsHeaderReader::Entry;

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    FileErrors("safetensors", std::string(name_)).fail_with({what...});
  }

  /// The JSON, its length and its characters checked.
  std::string_view header_text() const {
    if (file_.size() < 8) fail("expected at least 8 bytes, got ", file_.size());
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length << 8 | std::to_integer<unsigned>(file_[i]);
    if (length > kLongestSafetensorsHeader) {
      fail("expected a header of at most ", kLongestSafetensorsHeader, " bytes, got one of ",
           length, kind_of_file());
    }
    if (length > file_.size() - 8) {
      fail("expected a header of ", length, " bytes, got only ", file_.size() - 8,
           " after its length", kind_of_file());
    }
    const std::string_view json(reinterpret_cast<const char*>(file_.data()) + 8,
                                static_cast<std::size_t>(length));
    if (const auto bad = find_invalid_utf8(json); bad != std::string_view::npos) {
      fail("the header is not valid UTF-8 at its byte ", bad + 1);
    }
    if (!json.starts_with('{')) fail("expected a header that begins with {");
    // The parser would take it for the end.
    if (const auto nul = json.find('\0'); nul != std::string_view::npos) {
      fail("the header is not valid JSON at its byte ", nul + 1);
    }
    return json;
  }

  /// A guess at what a file that is none of ours may be.
  std::string kind_of_file() const {
    const std::string_view guess = guess_of_file(file_);
    return guess.empty() ? "" : " (" + std::string(guess) + ")";
  }

  /// Entries sorted by their place in the data.
  void check(const std::vector<Entry>& entries, std::uint64_t data_size) const {
    std::uint64_t position = 0;
    for (const auto& [name, info] : entries) {
      if (info.begin != position || info.end < info.begin) {
        fail("tensor ", shown(name), ": expected data that begin at ", position,
             ", where the tensor before ends, got data_offsets [", info.begin, ", ", info.end, "]");
      }
      const std::uint64_t size = size_in_bytes(name, info);
      if (info.end - info.begin != size) {
        fail("tensor ", shown(name), ": expected ", size, " bytes for shape ", shown(info.shape),
             " of ", info.dtype, ", got ", info.end - info.begin);
      }
      position = info.end;
    }
    if (position != data_size) {
      fail("expected ", position, " bytes of data, got ", data_size,
           position > data_size ? ": the file is cut short" : "");
    }
  }

  std::uint64_t size_in_bytes(const std::string& name, const SafetensorsInfo& info) const {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t bits = find_safetensors_dtype(info.dtype)->bits;
    std::uint64_t product = 1;
    bool overflow = false;
    for (const std::int64_t size : info.shape) {  // from left to right, as the format says
      const auto factor = static_cast<std::uint64_t>(size);
      overflow = overflow || (factor != 0 && product > kMax / factor);
      product *= factor;
    }
    if (overflow || product > kMax / bits) {
      fail("tensor ", shown(name), ": shape ", shown(info.shape), " has too many elements");
    }
    if (product * bits % 8 != 0) {
      fail("tensor ", shown(name), ": shape ", shown(info.shape), " of ", info.dtype,
           " does not fill whole bytes");
    }
    return product * bits / 8;
  }

  std::span<const std::byte> file_;
  std::string_view name_;
};

}  // namespace brasa::detail
