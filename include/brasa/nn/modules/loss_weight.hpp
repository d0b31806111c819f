#pragma once

#include "brasa/nn/parameter.hpp"

namespace brasa::nn::detail {

/// The buffer of a loss's weights; none if they are undefined.
template <FloatScalar S>
Buffer<S> weight_buffer(const Tensor<S>& weight) {
  return weight.defined() ? Buffer<S>(weight) : Buffer<S>();
}

/// Room for the weights of the same loss with another Scalar, whose values are copied later.
template <FloatScalar S, FloatScalar From>
Tensor<S> room_for(const Buffer<From>& weight) {
  return weight.defined() ? Tensor<S>::empty(weight.shape()) : Tensor<S>();
}

}  // namespace brasa::nn::detail
