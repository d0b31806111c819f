#include <brasa/checkpoint/safetensors.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return only_errors([&] { brasa::parse_safetensors(bytes_of(data, size)); });
}
