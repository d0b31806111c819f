#pragma once

#include <cstddef>
#include <cstdint>

#include "brasa/core/storage.hpp"

namespace brasa::kernels {

/// Memory for the length of a kernel's call, aligned to 64 bytes: from the pool, so that it costs
/// no allocation the second time.
template <class T>
class Scratch {
 public:
  explicit Scratch(std::int64_t count)
      : bytes_(static_cast<std::size_t>(count) * sizeof(T)),
        data_(bytes_ == 0 ? nullptr : static_cast<T*>(detail::MemoryPool::allocate(bytes_))) {}
  /// The same, but for memory that the caller has, if it is not null.
  Scratch(std::int64_t count, T* given) : Scratch(given == nullptr ? count : 0) {
    if (given != nullptr) data_ = given;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    if (bytes_ != 0) detail::MemoryPool::deallocate(data_, bytes_);
  }

  T* data() const { return data_; }

 private:
  std::size_t bytes_;
  T* data_;
};

}  // namespace brasa::kernels
