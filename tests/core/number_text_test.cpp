#include "brasa/core/number_text.hpp"

#include <charconv>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "brasa/core/bit_cast.hpp"
#include "support/catch.hpp"

using brasa::detail::CNumbers;

namespace {

/// Doubles of all magnitudes and signs: what a linear congruential generator (Knuth's MMIX) makes
/// of their bits.
template <class Check>
void for_some_doubles(int count, Check check) {
  std::uint64_t bits = 1;
  for (int i = 0; i < count; ++i) {
    bits = bits * 6364136223846793005u + 1442695040888963407u;
    const auto value = brasa::detail::bit_cast<double>(bits);
    if (value - value == 0) check(value);
  }
}

}  // namespace

// Python: repr(value), or for the fixed ones format(value, "f") with repr's digits
TEST_CASE("The C library finds the shortest digits", "[core][text]") {
  constexpr auto kScientific = std::chars_format::scientific;
  constexpr auto kFixed = std::chars_format::fixed;
  CHECK(CNumbers::shortest_text(1e-5, kScientific) == "1e-05");
  CHECK(CNumbers::shortest_text(1e16, kScientific) == "1e+16");
  CHECK(CNumbers::shortest_text(5e-324, kScientific) == "5e-324");
  CHECK(CNumbers::shortest_text(1.7976931348623157e308, kScientific) == "1.7976931348623157e+308");
  CHECK(CNumbers::shortest_text(-2.5, kScientific) == "-2.5e+00");
  CHECK(CNumbers::shortest_text(0.1, kFixed) == "0.1");
  CHECK(CNumbers::shortest_text(0.1 + 0.2, kFixed) == "0.30000000000000004");
  CHECK(CNumbers::shortest_text(static_cast<double>(0.1f), kFixed) == "0.10000000149011612");
  CHECK(CNumbers::shortest_text(-0.0, kFixed) == "-0");
  CHECK(CNumbers::shortest_text(1234567890123456.0, kFixed) == "1234567890123456");
  CHECK(CNumbers::shortest_text(0.0001, kFixed) == "0.0001");
}

TEST_CASE("The C library reads what from_chars reads and nothing else", "[core][text]") {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  double value = 0;
  for (const auto& [text, expected] :
       std::initializer_list<std::pair<const char*, double>>{{"1", 1},
                                                             {"-1.5", -1.5},
                                                             {".5", 0.5},
                                                             {"5.", 5},
                                                             {"1e3", 1000},
                                                             {"1E-3", 0.001},
                                                             {"1e+2", 100},
                                                             {"inf", kInf},
                                                             {"-Infinity", -kInf},
                                                             {"5e-324", 5e-324}}) {
    CAPTURE(text);
    CHECK(CNumbers::parse(text, value) == std::errc());
    CHECK(value == expected);
  }
  CHECK(CNumbers::parse("nan", value) == std::errc());
  CHECK(value != value);
  for (const char* text : {"", "-", ".", "+1", "-+1", " 1", "1 ", "\t1", "0x10", "1,5", "1e",
                           "1.2.3", "1f", "infinit", "--1", "e5"}) {
    CAPTURE(text);
    CHECK(CNumbers::parse(text, value) == std::errc::invalid_argument);
  }
  CHECK(CNumbers::parse("1e999", value) == std::errc::result_out_of_range);
  CHECK(CNumbers::parse("1e-999", value) == std::errc::result_out_of_range);
}

TEST_CASE("What the C library writes it reads back", "[core][text]") {
  for_some_doubles(2000, [](double value) {
    double read = 0;
    const auto text = CNumbers::shortest_text(value, std::chars_format::scientific);
    REQUIRE(CNumbers::parse(text, read) == std::errc());
    REQUIRE(read == value);
  });
}

#if defined(__cpp_lib_to_chars)
TEST_CASE("The C library says what to_chars and from_chars say", "[core][text]") {
  using brasa::detail::StdNumbers;
  for_some_doubles(2000, [](double value) {
    const auto format = std::abs(value) < 1e15 && std::abs(value) > 1e-15
                            ? std::chars_format::fixed
                            : std::chars_format::scientific;
    REQUIRE(CNumbers::shortest_text(value, format) == StdNumbers::shortest_text(value, format));
    REQUIRE(CNumbers::text(value, format, 4) == StdNumbers::text(value, format, 4));
  });
  CHECK(CNumbers::text(5e-324, std::chars_format::fixed, 1074) ==
        StdNumbers::text(5e-324, std::chars_format::fixed, 1074));
}
#endif

TEST_CASE("A locale with a decimal comma changes no number", "[core][text]") {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  for (const char* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "German"}) {
    if (std::setlocale(LC_NUMERIC, name) != nullptr) break;
  }
  double value = 0;
  CHECK(CNumbers::text(1.5, std::chars_format::fixed, 2) == "1.50");
  CHECK(CNumbers::shortest_text(0.1, std::chars_format::fixed) == "0.1");
  CHECK(CNumbers::parse("2.25", value) == std::errc());
  CHECK(value == 2.25);
  CHECK(CNumbers::parse("2,25", value) == std::errc::invalid_argument);
  std::setlocale(LC_NUMERIC, before.c_str());
}
