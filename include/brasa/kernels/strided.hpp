#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "brasa/core/shape.hpp"

/// Walking over memory whose elements do not follow one another: element (i, j, …) of an array lies
/// at i·strides[0] + j·strides[1] + …; a stride may be 0 (the element is repeated) or negative.
namespace brasa::kernels {

/// Walks over all indices of a shape in row-major order and keeps N offsets, one for each list of
/// strides. The shape must not be empty of elements.
template <std::size_t N>
class OffsetWalk {
 public:
  OffsetWalk(const Shape& shape, const std::array<Shape, N>& strides)
      : shape_(shape), strides_(strides), index_(Shape::filled(shape.size(), 0)) {}

  std::int64_t operator[](std::size_t which) const { return offsets_[which]; }

  /// Goes to the next index; false after the last one.
  bool next() {
    for (std::size_t dim = shape_.size(); dim-- > 0;) {
      if (++index_[dim] < shape_[dim]) {
        for (std::size_t i = 0; i < N; ++i) offsets_[i] += strides_[i][dim];
        return true;
      }
      for (std::size_t i = 0; i < N; ++i) offsets_[i] -= strides_[i][dim] * (shape_[dim] - 1);
      index_[dim] = 0;
    }
    return false;
  }

 private:
  Shape shape_;
  std::array<Shape, N> strides_;
  Shape index_;
  std::array<std::int64_t, N> offsets_{};
};

/// Merges the dimensions that both lists of strides walk through without a gap, so that loops over
/// them become longer and fewer.
inline void merge_dims(Shape& shape, Shape& source, Shape& target) {
  std::size_t last = 0;  // the dimension that the next one may be merged into
  std::size_t count = 0;
  for (std::size_t dim = 0; dim < shape.size(); ++dim) {
    if (shape[dim] == 1) continue;
    if (count > 0 && source[last] == source[dim] * shape[dim] &&
        target[last] == target[dim] * shape[dim]) {
      shape[last] *= shape[dim];
    } else {
      last = count++;
      shape[last] = shape[dim];
    }
    source[last] = source[dim];
    target[last] = target[dim];
  }
  shape = shape.slice(0, count);
  source = source.slice(0, count);
  target = target.slice(0, count);
}

/// target[i·target_strides] = source[i·source_strides] for all indices i of `shape`.
template <class T>
void copy_strided(Shape shape, const T* source, Shape source_strides, T* target,
                  Shape target_strides) {
  if (detail::has_zero_size(shape)) return;
  merge_dims(shape, source_strides, target_strides);
  if (shape.empty()) {
    *target = *source;
    return;
  }
  const std::size_t inner = shape.size() - 1;
  const std::int64_t count = shape[inner];
  const std::int64_t from_step = source_strides[inner];
  const std::int64_t to_step = target_strides[inner];
  OffsetWalk<2> rows(shape.slice(0, inner),
                     {source_strides.slice(0, inner), target_strides.slice(0, inner)});
  do {
    const T* from = source + rows[0];
    T* to = target + rows[1];
    if (from_step == 1 && to_step == 1) {
      std::copy_n(from, count, to);
    } else if (from_step == 0 && to_step == 1) {
      std::fill_n(to, count, *from);
    } else {
      for (std::int64_t i = 0; i < count; ++i) to[i * to_step] = from[i * from_step];
    }
  } while (rows.next());
}

}  // namespace brasa::kernels
