#pragma once

#include <algorithm>
#include <cstdint>

namespace brasa::kernels {

/// A row-major array seen as (outer, count, inner), the middle one of which is reduced.
struct ReduceExtent {
  std::int64_t outer, count, inner;
};

/// Reduces the middle dimension: `out`, seen as (outer, inner), gets one value each. `reducer` has
///
///     State                          what is known of the elements seen so far
///     State start(i)                 before the first one of the i-th result
///     void add(State&, value, j)     takes in the j-th element
///     void merge(State&, State)      takes in what came later, found out separately
///     Out finish(State)
///
/// Elements that lie side by side are taken in by several states at once: rounding errors grow more
/// slowly, and no addition has to wait for the one before.
template <class In, class Out, class Reducer>
void reduce(const In* x, ReduceExtent extent, Out* out, const Reducer& reducer) {
  using State = typename Reducer::State;
  const auto [outer, count, inner] = extent;
  if (inner == 1) {
    constexpr std::int64_t kLanes = 8;
    for (std::int64_t o = 0; o < outer; ++o, x += count) {
      State lanes[kLanes];
      for (State& lane : lanes) lane = reducer.start(o);
      std::int64_t j = 0;
      for (; j + kLanes <= count; j += kLanes) {
        for (std::int64_t k = 0; k < kLanes; ++k) reducer.add(lanes[k], x[j + k], j + k);
      }
      for (std::int64_t k = 0; j < count; ++j, ++k) reducer.add(lanes[k], x[j], j);
      for (std::int64_t k = 1; k < kLanes; ++k) reducer.merge(lanes[0], lanes[k]);
      out[o] = reducer.finish(lanes[0]);
    }
    return;
  }
  constexpr std::int64_t kColumns = 64;
  State columns[kColumns];
  for (std::int64_t o = 0; o < outer; ++o, x += count * inner) {
    for (std::int64_t first = 0; first < inner; first += kColumns) {
      const std::int64_t width = std::min(kColumns, inner - first);
      for (std::int64_t k = 0; k < width; ++k) {
        columns[k] = reducer.start(o * inner + first + k);
      }
      for (std::int64_t j = 0; j < count; ++j) {
        const In* row = x + j * inner + first;
        for (std::int64_t k = 0; k < width; ++k) reducer.add(columns[k], row[k], j);
      }
      for (std::int64_t k = 0; k < width; ++k) {
        out[o * inner + first + k] = reducer.finish(columns[k]);
      }
    }
  }
}

}  // namespace brasa::kernels
