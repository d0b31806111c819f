#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "brasa/core/any_tensor.hpp"
#include "brasa/core/python_text.hpp"
#include "brasa/core/tensor.hpp"

// Conversion between all dtypes goes block by block through the widest type of the same kind, which
// holds every value exactly. That takes 13 loops to widen and 3 · 13 to narrow instead of 13 · 13.

namespace brasa {
namespace detail {

/// The type that a T is widened to: double, int64_t (also for bool) or uint64_t.
template <class T>
using Widened =
    std::conditional_t<std::is_class_v<T> || std::is_floating_point_v<T>, double,
                       std::conditional_t<std::is_same_v<T, std::uint64_t>, T, std::int64_t>>;

template <class T>
Widened<T> widen(T value) {
  if constexpr (std::is_class_v<T>) {
    return static_cast<double>(to_float(value));
  } else {
    return static_cast<Widened<T>>(value);
  }
}

/// True if a number lies between the smallest and the largest Int.
template <class Int>
bool in_range_of(double value) {
  const double end = std::ldexp(1.0, std::numeric_limits<Int>::digits);
  return value >= static_cast<double>(std::numeric_limits<Int>::min()) && value < end;
}

/// A C++ cast, but defined for every value: see `convert`.
template <class To, class Wide>
To narrow(Wide value) {
  if constexpr (std::is_same_v<To, Half>) {
    return to_half(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return to_bfloat16(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != Wide{0};
  } else if constexpr (std::is_same_v<Wide, double> && std::is_integral_v<To>) {
    if (in_range_of<To>(value)) return static_cast<To>(value);
    using Limits = std::numeric_limits<std::int64_t>;
    const std::int64_t whole = in_range_of<std::int64_t>(value) ? static_cast<std::int64_t>(value)
                               : value > 0                      ? Limits::max()
                               : value < 0                      ? Limits::min()
                                                                : 0;
    return static_cast<To>(whole);
  } else {
    return static_cast<To>(value);
  }
}

/// True if both are the same number, or both NaN. `b` is what `a` was converted to.
template <class A, class B>
bool same_number(A a, B b) {
  if constexpr (std::is_same_v<A, double> && std::is_same_v<B, double>) {
    return a == b || (a != a && b != b);
  } else if constexpr (std::is_same_v<A, double>) {
    return in_range_of<B>(a) && static_cast<double>(b) == a;
  } else if constexpr (std::is_same_v<B, double>) {
    return in_range_of<A>(b) && static_cast<A>(b) == a;
  } else {
    return std::cmp_equal(a, b);
  }
}

/// Narrows `count` values; true if they are all the same numbers still.
template <class To, class Wide>
bool narrow_all(const Wide* from, To* to, std::size_t count) {
  bool same = true;
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = narrow<To>(from[i]);
    same &= same_number(from[i], widen(to[i]));
  }
  return same;
}

/// Up to 256 elements, widened.
class WideBlock {
 public:
  static constexpr std::size_t kSize = 256;

  void load(Dtype dtype, const void* elements, std::size_t count) {
    count_ = count;
    visit_dtype(dtype, [&](auto zero) {
      using From = decltype(zero);
      auto* wide = values<Widened<From>>();
      for (std::size_t i = 0; i < count; ++i) {
        wide[i] = widen(static_cast<const From*>(elements)[i]);
      }
      kind_ = dtype_of<Widened<From>>;
    });
  }

  /// True if all are the same numbers still.
  bool store(Dtype dtype, void* elements) {
    return visit_dtype(dtype, [&](auto zero) {
      auto* to = static_cast<decltype(zero)*>(elements);
      if (kind_ == Dtype::float64) return narrow_all(doubles_, to, count_);
      if (kind_ == Dtype::uint64) return narrow_all(unsigneds_, to, count_);
      return narrow_all(integers_, to, count_);
    });
  }

  /// The first value as text.
  std::string text() const {
    if (kind_ == Dtype::int64) return std::to_string(integers_[0]);
    if (kind_ == Dtype::uint64) return std::to_string(unsigneds_[0]);
    return python_text(doubles_[0]);
  }

 private:
  template <class Wide>
  Wide* values() {
    if constexpr (std::is_same_v<Wide, double>) {
      return doubles_;
    } else if constexpr (std::is_same_v<Wide, std::uint64_t>) {
      return unsigneds_;
    } else {
      return integers_;
    }
  }

  double doubles_[kSize];
  std::int64_t integers_[kSize];
  std::uint64_t unsigneds_[kSize];
  Dtype kind_ = Dtype::float64;
  std::size_t count_ = 0;
};

/// The elements [first, first + count) as another dtype at `to`; true if all are the same numbers
/// still.
inline bool convert_block(const AnyTensor& tensor, std::size_t first, std::size_t count,
                          Dtype dtype, void* to, WideBlock& block) {
  const auto* from = static_cast<const std::byte*>(tensor.raw_data());
  block.load(tensor.dtype(), from + first * dtype_size(tensor.dtype()), count);
  return block.store(dtype, to);
}

/// Writes all elements as another dtype to `to` or, where that is null, only looks at them. Gives
/// the number of elements if no number changes, else the start of the first block where one does;
/// there it ends unless `allow_lossy`.
inline std::size_t convert_elements(const AnyTensor& tensor, Dtype dtype, std::byte* to,
                                    bool allow_lossy) {
  const auto count = static_cast<std::size_t>(tensor.numel());
  std::size_t loss = count;
  WideBlock block;
  alignas(8) std::byte scratch[8 * WideBlock::kSize];
  for (std::size_t first = 0; first < count; first += WideBlock::kSize) {
    const std::size_t size = std::min(count - first, WideBlock::kSize);
    void* target = to ? to + first * dtype_size(dtype) : scratch;
    if (convert_block(tensor, first, size, dtype, target, block)) continue;
    loss = std::min(loss, first);
    if (!allow_lossy) break;
  }
  return loss;
}

/// The sentence of `conversion_loss`, given where a block with such a number begins.
inline std::string loss_text(const AnyTensor& tensor, Dtype dtype, std::size_t at) {
  WideBlock block;
  alignas(8) std::byte scratch[8];
  while (convert_block(tensor, at, 1, dtype, scratch, block)) ++at;
  Shape index = tensor.shape();
  std::size_t rest = at;
  for (std::size_t i = index.size(); i-- > 0;) {
    const auto size = static_cast<std::size_t>(tensor.shape()[i]);
    index[i] = static_cast<std::int64_t>(rest % size);
    rest /= size;
  }
  return "expected values that " + std::string(dtype_name(dtype)) + " can hold, got " +
         block.text() + " (" + std::string(dtype_name(tensor.dtype())) + ") at index " +
         shape_text(index);
}

}  // namespace detail

/// What converting a tensor to another dtype would lose: empty if nothing, else the first number
/// that would change: `expected values that float32 can hold, got 0.1 (float64) at
/// index (3, 4)`.
///
/// A conversion loses nothing if every element is the same number afterwards; NaN stays NaN.
/// Widening (float16 to float32, uint8 to int64, int32 to float64…) never loses anything.
inline std::string conversion_loss(const AnyTensor& tensor, Dtype dtype) {
  if (tensor.dtype() == dtype) return {};
  const std::size_t loss = detail::convert_elements(tensor, dtype, nullptr, false);
  if (loss == static_cast<std::size_t>(tensor.numel())) return {};
  return detail::loss_text(tensor, dtype, loss);
}

/// True if converting a tensor to another dtype loses nothing.
inline bool converts_exactly(const AnyTensor& tensor, Dtype dtype) {
  return conversion_loss(tensor, dtype).empty();
}

/// The values of a tensor as another dtype: the tensor itself if it is of that dtype already, else
/// a copy outside of any graph.
///
/// Raises DtypeError where a number would change (see `conversion_loss`), unless `allow_lossy`:
/// then, as in PyTorch, floating point is rounded to the nearest, fractions are cut off for an
/// integer type, integers wrap around, and every number but 0 is true. For numbers beyond 64 bits
/// and for NaN as an integer, which PyTorch leaves to the processor, the nearest 64-bit integer and
/// 0 stand in.
///
/// PyTorch's `load_state_dict` converts without a word. brasa's asks first where something would be
/// lost: a checkpoint of a higher precision than the model is more often a mistake than a wish.
inline AnyTensor convert(const AnyTensor& tensor, Dtype dtype, bool allow_lossy = false) {
  if (tensor.dtype() == dtype) return tensor;
  auto result = AnyTensor::empty(dtype, tensor.shape());
  const std::size_t loss = detail::convert_elements(
      tensor, dtype, static_cast<std::byte*>(result.raw_data()), allow_lossy);
  if (!allow_lossy && loss < static_cast<std::size_t>(tensor.numel())) {
    detail::raise<DtypeError>("convert", detail::loss_text(tensor, dtype, loss),
                              "; allow_lossy = true converts all the same");
  }
  return result;
}

/// The same, to a dtype known at compile time: `convert<float>(state.at("weight"))`.
template <TensorScalar To>
Tensor<To> convert(const AnyTensor& tensor, bool allow_lossy = false) {
  return convert(tensor, dtype_of<To>, allow_lossy).template as<To>();
}

}  // namespace brasa
