// A pickle, and the stream of before PyTorch 1.6, where no CRC stands before the unpickler.
#include "torch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  only_errors([&] {
    const brasa::detail::FileErrors errors("load", "fuzz");
    brasa::detail::Unpickler(bytes_of(data, size), 0, errors).run();
  });
  return load_and_save(bytes_of(data, size));
}
