#include "brasa/data/csv.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string error_of_csv(std::string_view text, data::CsvOptions options = {}) {
  try {
    data::parse_csv(text, options, "table.csv");
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

// The rules for quotes are those of RFC 4180.
TEST_CASE("A CSV text becomes its columns' names and a tensor", "[data][csv]") {
  const auto table = data::parse_csv<double>("x,\"y, \"\"up\"\"\",z\r\n1, 2.5,\"3\"\n\n-1e3,+4,.5");
  CHECK(table.columns == std::vector<std::string>{"x", "y, \"up\"", "z"});
  CHECK(table.values.equal(tensor<double>({{1, 2.5, 3}, {-1000, 4, 0.5}})));
}

TEST_CASE("A CSV text may have no header and another delimiter", "[data][csv]") {
  const auto table = data::parse_csv(
      "\xEF\xBB\xBF"
      "1;2\n3;inf",
      {.delimiter = ';', .header = false});
  CHECK(table.columns.empty());
  CHECK(table.values.shape() == Shape{2, 2});
  CHECK(std::isinf(table.values(1, 1)));
  CHECK(data::parse_csv("").values.shape() == Shape{0, 0});
  CHECK(data::parse_csv("a,b").values.shape() == Shape{0, 2});
  const auto gap = data::parse_csv("a,b\n1,\n", {.empty_is_nan = true});
  CHECK(std::isnan(gap.values(0, 1)));
}

TEST_CASE("Lines end as on any system, and are counted through quotes", "[data][csv]") {
  const auto table = data::parse_csv<double>("a,b\r\n1,2\r\n\r\n3,4\r\n");
  CHECK(table.columns == std::vector<std::string>{"a", "b"});
  CHECK(table.values.equal(tensor<double>({{1, 2}, {3, 4}})));
  CHECK_THAT(error_of_csv("\"a\nb\",c\n1,2\nx,2\n"),
             ContainsSubstring("line 4: expected a number"));
}

TEST_CASE("A number must fit the type that is asked for", "[data][csv]") {
  CHECK(data::parse_csv<double>("a\n1e300\n").values.item() == 1e300);
  CHECK_THROWS_AS(data::parse_csv<float>("a\n1e300\n"), FileError);
  CHECK(data::parse_csv<float>("a\n1e-300\n").values.item() == 0.0f);
  CHECK(data::parse_csv<float>("a\n-inf\n").values.item() ==
        -std::numeric_limits<float>::infinity());
}

TEST_CASE("A CSV file is read from its path", "[data][csv]") {
  const auto path = (std::filesystem::temp_directory_path() / "brasa_csv_test.csv").string();
  std::ofstream(path) << "x,y\n1,2\n";
  const auto table = data::load_csv(path);
  CHECK(table.columns == std::vector<std::string>{"x", "y"});
  CHECK(table.values.equal(tensor<float>({{1, 2}})));
  std::filesystem::remove(path);
  CHECK_THROWS_AS(data::load_csv(path), FileError);
  CHECK_THROWS_AS(data::load_csv(std::filesystem::temp_directory_path().string()), FileError);
}

TEST_CASE("A CSV text that is no table of numbers is refused with its line", "[data][csv][error]") {
  CHECK_THAT(error_of_csv("a,b\n1,2\n3\n"),
             ContainsSubstring("table.csv, line 3: expected 2 fields, got 1"));
  CHECK_THAT(error_of_csv("a,b\n1,two\n"),
             ContainsSubstring("line 2: expected a number in column 2, got \"two\""));
  CHECK_THAT(error_of_csv("a,b\n1,\n"), ContainsSubstring("got \"\""));
  CHECK_THAT(error_of_csv("a\n1e999\n"), ContainsSubstring("expected a number"));
  CHECK_THAT(error_of_csv("a\n\"1\n2\n"), ContainsSubstring("a quoted field does not end"));
  CHECK_THAT(error_of_csv("a\n\"1\"2\n"), ContainsSubstring("expected a delimiter"));
  CHECK_THAT(error_of_csv("a\n0x10\n"), ContainsSubstring("expected a number"));
  CHECK_THAT(error_of_csv("a\n1 2\n"), ContainsSubstring("expected a number"));
  CHECK_THAT(error_of_csv(std::string("a\n1\0\n", 5)), ContainsSubstring("expected a number"));
  CHECK_THAT(error_of_csv("a\n" + std::string(100, 'x')),
             ContainsSubstring("got \"" + std::string(40, 'x') + "…\""));
  for (const char delimiter : {'"', '\n', '\r'}) {
    CHECK_THROWS_AS(data::parse_csv("a\n1\n", {.delimiter = delimiter}), ValueError);
  }
}

TEST_CASE("Any bytes are a table or a FileError", "[data][csv][error]") {
  constexpr std::string_view kAlphabet = "01.,-e\"\n\r ;x\xEF\xBB\xBF";
  Generator generator(1);
  int tables = 0;
  int errors = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text(generator.random() % 12, ' ');
    for (char& c : text) c = kAlphabet[generator.random() % kAlphabet.size()];
    const bool header = generator.random() % 2 == 0;
    try {
      const auto table = data::parse_csv(text, {.header = header, .empty_is_nan = true});
      CHECK(table.values.dim() == 2);
      CHECK(table.columns.size() <= static_cast<std::size_t>(table.values.size(1)));
      ++tables;
    } catch (const FileError&) {
      ++errors;
    }
  }
  CHECK(tables > 300);
  CHECK(errors > 300);
}
