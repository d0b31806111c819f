#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace brasa::detail {

enum class FileKind : std::uint8_t { zip, pickle, safetensors, other };

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What the first bytes tell about a file.
inline FileKind kind_of_file(std::span<const std::byte> file) {
  const std::string_view text = as_text(file);
  if (text.starts_with("PK\3\4")) return FileKind::zip;
  if (text.size() > 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5) return FileKind::pickle;
  // A length, and the bracket of a header in JSON.
  if (text.size() > 8 && text[8] == '{') return FileKind::safetensors;
  return FileKind::other;
}

/// A guess at what a file that is none of those may be, and what to do about it; empty if nothing
/// is known.
inline std::string_view guess_of_file(std::span<const std::byte> file) {
  const std::string_view text = as_text(file);
  if (text.starts_with("PK\3\4")) return "it is a zip archive, perhaps of torch.save";
  if (text.starts_with("PK\5\6")) return "it is an empty zip archive";
  if (text.starts_with("version https://git-lfs")) return "it only points to a file in Git LFS";
  if (text.starts_with('<')) return "it may be a web page";
  if (text.starts_with("\x1f\x8b")) return "it is packed by gzip: unpack it first";
  if (text.starts_with("\x93NUMPY")) return "it is a NumPy array, of numpy.save";
  if (text.starts_with("GGUF")) return "it is a GGUF file, of llama.cpp";
  if (text.starts_with("\x89HDF")) return "it is an HDF5 file, perhaps of Keras";
  if (text.size() > 262 && text.substr(257, 5) == "ustar") {
    return "it is a tar file, which PyTorch wrote before its version 0.1.10: load it there and "
           "save "
           "its state_dict again";
  }
  return "";
}

}  // namespace brasa::detail
