#ifdef BRASA_TESTS_ZLIB

#include "brasa/data/gzip.hpp"

#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "brasa/brasa.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;

namespace {

// python3 -c "import gzip; print(list(gzip.compress(bytes([0,0,8,1,0,0,0,2,5,6]), mtime=0)))"
const std::vector<int> kPacked = {31, 139, 8,  0,  0,   0, 0, 0,   2,   3,   99, 96, 224, 96, 100,
                                  96, 96,  96, 98, 101, 3, 0, 105, 253, 136, 1,  10, 0,   0,  0};

std::string error_of_gzip(const std::vector<int>& values, std::size_t limit = 1000) {
  try {
    data::gunzip(bytes_of(values), "digits.gz", limit);
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

/// Packed by zlib itself.
std::vector<std::byte> packed(const std::vector<std::byte>& content) {
  const auto path = (std::filesystem::temp_directory_path() / "brasa_gzip_packed.gz").string();
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  auto bytes = detail::read_file(path);
  std::filesystem::remove(path);
  return bytes;
}

}  // namespace

TEST_CASE("A gzip file of any size and of several members is unpacked", "[data][gzip]") {
  // More than one buffer of what does not pack, then a megabyte of what packs to almost nothing.
  std::vector<std::byte> noise(600'000);
  Generator generator(1);
  for (std::byte& byte : noise) byte = static_cast<std::byte>(generator.random());
  CHECK(data::gunzip(packed(noise), "noise") == noise);
  const std::vector<std::byte> zeros(1'000'000);
  CHECK(data::gunzip(packed(zeros), "zeros") == zeros);
  CHECK_THROWS_AS(data::gunzip(packed(zeros), "zeros", zeros.size() - 1), FileError);

  // cat noise.gz zeros.gz | gunzip
  auto both = packed(noise);
  const auto second = packed(zeros);
  both.insert(both.end(), second.begin(), second.end());
  auto expected = noise;
  expected.insert(expected.end(), zeros.begin(), zeros.end());
  CHECK(data::gunzip(both, "both") == expected);
  both.pop_back();
  CHECK_THROWS_AS(data::gunzip(both, "both"), FileError);
}

TEST_CASE("A gzipped IDX file is read as MNIST comes", "[data][gzip]") {
  const auto path = (std::filesystem::temp_directory_path() / "brasa_gzip_test.gz").string();
  const auto bytes = bytes_of(kPacked);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  CHECK(data::load_idx_gz(path).as<std::uint8_t>().equal(tensor<std::uint8_t>({5, 6})));
  std::filesystem::remove(path);
}

TEST_CASE("A damaged gzip file is refused with the reason", "[data][gzip][error]") {
  for (std::size_t length = 0; length < kPacked.size(); ++length) {
    INFO("cut to " << length);
    CHECK_THAT(
        error_of_gzip({kPacked.begin(), kPacked.begin() + static_cast<std::ptrdiff_t>(length)}),
        ContainsSubstring("digits.gz: not a valid gzip file: it is cut off"));
  }
  auto wrong_sum = kPacked;
  wrong_sum[22] ^= 1;
  CHECK_THAT(error_of_gzip(wrong_sum), ContainsSubstring("damaged"));
  auto longer = kPacked;
  longer.push_back(0);
  CHECK_THAT(error_of_gzip(longer), ContainsSubstring("something follows"));
  longer.back() = 31;
  CHECK_THAT(error_of_gzip(longer), ContainsSubstring("it is cut off"));
  CHECK_THAT(error_of_gzip(kPacked, 9), ContainsSubstring("unpacks to more than 9 bytes"));
  CHECK(error_of_gzip(kPacked, 10) == "no error");
}

#endif  // zlib is there
