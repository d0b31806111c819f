#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "brasa/core/tensor.hpp"
#include "brasa/kernels/parallel.hpp"
#include "brasa/ops/number.hpp"

/// Loops over the elements of one, two or three operands, which broadcast as in PyTorch: shapes
/// are aligned on the right, and a size of 1, or one that is not there, is repeated.
///
///     auto y = detail::map<float>(x, [](float v) { return v * v; });
///     auto z = detail::zip<bool>("eq", a, b, [](float v, float w) { return v == w; });
///
/// They record nothing. The functions take and return elements; what they return is cast to the
/// element type of the result. Several threads may call them at once, in any order; only `map_into`
/// and `zip_row` go from front to back.
namespace brasa::detail {

/// How N operands are walked while a result of shape `shape` is filled from front to back, row by
/// row:
///
///     for (BroadcastWalk<2> walk(shape, {&a, &b}); !walk.done(); walk.next()) …
///
/// Neighbouring dimensions that every operand walks through in the same manner are made one. During
/// a row an operand either moves on with each element or stays.
template <std::size_t N>
class BroadcastWalk {
 public:
  BroadcastWalk(const Shape& shape, const std::array<const Shape*, N>& operands)
      : rows_(numel_of(shape)) {
    if (rows_ == 0) return;             // the sizes may be too large to multiply
    std::array<std::int64_t, N> numel;  // of what has been seen of each operand
    numel.fill(1);
    for (std::size_t back = 1; back <= shape.size(); ++back) {  // from the innermost dimension
      const std::int64_t size = shape[shape.size() - back];
      if (size == 1) continue;
      std::array<bool, N> moves{};
      for (std::size_t i = 0; i < N; ++i) {
        const Shape& own = *operands[i];
        moves[i] = back <= own.size() && own[own.size() - back] != 1;
      }
      if (continues(moves)) {
        sizes_.back() *= size;
      } else {
        sizes_.push_back(size);
        for (std::size_t i = 0; i < N; ++i) strides_[i].push_back(moves[i] ? numel[i] : 0);
      }
      for (std::size_t i = 0; i < N; ++i) numel[i] *= moves[i] ? size : 1;
    }
    rows_ /= row_length();
    index_ = Shape::filled(sizes_.size(), 0);
  }

  std::int64_t row_length() const { return sizes_.empty() ? 1 : sizes_.front(); }
  /// True if operand `i` moves on within a row.
  bool moves(std::size_t i) const { return !sizes_.empty() && strides_[i].front() != 0; }

  bool done() const { return row_ == rows_; }
  /// Where the row begins in the result,
  std::int64_t begin() const { return row_ * row_length(); }
  /// and in operand `i`.
  std::int64_t offset(std::size_t i) const { return offsets_[i]; }

  void next() {
    ++row_;
    for (std::size_t dim = 1; dim < sizes_.size(); ++dim) {
      for (std::size_t i = 0; i < N; ++i) offsets_[i] += strides_[i][dim];
      if (++index_[dim] < sizes_[dim]) break;
      for (std::size_t i = 0; i < N; ++i) offsets_[i] -= strides_[i][dim] * sizes_[dim];
      index_[dim] = 0;
    }
  }

 private:
  bool continues(const std::array<bool, N>& moves) const {
    if (sizes_.empty()) return false;
    for (std::size_t i = 0; i < N; ++i) {
      if (moves[i] != (strides_[i].back() != 0)) return false;
    }
    return true;
  }

  Shape sizes_;  // the innermost dimension first
  std::array<Shape, N> strides_;
  std::int64_t rows_;
  std::int64_t row_ = 0;
  Shape index_;  // of the row, in the dimensions beyond the first
  std::array<std::int64_t, N> offsets_{};
};

/// out[i] = f(x[i]); `out` may be `x`.
template <class R, class S, class F>
void map_into(R* out, const S* x, std::int64_t count, F f) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<R>(f(x[i]));
}

/// out[i] = f(a[i], b[i]), where an operand that does not move stays at its first element; `out`
/// may be an operand that moves.
template <class R, class A, class B, class F>
void zip_row(R* out, std::int64_t count, const A* a, bool a_moves, const B* b, bool b_moves, F f) {
  if (a_moves && b_moves) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<R>(f(a[i], b[i]));
  } else if (b_moves) {
    map_into(out, b, count, [f, first = *a](B y) { return f(first, y); });
  } else {
    map_into(out, a, count, [f, second = *b](A x) { return f(x, second); });
  }
}

/// out = f(a, b) with a and b broadcast to `shape`, the shape of `out`.
template <class R, TensorScalar A, TensorScalar B, class F>
void zip_into(R* out, const Shape& shape, const Tensor<A>& a, const Tensor<B>& b, F f) {
  const A* x = a.data();
  const B* y = b.data();
  if (a.shape() == b.shape()) {
    return kernels::parallel_for(
        a.numel(), kernels::kElementGrain, [=](std::int64_t begin, std::int64_t end) {
          zip_row(out + begin, end - begin, x + begin, true, y + begin, true, f);
        });
  }
  for (BroadcastWalk<2> walk(shape, {&a.shape(), &b.shape()}); !walk.done(); walk.next()) {
    zip_row(out + walk.begin(), walk.row_length(), x + walk.offset(0), walk.moves(0),
            y + walk.offset(1), walk.moves(1), f);
  }
}

/// A tensor of f(x).
template <TensorScalar R, TensorScalar S, class F>
Tensor<R> map(const Tensor<S>& x, F f) {
  auto out = Tensor<R>::empty(x.shape());
  kernels::parallel_for(
      x.numel(), kernels::kElementGrain,
      [to = out.data(), from = x.data(), f](std::int64_t begin, std::int64_t end) {
        map_into(to + begin, from + begin, end - begin, f);
      });
  return out;
}

/// A tensor of f(a, b). Raises ShapeError, in the name of `op`, where the shapes do not broadcast.
template <TensorScalar R, TensorScalar A, TensorScalar B, class F>
Tensor<R> zip(std::string_view op, const Tensor<A>& a, const Tensor<B>& b, F f) {
  auto out = Tensor<R>::empty(broadcast_shapes(op, a.shape(), b.shape()), op);
  zip_into(out.data(), out.shape(), a, b, f);
  return out;
}
template <TensorScalar R, TensorScalar A, Number B, class F>
Tensor<R> zip(std::string_view, const Tensor<A>& a, B b, F f) {
  return map<R>(a, [f, b](A x) { return f(x, b); });
}
template <TensorScalar R, Number A, TensorScalar B, class F>
Tensor<R> zip(std::string_view, A a, const Tensor<B>& b, F f) {
  return map<R>(b, [f, a](B y) { return f(a, y); });
}

/// A tensor of f(a, b, c).
template <TensorScalar R, TensorScalar A, TensorScalar B, TensorScalar C, class F>
Tensor<R> zip(std::string_view op, const Tensor<A>& a, const Tensor<B>& b, const Tensor<C>& c,
              F f) {
  const Shape shape = broadcast_shapes(op, broadcast_shapes(op, a.shape(), b.shape()), c.shape());
  auto out = Tensor<R>::empty(shape, op);
  BroadcastWalk<3> walk(shape, {&a.shape(), &b.shape(), &c.shape()});
  const std::int64_t length = walk.row_length();
  const std::int64_t step[] = {walk.moves(0), walk.moves(1), walk.moves(2)};
  for (R* result = out.data(); !walk.done(); walk.next(), result += length) {
    const A* x = a.data() + walk.offset(0);
    const B* y = b.data() + walk.offset(1);
    const C* z = c.data() + walk.offset(2);
    for (std::int64_t i = 0; i < length; ++i) {
      result[i] = static_cast<R>(f(x[i * step[0]], y[i * step[1]], z[i * step[2]]));
    }
  }
  return out;
}

}  // namespace brasa::detail
