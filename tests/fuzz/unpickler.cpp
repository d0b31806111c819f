// A pickle, and the stream of before PyTorch 1.6, where no CRC stands before the unpickler.
#include <brasa/checkpoint/torch_file.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  only_errors([&] {
    const brasa::detail::FileErrors errors("load", "fuzz");
    brasa::detail::Unpickler(bytes_of(data, size), 0, errors).run();
  });
  return only_errors([&] { brasa::load(bytes_of(data, size)); });
}
