#include "brasa/data/csv.hpp"

#include <cmath>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string error_of(std::string_view text, data::CsvOptions options = {}) {
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

TEST_CASE("A CSV text that is no table of numbers is refused with its line", "[data][csv][error]") {
  CHECK_THAT(error_of("a,b\n1,2\n3\n"),
             ContainsSubstring("table.csv, line 3: expected 2 fields, got 1"));
  CHECK_THAT(error_of("a,b\n1,two\n"),
             ContainsSubstring("line 2: expected a number in column 2, got \"two\""));
  CHECK_THAT(error_of("a,b\n1,\n"), ContainsSubstring("got \"\""));
  CHECK_THAT(error_of("a\n1e999\n"), ContainsSubstring("expected a number"));
  CHECK_THAT(error_of("a\n\"1\n2\n"), ContainsSubstring("a quoted field does not end"));
  CHECK_THAT(error_of("a\n\"1\"2\n"), ContainsSubstring("expected a delimiter"));
}
