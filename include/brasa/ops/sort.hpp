#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/extrema.hpp"
#include "brasa/ops/index.hpp"

/// Elements in order. A NaN counts as larger than anything.
namespace brasa {
namespace detail {

template <class S>
struct Ranked {
  S value;
  std::int64_t index;
};

struct InOrder {
  bool descending;
  template <class S>
  bool operator()(const Ranked<S>& a, const Ranked<S>& b) const {
    return descending ? is_better<true>(a.value, b.value)
                      : a.value < b.value || (is_nan(b.value) && !is_nan(a.value));
  }
};

/// Takes each line of x along a dimension, lets `arrange(line)` bring it into order, and keeps its
/// first `count` elements and their indices.
template <TensorScalar S, class Arrange>
ValuesAndIndices<S> ranked(const char* op, const char* name, const Tensor<S>& x, std::int64_t dim,
                           std::int64_t count, Arrange arrange) {
  const std::size_t at = wrap_dim(op, dim, x.shape().size());
  Shape shape = x.shape();
  if (!shape.empty()) shape[at] = count;
  ValuesAndIndices<S> out{Tensor<S>::empty(shape, op), Tensor<std::int64_t>::empty(shape, op)};
  if (out.values.numel() > 0) {
    const auto [outer, size, inner] = around(x.shape(), at);
    std::vector<Ranked<S>> line(static_cast<std::size_t>(size));
    for (std::int64_t o = 0; o < outer; ++o) {
      for (std::int64_t k = 0; k < inner; ++k) {
        const S* from = x.data() + o * size * inner + k;
        for (std::int64_t i = 0; i < size; ++i) {
          line[static_cast<std::size_t>(i)] = {from[i * inner], i};
        }
        arrange(line);
        const std::int64_t kept = x.shape().empty() ? 1 : count;
        S* values = out.values.data() + o * kept * inner + k;
        std::int64_t* indices = out.indices.data() + o * kept * inner + k;
        for (std::int64_t i = 0; i < kept; ++i) {
          values[i * inner] = line[static_cast<std::size_t>(i)].value;
          indices[i * inner] = line[static_cast<std::size_t>(i)].index;
        }
      }
    }
  }
  if constexpr (FloatScalar<S>) {
    if (autograd::recording(x)) {
      autograd::record(out.values, name,
                       autograd::vjp(
                           x,
                           [dim, whole = x.shape()](const auto& grad, const auto& index) {
                             return scatter_add_to(grad, whole, dim, index);
                           },
                           autograd::save(out.indices)));
    }
  }
  return out;
}

}  // namespace detail

/// The elements along a dimension in ascending or descending order, and the indices they had.
/// Equal elements always keep their order; `stable` is there because PyTorch has it.
///
/// Raises IndexError for a dimension out of range.
template <TensorScalar S>
ValuesAndIndices<S> sort(const Tensor<S>& x, std::int64_t dim = -1, bool descending = false,
                         bool stable = false) {
  const std::size_t at = detail::wrap_dim("sort", dim, x.shape().size());
  const std::int64_t size = x.shape().empty() ? 1 : x.shape()[at];
  return detail::ranked("sort", stable ? "SortBackward1" : "SortBackward0", x, dim, size,
                        [descending](auto& line) {
                          std::stable_sort(line.begin(), line.end(), detail::InOrder{descending});
                        });
}

/// The indices that would sort x along a dimension: `sort(…).indices`.
template <TensorScalar S>
Tensor<std::int64_t> argsort(const Tensor<S>& x, std::int64_t dim = -1, bool descending = false,
                             bool stable = false) {
  return sort(x.detach(), dim, descending, stable).indices;
}

/// The k largest or smallest elements along a dimension, and their indices; in order if `sorted`.
/// Which of equal elements are taken is left to the standard library, as in PyTorch; where both use
/// the same one, they take the same.
///
/// Raises ValueError where k is negative or larger than the dimension, IndexError for a dimension
/// out of range, DtypeError for bools.
template <TensorScalar S>
ValuesAndIndices<S> topk(const Tensor<S>& x, std::int64_t k, std::int64_t dim = -1,
                         bool largest = true, bool sorted = true) {
  if constexpr (std::is_same_v<S, bool>) {
    detail::raise<DtypeError>("topk", "expected numbers, got bool");
  }
  const std::size_t at = detail::wrap_dim("topk", dim, x.shape().size());
  const std::int64_t size = x.shape().empty() ? 1 : x.shape()[at];
  if (k < 0 || k > size) {
    detail::raise<ValueError>("topk", "expected k in [0, ", size, "] for dimension ", at,
                              " of shape ", shape_text(x.shape()), ", got ", k);
  }
  const detail::InOrder order{largest};
  const auto arrange = [k, size, sorted, order](auto& line) {
    if (k == 0) return;
    const auto begin = line.begin();
    if (k <= size / 64) {  // few of many: a heap of k passes over the rest
      std::partial_sort(begin, begin + k, line.end(), order);
    } else {
      std::nth_element(begin, begin + (k - 1), line.end(), order);
      if (sorted) std::sort(begin, begin + (k - 1), order);
    }
  };
  return detail::ranked("topk", "TopkBackward0", x, dim, k, arrange);
}

}  // namespace brasa
