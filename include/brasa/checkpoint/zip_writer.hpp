#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "brasa/checkpoint/bytes.hpp"
#include "brasa/checkpoint/crc32.hpp"
#include "brasa/checkpoint/serialization_id.hpp"

namespace brasa::detail {

/// Writes an archive as torch.save lays it out: everything stored, the data of each record aligned
/// to 64 bytes by a field of `Z`s, sizes and CRCs behind them, so that nothing need be known, and
/// nothing kept, beforehand. Libraries for zip cannot write this layout.
class TorchZipWriter {
 public:
  using Sink = std::function<void(std::span<const std::byte>)>;

  /// `folder` comes before the name of each record; `sink` takes the file piece by piece.
  TorchZipWriter(std::string folder, Sink sink)
      : folder_(std::move(folder)), sink_(std::move(sink)) {}

  void record(std::string_view name, std::span<const std::byte> data) {
    Entry entry{folder_ + '/' + std::string(name), position_, data.size(), 0};
    write_header(entry);
    id_.add_name(name);
    if (!data.empty()) {
      entry.crc = write_data(data);
      write_footer(entry);
      // PyTorch finds the CRCs by looking for footers among what it writes, and so takes data that
      // begin like one for a footer.
      if (data.size() >= 8 && read_u32(data) == kFooter) id_.add_crc(read_u32(data.subspan(4)));
      id_.add_crc(entry.crc);
    }
    append_to_directory(entry);
    ++records_;
  }
  void record(std::string_view name, std::string_view text) {
    record(name, std::as_bytes(std::span(text.data(), text.size())));
  }

  /// Writes the last record, `.data/serialization_id`, and the directory.
  void finish() {
    record(".data/serialization_id", id_.text());
    const std::uint64_t begin = position_;
    put(directory_);
    const std::uint64_t end = position_;
    std::string tail;
    append(tail, {{0x06064b50, 4},
                  {44, 8},
                  {0x031e, 2},
                  {45, 2},
                  {0, 4},
                  {0, 4},
                  {records_, 8},
                  {records_, 8},
                  {end - begin, 8},
                  {begin, 8}});
    append(tail, {{0x07064b50, 4}, {0, 4}, {end, 8}, {1, 4}});
    const std::uint64_t records = std::min<std::uint64_t>(records_, 0xFFFF);
    append(tail, {{0x06054b50, 4},
                  {0, 4},
                  {records, 2},
                  {records, 2},
                  {capped(end - begin), 4},
                  {capped(begin), 4},
                  {0, 2}});
    put(tail);
  }

 private:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::uint64_t kMost = 0xFFFFFFFF;  // what 32 bits can say; it means "see ZIP64"
  static constexpr std::uint32_t kFooter = 0x08074b50;

  struct Entry {
    std::string name;
    std::uint64_t offset;
    std::uint64_t size;
    std::uint32_t crc;

    bool big() const { return size >= kMost; }
    bool distant() const { return offset >= kMost; }
    // Bit 11: the name is UTF-8; bit 3: a footer follows.
    std::uint64_t flags() const { return size > 0 ? 0x0808 : 0x0800; }
  };
  struct Field {
    std::uint64_t value;
    std::size_t size;
  };

  static std::uint64_t capped(std::uint64_t value) { return std::min(value, kMost); }
  static std::uint32_t read_u32(std::span<const std::byte> bytes) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  static void append(std::string& bytes, std::initializer_list<Field> fields) {
    for (const Field& field : fields) append_little_endian(bytes, field.value, field.size);
  }

  void put(std::span<const std::byte> bytes) {
    sink_(bytes);
    position_ += bytes.size();
  }
  void put(std::string_view text) { put(std::as_bytes(std::span(text.data(), text.size()))); }

  /// The field that holds what 32 bits cannot. Before the data the stored size is not known yet.
  static std::string zip64_field(const Entry& entry, std::uint64_t stored_size) {
    std::string field;
    if (!entry.big() && !entry.distant()) return field;
    append(field, {{1, 2}, {(entry.big() ? 16u : 0u) + (entry.distant() ? 8u : 0u), 2}});
    if (entry.big()) append(field, {{entry.size, 8}, {stored_size, 8}});
    if (entry.distant()) append(field, {{entry.offset, 8}});
    return field;
  }

  void write_header(const Entry& entry) {
    const std::string zip64 = zip64_field(entry, 0);
    constexpr std::size_t kFixed = 30, kTag = 4;
    const std::uint64_t data = entry.offset + kFixed + entry.name.size() + zip64.size() + kTag;
    const auto padding = static_cast<std::size_t>(-data % kAlignment);
    std::string header;
    append(header, {{0x04034b50, 4},
                    {0, 2},
                    {entry.flags(), 2},
                    {0, 2},
                    {0, 4},
                    {0, 4},
                    {0, 8},
                    {entry.name.size(), 2},
                    {zip64.size() + kTag + padding, 2}});
    header += entry.name + zip64 + "FB";
    append(header, {{padding, 2}});
    header.append(padding, 'Z');
    put(header);
  }

  /// Piece by piece, so that a piece is still in the cache when it is written; gives the CRC.
  std::uint32_t write_data(std::span<const std::byte> data) {
    constexpr std::size_t kPiece = std::size_t{1} << 18;
    Crc32 crc;
    while (!data.empty()) {
      const auto piece = data.first(std::min(kPiece, data.size()));
      crc.add(piece);
      put(piece);
      data = data.subspan(piece.size());
    }
    return crc.value();
  }

  void write_footer(const Entry& entry) {
    const std::size_t width = entry.big() || entry.distant() ? 8 : 4;
    std::string footer;
    append(footer, {{kFooter, 4}, {entry.crc, 4}, {entry.size, width}, {entry.size, width}});
    put(footer);
  }

  void append_to_directory(const Entry& entry) {
    const std::string zip64 = zip64_field(entry, entry.size);
    append(directory_, {{0x02014b50, 4},
                        {0, 2},
                        {0, 2},
                        {entry.flags(), 2},
                        {0, 2},
                        {0, 4},
                        {entry.crc, 4},
                        {capped(entry.size), 4},
                        {capped(entry.size), 4},
                        {entry.name.size(), 2},
                        {zip64.size(), 2},
                        {0, 2},
                        {0, 2},
                        {0, 2},
                        {0, 4},
                        {capped(entry.offset), 4}});
    directory_ += entry.name + zip64;
  }

  std::string folder_;
  Sink sink_;
  SerializationId id_;
  std::string directory_;
  std::uint64_t position_ = 0;
  std::uint64_t records_ = 0;
};

}  // namespace brasa::detail
