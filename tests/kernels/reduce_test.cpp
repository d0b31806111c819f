#include "brasa/kernels/reduce.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "support/catch.hpp"

using namespace brasa;

namespace {

/// Adds up value·(position + 1), so that a wrong order of arguments shows.
struct WeightedSum {
  using State = std::int64_t;
  State start(std::int64_t i) const { return 1'000'000 * i; }
  void add(State& sum, int value, std::int64_t j) const { sum += value * (j + 1); }
  void merge(State& sum, State other) const { sum += other % 1'000'000; }
  State finish(State sum) const { return -sum; }
};

}  // namespace

TEST_CASE("Every element of the middle dimension is taken in once", "[kernels][reduce]") {
  for (const std::int64_t outer : {1, 2, 3}) {
    for (const std::int64_t count : {0, 1, 2, 7, 8, 9, 31, 40}) {
      for (const std::int64_t inner : {1, 2, 63, 64, 65, 130}) {
        INFO(outer << ", " << count << ", " << inner);
        std::vector<int> x(static_cast<std::size_t>(outer * count * inner));
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int>((i * 7) % 10);
        std::vector<std::int64_t> out(static_cast<std::size_t>(outer * inner), 1);
        kernels::reduce(x.data(), {outer, count, inner}, out.data(), WeightedSum{});
        std::vector<std::int64_t> expected;
        for (std::int64_t o = 0; o < outer; ++o) {
          for (std::int64_t k = 0; k < inner; ++k) {
            std::int64_t sum = 1'000'000 * (o * inner + k);
            for (std::int64_t j = 0; j < count; ++j) {
              sum += x[static_cast<std::size_t>((o * count + j) * inner + k)] * (j + 1);
            }
            expected.push_back(-sum);
          }
        }
        CHECK(out == expected);
      }
    }
  }
}
