#include "brasa/data/idx.hpp"

#include <filesystem>
#include <fstream>

#include "brasa/brasa.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string error_of_idx(const std::vector<int>& values) {
  try {
    data::parse_idx(bytes_of(values), "digits.idx");
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

// The format, as the MNIST database describes it: 0, 0, type, dimensions; sizes; elements, all
// big-endian.
TEST_CASE("IDX data of every type are read", "[data][idx]") {
  const auto u8 = data::parse_idx(bytes_of({0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 255}));
  CHECK(u8.as<std::uint8_t>().equal(tensor<std::uint8_t>({{1, 2, 255}})));
  const auto i8 = data::parse_idx(bytes_of({0, 0, 9, 1, 0, 0, 0, 2, 1, 255}));
  CHECK(convert<float>(i8).equal(tensor<float>({1, -1})));
  const auto i16 = data::parse_idx(bytes_of({0, 0, 11, 1, 0, 0, 0, 2, 1, 2, 255, 254}));
  CHECK(convert<float>(i16).equal(tensor<float>({258, -2})));
  const auto i32 = data::parse_idx(bytes_of({0, 0, 12, 1, 0, 0, 0, 1, 1, 2, 3, 4}));
  CHECK(i32.as<std::int32_t>().item() == 0x01020304);
  const auto f32 = data::parse_idx(bytes_of({0, 0, 13, 1, 0, 0, 0, 1, 0x3F, 0x80, 0, 0}));
  CHECK(f32.as<float>().item() == 1.0f);
  const auto f64 = data::parse_idx(bytes_of({0, 0, 14, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0}));
  CHECK(f64.as<double>().item() == -2.0);
  CHECK(f64.dim() == 0);
  CHECK(data::parse_idx(bytes_of({0, 0, 8, 2, 0, 0, 0, 0, 255, 255, 255, 255})).shape() ==
        Shape{0, 4294967295});
}

TEST_CASE("Data that are not IDX are refused with the reason", "[data][idx][error]") {
  CHECK_THAT(error_of_idx({}), ContainsSubstring("digits.idx: not an IDX file"));
  CHECK_THAT(error_of_idx({1, 0, 8, 1}), ContainsSubstring("two zero bytes"));
  CHECK_THAT(error_of_idx({0, 0, 10, 1, 0, 0, 0, 1, 1}), ContainsSubstring("no element type 10"));
  CHECK_THAT(error_of_idx({0, 0, 8, 2, 0, 0, 0, 1}), ContainsSubstring("sizes of 2 dimensions"));
  CHECK_THAT(error_of_idx({0, 0, 8, 1, 0, 0, 0, 2, 1}),
             ContainsSubstring("expected the elements of shape (2,) of uint8, got 1 bytes"));
  CHECK_THAT(error_of_idx({0, 0, 8, 1, 0, 0, 0, 1, 1, 1}), ContainsSubstring("got 2 bytes"));
  CHECK_THAT(error_of_idx({0, 0, 8, 1, 0, 0, 0, 0, 1}), ContainsSubstring("got 1 bytes"));
  // 2^96 elements: their product must not be trusted.
  CHECK_THAT(error_of_idx({0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}),
             ContainsSubstring("got 0 bytes"));
}

TEST_CASE("IDX data of as many dimensions as the format can tell are read", "[data][idx]") {
  std::vector<int> bytes = {0, 0, 8, 255};
  for (int i = 0; i < 255; ++i) bytes.insert(bytes.end(), {0, 0, 0, 1});
  bytes.push_back(7);
  const auto tensor = data::parse_idx(bytes_of(bytes));
  CHECK(tensor.dim() == 255);
  CHECK(tensor.as<std::uint8_t>().item() == 7);
}

// Nothing is there, though the other sizes alone are more than 64 bits can count.
// (PyTorch refuses such sizes, because its strides would overflow; brasa's tensors have none.)
TEST_CASE("IDX data without elements may have any other sizes", "[data][idx]") {
  std::vector<int> bytes = {0, 0, 8, 4};
  for (int i = 0; i < 12; ++i) bytes.push_back(255);
  bytes.insert(bytes.end(), {0, 0, 0, 0});
  const auto tensor = data::parse_idx(bytes_of(bytes));
  CHECK(tensor.shape() == Shape{4294967295, 4294967295, 4294967295, 0});
  CHECK(tensor.numel() == 0);
  bytes.push_back(1);
  CHECK_THAT(error_of_idx(bytes), ContainsSubstring("got 1 bytes"));
}

TEST_CASE("Any bytes are IDX data or a FileError", "[data][idx][error]") {
  Generator generator(1);
  const std::vector<int> valid = {0, 0, 11, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4};
  int tensors = 0;
  int errors = 0;
  for (int round = 0; round < 3000; ++round) {
    auto bytes = bytes_of(valid);
    bytes[generator.random() % bytes.size()] = static_cast<std::byte>(generator.random());
    if (generator.random() % 2 == 0) bytes.resize(generator.random() % (bytes.size() + 4));
    try {
      const auto tensor = data::parse_idx(bytes);
      CHECK(tensor.nbytes() < bytes.size());
      ++tensors;
    } catch (const FileError&) {
      ++errors;
    }
  }
  CHECK(tensors > 300);
  CHECK(errors > 300);
}

TEST_CASE("An IDX file is read from its path", "[data][idx]") {
  const auto path = (std::filesystem::temp_directory_path() / "brasa_idx_test.idx").string();
  const auto bytes = bytes_of({0, 0, 8, 1, 0, 0, 0, 2, 5, 6});
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  CHECK(data::load_idx(path).as<std::uint8_t>().equal(tensor<std::uint8_t>({5, 6})));
  std::filesystem::remove(path);
  CHECK_THROWS_AS(data::load_idx(path), FileError);
  CHECK_THROWS_AS(data::load_idx(std::filesystem::temp_directory_path().string()), FileError);
}
