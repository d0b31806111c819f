// An archive; and, as it is seldom whole after a change, one that holds the input as its pickle.
#include <string>

#include "../support/zip_bytes.hpp"
#include "torch.hpp"
#if __has_include(<zlib.h>)
#include <brasa/checkpoint/deflate.hpp>
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  only_errors([&] {
    const brasa::detail::FileErrors errors("load", "fuzz");
    const brasa::detail::ZipReader zip(bytes_of(data, size), errors);
    std::vector<std::byte> buffer;
    std::uint64_t unpacked = 0;
    for (const auto& entry : zip.entries()) {
      unpacked += entry.size;
      if (unpacked > (std::uint64_t{1} << 26)) break;
      only_errors([&] { zip.read(entry, buffer); });
    }
  });
  load_and_save(bytes_of(data, size));
  const std::string pickle(reinterpret_cast<const char*>(data), size);
  return load_and_save(to_bytes(torch_text(pickle, {std::string(24, '\1'), "12345678"})));
}
