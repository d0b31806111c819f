#include "brasa/checkpoint/safetensors_header.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "brasa/checkpoint/safetensors.hpp"
#include "support/catch.hpp"
#include "support/safetensors_bytes.hpp"

using brasa::AnyTensor;
using brasa::FileError;
using brasa::parse_safetensors;
using brasa::SafetensorsFile;

namespace {

/// What is wrong with a file; empty if nothing.
std::string error_in_header(const std::vector<std::byte>& file) {
  try {
    parse_safetensors(file);
  } catch (const FileError& error) {
    const std::string text = error.what();
    const std::string prefix = "safetensors: in memory: ";
    return text.substr(0, prefix.size()) == prefix ? text.substr(prefix.size()) : text;
  }
  return "";
}

std::string repeated(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

/// The header of a tensor of one byte, with another field before the others.
std::string with_field(const std::string& field) {
  return R"({"a":{)" + field + R"(,"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
}
std::string with_shape(const std::string& shape) {
  return R"({"a":{"dtype":"U8","shape":)" + shape + R"(,"data_offsets":[0,1]}})";
}
std::string with_offsets(const std::string& offsets) {
  return R"({"a":{"dtype":"U8","shape":[1],"data_offsets":)" + offsets + "}}";
}
std::string with_dtype(const std::string& dtype) {
  return R"({"a":{"dtype":)" + dtype + R"(,"shape":[1],"data_offsets":[0,1]}})";
}
std::string named(const std::string& name) {
  return "{\"" + name + R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
}

const std::string kSizes = "expected sizes that are whole numbers from 0 to 2^63 - 1";
const std::string kOffsets = "expected data_offsets that are whole numbers from 0 to 2^64 - 1";

}  // namespace

// The format: https://github.com/huggingface/safetensors, and the order of checks of its package.
TEST_CASE("Every rule of the format has an error of its own", "[checkpoint][safetensors]") {
  const std::string good = named("a");
  const std::string length = std::to_string(good.size());
  struct Row {
    std::vector<std::byte> file;
    std::string error;
  };
  const std::vector<Row> rows = {
      // the length of the header
      {file_bytes(good, "7", good.size() + 2),
       "expected a header of 55 bytes, got only 54 after its length"},
      {file_bytes(good, "7", 100'000'001),
       "expected a header of at most 100000000 bytes, got one of 100000001"},
      {file_bytes(good, "7", std::numeric_limits<std::uint64_t>::max()),
       "expected a header of at most 100000000 bytes, got one of 18446744073709551615"},
      {file_bytes("", "PK\3\4and more", 0x04034b5004034b50),
       "expected a header of at most 100000000 bytes, got one of 289157608118635344 (it is a zip "
       "archive, perhaps of torch.save)"},
      {file_bytes("", "", 0), "expected a header that begins with {"},
      // JSON
      {file_bytes("{\xff}"), "the header is not valid UTF-8 at its byte 2"},
      {file_bytes("{\"\xed\xa0\x80\":1}"), "the header is not valid UTF-8 at its byte 3"},
      {file_bytes("{\"\xc0\x80\":1}"), "the header is not valid UTF-8 at its byte 3"},
      {file_bytes("{\"\xf4\x90\x80\x80\":1}"), "the header is not valid UTF-8 at its byte 3"},
      {file_bytes(" {}"), "expected a header that begins with {"},
      {file_bytes("\xef\xbb\xbf{}"), "expected a header that begins with {"},
      {file_bytes("[]"), "expected a header that begins with {"},
      {file_bytes(std::string("{}\0", 3)), "the header is not valid JSON at its byte 3"},
      {file_bytes("{"), "the header is not valid JSON at its byte 2"},
      {file_bytes("{}{}"), "the header is not valid JSON at its byte 3"},
      {file_bytes("{},"), "the header is not valid JSON at its byte 3"},
      {file_bytes("{} /**/"), "the header is not valid JSON at its byte 4"},
      {file_bytes(named("a\n"), "7"), "the header is not valid JSON at its byte 4"},
      {file_bytes(named("\\ud800"), "7"), "the header is not valid JSON at its byte 9"},
      {file_bytes(named("\\udc00"), "7"), "the header is not valid JSON at its byte 8"},
      {file_bytes(named("\\x"), "7"), "the header is not valid JSON at its byte 4"},
      {file_bytes(with_field("\"x\":01"), "7"), "the header is not valid JSON at its byte 12"},
      {file_bytes(with_field("\"x\":NaN"), "7"), "the header is not valid JSON at its byte 11"},
      {file_bytes(with_field("\"x\":1e999"), "7"), "the header is not valid JSON at its byte 15"},
      {file_bytes(with_field("\"x\":" + repeated("[", 126) + repeated("]", 126)), "7"),
       "expected at most 127 levels of brackets in the header"},
      {file_bytes("{\"a\":" + repeated("[", 100000)),
       "tensor \"a\": expected an object of dtype, shape and data_offsets"},
      {file_bytes("{\"a\":" + repeated("{\"a\":", 100000)),
       "expected at most 127 levels of brackets in the header"},
      // what stands twice
      {file_bytes("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                  "\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
                  "78"),
       "\"a\" stands there twice"},
      {file_bytes(with_field("\"dtype\":\"U8\""), "7"),
       "tensor \"a\": \"dtype\" stands there twice"},
      {file_bytes(with_field("\"shape\":[]"), "7"),
       "tensor \"a\": expected one list of sizes as shape"},
      {file_bytes(with_field("\"data_offsets\":[0,1]"), "7"),
       "tensor \"a\": expected one list of two numbers as data_offsets"},
      {file_bytes(with_field("\"data_offsets\":[]"), "7"),
       "tensor \"a\": \"data_offsets\" stands there twice"},
      {file_bytes(with_field("\"x\":1,\"y\":2,\"x\":3"), "7"),
       "tensor \"a\": \"x\" stands there twice"},
      {file_bytes(with_field("\"x\":[{\"y\":{\"z\":1},\"z\":2,\"y\":3}]"), "7"),
       "tensor \"a\": \"y\" stands there twice"},
      {file_bytes("{\"__metadata__\":{\"k\":\"1\",\"l\":\"\",\"k\":\"2\"}}"),
       "__metadata__: \"k\" stands there twice"},
      {file_bytes("{\"__metadata__\":null,\"__metadata__\":{}}"),
       "\"__metadata__\" stands there twice"},
      // metadata
      {file_bytes("{\"__metadata__\":[]}"), "__metadata__: expected an object"},
      {file_bytes("{\"__metadata__\":\"x\"}"), "__metadata__: expected an object"},
      {file_bytes("{\"__metadata__\":{\"k\":1}}"), "__metadata__: expected a text under \"k\""},
      {file_bytes("{\"__metadata__\":{\"k\":null}}"), "__metadata__: expected a text under \"k\""},
      {file_bytes("{\"__metadata__\":{\"k\":{}}}"), "__metadata__: expected a text under \"k\""},
      // the fields of a tensor
      {file_bytes("{\"a\":null}"),
       "tensor \"a\": expected an object of dtype, shape and data_offsets"},
      {file_bytes("{\"\":[]}"), "tensor \"\": expected an object of dtype, shape and data_offsets"},
      {file_bytes("{\"a\\u001b\":{}}"), "tensor \"a\\x1b\": expected a dtype, got none"},
      {file_bytes("{\"" + repeated("ü", 100) + "\":{}}"),
       "tensor \"" + repeated("ü", 60) + "…\": expected a dtype, got none"},
      {file_bytes("{\"a\":{\"dtype\":\"U8\"}}"), "tensor \"a\": expected a shape, got none"},
      {file_bytes("{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}"),
       "tensor \"a\": expected two data_offsets, got 0"},
      {file_bytes(with_dtype("8"), "7"), "tensor \"a\": expected a text as dtype"},
      {file_bytes(with_dtype("null"), "7"), "tensor \"a\": expected a text as dtype"},
      {file_bytes(with_dtype("\"u8\""), "7"), "tensor \"a\": the format has no dtype \"u8\""},
      {file_bytes(with_dtype("\"\""), "7"), "tensor \"a\": the format has no dtype \"\""},
      {file_bytes(with_shape("1"), "7"), "tensor \"a\": expected one list of sizes as shape"},
      {file_bytes(with_shape("null"), "7"), "tensor \"a\": expected one list of sizes as shape"},
      {file_bytes(with_shape("{}"), "7"), "tensor \"a\": expected one list of sizes as shape"},
      {file_bytes(with_shape("[[1]]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[{}]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[true]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[null]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[\"1\"]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[-1]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[-0]"), ""), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[1.0]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[1e0]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[18446744073709551616]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_shape("[9223372036854775808]"), "7"), "tensor \"a\": " + kSizes},
      {file_bytes(with_offsets("[0,1,1]"), "7"),
       "tensor \"a\": expected two data_offsets, got more"},
      {file_bytes(with_offsets("[0]"), "7"), "tensor \"a\": expected two data_offsets, got 1"},
      {file_bytes(with_offsets("{}"), "7"),
       "tensor \"a\": expected one list of two numbers as data_offsets"},
      {file_bytes(with_offsets("[-0,1]"), "7"), "tensor \"a\": " + kOffsets},
      {file_bytes(with_offsets("[0,1.0]"), "7"), "tensor \"a\": " + kOffsets},
      {file_bytes(with_offsets("[0,18446744073709551616]"), "7"), "tensor \"a\": " + kOffsets},
      // offsets and shapes against each other
      {file_bytes(with_offsets("[1,2]"), "78"),
       "tensor \"a\": expected data that begin at 0, where the tensor before ends, got "
       "data_offsets "
       "[1, 2]"},
      {file_bytes(with_offsets("[1,0]"), "7"),
       "tensor \"a\": expected data that begin at 0, where the tensor before ends, got "
       "data_offsets "
       "[1, 0]"},
      {file_bytes("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                  "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
                  "123"),
       "tensor \"b\": expected data that begin at 2, where the tensor before ends, got "
       "data_offsets "
       "[1, 3]"},
      {file_bytes("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                  "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}",
                  "123"),
       "tensor \"b\": expected data that begin at 1, where the tensor before ends, got "
       "data_offsets "
       "[2, 3]"},
      {file_bytes(with_offsets("[0,18446744073709551615]"), "7"),
       "tensor \"a\": expected 1 bytes for shape (1,) of U8, got 18446744073709551615"},
      {file_bytes(with_shape("[2]"), "7"),
       "tensor \"a\": expected 2 bytes for shape (2,) of U8, got 1"},
      {file_bytes(with_shape("[0]"), "7"),
       "tensor \"a\": expected 0 bytes for shape (0,) of U8, got 1"},
      {file_bytes(with_shape("[4294967296,4294967296]"), "7"),
       "tensor \"a\": shape (4294967296, 4294967296) has too many elements"},
      {file_bytes(with_shape("[4294967296,4294967296,0]"), "7"),
       "tensor \"a\": shape (4294967296, 4294967296, 0) has too many elements"},
      {file_bytes(with_shape("[2305843009213693952]"), "7"),
       "tensor \"a\": shape (2305843009213693952,) has too many elements"},
      {file_bytes(with_shape("[" + repeated("1,", 99) + "2]"), "7"),
       "tensor \"a\": expected 2 bytes for shape of 100 dimensions of U8, got 1"},
      {file_bytes("{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]}}", "12"),
       "tensor \"a\": shape (3,) of F4 does not fill whole bytes"},
      {file_bytes(good, ""), "expected 1 bytes of data, got 0: the file is cut short"},
      {file_bytes(good, "78"), "expected 1 bytes of data, got 2"},
      {file_bytes("{}", "7"), "expected 0 bytes of data, got 1"},
  };
  for (const Row& row : rows) CHECK(error_in_header(row.file) == row.error);
}

TEST_CASE("What the format allows is read", "[checkpoint][safetensors]") {
  const std::vector<std::string> headers = {
      named("a"),
      named("a") + " \t\r\n",
      named(""),
      named("\\ud83d\\ude00"),
      named(repeated("n", 100000)),
      with_field("\"x\":" + repeated("[", 125) + repeated("]", 125)),
      with_field("\"x\":[{\"dtype\":1},{\"dtype\":2}],\"y\":{\"shape\":[-1.5e3,-0,null,true]}"),
      with_shape("[]"),
      with_shape("[" + repeated("1,", 999) + "1]"),
      "{\"__metadata__\":null," + named("a").substr(1),
      "{\"__metadata__\":{\"a\":\"\\u0000\"}," + named("a").substr(1),
  };
  for (const std::string& header : headers) {
    INFO(header.substr(0, 200));
    CHECK(error_in_header(file_bytes(header, "7")) == "");
  }
  // Sizes that are too large to multiply, were it not for the 0 before them.
  const auto bytes = file_bytes(
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[0,4294967296,4294967296,2],\"data_offsets\":[0,0]}}");
  const SafetensorsFile empty(bytes);
  CHECK(empty.tensor("a").numel() == 0);
  CHECK(empty.tensors().at("a").shape == brasa::Shape{0, 4294967296, 4294967296, 2});
}

TEST_CASE("A file that is cut anywhere, or goes on, is refused", "[checkpoint][safetensors]") {
  const auto whole = file_bytes(
      "{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],"
      "\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[8,9]}}",
      "12345678\x01");
  REQUIRE(error_in_header(whole) == "");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK(error_in_header({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}) !=
          "");
  }
  auto longer = whole;
  longer.push_back(std::byte{0});
  CHECK(error_in_header(longer) == "expected 9 bytes of data, got 10");
}

TEST_CASE("A damaged file is read or refused, nothing else", "[checkpoint][safetensors]") {
  const auto whole = file_bytes(
      "{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],"
      "\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[8,9]},"
      "\"c\":{\"dtype\":\"BF16\",\"shape\":[0,3],\"data_offsets\":[9,9]}}",
      "12345678\x01");
  const std::string likely = "{}[],:\"\\0123456789-.eu \t\x80\xff";
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  int read = 0;
  int refused = 0;
  for (int round = 0; round < 5000; ++round) {
    auto file = whole;
    for (std::size_t changes = 1 + below(4); changes > 0 && !file.empty(); --changes) {
      const std::size_t at = below(file.size());
      const auto place = file.begin() + static_cast<std::ptrdiff_t>(at);
      const auto byte = static_cast<std::byte>(likely[below(likely.size())]);
      switch (below(5)) {
        case 0:
          *place = byte;
          break;
        case 1:
          *place ^= static_cast<std::byte>(1u << below(8));
          break;
        case 2:
          file.insert(place, byte);
          break;
        case 3:
          file.erase(place);
          break;
        default:
          file[at] = file[below(file.size())];
      }
    }
    try {
      for (const auto& [name, tensor] : parse_safetensors(file)) {
        CHECK(tensor.nbytes() <= file.size());
      }
      ++read;
    } catch (const FileError&) {
      ++refused;
    } catch (const brasa::DtypeError&) {  // one that only the format knows
      ++read;
    }
  }
  CHECK(read > 50);
  CHECK(refused > 2500);
}
