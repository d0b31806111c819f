#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "brasa/core/tensor.hpp"
#include "brasa/kernels/fma.hpp"
#include "brasa/ops/number.hpp"

/// Tensors from nothing, from numbers and from lists. The element type is the template argument,
/// float if there is none: `zeros({2, 3})`, `arange<std::int64_t>(10)`.
namespace brasa {
namespace detail {

/// A number, or a list of such: what braces around numbers make.
template <TensorScalar S>
class NestedList {
 public:
  template <Number N>
  NestedList(N number) : number_(to_element<S>("tensor", number)) {}
  NestedList(std::initializer_list<NestedList> items) : items_(items), is_list_(true) {}

  /// The sizes, as the first entry at each level has them.
  Shape shape() const {
    Shape sizes;
    for (const NestedList* level = this; level->is_list_; level = &level->items_.front()) {
      sizes.push_back(static_cast<std::int64_t>(level->items_.size()));
      if (level->items_.empty()) break;
    }
    return sizes;
  }

  /// Writes the numbers to `out`, row by row, and returns where the next one goes.
  S* write(const Shape& sizes, std::size_t dim, S* out) const {
    if (is_list_ != (dim < sizes.size())) {
      raise<ShapeError>("tensor", "expected ", is_list_ ? "a number" : "a list", " at depth ", dim,
                        " as in the entries before, got ", is_list_ ? "a list" : "a number");
    }
    if (!is_list_) {
      *out = number_;
      return out + 1;
    }
    check_length(sizes[dim], items_.size(), dim);
    for (const NestedList& item : items_) out = item.write(sizes, dim + 1, out);
    return out;
  }

  static void check_length(std::int64_t expected, std::size_t length, std::size_t dim) {
    if (length != static_cast<std::size_t>(expected)) {
      raise<ShapeError>("tensor", "expected a list of length ", expected, " at dimension ", dim,
                        ", got one of length ", length);
    }
  }

 private:
  std::vector<NestedList> items_;
  S number_{};
  bool is_list_ = false;
};

/// The element type at the bottom of nested vectors.
template <class T>
struct LeafOf {
  using type = T;
};
template <class T>
struct LeafOf<std::vector<T>> : LeafOf<T> {};

template <class T>
void vector_shape(const T&, Shape&) {}
template <class T>
void vector_shape(const std::vector<T>& items, Shape& sizes) {
  sizes.push_back(static_cast<std::int64_t>(items.size()));
  if (!items.empty()) vector_shape(items.front(), sizes);
}

template <TensorScalar S, Number N>
S* write_vector(N number, const Shape&, std::size_t, S* out) {
  *out = to_element<S>("tensor", number);
  return out + 1;
}
template <TensorScalar S, class T>
S* write_vector(const std::vector<T>& items, const Shape& sizes, std::size_t dim, S* out) {
  NestedList<S>::check_length(sizes[dim], items.size(), dim);
  for (const auto& item : items) out = write_vector<S>(static_cast<T>(item), sizes, dim + 1, out);
  return out;
}

/// How many of start, start + step, … come before `end`.
inline std::int64_t arange_size(double start, double end, double step) {
  if (!(step < 0 || step > 0))
    raise<ValueError>("arange", "expected a step that is not 0, got ", step);
  const double size = std::ceil((end - start) / step);
  if (!(size >= 0)) {
    raise<ValueError>("arange",
                      "expected finite bounds with a step that leads from one to the other,"
                      " got start ",
                      start, ", end ", end, " and step ", step);
  }
  if (size >= 0x1p63) {
    raise<ValueError>("arange", "from ", start, " to ", end, " by ", step,
                      " are too many elements");
  }
  return static_cast<std::int64_t>(size);
}
inline std::int64_t arange_size(std::int64_t start, std::int64_t end, std::int64_t step) {
  if (step == 0) raise<ValueError>("arange", "expected a step that is not 0");
  if (start != end && (start < end) != (step > 0)) {
    raise<ValueError>("arange", "expected a step that leads from ", start, " to ", end, ", got ",
                      step);
  }
  const auto distance = [](std::int64_t from, std::int64_t to) {
    const auto difference = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
    return from < to ? difference : 0 - difference;
  };
  if (start == end) return 0;
  const std::uint64_t size = (distance(start, end) - 1) / distance(0, step) + 1;
  if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    raise<ValueError>("arange", "from ", start, " to ", end, " by ", step,
                      " are too many elements");
  }
  return static_cast<std::int64_t>(size);
}

/// A 1-d tensor of f(0), f(1), …
template <TensorScalar S, class F>
Tensor<S> generate(std::int64_t size, F f) {
  auto out = Tensor<S>::empty({size});
  S* data = out.data();
  for (std::int64_t i = 0; i < size; ++i) data[i] = static_cast<S>(f(i));
  return out;
}

}  // namespace detail

// ---- from numbers ----

/// A tensor with the numbers in (nested) braces, or a 0-d tensor with a single number:
/// `tensor({{1, 2}, {3, 4}})`, `tensor<bool>({true, false})`, `tensor(3.5)`.
///
/// The element type is float unless it is given, where PyTorch looks at the numbers.
/// Raises ShapeError where lists side by side differ in length, ValueError for a number that the
/// element type cannot hold.
template <TensorScalar S = float>
Tensor<S> tensor(const std::type_identity_t<detail::NestedList<S>>& values) {
  const Shape sizes = values.shape();
  auto out = Tensor<S>::empty(sizes, "tensor");
  values.write(sizes, 0, out.data());
  return out;
}

/// A copy of the numbers in a vector, or in vectors of vectors. The element type is the vector's
/// unless it is given: `tensor(std::vector<double>{1, 2})`, `tensor<float>(doubles)`.
///
/// Raises ShapeError where vectors side by side differ in length.
template <class S = void, class T>
auto tensor(const std::vector<T>& values) {
  using Leaf = typename detail::LeafOf<T>::type;
  using Scalar = std::conditional_t<std::is_void_v<S>, Leaf, S>;
  static_assert(TensorScalar<Scalar>,
                "brasa: a tensor cannot hold this type of elements; name one that it can, for "
                "example tensor<std::int64_t>(values)");
  Shape sizes;
  detail::vector_shape(values, sizes);
  auto out = Tensor<Scalar>::empty(sizes, "tensor");
  detail::write_vector<Scalar>(values, sizes, 0, out.data());
  return out;
}

/// A copy of the numbers in a span, 1-d.
template <class S = void, class T, std::size_t Extent>
auto tensor(std::span<T, Extent> values) {
  using Element = std::remove_cv_t<T>;
  return tensor<S>(std::vector<Element>(values.begin(), values.end()));
}

// ---- of a shape ----

/// An uninitialised tensor.
template <TensorScalar S = float>
Tensor<S> empty(const Shape& shape) {
  return Tensor<S>::empty(shape);
}

/// A tensor full of one value. Raises ValueError if the element type cannot hold it.
template <TensorScalar S = float, Number N>
Tensor<S> full(const Shape& shape, N value) {
  const S element = detail::to_element<S>("full", value);
  auto out = Tensor<S>::empty(shape, "full");
  std::fill_n(out.data(), out.numel(), element);
  return out;
}

/// A tensor full of 0.
template <TensorScalar S = float>
Tensor<S> zeros(const Shape& shape) {
  auto out = Tensor<S>::empty(shape, "zeros");
  std::fill_n(out.data(), out.numel(), S{0});
  return out;
}

/// A tensor full of 1.
template <TensorScalar S = float>
Tensor<S> ones(const Shape& shape) {
  auto out = Tensor<S>::empty(shape, "ones");
  std::fill_n(out.data(), out.numel(), S{1});
  return out;
}

/// An uninitialised tensor of the shape and type of `x`.
template <TensorScalar S>
Tensor<S> empty_like(const Tensor<S>& x) {
  return empty<S>(x.shape());
}
/// A tensor of the shape and type of `x`, full of one value.
template <TensorScalar S, Number N>
Tensor<S> full_like(const Tensor<S>& x, N value) {
  return full<S>(x.shape(), value);
}
/// A tensor of the shape and type of `x`, full of 0.
template <TensorScalar S>
Tensor<S> zeros_like(const Tensor<S>& x) {
  return zeros<S>(x.shape());
}
/// A tensor of the shape and type of `x`, full of 1.
template <TensorScalar S>
Tensor<S> ones_like(const Tensor<S>& x) {
  return ones<S>(x.shape());
}

/// The n × m matrix (n × n if m is left out) with 1 on the diagonal and 0 elsewhere.
template <TensorScalar S = float>
Tensor<S> eye(std::int64_t n, std::int64_t m) {
  if (n < 0 || m < 0) {
    detail::raise<ValueError>("eye", "expected sizes that are not negative, got ", n, " and ", m);
  }
  auto out = zeros<S>({n, m});
  S* data = out.data();
  for (std::int64_t i = 0; i < std::min(n, m); ++i) data[i * m + i] = S{1};
  return out;
}
template <TensorScalar S = float>
Tensor<S> eye(std::int64_t n) {
  return eye<S>(n, n);
}

// ---- ranges ----

/// start + i · step for i = 0, 1, … as long as that is before `end`: ⌈(end − start) / step⌉
/// elements. Computed in double; in int64 for integers.
///
/// Differs from PyTorch in the last bit of some elements: PyTorch counts anew from every eighth or
/// sixteenth element, depending on the CPU.
///
/// Raises ValueError if the step is 0 or leads away from `end`, or where a bound is not finite.
template <TensorScalar S = float, Number Start, Number End, Number Step = int>
Tensor<S> arange(Start start, End end, Step step = 1) {
  static_assert(!std::is_same_v<S, bool>, "brasa: arange makes numbers, bool is not one");
  if constexpr (FloatScalar<S>) {
    const auto first = static_cast<double>(start);
    const auto by = static_cast<double>(step);
    const std::int64_t size = detail::arange_size(first, static_cast<double>(end), by);
    return detail::generate<S>(
        size, [=](std::int64_t i) { return kernels::fma(by, static_cast<double>(i), first); });
  } else {
    const auto first = detail::to_element<std::int64_t>("arange", start);
    const auto by = detail::to_element<std::int64_t>("arange", step);
    const auto last = detail::to_element<std::int64_t>("arange", end);
    const std::int64_t size = detail::arange_size(first, last, by);
    return detail::generate<S>(size, [=](std::int64_t i) {
      return detail::wrapping_add(first, detail::wrapping_mul(i, by));
    });
  }
}
/// 0, 1, … below `end`.
template <TensorScalar S = float, Number End>
Tensor<S> arange(End end) {
  return arange<S>(End{0}, end);
}

/// `steps` evenly spaced values from `start` to `end`, both included:
/// start + i · step in the first half, end − (steps − 1 − i) · step in the second, where
/// step = (end − start) / (steps − 1). Equal to PyTorch's to the bit where the CPU has FMA.
///
/// Raises ValueError for a negative number of steps.
template <TensorScalar S = float, Number Start, Number End>
Tensor<S> linspace(Start start, End end, std::int64_t steps) {
  static_assert(!std::is_same_v<S, bool>, "brasa: linspace makes numbers, bool is not one");
  if (steps < 0) {
    detail::raise<ValueError>("linspace", "expected a number of steps that is not negative, got ",
                              steps);
  }
  using Wide = std::conditional_t<FloatScalar<S>, S, double>;
  const auto first = static_cast<Wide>(detail::to_element<S>("linspace", start));
  const auto last = static_cast<Wide>(detail::to_element<S>("linspace", end));
  const Wide step = steps > 1 ? (last - first) / static_cast<Wide>(steps - 1) : Wide{0};
  return detail::generate<S>(steps, [=](std::int64_t i) {
    if (steps == 1 || i < steps / 2) return kernels::fma(step, static_cast<Wide>(i), first);
    return kernels::fma(-step, static_cast<Wide>(steps - 1 - i), last);
  });
}

}  // namespace brasa
