#include <brasa/data/idx.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return only_errors([&] { brasa::data::parse_idx(bytes_of(data, size)); });
}
