#include "brasa/core/warning.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

using namespace brasa;

TEST_CASE("A handler gets every warning, also one that comes again", "[core][warning]") {
  std::vector<std::string> seen;
  const WarningHandler before =
      set_warning_handler([&](std::string_view text) { seen.emplace_back(text); });
  detail::warn("first");
  detail::warn("second");
  detail::warn("first");
  set_warning_handler(before);
  CHECK(seen == std::vector<std::string>{"first", "second", "first"});
}

TEST_CASE("Setting a handler returns the one before", "[core][warning]") {
  int first = 0;
  int second = 0;
  const WarningHandler original = set_warning_handler([&](std::string_view) { ++first; });
  const WarningHandler previous = set_warning_handler([&](std::string_view) { ++second; });
  detail::warn("to the second");
  set_warning_handler(previous);
  detail::warn("to the first");
  set_warning_handler(original);
  CHECK(first == 1);
  CHECK(second == 1);
}

TEST_CASE("A handler may set another one, or warn itself", "[core][warning]") {
  int inner = 0;
  const WarningHandler original = set_warning_handler([&](std::string_view) {
    set_warning_handler([&](std::string_view) { ++inner; });
    detail::warn("from inside");
  });
  detail::warn("from outside");
  set_warning_handler(original);
  CHECK(inner == 1);
}
