#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

#include "brasa/core/tensor.hpp"

namespace brasa {

namespace detail {

/// What `for (const auto& row : x)` goes by: copies of the slices along the first dimension.
template <TensorScalar Scalar>
class RowIterator {
 public:
  using value_type = Tensor<Scalar>;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::input_iterator_tag;

  RowIterator() = default;
  RowIterator(Tensor<Scalar> tensor, std::int64_t row) : tensor_(std::move(tensor)), row_(row) {}
  Tensor<Scalar> operator*() const { return tensor_[row_]; }
  RowIterator& operator++() {
    ++row_;
    return *this;
  }
  RowIterator operator++(int) { return std::exchange(*this, RowIterator(tensor_, row_ + 1)); }
  friend bool operator==(const RowIterator& a, const RowIterator& b) { return a.row_ == b.row_; }

 private:
  Tensor<Scalar> tensor_;
  std::int64_t row_ = 0;
};

}  // namespace detail

template <TensorScalar S>
detail::RowIterator<S> Tensor<S>::begin() const {
  if (shape().empty()) detail::raise<ShapeError>("begin", "cannot iterate over a 0-d tensor");
  return {*this, 0};
}
template <TensorScalar S>
detail::RowIterator<S> Tensor<S>::end() const {
  return {*this, shape().empty() ? 0 : shape()[0]};
}

}  // namespace brasa
