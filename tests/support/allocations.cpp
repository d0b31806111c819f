#include "support/allocations.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include "support/sanitizers.hpp"

namespace {

std::atomic<std::int64_t> count{0};

}  // namespace

std::int64_t allocations() { return count.load(); }

#if defined(__GLIBC__) && !defined(BRASA_ADDRESS_SANITIZER) && !defined(__SANITIZE_THREAD__)

bool counts_allocations() { return true; }

// A program's own functions of these names take the places of the library's.
extern "C" {

void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t number, std::size_t bytes);
void* __libc_realloc(void* block, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);

void* malloc(std::size_t bytes) noexcept {
  ++count;
  return __libc_malloc(bytes);
}
void* calloc(std::size_t number, std::size_t bytes) noexcept {
  ++count;
  return __libc_calloc(number, bytes);
}
void* realloc(void* block, std::size_t bytes) noexcept {
  ++count;
  return __libc_realloc(block, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  ++count;
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  ++count;
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) noexcept {
  ++count;
  *block = __libc_memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}

}  // extern "C"

#else

bool counts_allocations() { return false; }

#endif
