#include "brasa/checkpoint/safetensors.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "brasa/core/convert.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/golden.hpp"
#include "support/safetensors_bytes.hpp"
#include "support/temporary_folder.hpp"

namespace fs = std::filesystem;
using brasa::AnyTensor;
using brasa::Dtype;
using brasa::DtypeError;
using brasa::FileError;
using brasa::KeyError;
using brasa::load_safetensors;
using brasa::parse_safetensors;
using brasa::SafetensorsFile;
using brasa::SafetensorsMetadata;
using brasa::save_safetensors;
using brasa::serialize_safetensors;
using brasa::Shape;
using brasa::StateDict;
using brasa::ValueError;
using Catch::Matchers::Message;
using golden::Json;

namespace {

template <class T>
AnyTensor any_tensor(const std::vector<T>& values) {
  auto result = AnyTensor::empty(brasa::dtype_of<T>, {static_cast<std::int64_t>(values.size())});
  auto* to = static_cast<T*>(result.raw_data());
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = values[i];
  return result;
}

fs::path official(const Json& c) {
  return fs::path(BRASA_GOLDEN_DIR) / "safetensors" / c.at("file").get<std::string>();
}

/// The cases of files.safetensors: what the safetensors package wrote, and what it said to files of
/// other hands.
std::vector<Json> cases(const golden::File& recorded, const std::string& kind) {
  std::vector<Json> found;
  for (const Json& c : recorded.cases()) {
    if (c.at("kind") == kind) found.push_back(c);
  }
  return found;
}

bool is_supported(const Json& c) {
  const auto file = c.at("file").get<std::string>();
  return file != "float8.safetensors" && file != "complex64.safetensors";
}

}  // namespace

// ---- files that the safetensors package wrote ----

TEST_CASE("Files of the official package are read with the right names, shapes and metadata",
          "[checkpoint][safetensors]") {
  const golden::File recorded("files.safetensors");
  const auto files = cases(recorded, "file");
  REQUIRE(files.size() >= 30);
  for (const Json& c : files) {
    INFO(c.dump());
    const SafetensorsFile file(official(c));
    REQUIRE(file.metadata().has_value() == !c.at("metadata").is_null());
    if (file.metadata()) {
      CHECK(file.metadata()->size() == c.at("metadata").size());
      for (const auto& [key, text] : *file.metadata()) CHECK(c.at("metadata").at(key) == text);
    }
    CHECK(file.tensors().size() == c.at("tensors").size());
    for (const Json& entry : c.at("tensors")) {
      const auto& info = file.tensors().at(entry.at("name").get<std::string>());
      CHECK(info.dtype == entry.at("dtype").get<std::string>());
      CHECK(info.shape == golden::sizes(entry.at("shape")));
    }
  }
}

TEST_CASE("Files of the official package are read with the right values",
          "[checkpoint][safetensors]") {
  const golden::File recorded("files.safetensors");
  int tensors = 0;
  for (const Json& c : cases(recorded, "file")) {
    if (!is_supported(c)) continue;
    const StateDict state = load_safetensors(official(c));
    const StateDict copied = parse_safetensors(bytes_of(official(c)));
    CHECK(state.keys() == copied.keys());
    for (const Json& entry : c.at("tensors")) {
      INFO(c.at("file") << " " << entry.dump());
      const AnyTensor& read = state.at(entry.at("name").get<std::string>());
      CHECK(golden::equal_bits(copied.at(entry.at("name").get<std::string>()), read));
      if (entry.contains("unsigned")) {
        const auto numbers = any_tensor(entry.at("unsigned").get<std::vector<std::uint64_t>>());
        REQUIRE(numbers.nbytes() == read.nbytes());
        if (read.nbytes() > 0) {
          CHECK(std::memcmp(numbers.raw_data(), read.raw_data(), read.nbytes()) == 0);
        }
      } else {
        const AnyTensor wide = recorded.at(entry.at("values").get<std::string>());
        CHECK(golden::equal_bits(convert(read, wide.dtype()), wide));
      }
      ++tensors;
    }
  }
  CHECK(tensors > 100);
}

TEST_CASE("Files of the official package are written again byte for byte",
          "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const golden::File recorded("files.safetensors");
  for (const Json& c : cases(recorded, "file")) {
    if (!is_supported(c)) continue;
    INFO(c.dump());
    const SafetensorsFile file(official(c));
    const fs::path copy = folder / "copy.safetensors";
    if (file.metadata()) {
      save_safetensors(file.state_dict(), copy, *file.metadata());
      CHECK(serialize_safetensors(file.state_dict(), *file.metadata()) == bytes_of(official(c)));
    } else {
      save_safetensors(file.state_dict(), copy);
      CHECK(serialize_safetensors(file.state_dict()) == bytes_of(official(c)));
    }
    CHECK(bytes_of(copy) == bytes_of(official(c)));
  }
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("A dtype that brasa does not hold is named, with its tensor; other tensors are read",
          "[checkpoint][safetensors]") {
  const fs::path path = fs::path(BRASA_GOLDEN_DIR) / "safetensors" / "float8.safetensors";
  CHECK_THROWS_MATCHES(
      load_safetensors(path), DtypeError,
      Message("safetensors: " + path.string() +
              ": tensor \"a\": expected a dtype among F64, F32, F16, BF16, I64, I32, I16, I8, U64, "
              "U32, U16, U8 and BOOL, got F8_E4M3"));
  const auto mixed = file_bytes(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]},)"
                                R"("b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                                "12");
  const SafetensorsFile file(mixed);
  CHECK(file.tensor("b").as<std::uint8_t>().item() == '2');
  CHECK_THROWS_AS(file.tensor("a"), DtypeError);
  CHECK_THROWS_MATCHES(file.tensor("c"), KeyError,
                       Message("safetensors: in memory: no tensor \"c\" among 2"));
}

// Where the format's description is stricter than the package, the recording says so.
TEST_CASE(
    "Odd files are read and refused as the official package does, or the format's description",
    "[checkpoint][safetensors]") {
  const golden::File recorded("files.safetensors");
  const auto suspects = cases(recorded, "bytes");
  REQUIRE(suspects.size() >= 70);
  for (const Json& c : suspects) {
    INFO(c.dump());
    const auto bytes = recorded.tensor<std::uint8_t>(c, "bytes");
    const auto span = std::as_bytes(bytes.span());
    if (c.at("accepted").get<bool>() && !c.value("refused_by_specification", false)) {
      CHECK_NOTHROW(parse_safetensors(span));
    } else {
      CHECK_THROWS_AS(parse_safetensors(span), FileError);
    }
  }
}

// ---- tensors and their memory ----

TEST_CASE("Tensors of a mapped file can be written to, and the file does not change",
          "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a.safetensors";
  save_safetensors({{"a", any_tensor<float>({1, 2, 3})}}, path);
  const auto before = bytes_of(path);
  AnyTensor a;
  {
    const SafetensorsFile file(path);
    a = file.tensor("a");
    CHECK(a.raw_data() == file.tensor("a").raw_data());
  }
  auto floats = a.as<float>();  // the file object is gone
  floats.data()[1] = 7;
  CHECK(floats(0) == 1);
  CHECK(floats(1) == 7);
  CHECK(bytes_of(path) == before);
  CHECK(load_safetensors(path).at("a").as<float>()(1) == 2);
}

TEST_CASE("A file may be written over the one that its tensors come from",
          "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a.safetensors";
  save_safetensors({{"a", any_tensor<float>({1, 2, 3})}, {"b", any_tensor<double>({4})}}, path);
  StateDict state = load_safetensors(path);
  state.erase("b");
  save_safetensors(state, path);
  CHECK(state.at("a").as<float>()(2) == 3);
  CHECK(load_safetensors(path).keys() == std::vector<std::string>{"a"});
  CHECK(load_safetensors(path).at("a").as<float>()(2) == 3);
}

TEST_CASE("Data that are not aligned are copied", "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a.safetensors";
  const std::string json = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                           R"("b":{"dtype":"F64","shape":[1],"data_offsets":[1,9]}})";
  std::string data = "7";
  data.resize(9);
  const double value = 0.1;
  std::memcpy(data.data() + 1, &value, sizeof value);
  write_bytes(path, file_bytes(json, data));
  const auto b = load_safetensors(path).at("b").as<double>();
  CHECK(reinterpret_cast<std::uintptr_t>(b.data()) % alignof(double) == 0);
  CHECK(b.item() == 0.1);
}

TEST_CASE("Any byte but 0 is true in a tensor of bools", "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a.safetensors";
  const auto bytes = file_bytes(R"({"a":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}})",
                                std::string("\x00\x01\x02\xff", 4));
  write_bytes(path, bytes);
  for (const StateDict& state : {load_safetensors(path), parse_safetensors(bytes)}) {
    const auto a = state.at("a").as<bool>();
    const std::vector<std::uint8_t> expected{0, 1, 1, 1};
    CHECK(std::memcmp(a.data(), expected.data(), 4) == 0);
  }
}

TEST_CASE("Tensors come in the order of their data", "[checkpoint][safetensors]") {
  const auto bytes = file_bytes(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},)"
                                R"("b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},)"
                                R"("c":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
                                "123");
  CHECK(parse_safetensors(bytes).keys() == std::vector<std::string>{"c", "b", "a"});
}

// ---- saving ----

TEST_CASE("What a file cannot hold is refused before anything is written",
          "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a.safetensors";
  const auto a = any_tensor<float>({1, 2});
  const auto same = AnyTensor(a.impl_ref());
  const auto none = AnyTensor::empty(Dtype::float32, {0});
  save_safetensors({{"old", a}}, path);
  const auto before = bytes_of(path);
  struct Row {
    StateDict state;
    SafetensorsMetadata metadata;
    std::string message;
  };
  const std::vector<Row> rows = {
      {{{"__metadata__", a}}, {}, "no tensor can be named \"__metadata__\""},
      {{{"a", AnyTensor()}}, {}, "tensor \"a\" is undefined"},
      {{{"a", a}, {"z", any_tensor<float>({0})}, {"b", same}},
       {},
       "tensors \"a\" and \"b\" share memory: erase one from the state_dict, or clone it"},
      {{{"a\xff", a}}, {}, "expected a name in UTF-8, got \"a\\xff\""},
      {{{"a", a}},
       {{"\xed\xa0\x80", ""}},
       "expected a metadata key in UTF-8, got \"\\xed\\xa0\\x80\""},
      {{{"a", a}}, {{"key", "\xc3"}}, "expected a metadata text in UTF-8, got \"\\xc3\""},
  };
  for (const Row& row : rows) {
    CHECK_THROWS_MATCHES(save_safetensors(row.state, path, row.metadata), ValueError,
                         Message("save_safetensors: " + row.message));
    CHECK_THROWS_AS(serialize_safetensors(row.state, row.metadata), ValueError);
  }
  CHECK(bytes_of(path) == before);
  CHECK(files_in(folder.path()) == 1);
  // Tensors without elements share nothing.
  CHECK_NOTHROW(save_safetensors({{"a", none}, {"b", AnyTensor(none.impl_ref())}}, path));
}

TEST_CASE("A file that cannot be written is an error, and leaves nothing behind",
          "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const StateDict state{{"a", any_tensor<float>({1, 2})}};
  const fs::path nowhere = fs::path(folder / "no") / "a";
  CHECK_THROWS_MATCHES(save_safetensors(state, nowhere), FileError,
                       Message("save_safetensors: cannot write " + nowhere.string() +
                               ": No such file or directory"));
  CHECK_THROWS_AS(save_safetensors(state, folder.path()), FileError);
  CHECK_THROWS_AS(save_safetensors(state, ""), FileError);
  CHECK_THROWS_AS(save_safetensors(state, folder / "new/"), FileError);
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("A file that is not there, or is none, is an error", "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const auto missing = folder / "missing";
  CHECK_THROWS_MATCHES(load_safetensors(missing), FileError,
                       Message("safetensors: cannot read " + missing.string() + ": no such file"));
  CHECK_THROWS_MATCHES(
      load_safetensors(folder.path()), FileError,
      Message("safetensors: cannot read " + folder.path().string() + ": is a directory"));
  write_bytes(folder / "empty", {});
  CHECK_THROWS_MATCHES(load_safetensors(folder / "empty"), FileError,
                       Message("safetensors: " + (folder / "empty").string() +
                               ": expected at least 8 bytes, got 0"));
}

TEST_CASE("Saving through a symbolic link keeps the link", "[checkpoint][safetensors]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a.safetensors";
  save_safetensors({{"a", any_tensor<float>({1})}}, path);
  std::error_code error;
  fs::create_symlink(path, folder / "link", error);
  if (error) return;  // not every system lets everybody make one
  save_safetensors({{"b", any_tensor<float>({1})}}, folder / "link");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(load_safetensors(path).contains("b"));
}

TEST_CASE("Metadata are written in the order given", "[checkpoint][safetensors]") {
  const auto bytes =
      serialize_safetensors({{"a", any_tensor<std::uint8_t>({9})}}, {{"z", "1"}, {"format", "pt"}});
  const std::string expected =
      R"({"__metadata__":{"z":"1","format":"pt"},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  CHECK(bytes == file_bytes(expected + std::string((8 - expected.size() % 8) % 8, ' '), "\x09"));
}
