#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "brasa/core/tensor.hpp"
#include "brasa/kernels/gemm.hpp"

namespace brasa {
namespace detail {

inline constinit std::atomic<std::size_t> packed_weights_limit{std::size_t{64} << 20};
inline constinit std::atomic<std::size_t> packed_weights_bytes{0};
/// Weights are packed one after the other, by one thread each: what others wait for is needed
/// often, and packed once.
inline std::mutex packing;  // not constinit: that of mingw-w64 is made at run time

/// The panels that products x·Wᵀ read, made of W at the first product and kept with its storage as
/// long as that lives. When W has changed they are made anew, in the same memory.
///
/// Nothing is kept of a W that somebody may change unnoticed: see Storage::is_exposed.
template <FloatScalar S>
class PackedWeight final : public Derived {
 public:
  /// The panels of a matrix, or null if it is to be read where it lies.
  static const S* panels_of(const Tensor<S>& weight) {
    Storage& storage = *weight.impl().storage;
    if (storage.is_exposed()) return nullptr;
    auto* packed = static_cast<PackedWeight*>(storage.derived());
    if (packed == nullptr) packed = make(weight);
    if (packed == nullptr || packed->rows_ != weight.shape()[0]) return nullptr;
    if (!packed->is_current(weight)) {
      const std::lock_guard lock(packing);
      if (!packed->is_current(weight)) packed->fill(weight);
    }
    return packed->panels_;
  }

  void dispose() noexcept override {
    packed_weights_bytes.fetch_sub(bytes_, std::memory_order_relaxed);
    MemoryPool::deallocate(panels_, bytes_);
    pool_delete(this);
  }

 private:
  friend PackedWeight* brasa::detail::pool_new<PackedWeight, const std::int64_t&,
                                               const std::size_t&>(const std::int64_t&,
                                                                   const std::size_t&);
  PackedWeight(std::int64_t rows, std::size_t bytes)
      : rows_(rows), bytes_(bytes), panels_(static_cast<S*>(MemoryPool::allocate(bytes))) {}

  /// Null where it would not pay, or all of them would take too much memory.
  static PackedWeight* make(const Tensor<S>& weight) {
    constexpr std::int64_t kLeast = 4, kLeastElements = 256;
    constexpr std::size_t kMost = std::size_t{16} << 20;  // is read from memory anyway
    const std::int64_t rows = weight.shape()[0], cols = weight.shape()[1];
    if (rows < kLeast || cols < kLeast || rows * cols < kLeastElements) return nullptr;
    const std::size_t bytes =
        static_cast<std::size_t>(kernels::packed_size<S>(rows, cols)) * sizeof(S);
    if (bytes == 0 || bytes > kMost) return nullptr;
    const std::size_t before = packed_weights_bytes.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes > packed_weights_limit.load(std::memory_order_relaxed)) {
      packed_weights_bytes.fetch_sub(bytes, std::memory_order_relaxed);
      return nullptr;
    }
    auto* packed = pool_new<PackedWeight>(rows, bytes);
    Storage& storage = *weight.impl().storage;
    if (storage.keep(packed)) return packed;
    packed->dispose();  // another thread was faster
    return static_cast<PackedWeight*>(storage.derived());
  }

  bool is_current(const Tensor<S>& weight) const {
    return stamp_.load(std::memory_order_acquire) == stamp_of(weight);
  }
  /// Tells which elements were packed, and for which level.
  static std::uint64_t stamp_of(const Tensor<S>& weight) {
    return weight.impl().storage->version() << 2 | static_cast<std::uint64_t>(cpu_level());
  }
  void fill(const Tensor<S>& weight) {
    const std::int64_t cols = weight.shape()[1];
    const std::uint64_t stamp = stamp_of(weight);
    kernels::pack_matrix<S>({weight.data(), 1, cols}, rows_, cols, panels_);
    stamp_.store(stamp, std::memory_order_release);
  }

  const std::int64_t rows_;
  const std::size_t bytes_;
  S* const panels_;
  std::atomic<std::uint64_t> stamp_{~std::uint64_t{0}};  // of nothing
};

}  // namespace detail

/// Of weights that layers multiply with while no gradients are recorded, brasa keeps a copy in the
/// order in which products read them best: it is made when first needed, made anew when the weight
/// has changed, and freed with the weight. All such copies together take at most this many bytes
/// (64 MiB at first); larger weights than 16 MiB have none. With 0 no more are made.
///
/// A weight has none either once it was accessed for writing (`data()`, `span()`, `matrix()`,
/// `w(i, j)`… of a tensor that is not const): what is written through a pointer that somebody kept
/// could not be noticed.
inline void set_packed_weights_limit(std::size_t bytes) {
  detail::packed_weights_limit.store(bytes, std::memory_order_relaxed);
}

}  // namespace brasa
