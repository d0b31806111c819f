#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "brasa/core/random.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/ops/distributions.hpp"
#include "brasa/ops/orthonormalize.hpp"
#include "brasa/ops/truncated_normal.hpp"

/// Initial values for parameters: torch.nn.init. Each function fills the tensor that it is given,
/// which may be a leaf that requires a gradient, and returns it:
///
///     nn::init::kaiming_normal_(layer.weight, 0, "fan_out", "relu");
///
/// The random ones draw from `generator`, or else from the default generator, what they draw in
/// PyTorch: under one seed the values are the same, to the bit (those of orthogonal_ up to
/// rounding).
///
/// n-dimensional weights are (out, in, kernel…): fan_in = size(1)·∏kernel and fan_out =
/// size(0)·∏kernel. ShapeError is raised for tensors that have other dimensions than a function
/// needs, ValueError for arguments that make no sense.
namespace brasa::nn {
namespace detail {

using namespace brasa::detail;

/// x**2 in Python, which is pow(x, 2) of the C library; a compiler would make x·x of it, which
/// differs in the last bit for one number in a thousand.
inline double python_square(double x) {
  const volatile double two = 2;
  return std::pow(x, two);
}

template <TensorScalar S, class Fill>
Tensor<S> initialize(Tensor<S>& tensor, Fill fill) {
  const InPlaceWrite write(*tensor.impl().storage);
  fill(tensor.span());
  return tensor;
}

struct Fans {
  std::int64_t in, out;
};

[[gnu::cold]] inline Fans fans_of(std::string_view op, const AnyTensor& tensor) {
  const Shape& shape = tensor.shape();
  if (shape.size() < 2) {
    raise<ShapeError>(op, "fan in and fan out need a tensor with at least 2 dimensions, got shape ",
                      shape_text(shape));
  }
  Shape outputs = shape;
  outputs[1] = 1;
  return {numel_of(shape.slice(1, shape.size())), numel_of(outputs)};
}

/// gain·√(2 / (fan_in + fan_out))
[[gnu::cold]] inline double xavier_std(std::string_view op, const AnyTensor& tensor, double gain) {
  const Fans fans = fans_of(op, tensor);
  if (fans.in + fans.out == 0) {
    raise<ValueError>(op, "fan in and fan out are both 0 for shape ", shape_text(tensor.shape()));
  }
  return gain * std::sqrt(2.0 / static_cast<double>(fans.in + fans.out));
}

[[gnu::cold]] inline std::int64_t fan_by_mode(std::string_view op, const AnyTensor& tensor,
                                              std::string_view mode) {
  const bool in = equal_ignoring_case(mode, "fan_in");
  if (!in && !equal_ignoring_case(mode, "fan_out")) {
    raise<ValueError>(op, "expected mode \"fan_in\" or \"fan_out\", got \"", mode, "\"");
  }
  const Fans fans = fans_of(op, tensor);
  return in ? fans.in : fans.out;
}

/// True, after a warning, where there is nothing to fill.
[[gnu::cold]] inline bool warn_if_empty(const AnyTensor& tensor) {
  if (tensor.numel() != 0) return false;
  warn("Initializing zero-element tensors is a no-op");
  return true;
}

}  // namespace detail

namespace init {

/// The factor by which a nonlinearity wants its input's standard deviation enlarged.
///
/// | nonlinearity | gain |
/// |---|---|
/// | "linear", "conv1d" … "conv_transpose3d", "sigmoid" | 1 |
/// | "tanh" | 5/3 |
/// | "relu" | √2 |
/// | "leaky_relu" | √(2 / (1 + slope²)), slope = param or 0.01 |
/// | "selu" | 3/4 |
///
/// Raises ValueError for any other name.
[[gnu::cold]] inline double calculate_gain(std::string_view nonlinearity,
                                           std::optional<double> param = std::nullopt) {
  for (const std::string_view name : {"linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d",
                                      "conv_transpose2d", "conv_transpose3d", "sigmoid"}) {
    if (nonlinearity == name) return 1;
  }
  if (nonlinearity == "tanh") return 5.0 / 3;
  if (nonlinearity == "relu") return std::sqrt(2.0);
  if (nonlinearity == "leaky_relu") {
    return std::sqrt(2.0 / (1 + detail::python_square(param.value_or(0.01))));
  }
  if (nonlinearity == "selu") return 3.0 / 4;
  detail::raise<ValueError>("calculate_gain", "unsupported nonlinearity \"", nonlinearity, "\"");
}

/// U(a, b)
template <FloatScalar S>
Tensor<S> uniform_(Tensor<S> tensor, double a = 0, double b = 1, Generator* generator = nullptr) {
  return detail::initialize(
      tensor, [&](std::span<S> out) { detail::fill_uniform("uniform_", out, a, b, generator); });
}

/// N(mean, std²)
template <FloatScalar S>
Tensor<S> normal_(Tensor<S> tensor, double mean = 0, double std = 1,
                  Generator* generator = nullptr) {
  return detail::initialize(
      tensor, [&](std::span<S> out) { detail::fill_normal("normal_", out, mean, std, generator); });
}

/// N(mean, std²), of which only values from a to b are taken: by drawing again what lies outside,
/// or, where that would take long, by rejecting uniform numbers.
template <FloatScalar S>
Tensor<S> trunc_normal_(Tensor<S> tensor, double mean = 0, double std = 1, double a = -2,
                        double b = 2, Generator* generator = nullptr) {
  return detail::initialize(tensor, [&](std::span<S> out) {
    detail::fill_truncated_normal("trunc_normal_", out, mean, std, a, b, generator);
  });
}

/// val
template <TensorScalar S, Number V>
Tensor<S> constant_(Tensor<S> tensor, V val) {
  return detail::initialize(
      tensor, [&](std::span<S> out) { std::fill(out.begin(), out.end(), static_cast<S>(val)); });
}

/// 1
template <TensorScalar S>
Tensor<S> ones_(Tensor<S> tensor) {
  return constant_(tensor, 1);
}

/// 0
template <TensorScalar S>
Tensor<S> zeros_(Tensor<S> tensor) {
  return constant_(tensor, 0);
}

/// The identity: 1 on the diagonal of a matrix, else 0.
template <TensorScalar S>
Tensor<S> eye_(Tensor<S> tensor) {
  if (tensor.dim() != 2) {
    detail::raise<ShapeError>("eye_", "expected a tensor with 2 dimensions, got shape ",
                              shape_text(tensor.shape()));
  }
  const std::int64_t rows = tensor.shape()[0];
  const std::int64_t columns = tensor.shape()[1];
  return detail::initialize(tensor, [&](std::span<S> out) {
    std::fill(out.begin(), out.end(), S(0));
    for (std::int64_t i = 0; i < std::min(rows, columns); ++i) {
      out[static_cast<std::size_t>(i * columns + i)] = S(1);
    }
  });
}

/// The weight of a convolution that hands through its input: in each of the `groups`, output d is
/// input d as far as there are both.
///
/// Shapes: `(out, in, kernel…)` with 1 to 3 kernel dimensions, out divisible by `groups`.
template <TensorScalar S>
Tensor<S> dirac_(Tensor<S> tensor, std::int64_t groups = 1) {
  const Shape shape = tensor.shape();
  if (shape.size() < 3 || shape.size() > 5) {
    detail::raise<ShapeError>("dirac_", "expected a tensor with 3, 4 or 5 dimensions, got shape ",
                              shape_text(shape));
  }
  if (groups < 1 || shape[0] % groups != 0) {
    detail::raise<ShapeError>("dirac_", "expected groups that divide the first size of ",
                              shape_text(shape), ", got ", groups);
  }
  const std::int64_t group_size = shape[0] / groups;
  const Shape kernel = shape.slice(2, shape.size());
  std::int64_t centre = 0;
  for (const std::int64_t size : kernel) centre = centre * size + size / 2;
  return detail::initialize(tensor, [&](std::span<S> out) {
    std::fill(out.begin(), out.end(), S(0));
    if (out.empty()) return;
    for (std::int64_t row = 0; row < shape[0]; ++row) {
      const std::int64_t column = row % group_size;
      if (column >= shape[1]) continue;
      const std::int64_t offset = (row * shape[1] + column) * detail::numel_of(kernel) + centre;
      out[static_cast<std::size_t>(offset)] = S(1);
    }
  });
}

/// U(−a, a), a = gain·√(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).
template <FloatScalar S>
Tensor<S> xavier_uniform_(Tensor<S> tensor, double gain = 1, Generator* generator = nullptr) {
  const double a = std::sqrt(3.0) * detail::xavier_std("xavier_uniform_", tensor, gain);
  return uniform_(tensor, -a, a, generator);
}

/// N(0, std²), std = gain·√(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010).
template <FloatScalar S>
Tensor<S> xavier_normal_(Tensor<S> tensor, double gain = 1, Generator* generator = nullptr) {
  return normal_(tensor, 0, detail::xavier_std("xavier_normal_", tensor, gain), generator);
}

/// U(−b, b), b = gain·√(3 / fan), gain = calculate_gain(nonlinearity, a) (He and others, 2015).
///
/// `a` is the slope of "leaky_relu"; `mode` is "fan_in" or "fan_out". An empty tensor is returned
/// as it is, with a warning.
template <FloatScalar S>
Tensor<S> kaiming_uniform_(Tensor<S> tensor, double a = 0, std::string_view mode = "fan_in",
                           std::string_view nonlinearity = "leaky_relu",
                           Generator* generator = nullptr) {
  if (detail::warn_if_empty(tensor)) return tensor;
  const std::int64_t fan = detail::fan_by_mode("kaiming_uniform_", tensor, mode);
  const double std = calculate_gain(nonlinearity, a) / std::sqrt(static_cast<double>(fan));
  const double bound = std::sqrt(3.0) * std;
  return uniform_(tensor, -bound, bound, generator);
}

/// N(0, std²), std = gain / √fan, gain = calculate_gain(nonlinearity, a) (He and others, 2015).
/// The arguments are those of `kaiming_uniform_`.
template <FloatScalar S>
Tensor<S> kaiming_normal_(Tensor<S> tensor, double a = 0, std::string_view mode = "fan_in",
                          std::string_view nonlinearity = "leaky_relu",
                          Generator* generator = nullptr) {
  if (detail::warn_if_empty(tensor)) return tensor;
  const std::int64_t fan = detail::fan_by_mode("kaiming_normal_", tensor, mode);
  const double std = calculate_gain(nonlinearity, a) / std::sqrt(static_cast<double>(fan));
  return normal_(tensor, 0, std, generator);
}

/// gain·Q, where Q is the orthogonal factor of a normal matrix (Saxe and others, 2014): the rows or
/// the columns, whichever are fewer, are orthonormal. Dimensions after the first count as one.
template <FloatScalar S>
Tensor<S> orthogonal_(Tensor<S> tensor, double gain = 1, Generator* generator = nullptr) {
  if (tensor.dim() < 2) {
    detail::raise<ShapeError>("orthogonal_", "expected a tensor with at least 2 dimensions, got ",
                              "shape ", shape_text(tensor.shape()));
  }
  if (tensor.numel() == 0) return tensor;
  const std::int64_t rows = tensor.shape()[0];
  return detail::initialize(tensor, [&](std::span<S> out) {
    detail::fill_normal("orthogonal_", out, 0, 1, generator);
    detail::orthonormalize(out, rows, gain);
  });
}

/// N(0, std²), and in each column of the matrix ⌈sparsity·rows⌉ elements set to 0 (Martens, 2010).
/// As in PyTorch, which ones is always drawn from the default generator.
template <FloatScalar S>
Tensor<S> sparse_(Tensor<S> tensor, double sparsity, double std = 0.01,
                  Generator* generator = nullptr) {
  if (tensor.dim() != 2) {
    detail::raise<ShapeError>("sparse_", "expected a tensor with 2 dimensions, got shape ",
                              shape_text(tensor.shape()));
  }
  if (!(sparsity >= 0 && sparsity <= 1)) {
    detail::raise<ValueError>("sparse_", "expected a sparsity from 0 to 1, got ", sparsity);
  }
  const auto rows = static_cast<std::size_t>(tensor.shape()[0]);
  const auto columns = static_cast<std::size_t>(tensor.shape()[1]);
  const auto zeros = static_cast<std::size_t>(std::ceil(sparsity * static_cast<double>(rows)));
  return detail::initialize(tensor, [&](std::span<S> out) {
    detail::fill_normal("sparse_", out, 0, std, generator);
    std::vector<std::int64_t> order(rows);
    for (std::size_t column = 0; column < columns; ++column) {
      detail::fill_permutation(std::span(order), nullptr);
      for (std::size_t i = 0; i < zeros; ++i) {
        out[static_cast<std::size_t>(order[i]) * columns + column] = S(0);
      }
    }
  });
}

}  // namespace init
}  // namespace brasa::nn
