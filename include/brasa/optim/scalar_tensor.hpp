#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "brasa/core/convert.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/core/value.hpp"

/// Tensors with one element, which PyTorch's optimizers keep their counters in, and full ones.
namespace brasa::optim::detail {

using namespace brasa::detail;

/// A 0-d float32 tensor.
inline Tensor<float> scalar_tensor(double value) {
  auto result = Tensor<float>::empty({});
  *result.data() = static_cast<float>(value);
  return result;
}

/// The element of a tensor that has one, of any dtype. Errors: ValueError.
inline double scalar_value(const AnyTensor& tensor) {
  if (tensor.numel() != 1) {
    raise<ValueError>("", "expected a tensor with one element, found ", described(tensor));
  }
  if (tensor.holds<float>()) return static_cast<double>(*tensor.as<float>().data());
  return *convert<double>(tensor, true).data();
}

/// Writes the element of a tensor that has one, rounded to its dtype.
inline void set_scalar(AnyTensor tensor, double value) {
  auto wide = Tensor<double>::empty(tensor.shape());
  *wide.data() = value;
  const AnyTensor narrow = convert(wide, tensor.dtype(), true);
  std::memcpy(tensor.raw_data(), narrow.raw_data(), tensor.nbytes());
}

/// A tensor of the shape and the dtype of a parameter, filled with a number.
inline AnyTensor filled_like(const AnyTensor& param, double value) {
  AnyTensor result = AnyTensor::empty(param.dtype(), param.shape());
  const auto count = static_cast<std::size_t>(result.numel());
  if (param.holds<double>()) {
    std::fill_n(static_cast<double*>(result.raw_data()), count, value);
  } else {
    std::fill_n(static_cast<float*>(result.raw_data()), count, static_cast<float>(value));
  }
  return result;
}

}  // namespace brasa::optim::detail
