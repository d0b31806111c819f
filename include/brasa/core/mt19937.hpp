#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace brasa::detail {

/// The Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998): the stream of `std::mt19937`, with
/// a state that can be read and set.
class Mt19937 {
 public:
  static constexpr std::int32_t kSize = 624;

  /// The words of a block, and where in it the stream stands: `left` − 1 words can be drawn, the
  /// first of them is `words[next]`; the draw after the last one makes a new block.
  struct State {
    std::array<std::uint32_t, kSize> words;
    std::int32_t left;
    std::int32_t next;
  };

  explicit Mt19937(std::uint32_t seed) noexcept {
    state_.words[0] = seed;
    for (std::uint32_t i = 1; i < kSize; ++i) {
      const std::uint32_t previous = state_.words[i - 1];
      state_.words[i] = 1812433253u * (previous ^ (previous >> 30)) + i;
    }
    state_.left = 1;
    state_.next = 0;
  }
  /// Takes over a state, which must be valid.
  explicit Mt19937(const State& state) noexcept : state_(state) {}

  /// Whether no draw would leave the block.
  static bool is_valid(std::int64_t left, std::uint64_t next) noexcept {
    return left >= 1 && left <= kSize && next <= static_cast<std::uint64_t>(kSize - left + 1);
  }

  const State& state() const noexcept { return state_; }

  std::uint32_t operator()() noexcept {
    if (--state_.left == 0) make_block();
    std::uint32_t y = state_.words[static_cast<std::size_t>(state_.next++)];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9D2C5680u;
    y ^= (y << 15) & 0xEFC60000u;
    return y ^ (y >> 18);
  }

 private:
  static std::uint32_t twisted(std::uint32_t high, std::uint32_t low,
                               std::uint32_t ahead) noexcept {
    const std::uint32_t y = (high & 0x80000000u) | (low & 0x7FFFFFFFu);
    return ahead ^ (y >> 1) ^ ((low & 1u) ? 0x9908B0DFu : 0u);
  }

  void make_block() noexcept {
    constexpr std::size_t kFar = 397;
    constexpr std::size_t kNear = kSize - kFar;
    auto& w = state_.words;
    for (std::size_t i = 0; i < kNear; ++i) w[i] = twisted(w[i], w[i + 1], w[i + kFar]);
    for (std::size_t i = kNear; i + 1 < kSize; ++i) w[i] = twisted(w[i], w[i + 1], w[i - kNear]);
    w[kSize - 1] = twisted(w[kSize - 1], w[0], w[kFar - 1]);
    state_.left = kSize;
    state_.next = 0;
  }

  State state_;
};

}  // namespace brasa::detail
