#include "brasa/core/random.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;

namespace {

Tensor<std::uint8_t> copy(const Tensor<std::uint8_t>& bytes) {
  auto result = Tensor<std::uint8_t>::empty(bytes.shape());
  std::copy_n(bytes.data(), bytes.numel(), result.data());
  return result;
}

void store(Tensor<std::uint8_t>& state, std::size_t offset, std::uint32_t value) {
  detail::store_little_endian(state.data() + offset, value);
}

/// A state that set_state must refuse: the generator goes on as if nothing had happened.
void check_refused(const Tensor<std::uint8_t>& state) {
  Generator generator(1);
  const auto before = generator.get_state();
  CHECK_THROWS_AS(generator.set_state(state), ValueError);
  CHECK(golden::equal_bits(generator.get_state(), before));
}

}  // namespace

TEST_CASE("The stream is std::mt19937's", "[core][random]") {
  for (const std::uint32_t seed : {0u, 1u, 42u, 4294967295u}) {
    Generator generator(seed);
    std::mt19937 standard(seed);
    bool same = true;
    for (int i = 0; i < 2000; ++i) same = same && generator.random() == standard();
    CHECK(same);
  }
}

TEST_CASE("Of 64 random bits the high ones are drawn first", "[core][random]") {
  Generator generator(0);
  // torch.manual_seed(0); torch.empty(2, dtype=torch.int64).random_()
  CHECK(generator.random64() % (std::uint64_t{1} << 63) == 900450186894289455u);
  CHECK(generator.random64() % (std::uint64_t{1} << 63) == 3969543146641149120u);
}

// for s in …: torch.manual_seed(s); torch.initial_seed()
TEST_CASE("All 64 bits of a seed are kept, the low 32 make the stream", "[core][random]") {
  Generator generator;
  CHECK(generator.initial_seed() == 67280421310721u);
  CHECK(generator.manual_seed(-1).initial_seed() == 18446744073709551615u);
  CHECK(generator.manual_seed(std::numeric_limits<std::int64_t>::min()).initial_seed() ==
        9223372036854775808u);
  CHECK(generator.manual_seed(18446744073709551615u).initial_seed() == 18446744073709551615u);
  Generator small(7);
  Generator large((std::uint64_t{1} << 32) + 7);
  CHECK(large.initial_seed() == 4294967303u);
  CHECK(small.random64() == large.random64());
}

// torch.manual_seed(0); torch.randn(1); torch.get_rng_state()
TEST_CASE("The state holds seed, position, words and the normal that is left", "[core][random]") {
  Generator generator(0);
  for (int i = 0; i < 4; ++i) generator.random();
  generator.keep_normal(-0.2934289057609464);
  const auto state = generator.get_state();
  REQUIRE(state.numel() == 5056);
  const std::uint8_t* bytes = state.data();
  CHECK(detail::load_little_endian<std::uint64_t>(bytes) == 0);
  CHECK(detail::load_little_endian<std::uint32_t>(bytes + 8) == 621);
  CHECK(detail::load_little_endian<std::uint32_t>(bytes + 12) == 1);
  CHECK(detail::load_little_endian<std::uint64_t>(bytes + 16) == 4);
  CHECK(detail::load_little_endian<std::uint64_t>(bytes + 24) == 2443250962);
  CHECK(detail::load_little_endian<std::uint64_t>(bytes + 32) == 1093594115);
  CHECK(std::bit_cast<double>(detail::load_little_endian<std::uint64_t>(bytes + 5024)) ==
        -0.2934289057609464);
  CHECK(detail::load_little_endian<std::uint32_t>(bytes + 5040) == 1);
}

TEST_CASE("A generator that takes over a state goes on alike", "[core][random]") {
  for (const int draws : {0, 1, 623, 624, 625, 1300}) {
    Generator first(draws);
    for (int i = 0; i < draws; ++i) first.random();
    if (draws % 2 != 0) first.keep_normal(0.25 * draws);
    Generator second(99);
    second.set_state(first.get_state());
    CHECK(golden::equal_bits(second.get_state(), first.get_state()));
    CHECK(second.initial_seed() == first.initial_seed());
    CHECK(second.take_normal() == first.take_normal());
    bool same = true;
    for (int i = 0; i < 1300; ++i) same = same && first.random() == second.random();
    CHECK(same);
  }
}

TEST_CASE("States that are none are refused", "[core][random]") {
  const auto state = Generator(3).get_state();
  for (const std::int64_t size : {0, 5048, 5055, 5057}) {
    auto wrong = Tensor<std::uint8_t>::empty({size});
    std::fill_n(wrong.data(), size, std::uint8_t{1});
    check_refused(wrong);
  }
  for (const std::uint32_t left : {0u, 625u, 4294967295u}) {
    auto wrong = copy(state);
    store(wrong, 8, left);
    check_refused(wrong);
  }
  for (const std::uint32_t next : {625u, 4294967295u}) {
    auto wrong = copy(state);
    store(wrong, 16, next);
    check_refused(wrong);
  }
  auto unseeded = copy(state);
  store(unseeded, 12, 0);
  check_refused(unseeded);
  // 300 words left, but only 24 behind the position.
  auto beyond = copy(state);
  store(beyond, 8, 301);
  store(beyond, 16, 600);
  check_refused(beyond);
}

TEST_CASE("A copied generator continues alike and by itself", "[core][random]") {
  Generator original(5);
  original.random();
  Generator copied = original;
  const std::uint64_t expected = original.random64();
  CHECK(copied.random64() == expected);
  Generator assigned;
  assigned = copied;
  CHECK(golden::equal_bits(assigned.get_state(), copied.get_state()));
}

TEST_CASE("seed() begins another stream each time", "[core][random]") {
  Generator generator;
  const std::uint64_t first = generator.seed();
  CHECK(generator.initial_seed() == first);
  CHECK(generator.seed() != first);
}

TEST_CASE("The default generator is one for the program", "[core][random]") {
  CHECK(&manual_seed(11) == &default_generator());
  CHECK(initial_seed() == 11);
  const auto state = get_rng_state();
  const std::uint64_t expected = default_generator().random64();
  set_rng_state(state);
  CHECK(default_generator().random64() == expected);
  const std::uint64_t chosen = seed();
  CHECK(initial_seed() == chosen);
}

TEST_CASE("Threads may share a generator: nothing is drawn twice", "[core][random]") {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  constexpr int kDraws = 50;
  Generator shared(8);
  std::vector<std::vector<std::uint64_t>> drawn(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : drawn) {
    threads.emplace_back([&shared, &mine] {
      for (int round = 0; round < kRounds; ++round) {
        const std::lock_guard lock(shared.mutex());
        for (int i = 0; i < kDraws; ++i) mine.push_back(shared.random64());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<std::uint64_t> all;
  for (const auto& mine : drawn) all.insert(all.end(), mine.begin(), mine.end());
  std::vector<std::uint64_t> expected;
  Generator alone(8);
  for (int i = 0; i < kThreads * kRounds * kDraws; ++i) expected.push_back(alone.random64());
  std::sort(all.begin(), all.end());
  std::sort(expected.begin(), expected.end());
  CHECK(all == expected);
}
