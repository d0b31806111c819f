#include <brasa/data/csv.hpp>
#include <string_view>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  only_errors([&] { brasa::data::parse_csv<float>(text); });
  only_errors([&] { brasa::data::parse_csv<float>(text, {.empty_is_nan = true}); });
  return only_errors(
      [&] { brasa::data::parse_csv<double>(text, {.delimiter = ';', .header = false}); });
}
