#pragma once

#include <cstddef>
#include <limits>

#include "brasa/core/error.hpp"
#include "brasa/core/storage.hpp"

namespace brasa::detail {

/// Lets a container of the standard library take its memory from the pool of tensors, so that one
/// that is made and dropped in each step allocates nothing the second time.
template <class T>
struct PoolAllocator {
  using value_type = T;

  PoolAllocator() = default;
  template <class Other>
  PoolAllocator(const PoolAllocator<Other>&) noexcept {}

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= MemoryPool::kAlignment);
    if (count > std::numeric_limits<std::size_t>::max() / 4 / sizeof(T)) {
      raise<ValueError>("", "a list of ", count, " elements is too long");
    }
    return static_cast<T*>(MemoryPool::allocate(count * sizeof(T)));
  }
  void deallocate(T* block, std::size_t count) noexcept {
    MemoryPool::deallocate(block, count * sizeof(T));
  }
  template <class Other>
  bool operator==(const PoolAllocator<Other>&) const noexcept {
    return true;
  }
};

}  // namespace brasa::detail
