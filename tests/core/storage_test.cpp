#include "brasa/core/storage.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "brasa/core/from_blob.hpp"
#include "brasa/core/tensor.hpp"
#include "support/catch.hpp"

using namespace brasa;
using detail::MemoryPool;
using detail::Ref;
using detail::Storage;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kPooling = false;  // each block is given back at once, so that its misuse is seen
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kPooling = false;
#else
constexpr bool kPooling = true;
#endif
#else
constexpr bool kPooling = true;
#endif

bool is_aligned(const void* data) {
  return reinterpret_cast<std::uintptr_t>(data) % MemoryPool::kAlignment == 0;
}

/// Sets the pool back to what it was.
class CacheLimit {
 public:
  explicit CacheLimit(std::size_t bytes) { set_cache_limit(bytes); }
  CacheLimit(const CacheLimit&) = delete;
  CacheLimit& operator=(const CacheLimit&) = delete;
  ~CacheLimit() { set_cache_limit(before_); }

 private:
  std::size_t before_ = MemoryPool::of_this_thread()->limit();
};

}  // namespace

TEST_CASE("Memory is aligned to 64 bytes and writable to its end", "[core][storage]") {
  std::vector<Ref<Storage>> alive;
  for (std::size_t bytes = 0; bytes < 5000; bytes += bytes < 300 ? 1 : 97) {
    const auto storage = Storage::allocate(bytes);
    REQUIRE(storage->bytes() == bytes);
    REQUIRE(is_aligned(storage->data()));
    std::memset(storage->data(), static_cast<int>(bytes % 251), bytes);
    alive.push_back(storage);
  }
  // Nobody has written into somebody else's memory.
  bool intact = true;
  for (const auto& storage : alive) {
    const auto* data = static_cast<const unsigned char*>(storage->data());
    for (std::size_t i = 0; i < storage->bytes(); ++i) {
      intact = intact && data[i] == storage->bytes() % 251;
    }
  }
  CHECK(intact);
}

TEST_CASE("Freed memory serves the next tensor of about the size", "[core][storage]") {
  if (!kPooling) {
    SUCCEED("under the address sanitizer nothing is kept");
    return;
  }
  empty_cache();
  void* first = MemoryPool::allocate(1000);
  MemoryPool::deallocate(first, 1000);
  CHECK(MemoryPool::of_this_thread()->cached_bytes() >= 1000);
  CHECK(MemoryPool::of_this_thread()->cached_bytes() <= 1250);  // at most a quarter more
  void* second = MemoryPool::allocate(1010);
  CHECK(second == first);
  CHECK(MemoryPool::of_this_thread()->cached_bytes() == 0);
  MemoryPool::deallocate(second, 1010);
  void* larger = MemoryPool::allocate(3000);
  CHECK(larger != first);
  MemoryPool::deallocate(larger, 3000);
  empty_cache();
  CHECK(MemoryPool::of_this_thread()->cached_bytes() == 0);
}

TEST_CASE("No more than the limit is kept", "[core][storage]") {
  if (!kPooling) {
    SUCCEED("under the address sanitizer nothing is kept");
    return;
  }
  empty_cache();
  const CacheLimit limit(10000);
  std::array<void*, 20> blocks{};
  for (void*& block : blocks) block = MemoryPool::allocate(1024);
  for (void* block : blocks) MemoryPool::deallocate(block, 1024);
  const std::size_t cached = MemoryPool::of_this_thread()->cached_bytes();
  CHECK(cached > 8000);
  CHECK(cached <= 10000);
  void* large = MemoryPool::allocate(20000);
  MemoryPool::deallocate(large, 20000);
  CHECK(MemoryPool::of_this_thread()->cached_bytes() == cached);
  set_cache_limit(1000);
  CHECK(MemoryPool::of_this_thread()->cached_bytes() == 0);
}

TEST_CASE("Memory may be freed on another thread", "[core][storage]") {
  Tensor<float> from_thread;
  std::thread([&] {
    from_thread = Tensor<float>::empty({100});
    from_thread.array().setConstant(3);
  }).join();
  CHECK(std::as_const(from_thread)(99) == 3.0f);  // its thread and that thread's pool are gone
  auto to_thread = Tensor<float>::empty({100});
  to_thread.array().setConstant(4);
  float seen = 0;
  std::thread([&seen, tensor = std::exchange(to_thread, Tensor<float>())]() mutable {
    seen = std::as_const(tensor)(0);
    tensor = Tensor<float>();
  }).join();
  CHECK(seen == 4.0f);
}

TEST_CASE("Handles on many threads count right", "[core][storage]") {
  int destroyed = 0;
  std::array<float, 4> buffer{1, 2, 3, 4};
  {
    const auto shared = from_blob(buffer.data(), {4}, [&] { ++destroyed; });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([shared] {
        for (int j = 0; j < 1000; ++j) {
          Tensor<float> copy = shared;
          const Tensor<float> moved = std::move(copy);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(destroyed == 0);
  }
  CHECK(destroyed == 1);
}

TEST_CASE("Too much memory is an error, not a crash", "[core][storage][error]") {
  CHECK_THROWS_AS(Storage::allocate(std::numeric_limits<std::size_t>::max()), ValueError);
  CHECK_THROWS_AS(Storage::allocate(std::numeric_limits<std::size_t>::max() / 4 + 1), ValueError);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  if (!kPooling) return;  // a sanitizer ends the program where the system refuses
  CHECK_THROWS_WITH(Storage::allocate(std::size_t{1} << 60),
                    Catch::Matchers::ContainsSubstring("out of memory"));
#endif
}

TEST_CASE("A wrapped buffer is given back once, by the last handle", "[core][storage]") {
  int calls = 0;
  int buffer[2] = {1, 2};
  auto storage = Storage::wrap(
      buffer, sizeof buffer, [](void* context) { ++*static_cast<int*>(context); }, &calls);
  CHECK(storage->data() == buffer);
  CHECK(storage->bytes() == sizeof buffer);
  Ref<Storage> second = storage;
  CHECK(storage->use_count() == 2);
  storage = nullptr;
  CHECK(calls == 0);
  const Ref<Storage> third = std::move(second);
  CHECK_FALSE(second);  // NOLINT: a Ref that was moved from is null
  CHECK(third->use_count() == 1);
  CHECK(calls == 0);
  {
    const Ref<Storage> fourth = Ref<Storage>::share(third.get());
    CHECK(fourth == third);
  }
  CHECK(calls == 0);
}

TEST_CASE("Memory that was handed out for writing is exposed", "[core][storage]") {
  auto x = Tensor<float>::empty({2});
  const Storage& storage = *x.impl().storage;
  CHECK(std::as_const(x).data() != nullptr);
  CHECK_FALSE(storage.is_exposed());
  {
    const brasa::detail::InPlaceWrite write(*x.impl().storage);
    x.data()[0] = 1;
    CHECK(storage.version() == 0);
  }
  CHECK_FALSE(storage.is_exposed());
  CHECK(storage.version() == 1);
  x.data()[0] = 1;
  CHECK(storage.is_exposed());
  CHECK(storage.version() == 1);
  { const brasa::detail::InPlaceWrite write(*x.impl().storage); }
  CHECK(storage.is_exposed());
  CHECK(storage.version() == 2);
}

TEST_CASE("A storage keeps one thing that is derived from it", "[core][storage]") {
  struct Kept final : brasa::detail::Derived {
    int* disposed;
    explicit Kept(int* counter) : disposed(counter) {}
    void dispose() noexcept override { ++*disposed; }
  };
  int disposed = 0;
  Kept first(&disposed), second(&disposed);
  {
    const auto storage = Storage::allocate(4);
    CHECK(storage->derived() == nullptr);
    CHECK(storage->keep(&first));
    CHECK_FALSE(storage->keep(&second));
    CHECK(storage->derived() == &first);
    CHECK(disposed == 0);
  }
  CHECK(disposed == 1);
}
