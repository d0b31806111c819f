// Writes the digits of examples/data in MNIST's format: a small data set to try 05_mnist with.
//
//   digits_to_idx FOLDER OUTPUT_FOLDER    the folder with digits.safetensors, and where to write to

#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#ifdef WITH_ZLIB
#include <zlib.h>
#endif

using brasa::Tensor;

// Two zero bytes, 8 for uint8, the number of dimensions, their sizes (big-endian), the elements.
std::string idx_bytes(const Tensor<std::uint8_t>& tensor) {
  std::string bytes{0, 0, 8, static_cast<char>(tensor.dim())};
  for (const std::int64_t size : tensor.shape()) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  }
  return bytes.append(tensor.span().begin(), tensor.span().end());
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  if (!out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush()) {
    throw std::runtime_error("cannot write " + path.string());
  }
}

// Packed where there is zlib.
void write_packed(const std::filesystem::path& path, const std::string& bytes) {
#ifdef WITH_ZLIB
  const std::string packed = path.string() + ".gz";
  const gzFile out = gzopen(packed.c_str(), "wb");
  const bool written =
      out != nullptr && gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size())) > 0;
  if (out == nullptr || gzclose(out) != Z_OK || !written) {
    throw std::runtime_error("cannot write " + packed);
  }
#else
  write(path, bytes);
#endif
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: " << argv[0] << " FOLDER OUTPUT_FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[2];
  try {
    std::filesystem::create_directories(folder);
    const auto file = brasa::load_safetensors(argv[1] + std::string("/digits.safetensors"));
    for (const auto& [part, name] : {std::pair{"train", "train"}, std::pair{"test", "t10k"}}) {
      const auto images =
          file.at(std::string(part) + "_images").as<std::uint8_t>() * 15;  // 0 to 240
      const auto labels = file.at(std::string(part) + "_labels").as<std::int64_t>();
      write_packed(folder / (std::string(name) + "-images-idx3-ubyte"), idx_bytes(images));
      write(folder / (std::string(name) + "-labels-idx1-ubyte"),
            idx_bytes(labels.to<std::uint8_t>()));
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
