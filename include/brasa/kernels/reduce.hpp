#pragma once

#include <algorithm>
#include <cstdint>

#include "brasa/kernels/parallel.hpp"

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
  const std::int64_t length = std::max<std::int64_t>(count, 1);
  if (inner == 1) {
    constexpr std::int64_t kLanes = 8;
    const auto reduce_rows = [=, &reducer, count = count](std::int64_t begin, std::int64_t end) {
      for (std::int64_t o = begin; o < end; ++o) {
        const In* row = x + o * count;
        State lanes[kLanes];
        for (State& lane : lanes) lane = reducer.start(o);
        std::int64_t j = 0;
        for (; j + kLanes <= count; j += kLanes) {
          for (std::int64_t k = 0; k < kLanes; ++k) reducer.add(lanes[k], row[j + k], j + k);
        }
        for (std::int64_t k = 0; j < count; ++j, ++k) reducer.add(lanes[k], row[j], j);
        for (std::int64_t k = 1; k < kLanes; ++k) reducer.merge(lanes[0], lanes[k]);
        out[o] = reducer.finish(lanes[0]);
      }
    };
    return parallel_for(outer, kElementGrain / length + 1, reduce_rows);
  }
  constexpr std::int64_t kColumns = 64;
  const std::int64_t blocks = (inner + kColumns - 1) / kColumns;
  const auto reduce_columns = [=, &reducer, count = count, inner = inner](std::int64_t begin,
                                                                          std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t o = block / blocks;
      const std::int64_t first = block % blocks * kColumns;
      const std::int64_t width = std::min(kColumns, inner - first);
      State columns[kColumns];
      for (std::int64_t k = 0; k < width; ++k) columns[k] = reducer.start(o * inner + first + k);
      for (std::int64_t j = 0; j < count; ++j) {
        const In* row = x + (o * count + j) * inner + first;
        for (std::int64_t k = 0; k < width; ++k) reducer.add(columns[k], row[k], j);
      }
      for (std::int64_t k = 0; k < width; ++k) {
        out[o * inner + first + k] = reducer.finish(columns[k]);
      }
    }
  };
  parallel_for(outer * blocks, kElementGrain / (length * kColumns) + 1, reduce_columns);
}

}  // namespace brasa::kernels
