#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "brasa/core/tensor.hpp"
#include "brasa/kernels/gemm.hpp"

namespace brasa {
namespace detail {

inline constinit std::atomic<std::size_t> packed_weights_limit{std::size_t{64} << 20};
inline constinit std::atomic<std::size_t> packed_weights_bytes{0};

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
    if (packed == nullptr) {
      packed = make(weight.shape());
      if (packed == nullptr) return nullptr;
      packed->fill(weight);
      if (storage.keep(packed)) return packed->panels_;
      packed->dispose();  // another thread was faster
      packed = static_cast<PackedWeight*>(storage.derived());
    }
    return packed->rows_ == weight.shape()[0] ? packed->current_panels(weight) : nullptr;
  }

  void dispose() noexcept override {
    packed_weights_bytes.fetch_sub(bytes_, std::memory_order_relaxed);
    MemoryPool::deallocate(panels_, bytes_);
    pool_delete(this);
  }

 private:
  static constexpr std::uint64_t kBusy = ~std::uint64_t{0};

  friend PackedWeight* brasa::detail::pool_new<PackedWeight, const std::int64_t&,
                                               const std::size_t&>(const std::int64_t&,
                                                                   const std::size_t&);
  PackedWeight(std::int64_t rows, std::size_t bytes)
      : rows_(rows), bytes_(bytes), panels_(static_cast<S*>(MemoryPool::allocate(bytes))) {}

  /// Null where it would not pay, or all of them would take too much memory.
  static PackedWeight* make(const Shape& shape) {
    constexpr std::int64_t kLeast = 4, kLeastElements = 256;
    constexpr std::size_t kMost = std::size_t{16} << 20;  // is read from memory anyway
    const std::int64_t rows = shape[0], cols = shape[1];
    if (rows < kLeast || cols < kLeast || rows * cols < kLeastElements) return nullptr;
    const std::size_t bytes =
        static_cast<std::size_t>(kernels::packed_size<S>(rows, cols)) * sizeof(S);
    if (bytes == 0 || bytes > kMost) return nullptr;
    const std::size_t before = packed_weights_bytes.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes > packed_weights_limit.load(std::memory_order_relaxed)) {
      packed_weights_bytes.fetch_sub(bytes, std::memory_order_relaxed);
      return nullptr;
    }
    return pool_new<PackedWeight>(rows, bytes);
  }

  /// The panels of what `weight` holds now. One thread makes them, others wait for it.
  const S* current_panels(const Tensor<S>& weight) {
    const std::uint64_t wanted = stamp_of(weight);
    for (;;) {
      std::uint64_t stamp = stamp_.load(std::memory_order_acquire);
      if (stamp == wanted) return panels_;
      if (stamp == kBusy) {
        stamp_.wait(kBusy, std::memory_order_acquire);
      } else if (stamp_.compare_exchange_strong(stamp, kBusy, std::memory_order_acquire)) {
        fill(weight);
        stamp_.notify_all();
        return panels_;
      }
    }
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
  std::atomic<std::uint64_t> stamp_{kBusy};
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
