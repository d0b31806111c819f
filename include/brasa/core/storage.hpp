#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <new>
#include <utility>

#include "brasa/core/error.hpp"

namespace brasa {
namespace detail {

/// Memory blocks that are kept for reuse instead of being given back, so that a forward whose
/// shapes have been seen before allocates nothing. Each thread has its own pool; a block may be
/// freed on another thread than the one that allocated it and then serves that other thread.
///
/// Blocks come in size classes, four to each power of two, so at most a fifth is wasted.
class MemoryPool {
 public:
  static constexpr std::size_t kAlignment = 64;

  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  /// The pool of this thread, or null while the thread is being torn down.
  static MemoryPool* of_this_thread() noexcept { return pool().usable() ? &pool() : nullptr; }

  static void* allocate(std::size_t bytes) {
    if (kSanitized) return allocate_new(bytes);
    const SizeClass size_class = class_of(bytes);
    if (void* block = pool().pop(size_class)) return block;
    return allocate_new(size_class.bytes);
  }

  static void deallocate(void* block, std::size_t bytes) noexcept {
    if (kSanitized) return free_block(block);
    if (!pool().push(class_of(bytes), block)) free_block(block);
  }

  /// Gives all unused blocks back to the system.
  void release() noexcept {
    for (Free*& head : free_) {
      while (head != nullptr) free_block(std::exchange(head, head->next));
    }
    room_ = state_ == State::in_use ? limit_ : 0;
  }

  std::size_t cached_bytes() const noexcept { return state_ == State::in_use ? limit_ - room_ : 0; }
  std::size_t limit() const noexcept { return limit_; }
  void set_limit(std::size_t bytes) noexcept {
    const std::size_t cached = cached_bytes();
    limit_ = bytes;
    if (cached > limit_) return release();
    if (state_ == State::in_use) room_ = limit_ - cached;
  }

 private:
  // Under the address sanitizer every block is exact and given back at once, so that it sees each
  // read past an end and each use after a free.
#if defined(__SANITIZE_ADDRESS__)
  static constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  static constexpr bool kSanitized = true;
#else
  static constexpr bool kSanitized = false;
#endif
#else
  static constexpr bool kSanitized = false;
#endif

  enum class State : unsigned char { fresh, in_use, gone };
  struct Free {
    Free* next;
  };
  static constexpr std::size_t kClasses = std::size_t{4} * 64;

  /// Empties the pool when its thread ends.
  struct AtThreadExit {
    ~AtThreadExit() {
      pool().state_ = State::gone;
      pool().release();
    }
  };

  constexpr MemoryPool() = default;

  // Made by the compiler and never destroyed, so that getting at it costs next to nothing, and
  // static tensors may still be freed after AtThreadExit.
  static MemoryPool& pool() noexcept {
    static constinit thread_local MemoryPool pool;
    return pool;
  }
  bool usable() noexcept {
    if (state_ == State::fresh) begin();
    return state_ == State::in_use;
  }
  [[gnu::cold]] void begin() noexcept {
    static thread_local AtThreadExit at_thread_exit;
    static_cast<void>(at_thread_exit);
    state_ = State::in_use;
    room_ = limit_;
  }

  struct SizeClass {
    std::size_t index;
    std::size_t bytes;  // of its blocks
  };
  // The first three bits of the size, rounded up, and how many follow them.
  static constexpr SizeClass class_of(std::size_t bytes) noexcept {
    const std::size_t last = bytes <= kAlignment ? kAlignment - 1 : bytes - 1;
    const auto shift = static_cast<std::size_t>(std::bit_width(last)) - 3;
    const std::size_t first = last >> shift;  // 4 to 7
    return {4 * shift + first, (first + 1) << shift};
  }
  static void* allocate_new(std::size_t bytes) {
    void* block = ::operator new (bytes, std::align_val_t{kAlignment}, std::nothrow);
    if (block == nullptr) raise<Error>("", "out of memory: could not allocate ", bytes, " bytes");
    return block;
  }
  static void free_block(void* block) noexcept {
    ::operator delete (block, std::align_val_t{kAlignment});
  }

  void* pop(SizeClass size_class) noexcept {
    Free* block = free_[size_class.index];
    if (block == nullptr) return nullptr;
    free_[size_class.index] = block->next;
    room_ += size_class.bytes;
    return block;
  }
  bool push(SizeClass size_class, void* block) noexcept {
    const std::size_t bytes = size_class.bytes;
    if (bytes > room_ && (!usable() || bytes > room_)) return false;
    free_[size_class.index] = ::new (block) Free{free_[size_class.index]};
    room_ -= bytes;
    return true;
  }

  std::array<Free*, kClasses> free_{};
  std::size_t room_ = 0;  // what may still be kept; nothing but while the pool is in use
  std::size_t limit_ = std::size_t{256} << 20;
  State state_ = State::fresh;
};

/// An object that lives in the pool and counts its handles.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void retain() const noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  /// True when this was the last handle.
  bool release() const noexcept {
    if (count_.load(std::memory_order_acquire) == 1) return true;
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  std::uint32_t use_count() const noexcept { return count_.load(std::memory_order_acquire); }

 protected:
  ~RefCounted() = default;

 private:
  mutable std::atomic<std::uint32_t> count_{1};
};

/// A handle to a RefCounted object. `T::destroy(T*)` says how the last handle ends it.
template <class T>
class Ref {
 public:
  Ref() noexcept = default;
  Ref(std::nullptr_t) noexcept {}
  /// Takes over the reference that a new object is born with.
  static Ref adopt(T* object) noexcept {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  /// One more handle to an object that is alive.
  static Ref share(T* object) noexcept {
    if (object) object->retain();
    return adopt(object);
  }
  Ref(const Ref& other) noexcept : object_(other.object_) {
    if (object_) object_->retain();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ && object_->release()) T::destroy(object_);
  }

  T* get() const noexcept { return object_; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) noexcept { return a.object_ == b.object_; }

 private:
  T* object_ = nullptr;
};

/// Constructs a T in the pool; `pool_delete` undoes it.
template <class T, class... Args>
T* pool_new(Args&&... args) {
  static_assert(alignof(T) <= MemoryPool::kAlignment);
  return ::new (MemoryPool::allocate(sizeof(T))) T(std::forward<Args>(args)...);
}

template <class T>
void pool_delete(T* object) noexcept {
  object->~T();
  MemoryPool::deallocate(object, sizeof(T));
}

/// Something that a storage keeps as long as it lives.
class Derived {
 public:
  Derived(const Derived&) = delete;
  Derived& operator=(const Derived&) = delete;
  virtual void dispose() noexcept = 0;  // destroys the object and frees its memory

 protected:
  Derived() = default;
  ~Derived() = default;
};

/// The bytes behind one or more tensors: from the pool, or a buffer that somebody else owns.
class Storage : public RefCounted {
 public:
  using Deleter = void (*)(void* context);

  /// `bytes` of uninitialised memory, aligned to 64.
  static Ref<Storage> allocate(std::size_t bytes) {
    // Header and data are one block: the data begin at the next multiple of the alignment.
    if (bytes > std::numeric_limits<std::size_t>::max() / 4) {
      raise<ValueError>("", "a storage of ", bytes, " bytes is too large");
    }
    void* block = MemoryPool::allocate(kHeader + bytes);
    return Ref<Storage>::adopt(
        ::new (block) Storage(static_cast<char*>(block) + kHeader, bytes, nullptr, nullptr, true));
  }

  /// A buffer owned by the caller; `deleter(context)` runs when the last tensor has let go of it.
  static Ref<Storage> wrap(void* data, std::size_t bytes, Deleter deleter, void* context) {
    void* block = MemoryPool::allocate(kHeader);
    return Ref<Storage>::adopt(::new (block) Storage(data, bytes, deleter, context, false));
  }

  static void destroy(Storage* storage) noexcept {
    const std::size_t block_bytes = kHeader + (storage->inside_ ? storage->bytes_ : 0);
    if (storage->deleter_) storage->deleter_(storage->context_);
    storage->~Storage();
    MemoryPool::deallocate(storage, block_bytes);
  }

  void* data() const noexcept { return data_; }
  std::size_t bytes() const noexcept { return bytes_; }

  /// Counts the in-place operations, so that autograd notices a value that was changed after it
  /// was saved.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_relaxed); }
  void bump_version() noexcept { version_.fetch_add(1, std::memory_order_relaxed); }

  /// True once somebody got hold of the memory for writing: from then on the elements may change
  /// without a new version.
  bool is_exposed() const noexcept { return exposed_.load(std::memory_order_relaxed); }
  void set_exposed(bool exposed) noexcept { exposed_.store(exposed, std::memory_order_relaxed); }

  /// What was computed from the elements and is kept with them, or null: ops/packed_weight.hpp.
  Derived* derived() const noexcept { return derived_.load(std::memory_order_acquire); }
  /// Keeps it; not if there is something already. False then.
  bool keep(Derived* derived) noexcept {
    Derived* nothing = nullptr;
    return derived_.compare_exchange_strong(nothing, derived, std::memory_order_acq_rel);
  }

 private:
  static constexpr std::size_t kHeader = MemoryPool::kAlignment;

  Storage(void* data, std::size_t bytes, Deleter deleter, void* context, bool inside)
      : inside_(inside),
        exposed_(!inside),
        data_(data),
        bytes_(bytes),
        deleter_(deleter),
        context_(context) {}
  ~Storage() {
    if (Derived* derived = derived_.load(std::memory_order_relaxed)) derived->dispose();
  }

  bool inside_;  // the data follow this header in the same block
  std::atomic<bool> exposed_;
  void* data_;
  std::size_t bytes_;
  Deleter deleter_;
  void* context_;
  std::atomic<std::uint64_t> version_{0};
  std::atomic<Derived*> derived_{nullptr};
};
static_assert(sizeof(Storage) <= MemoryPool::kAlignment);

/// Lives while brasa itself writes to memory that has elements already. Pointers that are taken
/// meanwhile are not kept, so they do not expose it; in the end it has a new version.
class InPlaceWrite {
 public:
  explicit InPlaceWrite(Storage& storage) noexcept
      : storage_(storage), was_exposed_(storage.is_exposed()) {}
  InPlaceWrite(const InPlaceWrite&) = delete;
  InPlaceWrite& operator=(const InPlaceWrite&) = delete;
  ~InPlaceWrite() {
    storage_.set_exposed(was_exposed_);
    storage_.bump_version();
  }

 private:
  Storage& storage_;
  const bool was_exposed_;
};

}  // namespace detail

/// Gives the memory that this thread's freed tensors left in its pool back to the system, as
/// `torch.cuda.empty_cache` does.
inline void empty_cache() {
  if (auto* pool = detail::MemoryPool::of_this_thread()) pool->release();
}

/// At most this many bytes of freed memory stay in this thread's pool (256 MiB at first).
inline void set_cache_limit(std::size_t bytes) {
  if (auto* pool = detail::MemoryPool::of_this_thread()) pool->set_limit(bytes);
}

}  // namespace brasa
