#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <mutex>
#include <optional>
#include <utility>

#if defined(_WIN32)
#include <random>
#endif

#include "brasa/core/bit_cast.hpp"
#include "brasa/core/mt19937.hpp"
#include "brasa/core/tensor.hpp"

namespace brasa {
namespace detail {

#if defined(_WIN32)
/// A seed that nobody can foresee, drawn from the system.
[[gnu::cold]] inline std::uint64_t unforeseeable_seed() {
  std::random_device source;
  const std::uint64_t high = source();
  return (high << 32) | source();
}
#else
/// A seed that nobody can foresee: drawn from the system where that has a source as Unix has it,
/// and mixed with the time and an address. (std::random_device would bring the ten thousand lines
/// of <random> into every program.)
[[gnu::cold]] inline std::uint64_t unforeseeable_seed() {
  std::uint64_t drawn = 0;
  if (std::FILE* source = std::fopen("/dev/urandom", "rb")) {
    std::setvbuf(source, nullptr, _IONBF, 0);
    if (std::fread(&drawn, sizeof drawn, 1, source) != 1) drawn = 0;
    std::fclose(source);
  }
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  const auto time = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
                    static_cast<std::uint64_t>(now.tv_nsec);
  // Two steps of splitmix64 (Steele, Lea and Flood, 2014) spread what differs over all bits.
  std::uint64_t seed = drawn ^ static_cast<std::uint64_t>(detail::bit_cast<std::uintptr_t>(&now));
  for (const std::uint64_t more : {time, std::uint64_t{0}}) {
    seed += more + 0x9E3779B97F4A7C15u;
    seed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9u;
    seed = (seed ^ (seed >> 27)) * 0x94D049BB133111EBu;
    seed ^= seed >> 31;
  }
  return seed;
}
#endif

}  // namespace detail

/// A source of random numbers, with PyTorch's streams: under one seed the functions of
/// ops/random.hpp draw what they draw in PyTorch on a CPU, to the bit.
///
/// Every function that takes a generator holds its `mutex()` while it fills one tensor, and so do
/// the functions here that do not say otherwise. So a generator may be shared between threads: each
/// tensor gets an unbroken piece of the stream, in the order in which the threads come.
///
/// A copy is an independent generator that continues in the same way; in PyTorch that is
/// `clone_state()`.
class Generator {
 public:
  static constexpr std::uint64_t kDefaultSeed = 67280421310721;
  static constexpr std::int64_t kStateBytes = 5056;

  Generator() noexcept : state_(kDefaultSeed) {}
  /// Seeded by `seed`, as by `manual_seed`.
  template <std::integral Seed>
  explicit Generator(Seed seed) noexcept : state_(static_cast<std::uint64_t>(seed)) {}
  Generator(const Generator& other) : state_(other.copy_of_state()) {}
  Generator& operator=(const Generator& other) {
    replace(other.copy_of_state());
    return *this;
  }
  ~Generator() = default;

  /// Begins the stream of this seed. Negative seeds count modulo 2^64; of all others, too, only the
  /// low 32 bits matter for the numbers.
  template <std::integral Seed>
  Generator& manual_seed(Seed seed) {
    replace(State(static_cast<std::uint64_t>(seed)));
    return *this;
  }
  /// Begins a stream that nobody can foresee, and returns its seed.
  std::uint64_t seed() {
    const std::uint64_t seed = detail::unforeseeable_seed();
    manual_seed(seed);
    return seed;
  }
  /// The seed that this stream began with, all 64 bits.
  std::uint64_t initial_seed() const {
    const std::lock_guard lock(mutex_);
    return state_.seed;
  }

  /// Everything that tells how the stream goes on: the 5056 bytes of PyTorch's `get_state()`.
  Tensor<std::uint8_t> get_state() const;
  /// Continues from what `get_state` gave, here or in PyTorch.
  ///
  /// Raises ValueError if these are not 5056 bytes or no valid state. A state that points beyond
  /// its words, which PyTorch does not notice, is refused too.
  Generator& set_state(const Tensor<std::uint8_t>& bytes);

  // ---- draws: hold the mutex if other threads may draw as well ----

  std::mutex& mutex() const noexcept { return mutex_; }

  /// 32 random bits.
  std::uint32_t random() noexcept { return state_.engine(); }
  /// 64 random bits; the first 32 drawn are the high ones.
  std::uint64_t random64() noexcept {
    const std::uint64_t high = state_.engine();
    return (high << 32) | state_.engine();
  }
  /// One of the 2^24 equally spaced floats in [0, 1); takes 32 bits.
  float uniform_float() noexcept { return static_cast<float>(random() & 0xFFFFFFu) * 0x1p-24f; }
  /// One of the 2^53 equally spaced doubles in [0, 1); takes 64 bits.
  double uniform_double() noexcept {
    return static_cast<double>(random64() & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
  }
  /// The normal number that was left over, if there is one: they are made in pairs.
  std::optional<double> take_normal() noexcept {
    return std::exchange(state_.normal, std::nullopt);
  }
  void keep_normal(double value) noexcept { state_.normal = value; }

 private:
  struct State {
    explicit State(std::uint64_t seed_) noexcept
        : seed(seed_), engine(static_cast<std::uint32_t>(seed_)) {}

    std::uint64_t seed;
    detail::Mt19937 engine;
    std::optional<double> normal;
  };

  State copy_of_state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  void replace(const State& state) {
    const std::lock_guard lock(mutex_);
    state_ = state;
  }

  mutable std::mutex mutex_;
  State state_;
};

namespace detail {

/// Where PyTorch keeps what in the bytes of a state, all of it little-endian.
struct GeneratorLayout {
  static constexpr std::size_t kSeed = 0;          // 64 bits
  static constexpr std::size_t kLeft = 8;          // 32
  static constexpr std::size_t kSeeded = 12;       // 32: is 1
  static constexpr std::size_t kNext = 16;         // 64
  static constexpr std::size_t kWords = 24;        // 624 times 64
  static constexpr std::size_t kNormal = 5024;     // a double
  static constexpr std::size_t kHasNormal = 5040;  // 32
};

template <std::unsigned_integral T>
T load_little_endian(const std::uint8_t* bytes) noexcept {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) value = static_cast<T>((value << 8) | bytes[i]);
  return value;
}

template <std::unsigned_integral T>
void store_little_endian(std::uint8_t* bytes, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

}  // namespace detail

inline Tensor<std::uint8_t> Generator::get_state() const {
  using Layout = detail::GeneratorLayout;
  const State state = copy_of_state();
  const auto& engine = state.engine.state();
  auto result = Tensor<std::uint8_t>::empty({kStateBytes});
  std::uint8_t* bytes = result.data();
  std::memset(bytes, 0, static_cast<std::size_t>(kStateBytes));
  detail::store_little_endian(bytes + Layout::kSeed, state.seed);
  detail::store_little_endian(bytes + Layout::kLeft, static_cast<std::uint32_t>(engine.left));
  detail::store_little_endian(bytes + Layout::kSeeded, std::uint32_t{1});
  detail::store_little_endian(bytes + Layout::kNext, static_cast<std::uint64_t>(engine.next));
  for (std::size_t i = 0; i < engine.words.size(); ++i) {
    detail::store_little_endian(bytes + Layout::kWords + 8 * i, std::uint64_t{engine.words[i]});
  }
  if (state.normal) {
    detail::store_little_endian(bytes + Layout::kNormal,
                                detail::bit_cast<std::uint64_t>(*state.normal));
    detail::store_little_endian(bytes + Layout::kHasNormal, std::uint32_t{1});
  }
  return result;
}

inline Generator& Generator::set_state(const Tensor<std::uint8_t>& bytes) {
  using Layout = detail::GeneratorLayout;
  if (bytes.numel() != kStateBytes) {
    detail::raise<ValueError>("set_state", "expected the ", kStateBytes,
                              " bytes of a generator's state, got ", bytes.numel());
  }
  const std::uint8_t* data = bytes.data();
  const auto left = detail::load_little_endian<std::uint32_t>(data + Layout::kLeft);
  const auto seeded = detail::load_little_endian<std::uint32_t>(data + Layout::kSeeded);
  const auto next = detail::load_little_endian<std::uint64_t>(data + Layout::kNext);
  if (seeded == 0 || !detail::Mt19937::is_valid(static_cast<std::int32_t>(left), next)) {
    detail::raise<ValueError>("set_state", "invalid mt19937 state: seeded ", seeded, ", ",
                              static_cast<std::int32_t>(left), " words left, next is ", next);
  }
  detail::Mt19937::State engine;
  engine.left = static_cast<std::int32_t>(left);
  engine.next = static_cast<std::int32_t>(next);
  for (std::size_t i = 0; i < engine.words.size(); ++i) {
    engine.words[i] = detail::load_little_endian<std::uint32_t>(data + Layout::kWords + 8 * i);
  }
  State state(detail::load_little_endian<std::uint64_t>(data + Layout::kSeed));
  state.engine = detail::Mt19937(engine);
  if (detail::load_little_endian<std::uint32_t>(data + Layout::kHasNormal) != 0) {
    state.normal =
        detail::bit_cast<double>(detail::load_little_endian<std::uint64_t>(data + Layout::kNormal));
  }
  replace(state);
  return *this;
}

/// The generator that functions draw from when they are given none. At the start of a program its
/// seed is another one every time.
inline Generator& default_generator() {
  static Generator generator = [] {
    Generator unseeded;
    unseeded.seed();
    return unseeded;
  }();
  return generator;
}

/// Seeds the default generator, and returns it.
template <std::integral Seed>
Generator& manual_seed(Seed seed) {
  return default_generator().manual_seed(seed);
}

/// Seeds the default generator by a number that nobody can foresee, and returns that.
inline std::uint64_t seed() { return default_generator().seed(); }

/// The seed of the default generator.
inline std::uint64_t initial_seed() { return default_generator().initial_seed(); }

/// The state of the default generator: the 5056 bytes of PyTorch's `get_rng_state()`.
inline Tensor<std::uint8_t> get_rng_state() { return default_generator().get_state(); }

/// Continues the default generator from what `get_rng_state` gave, here or in PyTorch.
inline void set_rng_state(const Tensor<std::uint8_t>& state) {
  default_generator().set_state(state);
}

}  // namespace brasa
