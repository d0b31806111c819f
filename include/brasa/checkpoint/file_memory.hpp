#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "brasa/checkpoint/mapped_file.hpp"
#include "brasa/core/storage.hpp"

namespace brasa::detail {

/// The bytes of a file: mapped, or in memory that belongs to the caller.
class FileMemory {
 public:
  FileMemory(std::string_view op, const std::filesystem::path& path)
      : mapped_(MappedFile::open(op, path)), bytes_(mapped_->bytes()) {}
  explicit FileMemory(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// A storage for some of the bytes, which begin at a multiple of `alignment`: in place, if the
  /// file is mapped and they lie like that, else a copy. It may be written and outlives this
  /// object.
  Ref<Storage> storage(std::span<const std::byte> part, std::size_t alignment) const {
    const auto address = reinterpret_cast<std::uintptr_t>(part.data());
    if (mapped_ && !part.empty() && address % alignment == 0) {
      const auto drop = [](void* file) {
        (void)Ref<MappedFile>::adopt(static_cast<MappedFile*>(file));
      };
      mapped_->retain();
      std::byte* data = mapped_->bytes().data() + (part.data() - bytes_.data());
      return Storage::wrap(data, part.size(), drop, mapped_.get());
    }
    auto copy = Storage::allocate(part.size());
    if (!part.empty()) std::memcpy(copy->data(), part.data(), part.size());
    let_go(part);
    return copy;
  }

  /// Gives the memory of a storage back that was used in place and is not needed for now, so that a
  /// copy of it takes no memory twice. Nothing may have been written to it.
  void let_go(std::span<const std::byte> part) const noexcept {
    const bool is_inside = mapped_ && !std::less<>()(part.data(), bytes_.data()) &&
                           !std::less<>()(bytes_.data() + bytes_.size(), part.data() + part.size());
    if (is_inside) mapped_->let_go(part);
  }

 private:
  Ref<MappedFile> mapped_;  // null for memory of the caller
  std::span<const std::byte> bytes_;
};

/// In C++ a bool with another byte than 0 or 1 has no meaning: any but 0 is true.
inline void make_bools(Storage& storage) {
  auto* bytes = static_cast<unsigned char*>(storage.data());
  for (std::size_t i = 0; i < storage.bytes(); ++i) {
    if (bytes[i] > 1) bytes[i] = 1;
  }
}

}  // namespace brasa::detail
