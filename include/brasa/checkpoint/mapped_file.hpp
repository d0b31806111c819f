#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#if defined(__unix__) || defined(__APPLE__)
#define BRASA_HAS_MMAP 1
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#endif

#include "brasa/core/error.hpp"
#include "brasa/core/storage.hpp"

namespace brasa::detail {

/// A whole file as memory. Where the system can it is mapped: pages are read when they are touched,
/// and given back under pressure, so a large file does not take its size in memory. Elsewhere it is
/// read. The memory may be written; that never reaches the file.
///
/// A mapped file must not be shortened while it is in use: the system then ends the program.
/// Replacing it, as `NewFile` does, is safe.
class MappedFile : public RefCounted {
 public:
  /// Raises FileError where the path is not a regular file that can be read.
  static Ref<MappedFile> open(std::string_view op, const std::filesystem::path& path) {
    auto file = Ref<MappedFile>::adopt(pool_new<MappedFile>());
    std::error_code error;
    const auto type = std::filesystem::status(path, error).type();
    if (type == std::filesystem::file_type::not_found) fail(op, path, "no such file");
    if (error) fail(op, path, error.message());
    if (type == std::filesystem::file_type::directory) fail(op, path, "is a directory");
    if (type != std::filesystem::file_type::regular) fail(op, path, "is not a regular file");
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) fail(op, path, error.message());
    if (size > static_cast<std::uintmax_t>(std::numeric_limits<std::ptrdiff_t>::max())) {
      fail(op, path, "is too large for this machine");
    }
    if (!file->map(op, path)) file->read(op, path, static_cast<std::size_t>(size));
    return file;
  }

  static void destroy(MappedFile* file) noexcept { pool_delete(file); }

  MappedFile() = default;
  ~MappedFile() {
#ifdef BRASA_HAS_MMAP
    if (mapped_) {
      ::munmap(data_, size_);
      return;
    }
#endif
    ::operator delete (data_, std::align_val_t{MemoryPool::kAlignment});
  }

  std::span<std::byte> bytes() const noexcept { return {static_cast<std::byte*>(data_), size_}; }

  /// Gives memory back that is not needed for now: the pages that lie wholly in `part`, a part of
  /// this. They are read anew when they are touched. Nothing may have been written to them.
  void let_go([[maybe_unused]] std::span<const std::byte> part) const noexcept {
#ifdef BRASA_HAS_MMAP
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto first = static_cast<std::size_t>(part.data() - bytes().data());
    const std::size_t begin = (first + page - 1) / page * page;
    const std::size_t end = (first + part.size()) / page * page;
    if (mapped_ && begin < end) ::madvise(bytes().data() + begin, end - begin, MADV_DONTNEED);
#endif
  }

 private:
  [[noreturn]] static void fail(std::string_view op, const std::filesystem::path& path,
                                std::string_view why) {
    raise<FileError>(op, "cannot read ", path.string(), ": ", why);
  }

  /// False where the system cannot map it.
  bool map([[maybe_unused]] std::string_view op,
           [[maybe_unused]] const std::filesystem::path& path) {
#ifdef BRASA_HAS_MMAP
    // O_NONBLOCK: should a pipe have taken the file's place meanwhile, do not wait for its writer.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) fail(op, path, std::generic_category().message(errno));
    struct stat status = {};
    const bool usable = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
                        status.st_size > 0 &&
                        static_cast<std::uintmax_t>(status.st_size) <=
                            static_cast<std::uintmax_t>(std::numeric_limits<std::ptrdiff_t>::max());
    if (usable) {
      size_ = static_cast<std::size_t>(status.st_size);
#ifdef MAP_NORESERVE
      constexpr int kFlags = MAP_PRIVATE | MAP_NORESERVE;  // few pages, if any, will be written
#else
      constexpr int kFlags = MAP_PRIVATE;
#endif
      data_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, kFlags, descriptor, 0);
      mapped_ = data_ != MAP_FAILED;
      if (!mapped_) {
        data_ = nullptr;
        size_ = 0;
      }
    }
    ::close(descriptor);
    return mapped_;
#else
    return false;
#endif
  }

  void read(std::string_view op, const std::filesystem::path& path, std::size_t size) {
    if (size == 0) return;
    data_ = ::operator new (size, std::align_val_t{MemoryPool::kAlignment}, std::nothrow);
    if (data_ == nullptr) fail(op, path, "out of memory");
    size_ = size;
    std::ifstream in(path, std::ios::binary);
    in.read(static_cast<char*>(data_), static_cast<std::streamsize>(size));
    if (!in) fail(op, path, "cannot be opened, or has become shorter");
  }

  void* data_ = nullptr;
  std::size_t size_ = 0;
  bool mapped_ = false;
};

}  // namespace brasa::detail
