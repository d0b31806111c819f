#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/crc32.hpp"
#include "brasa/checkpoint/file_errors.hpp"
#include "brasa/checkpoint/file_kind.hpp"
#include "brasa/checkpoint/inflate.hpp"
#include "brasa/checkpoint/text.hpp"

// The zip format: PKWARE's APPNOTE.TXT, with the 64-bit fields of its section 4.3.14 on.

namespace brasa::detail {

struct ZipEntry {
  std::string name;
  std::uint64_t header = 0;  // where its local header begins,
  std::uint64_t begin = 0;   // and its data
  std::uint64_t packed = 0;  // their size in the file
  std::uint64_t size = 0;    // and unpacked
  std::uint32_t crc = 0;
  bool deflated = false;
};

/// The directory of a zip archive in memory, checked: names are unique (whatever their case), data
/// lie within the file and do not overlap, local headers say what the directory says.
class ZipReader {
 public:
  /// Raises FileError for an archive that is damaged, encrypted, or packed by another method than
  /// deflate.
  ZipReader(std::span<const std::byte> file, const FileErrors& errors)
      : file_(file), errors_(errors) {
    read_directory(find_directory());
    check_overlaps();
    has_crcs_ =
        std::any_of(entries_.begin(), entries_.end(), [](const ZipEntry& e) { return e.crc != 0; });
  }

  /// In the order of the directory.
  const std::vector<ZipEntry>& entries() const noexcept { return entries_; }
  /// The entry of that name, or null.
  const ZipEntry* find(std::string_view name) const {
    const auto found = index_.find(lower_case(name));
    if (found == index_.end()) return nullptr;
    const ZipEntry& entry = entries_[found->second];
    return entry.name == name ? &entry : nullptr;
  }

  /// The bytes of an entry as they lie in the file.
  std::span<const std::byte> packed(const ZipEntry& entry) const {
    return file_.subspan(static_cast<std::size_t>(entry.begin),
                         static_cast<std::size_t>(entry.packed));
  }
  /// Unpacks a deflated entry into as many bytes as it has. Only here it matters whether anything
  /// can: an archive of another kind, which other records tell, is better called by its name.
  void unpack(const ZipEntry& entry, std::span<std::byte> to) const {
    if (inflate_function() == nullptr) {
      errors_.fail(
          "the zip archive is deflated, which torch.save never does: include "
          "<brasa/checkpoint/deflate.hpp> and link zlib, or pack it anew with zip -0");
    }
    if (!inflate_function()(packed(entry), to)) {
      fail("the data of ", shown(entry.name), " do not unpack to ", entry.size, " bytes");
    }
  }
  /// Holds the data of an entry against its CRC, unless the archive was written without any;
  /// `step`, if there is one, is told after each piece how many bytes that was.
  void check_crc(const ZipEntry& entry, std::span<const std::byte> data,
                 const std::function<void(std::size_t)>& step = {}) const {
    constexpr std::size_t kPiece = std::size_t{16} << 20;
    Crc32 crc;
    for (std::size_t at = 0; at < data.size(); at += kPiece) {
      const auto piece = data.subspan(at, std::min(kPiece, data.size() - at));
      if (has_crcs_) crc.add(piece);
      if (step) step(piece.size());
    }
    if (has_crcs_ && crc.value() != entry.crc) {
      fail("the data of ", shown(entry.name), " do not have the CRC that they were written with");
    }
  }
  /// A whole entry, unpacked and checked; `buffer` holds it if it has to be unpacked.
  std::span<const std::byte> read(const ZipEntry& entry, std::vector<std::byte>& buffer) const {
    std::span<const std::byte> data = packed(entry);
    if (entry.deflated) {
      buffer.resize(static_cast<std::size_t>(entry.size));
      unpack(entry, buffer);
      data = buffer;
    }
    check_crc(entry, data);
    return data;
  }

 private:
  static constexpr std::uint32_t kMax32 = 0xFFFFFFFF;
  static constexpr std::uint32_t kMax16 = 0xFFFF;
  static constexpr std::uint16_t kStored = 0;
  static constexpr std::uint16_t kDeflated = 8;

  struct Directory {
    std::uint64_t count = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    errors_.fail_with({"the zip archive is damaged: ", what...});
  }
  ByteReader reader(std::uint64_t position) const {
    return {file_, static_cast<std::size_t>(position), "the zip archive", errors_};
  }
  bool signature_at(std::uint64_t position, std::string_view signature) const {
    return position <= file_.size() &&
           as_text(file_).substr(static_cast<std::size_t>(position)).starts_with(signature);
  }

  Directory find_directory() const {
    constexpr std::size_t kRecord = 22;
    constexpr std::size_t kLongestTail = kRecord + kMax16;
    const std::string_view text = as_text(file_);
    const std::size_t first = text.size() - std::min(text.size(), kLongestTail);
    const std::size_t found = text.substr(first).rfind("PK\5\6");
    if (found == std::string_view::npos || text.size() - first - found < kRecord) {
      fail("its directory, which stands at its end, is missing; the file may be cut short");
    }
    const std::uint64_t at = first + found;
    ByteReader in = reader(at + 4);
    const bool has_64 = at >= 20 && signature_at(at - 20, "PK\6\7");
    const bool whole = in.u32() == 0 || has_64;
    const std::uint16_t count_here = in.u16();
    Directory directory;
    directory.count = in.u16();
    const std::uint64_t size = in.u32();
    directory.begin = in.u32();
    directory.end = directory.begin + size;
    const std::uint16_t comment = in.u16();
    if (in.left() != comment) fail("expected it to end with its directory; something follows");
    if (!whole || count_here != directory.count) fail("it is one part of several");
    const std::uint64_t end = has_64 ? read_directory_64(at - 20, size, directory) : at;
    if (directory.end != end) {
      fail("its directory does not lie where its end says; something stands before or after it");
    }
    constexpr std::uint64_t kShortestEntry = 46;
    if (directory.count > (directory.end - directory.begin) / kShortestEntry) {
      fail("its directory cannot hold ", directory.count, " entries");
    }
    return directory;
  }

  /// Takes the 64-bit values where there are some, and gives the place of their record.
  std::uint64_t read_directory_64(std::uint64_t locator, std::uint64_t size,
                                  Directory& directory) const {
    const std::uint64_t at = reader(locator + 8).u64();
    constexpr std::uint64_t kRecord = 56;
    if (at > locator || locator - at < kRecord || !signature_at(at, "PK\6\6")) {
      fail("the 64-bit end of its directory is missing");
    }
    ByteReader in = reader(at + 24);
    const std::uint64_t count_here = in.u64();
    const std::uint64_t count = in.u64();
    const std::uint64_t size_64 = in.u64();
    const std::uint64_t begin = in.u64();
    const auto agrees = [](std::uint64_t narrow, std::uint64_t wide, std::uint64_t most) {
      return narrow == wide || narrow == most;
    };
    if (count_here != count || !agrees(directory.count, count, kMax16) ||
        !agrees(size, size_64, kMax32) || !agrees(directory.begin, begin, kMax32) || begin > at ||
        size_64 > at - begin) {
      fail("the two ends of its directory differ");
    }
    directory = {count, begin, begin + size_64};
    return at;
  }

  void read_directory(const Directory& directory) {
    const auto bytes = file_.subspan(0, static_cast<std::size_t>(directory.end));
    ByteReader in(bytes, static_cast<std::size_t>(directory.begin), "the zip archive's directory",
                  errors_);
    for (std::uint64_t i = 0; i < directory.count; ++i) {
      ZipEntry entry = read_entry(in);
      read_local_header(entry, directory.begin);
      if (!index_.emplace(lower_case(entry.name), entries_.size()).second) {
        fail("it has two entries of the name ", shown(entry.name));
      }
      entries_.push_back(std::move(entry));
    }
    if (in.left() != 0) fail("its directory holds more than its entries");
  }

  ZipEntry read_entry(ByteReader& in) const {
    if (in.text(4) != "PK\1\2") fail("an entry of its directory does not begin as it should");
    ZipEntry entry;
    in.take(4);  // versions
    const std::uint16_t flags = in.u16();
    const std::uint16_t method = in.u16();
    in.take(4);  // time and date
    entry.crc = in.u32();
    entry.packed = in.u32();
    entry.size = in.u32();
    const std::uint16_t name = in.u16();
    const std::uint16_t extra = in.u16();
    const std::uint16_t comment = in.u16();
    in.take(8);  // disk and attributes
    entry.header = in.u32();
    entry.name = in.text(name);
    check_name(entry.name);
    read_sizes_64(in.take(extra), entry);
    in.take(comment);
    check_method(entry, flags, method);
    return entry;
  }

  /// Nothing is ever written to a path of that name; but no honest writer makes one.
  void check_name(const std::string& name) const {
    bool sound = !name.empty() && find_invalid_utf8(name) == std::string_view::npos &&
                 std::none_of(name.begin(), name.end(), [](char c) {
                   return c == '\\' || static_cast<unsigned char>(c) < 0x20;
                 });
    for (std::size_t begin = 0; sound && begin < name.size();) {
      const std::size_t end = std::min(name.find('/', begin), name.size());
      const std::string_view part = std::string_view(name).substr(begin, end - begin);
      sound = !part.empty() && part != "..";
      begin = end + 1;
    }
    if (!sound) fail("an entry has the name ", shown(name));
  }

  /// The fields that did not fit 32 bits.
  void read_sizes_64(std::span<const std::byte> extra, ZipEntry& entry) const {
    ByteReader fields(extra, 0, "the extra field of an entry", errors_);
    constexpr std::uint16_t kZip64 = 1;
    while (fields.left() >= 4) {
      const std::uint16_t tag = fields.u16();
      const auto field = fields.take(fields.u16());
      if (tag != kZip64) continue;
      ByteReader in(field, 0, "the 64-bit field of an entry", errors_);
      for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.header}) {
        if (*value == kMax32) *value = in.u64();
      }
    }
  }

  void check_method(ZipEntry& entry, std::uint16_t flags, std::uint16_t method) const {
    if (flags & 1u) errors_.fail("the zip archive is encrypted");
    if (method != kStored && method != kDeflated) {
      errors_.fail("the entry ", shown(entry.name), " of the zip archive is packed by method ",
                   method, "; expected stored (0), as torch.save writes it, or deflated (8)");
    }
    entry.deflated = method == kDeflated;
    // Deflate gains at most 1032 to 1.
    const bool plausible =
        entry.deflated ? entry.size / 1032 <= entry.packed : entry.size == entry.packed;
    if (!plausible) fail("the entry ", shown(entry.name), " cannot have ", entry.size, " bytes");
  }

  void read_local_header(ZipEntry& entry, std::uint64_t directory) const {
    constexpr std::uint64_t kHeader = 30;
    const auto outside = [&] {
      fail("the entry ", shown(entry.name), " does not lie in the file");
    };
    if (entry.header > directory || directory - entry.header < kHeader) outside();
    if (!signature_at(entry.header, "PK\3\4")) {
      fail("the entry ", shown(entry.name), " does not lie where the directory says");
    }
    ByteReader in = reader(entry.header + 6);
    const std::uint16_t flags = in.u16();
    const std::uint16_t method = in.u16();
    in.take(4);  // time and date
    const std::uint32_t crc = in.u32();
    const std::uint32_t packed = in.u32();
    const std::uint32_t size = in.u32();
    const std::uint16_t name = in.u16();
    const std::uint16_t extra = in.u16();
    bool agrees = in.text(name) == entry.name && method == (entry.deflated ? kDeflated : kStored);
    constexpr std::uint16_t kSizesFollow = 8;
    if (!(flags & kSizesFollow)) {
      agrees = agrees && crc == entry.crc && (packed == entry.packed || packed == kMax32) &&
               (size == entry.size || size == kMax32);
    }
    if (!agrees) {
      fail("the entry ", shown(entry.name), " and its line in the directory differ");
    }
    in.take(extra);
    entry.begin = in.position();
    if (entry.begin > directory || directory - entry.begin < entry.packed) outside();
  }

  void check_overlaps() const {
    std::vector<const ZipEntry*> sorted;
    for (const ZipEntry& entry : entries_) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(),
              [](const ZipEntry* a, const ZipEntry* b) { return a->header < b->header; });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      const ZipEntry& before = *sorted[i - 1];
      if (before.begin + before.packed > sorted[i]->header) {
        fail("the entries ", shown(before.name), " and ", shown(sorted[i]->name), " overlap");
      }
    }
  }

  static std::string lower_case(std::string_view name) {
    std::string result(name);
    for (char& c : result) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
  }

  std::span<const std::byte> file_;
  const FileErrors& errors_;
  std::vector<ZipEntry> entries_;
  std::map<std::string, std::size_t> index_;  // by the name in lower case
  bool has_crcs_ = false;
};

}  // namespace brasa::detail
