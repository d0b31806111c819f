#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "brasa/core/error.hpp"

namespace brasa::detail {

using MessageParts = std::initializer_list<MessagePart>;

/// Raises the errors about one file, by its name.
class FileErrors {
 public:
  FileErrors(std::string_view op, std::string name) : op_(op), name_(std::move(name)) {}

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    fail_with({what...});
  }
  [[noreturn]] void fail_with(MessageParts what) const { raise<FileError>(op_, message(what)); }
  /// For a tensor whose elements brasa does not hold.
  template <class... Parts>
  [[noreturn]] void fail_dtype(const Parts&... what) const {
    raise<DtypeError>(op_, message({what...}));
  }

 private:
  std::string message(MessageParts what) const {
    std::string text = name_ + ": ";
    for (const MessagePart& part : what) part.append_to(text);
    return text;
  }

  std::string_view op_;
  std::string name_;
};

/// Reads numbers and bytes one after the other and fails where there are not enough.
class ByteReader {
 public:
  /// `what` is what errors call the bytes: "the pickle".
  ByteReader(std::span<const std::byte> bytes, std::size_t position, std::string_view what,
             const FileErrors& errors)
      : bytes_(bytes), position_(position), what_(what), errors_(errors) {}

  std::size_t position() const noexcept { return position_; }
  std::size_t left() const noexcept { return bytes_.size() - position_; }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > left()) errors_.fail(what_, " is cut short at byte ", position_);
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }
  std::string_view text(std::uint64_t count) {
    const auto taken = take(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  /// What stands before the next newline, which is skipped.
  std::string_view line() {
    constexpr std::size_t kLongest = 4096;
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_, left());
    const std::size_t end = rest.substr(0, kLongest).find('\n');
    if (end == std::string_view::npos) {
      errors_.fail(what_, " lacks the end of a line that begins at byte ", position_);
    }
    position_ += end + 1;
    return rest.substr(0, end);
  }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  /// A little-endian number of up to eight bytes.
  std::uint64_t number(std::size_t bytes) {
    const auto taken = take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) {
      value = value << 8 | std::to_integer<std::uint64_t>(taken[i]);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_;
  std::string_view what_;
  const FileErrors& errors_;
};

}  // namespace brasa::detail
