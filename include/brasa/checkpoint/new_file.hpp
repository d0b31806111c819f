#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#if defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#elif defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#endif

#include "brasa/core/error.hpp"

namespace brasa::detail {

/// A file that is written beside its place under another name and takes its own name, and that of
/// an older file, only in `commit`: whatever fails before leaves the older file as it was.
class NewFile {
 public:
  /// Raises FileError where nothing can be written there.
  NewFile(std::string_view op, const std::filesystem::path& path) : op_(op), target_(path) {
    std::error_code error;
    auto status = std::filesystem::symlink_status(path, error);
    if (std::filesystem::is_symlink(status)) {  // the link stays, the file behind it is replaced
      auto resolved = std::filesystem::canonical(path, error);
      if (error) fail(error);
      target_ = std::move(resolved);
      status = std::filesystem::status(target_, error);
    }
    const bool replaces = std::filesystem::exists(status);
    if (replaces && !std::filesystem::is_regular_file(status)) fail("is not a regular file");
    if (path.filename().empty()) fail("expected the name of a file");
    open_temporary();
    if (replaces) std::filesystem::permissions(temporary_, status.permissions(), error);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() { abandon(); }

  void write(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail_with_errno();
  }

  /// Only now the file is there under its name.
  void commit() {
    if (std::fflush(file_) != 0) fail_with_errno();
#if defined(__unix__) || defined(__APPLE__)
    // Without it, a power failure could leave the new name with an empty file behind it.
    if (::fsync(fileno(file_)) != 0 && errno != EINVAL && errno != ENOTSUP) fail_with_errno();
#elif defined(_WIN32)
    if (::_commit(::_fileno(file_)) != 0) fail_with_errno();
#endif
    if (std::fclose(std::exchange(file_, nullptr)) != 0) fail_with_errno();
    std::error_code error;
    std::filesystem::rename(temporary_, target_, error);
    if (error) fail(error);
    temporary_.clear();
  }

 private:
  /// A name that nobody else has; where a file of that name exists it is not opened.
  void open_temporary() {
    std::random_device random;
    for (int attempt = 0; attempt < 100; ++attempt) {
      char name[40];
      std::snprintf(name, sizeof name, ".brasa-%08x%08x.tmp", static_cast<unsigned>(random()),
                    static_cast<unsigned>(random()));
      temporary_ = target_.parent_path() / name;
      file_ = open_exclusively(temporary_);
      if (file_ != nullptr) return;
      if (errno != EEXIST) break;
    }
    temporary_.clear();
    fail_with_errno();
  }

  static std::FILE* open_exclusively(const std::filesystem::path& path) {
#if defined(_WIN32)
    constexpr int kFlags = _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY | _O_NOINHERIT;
    const int descriptor = ::_wopen(path.c_str(), kFlags, _S_IREAD | _S_IWRITE);
    return descriptor < 0 ? nullptr : ::_fdopen(descriptor, "wb");
#elif defined(__unix__) || defined(__APPLE__)
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return descriptor < 0 ? nullptr : ::fdopen(descriptor, "wb");
#else
    return std::fopen(path.c_str(), "wbx");
#endif
  }

  void abandon() noexcept {
    if (file_ != nullptr) std::fclose(std::exchange(file_, nullptr));
    std::error_code ignored;
    if (!temporary_.empty()) std::filesystem::remove(std::exchange(temporary_, {}), ignored);
  }

  [[noreturn]] void fail(std::string_view why) {
    abandon();  // also where raise does not unwind
    raise<FileError>(op_, "cannot write ", target_.string(), ": ", why);
  }
  [[noreturn]] void fail(const std::error_code& error) { fail(error.message()); }
  [[noreturn]] void fail_with_errno() { fail(std::generic_category().message(errno)); }

  std::string op_;
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  std::FILE* file_ = nullptr;
};

}  // namespace brasa::detail
