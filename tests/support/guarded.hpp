#pragma once

#include <cstddef>
#include <cstdlib>
#include <initializer_list>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace brasa_test {

/// An array that ends where memory ends: to read or write behind it stops the program.
template <class T>
class Guarded {
 public:
  explicit Guarded(std::size_t count, T value = T()) : count_(count) {
#if __has_include(<sys/mman.h>)
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = (count * sizeof(T) + page - 1) / page * page;
    bytes_ = bytes + page;
    void* block = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) std::abort();
    block_ = static_cast<char*>(block);
    if (mprotect(block_ + bytes, page, PROT_NONE) != 0) std::abort();
    data_ = reinterpret_cast<T*>(block_ + bytes) - count;
#else
    block_ = static_cast<char*>(std::malloc(count * sizeof(T) + 1));
    data_ = reinterpret_cast<T*>(block_);
#endif
    for (std::size_t i = 0; i < count; ++i) data_[i] = value;
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() {
#if __has_include(<sys/mman.h>)
    munmap(block_, bytes_);
#else
    std::free(block_);
#endif
  }

  T* data() const { return data_; }
  std::size_t size() const { return count_; }
  T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() const { return data_; }
  T* end() const { return data_ + count_; }

 private:
  std::size_t count_;
  std::size_t bytes_ = 0;
  char* block_;
  T* data_;
};

}  // namespace brasa_test
