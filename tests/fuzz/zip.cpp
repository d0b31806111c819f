// An archive; and, as it is seldom whole after a change, one that holds the input as its pickle.
#include <brasa/checkpoint/torch_file.hpp>
#include <string>

#include "../support/zip_bytes.hpp"
#include "fuzz.hpp"
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
  only_errors([&] { brasa::load(bytes_of(data, size)); });
  return only_errors([&] {
    const std::string pickle(reinterpret_cast<const char*>(data), size);
    brasa::load(to_bytes(torch_text(pickle, {std::string(24, '\1'), "12345678"})));
  });
}
