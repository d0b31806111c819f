#include "brasa/checkpoint/zip_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/torch_file.hpp"
#include "brasa/core/file.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/zip_bytes.hpp"
#ifdef BRASA_TESTS_ZLIB
#include "brasa/checkpoint/deflate.hpp"
#endif

using namespace brasa;
using namespace std::string_literals;

namespace {

std::string error_in_zip(const std::string& file) {
  const detail::FileErrors errors("load", "test");
  const auto bytes = to_bytes(file);
  const std::string text = error_of<FileError>([&] {
    const detail::ZipReader zip(bytes, errors);
    std::vector<std::byte> buffer;
    for (const auto& entry : zip.entries()) zip.read(entry, buffer);
  });
  constexpr std::string_view kPrefix = "load: test: ";
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
}

std::string error_of_archive(const std::vector<ZipPart>& parts) {
  const auto bytes = to_bytes(zip_text(parts));
  const std::string text = error_of<FileError>([&] { load(bytes); });
  constexpr std::string_view kPrefix = "load: in memory: ";
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
}

std::string golden_text(const std::string& name) {
  const auto bytes = detail::read_file(std::string(BRASA_GOLDEN_DIR) + "/torch/" + name);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Calls `read` with each file that differs from `bytes` in one bit, or in all of one byte; how
/// many were read, and how many refused. Any error but brasa's own passes through.
template <class Read>
std::pair<int, int> with_each_wrong_byte(std::vector<std::byte> bytes, Read&& read) {
  std::pair<int, int> counts{0, 0};
  for (std::byte& byte : bytes) {
    const std::byte before = byte;
    for (const int change : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      byte = before ^ static_cast<std::byte>(change);
      try {
        read(std::as_const(bytes));
        ++counts.first;
      } catch (const Error&) {
        ++counts.second;
      }
    }
    byte = before;
  }
  return counts;
}

/// The 64-bit field of a directory.
std::string field_64(const std::vector<std::uint64_t>& numbers) {
  std::string field;
  append_number(field, 1, 2);
  append_number(field, 8 * numbers.size(), 2);
  for (const std::uint64_t number : numbers) append_number(field, number, 8);
  return field;
}

}  // namespace

TEST_CASE("An honest archive is read", "[checkpoint][zip_reader]") {
  const std::string file = zip_text({{.name = "x/a", .data = "123"}, {.name = "x/b", .data = ""}},
                                    {.comment = "a comment"});
  CHECK(error_in_zip(file) == "(no error)");
  CHECK(error_in_zip(zip_text({})) == "(no error)");
  // Sizes of 64 bits where 32 would have done.
  CHECK(error_in_zip(zip_text({{.name = "x/a",
                                .data = "123",
                                .packed = 0xFFFFFFFF,
                                .size = 0xFFFFFFFF,
                                .extra = field_64({3, 3})}})) == "(no error)");
}

TEST_CASE("Damaged and hostile archives are refused, each with its reason",
          "[checkpoint][zip_reader]") {
  const std::string damaged = "the zip archive is damaged: ";
  const std::string missing =
      damaged + "its directory, which stands at its end, is missing; the file may be cut short";
  const ZipPart a{.name = "x/a", .data = "123"};
  const ZipPart b{.name = "x/b", .data = "4567"};
  const auto named = [](const std::string& name) { return ZipPart{.name = name, .data = "123"}; };
  const auto name_error = [&](const std::string& shown) {
    return damaged + "an entry has the name " + shown;
  };
  const std::string honest = zip_text({a, b});
  std::string shifted = zip_text({a});
  shifted.insert(0, "x");
  std::string wrong_data = honest;
  wrong_data[wrong_data.find("4567")] = '5';
  // A directory of 64 bits: its end, and where that stands.
  const auto with_end_64 = [&](std::uint64_t count, std::uint64_t place) {
    std::string end = "PK\6\6" + std::string(20, '\0');
    const std::size_t begin = zip_text({a}).rfind("PK\1\2");
    const std::size_t size = zip_text({a}).rfind("PK\5\6") - begin;
    for (const std::uint64_t number : {count, count, size, begin}) append_number(end, number, 8);
    (end += "PK\6\7") += std::string(4, '\0');
    append_number(end, place, 8);
    return zip_text({a}, {.before_end = end + std::string(4, '\0')});
  };
  const std::size_t end_64 = zip_text({a}).rfind("PK\5\6");
  CHECK(error_in_zip(with_end_64(1, end_64)) == "(no error)");
  std::string in_parts = honest;
  in_parts[in_parts.rfind("PK\5\6") + 4] = '\1';
  std::string wrong_entry = honest;
  wrong_entry[wrong_entry.rfind("PK\1\2")] = 'Q';
  const std::vector<std::pair<std::string, std::string>> rows = {
      {in_parts, damaged + "it is one part of several"},
      {wrong_entry, damaged + "an entry of its directory does not begin as it should"},
      {with_end_64(2, end_64), damaged + "the two ends of its directory differ"},
      {with_end_64(1, end_64 + 1), damaged + "the 64-bit end of its directory is missing"},
      {with_end_64(1, ~0ull), damaged + "the 64-bit end of its directory is missing"},
      {"", missing},
      {"PK\3\4", missing},
      {honest.substr(0, honest.size() - 1), missing},
      {honest + "x", damaged + "expected it to end with its directory; something follows"},
      {shifted, damaged +
                    "its directory does not lie where its end says; something stands before or "
                    "after it"},
      {zip_text({a}, {.before_end = "hidden"}),
       damaged + "its directory does not lie where its end says; something stands before or after "
                 "it"},
      {zip_text({a}, {.count = 2}), damaged + "its directory cannot hold 2 entries"},
      {zip_text({a, b}, {.count = 1}), damaged + "its directory holds more than its entries"},
      {zip_text({a}, {.count = 0xFFFF}), damaged + "its directory cannot hold 65535 entries"},
      {zip_text({a}, {.directory_size = 0xFFFFFFF0}),
       damaged + "its directory does not lie where its end says; something stands before or after "
                 "it"},
      {zip_text({a}, {.directory = 0xFFFFFFFF}),
       damaged + "its directory does not lie where its end says; something stands before or after "
                 "it"},
      {wrong_data, damaged + "the data of \"x/b\" do not have the CRC that they were written with"},
      {zip_text({{.name = "x/a", .data = "123", .crc = 0}, b}),
       damaged + "the data of \"x/a\" do not have the CRC that they were written with"},
      {zip_text({a, a}), damaged + "it has two entries of the name \"x/a\""},
      {zip_text({a, named("X/A")}), damaged + "it has two entries of the name \"X/A\""},
      {zip_text({a, {.name = "x/b", .data = "4567", .header = 0}}),
       damaged + "the entry \"x/b\" and its line in the directory differ"},
      {zip_text({a, {.name = "x/b", .data = "4567", .header = 1}}),
       damaged + "the entry \"x/b\" does not lie where the directory says"},
      {zip_text({{.name = "x/a", .data = "123", .header = 0xFFFFFFFE}}),
       damaged + "the entry \"x/a\" does not lie in the file"},
      {zip_text({{.name = "x/a", .data = "123", .packed = 300, .size = 300}}),
       damaged + "the entry \"x/a\" does not lie in the file"},
      {zip_text({{.name = "x/a", .data = "123", .packed = 40, .size = 40}, b}),
       damaged + "the entries \"x/a\" and \"x/b\" overlap"},
      {zip_text({{.name = "x/a", .data = "123", .size = 4}}),
       damaged + "the entry \"x/a\" cannot have 4 bytes"},
      {zip_text({{.name = "x/a",
                  .data = "123",
                  .packed = 0xFFFFFFFF,
                  .size = 0xFFFFFFFF,
                  .extra = field_64({~0ull, ~0ull})}}),
       damaged + "the entry \"x/a\" does not lie in the file"},
      {zip_text({{.name = "x/a",
                  .data = "123",
                  .packed = 0xFFFFFFFF,
                  .size = 0xFFFFFFFF,
                  .extra = field_64({3})}}),
       "the 64-bit field of an entry is cut short at byte 8"},
      {zip_text({{.name = "x/a", .data = "123", .extra = "\1\0\xff\xff"s}}),
       "the extra field of an entry is cut short at byte 4"},
      {zip_text({{.name = "x/a", .data = "123", .local_name = "x/c"}}),
       damaged + "the entry \"x/a\" and its line in the directory differ"},
      {zip_text({{.name = "x/a", .data = "123", .flags = 1}}), "the zip archive is encrypted"},
      {zip_text({{.name = "x/a", .data = "123", .method = 12}}),
       "the entry \"x/a\" of the zip archive is packed by method 12; expected stored (0), as "
       "torch.save writes it, or deflated (8)"},
      {zip_text({named("../a")}), name_error("\"../a\"")},
      {zip_text({named("x/../a")}), name_error("\"x/../a\"")},
      {zip_text({named("/etc/passwd")}), name_error("\"/etc/passwd\"")},
      {zip_text({named("x//a")}), name_error("\"x//a\"")},
      {zip_text({named("x\\a")}), name_error("\"x\\a\"")},
      {zip_text({named("x/a\0b"s)}), name_error("\"x/a\\x00b\"")},
      {zip_text({named("x/\xff")}), name_error("\"x/\\xff\"")},
      {zip_text({named("")}), name_error("\"\"")},
  };
  for (const auto& [file, message] : rows) {
    INFO(message);
    CHECK(error_in_zip(file) == message);
  }
}

TEST_CASE("A CRC is not asked of an archive that was written without any",
          "[checkpoint][zip_reader]") {
  CHECK(error_in_zip(zip_text({{.name = "x/a", .data = "123", .crc = 0},
                               {.name = "x/b", .data = "4567", .crc = 0}})) == "(no error)");
}

#ifdef BRASA_TESTS_ZLIB
// import zlib; c = zlib.compressobj(9, zlib.DEFLATED, -15); c.compress(b'aaaaaaaa') + c.flush()
TEST_CASE("Deflated entries are unpacked to the size that they say", "[checkpoint][zip_reader]") {
  const std::string packed = "\x4b\x4c\x84\0\0"s;
  const std::uint32_t crc = detail::crc32(to_bytes("aaaaaaaa"));
  ZipPart part{.name = "x/a", .data = packed, .method = 8, .crc = crc, .size = 8};
  CHECK(error_in_zip(zip_text({part})) == "(no error)");
  const std::string damaged = "the zip archive is damaged: ";
  for (const std::uint32_t size : {7u, 9u, 0u}) {
    part.size = size;
    CHECK(error_in_zip(zip_text({part})) ==
          damaged + "the data of \"x/a\" do not unpack to " + std::to_string(size) + " bytes");
  }
  part.size = 1'000'000'000;
  CHECK(error_in_zip(zip_text({part})) ==
        damaged + "the entry \"x/a\" cannot have 1000000000 bytes");
  part.size = 8;
  part.data = packed.substr(0, 2);
  CHECK(error_in_zip(zip_text({part})) == damaged + "the data of \"x/a\" do not unpack to 8 bytes");
  part.data = packed + "x";
  CHECK(error_in_zip(zip_text({part})) == damaged + "the data of \"x/a\" do not unpack to 8 bytes");
  part.data = packed;
  part.crc = crc + 1;
  CHECK(error_in_zip(zip_text({part})) ==
        damaged + "the data of \"x/a\" do not have the CRC that they were written with");
}

// c.compress(bytes(200 * 1000**2)): 1 to 1030
TEST_CASE("An archive that unpacks to very much is refused before it does",
          "[checkpoint][zip_reader]") {
  std::string zeros(200'000, '\0');  // no deflated data; nothing looks at them
  const std::vector<ZipPart> parts{
      {.name = "x/data.pkl", .data = zeros, .method = 8, .size = 200'000'000},
      {.name = "x/version", .data = "3\n"}};
  CHECK(error_of_archive(parts) ==
        "the deflated archive would unpack to more than 32 times its size; it may be made to harm");
}
#endif

TEST_CASE("Archives that are none of torch.save are refused", "[checkpoint][zip_reader]") {
  const ZipPart pickle{.name = "x/data.pkl", .data = "N."};
  const ZipPart version{.name = "x/version", .data = "3\n"};
  const std::vector<std::pair<std::vector<ZipPart>, std::string>> rows = {
      {{pickle, version}, "(no error)"},
      {{pickle, {.name = "x/.data/version", .data = "10"}}, "(no error)"},
      {{pickle, version, {.name = "x/byteorder", .data = "big"}}, "(no error)"},
      {{pickle, version, {.name = "x/.storage_alignment", .data = "what"}}, "(no error)"},
      {{pickle}, "the archive lacks its record \"version\""},
      {{version}, "not a file of torch.save: the record data.pkl is missing"},
      {{pickle, {.name = "x/version", .data = "0"}},
       "expected version 1 to 10 of the format, got \"0\""},
      {{pickle, {.name = "x/version", .data = "11"}},
       "expected version 1 to 10 of the format, got \"11\""},
      {{pickle, {.name = "x/version", .data = "99999999999"}},
       "expected version 1 to 10 of the format, got \"99999999999\""},
      {{pickle, {.name = "x/version", .data = ""}},
       "expected version 1 to 10 of the format, got \"\""},
      {{pickle, version, {.name = "x/byteorder", .data = "middle"}},
       "expected the byte order little or big, got \"middle\""},
      {{pickle, version, {.name = "y/a", .data = ""}},
       "not a file of torch.save: expected all in one folder, got \"x/data.pkl\" and \"y/a\""},
      {{{.name = "data.pkl", .data = "N."}},
       "not a file of torch.save: expected all in one folder, got \"data.pkl\" and \"data.pkl\""},
      {{pickle, version, {.name = "x/.data/extern_modules", .data = ""}},
       "it is an archive of torch.package: save model.state_dict() by torch.save"},
      {{{.name = "x/DATA.PKL", .data = "N."}, version},
       "not a file of torch.save: the record data.pkl is missing"},
  };
  for (const auto& [parts, message] : rows) {
    INFO(message);
    CHECK(error_of_archive(parts) == message);
  }
  const auto nothing = to_bytes("PK\3\4" + zip_text({}, {.directory = 4}));
  CHECK(error_of<FileError>([&] { load(nothing); }) == "load: in memory: the archive is empty");
}

TEST_CASE("A file that is cut short anywhere is refused", "[checkpoint][zip_reader]") {
  for (const char* name : {"tensor.pt", "tensor.stream.pt"}) {
    const std::string whole = golden_text(name);
    CHECK_NOTHROW(load(to_bytes(whole)));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto bytes = to_bytes(whole.substr(0, size));
      if (error_of<FileError>([&] { load(bytes); }) == "(no error)") FAIL(name << ' ' << size);
    }
  }
}

TEST_CASE("Of all files with one wrong byte, those that are read hold the right values",
          "[checkpoint][zip_reader]") {
  const auto whole = to_bytes(golden_text("tensor.pt"));
  const std::string expected = repr(load(whole));
  const auto [read, refused] = with_each_wrong_byte(whole, [&](const auto& bytes) {
    if (repr(load(bytes)) != expected) FAIL("read with other values");
  });
  CHECK(refused > 1000);
  CHECK(read > 1000);  // what differs in them is padding, times and the like
}

TEST_CASE("A stream with one wrong byte is read or refused", "[checkpoint][zip_reader]") {
  const auto whole = to_bytes(golden_text("tensor.stream.pt"));
  const auto [read, refused] = with_each_wrong_byte(whole, [](const auto& bytes) { load(bytes); });
  CHECK(refused > read);
}
