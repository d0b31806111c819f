#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/core/python_text.hpp"
#include "brasa/core/random.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/ops/random.hpp"

/// torch.nn.init: functions that fill a tensor in place and return it, with the numbers that
/// PyTorch draws. All arithmetic on scalars is in double and in PyTorch's order: another order
/// would give other last bits. They record nothing, and so may fill parameters.
namespace brasa::nn::init {
namespace detail {

using namespace brasa::detail;

/// (fan_in, fan_out). Errors: ShapeError for fewer than 2 dimensions.
inline std::pair<double, double> fans(std::string_view op, const Shape& shape) {
  if (shape.size() < 2) {
    raise<ShapeError>(op,
                      "fan in and fan out can not be computed for tensor with fewer than 2 "
                      "dimensions, got shape ",
                      shape_text(shape));
  }
  std::int64_t receptive = 1;
  for (std::size_t i = 2; i < shape.size(); ++i) receptive *= shape[i];
  return {static_cast<double>(shape[1] * receptive), static_cast<double>(shape[0] * receptive)};
}

inline bool is_empty(const AnyTensor& tensor) {
  if (tensor.numel() > 0) return false;
  warn("Initializing zero-element tensors is a no-op");
  return true;
}

/// Fills with `values`, in the memory that is there. `tensor` may be a leaf.
template <FloatScalar S>
void write(Tensor<S>& tensor, const Tensor<S>& values) {
  std::copy_n(values.data(), values.numel(), tensor.data());
  tensor.impl().storage->bump_version();
}

}  // namespace detail

/// The recommended gain for a nonlinearity: 1 for `linear`, the convolutions and `sigmoid`, 5/3 for
/// `tanh`, √2 for `relu`, √(2 / (1 + slope²)) for `leaky_relu` with `param` as slope (0.01 if there
/// is none), 3/4 for `selu`. Errors: ValueError for others.
inline double calculate_gain(std::string_view nonlinearity,
                             std::optional<double> param = std::nullopt) {
  for (const std::string_view linear : {"linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d",
                                        "conv_transpose2d", "conv_transpose3d", "sigmoid"}) {
    if (nonlinearity == linear) return 1;
  }
  if (nonlinearity == "tanh") return 5.0 / 3;
  if (nonlinearity == "relu") return std::sqrt(2.0);
  if (nonlinearity == "selu") return 3.0 / 4;
  if (nonlinearity == "leaky_relu") {
    const double slope = param.value_or(0.01);
    return std::sqrt(2.0 / (1 + slope * slope));
  }
  detail::raise<ValueError>("calculate_gain", "Unsupported nonlinearity ", nonlinearity);
}

/// U(a, b). Errors: ValueError if a > b.
template <FloatScalar S>
Tensor<S>& uniform_(Tensor<S>& tensor, double a = 0, double b = 1, Generator* generator = nullptr) {
  const NoGradGuard no_grad;
  return tensor.uniform_(a, b, generator);
}

/// N(mean, std²). Errors: ValueError if std < 0.
template <FloatScalar S>
Tensor<S>& normal_(Tensor<S>& tensor, double mean = 0, double std = 1,
                   Generator* generator = nullptr) {
  const NoGradGuard no_grad;
  return tensor.normal_(mean, std, generator);
}

/// `value` everywhere.
template <FloatScalar S>
Tensor<S>& constant_(Tensor<S>& tensor, double value) {
  std::fill_n(tensor.data(), tensor.numel(), static_cast<S>(value));
  tensor.impl().storage->bump_version();
  return tensor;
}
template <FloatScalar S>
Tensor<S>& ones_(Tensor<S>& tensor) {
  return constant_(tensor, 1);
}
template <FloatScalar S>
Tensor<S>& zeros_(Tensor<S>& tensor) {
  return constant_(tensor, 0);
}

/// The identity matrix. Errors: ShapeError unless there are 2 dimensions.
template <FloatScalar S>
Tensor<S>& eye_(Tensor<S>& tensor) {
  if (tensor.dim() != 2) {
    detail::raise<ShapeError>("eye_", "only tensors with 2 dimensions are supported, got shape ",
                              shape_text(tensor.shape()));
  }
  zeros_(tensor);
  const std::int64_t columns = tensor.size(1);
  for (std::int64_t i = 0; i < std::min(tensor.size(0), columns); ++i) {
    tensor.data()[i * columns + i] = S(1);
  }
  return tensor;
}

/// The weight of a convolution that passes its channels on, for each of `groups`.
/// Errors: ShapeError unless there are 3 to 5 dimensions and `groups` divides the first size.
template <FloatScalar S>
Tensor<S>& dirac_(Tensor<S>& tensor, std::int64_t groups = 1) {
  const Shape& shape = tensor.shape();
  if (shape.size() < 3 || shape.size() > 5) {
    detail::raise<ShapeError>("dirac_",
                              "only tensors with 3, 4, or 5 dimensions are supported, got "
                              "shape ",
                              shape_text(shape));
  }
  if (groups < 1 || shape[0] % groups != 0) {
    detail::raise<ShapeError>("dirac_", "dim 0 must be divisible by groups, got shape ",
                              shape_text(shape), " and ", groups, " groups");
  }
  zeros_(tensor);
  if (tensor.numel() == 0) return tensor;
  const Shape strides = detail::strides_of(shape);
  std::int64_t center = 0;
  for (std::size_t i = 2; i < shape.size(); ++i) center += shape[i] / 2 * strides[i];
  const std::int64_t out_per_group = shape[0] / groups;
  for (std::int64_t group = 0; group < groups; ++group) {
    for (std::int64_t d = 0; d < std::min(out_per_group, shape[1]); ++d) {
      tensor.data()[(group * out_per_group + d) * strides[0] + d * strides[1] + center] = S(1);
    }
  }
  return tensor;
}

/// U(−a, a) with a = gain · √(6 / (fan_in + fan_out)).
/// Errors: ShapeError for fewer than 2 dimensions. Source: X. Glorot and Y. Bengio, 2010.
template <FloatScalar S>
Tensor<S>& xavier_uniform_(Tensor<S>& tensor, double gain = 1, Generator* generator = nullptr) {
  const auto [fan_in, fan_out] = detail::fans("xavier_uniform_", tensor.shape());
  const double std = gain * std::sqrt(2.0 / (fan_in + fan_out));
  const double a = std::sqrt(3.0) * std;
  return uniform_(tensor, -a, a, generator);
}

/// N(0, std²) with std = gain · √(2 / (fan_in + fan_out)). Errors as for xavier_uniform_.
template <FloatScalar S>
Tensor<S>& xavier_normal_(Tensor<S>& tensor, double gain = 1, Generator* generator = nullptr) {
  const auto [fan_in, fan_out] = detail::fans("xavier_normal_", tensor.shape());
  return normal_(tensor, 0, gain * std::sqrt(2.0 / (fan_in + fan_out)), generator);
}

namespace detail {

/// gain / √fan
inline double kaiming_std(std::string_view op, const Shape& shape, double a, std::string_view mode,
                          std::string_view nonlinearity) {
  const bool in = equal_ignoring_case(mode, "fan_in");
  if (!in && !equal_ignoring_case(mode, "fan_out")) {
    raise<ValueError>(op, "Mode ", mode, " not supported, please use one of ['fan_in', 'fan_out']");
  }
  const auto [fan_in, fan_out] = fans(op, shape);
  const double gain = calculate_gain(nonlinearity, a);
  return gain / std::sqrt(in ? fan_in : fan_out);
}

}  // namespace detail

/// U(−b, b) with b = gain · √(3 / fan). `a` is the slope of leaky_relu; `mode` is `fan_in` or
/// `fan_out`. Errors: ShapeError for fewer than 2 dimensions, ValueError for another mode or
/// nonlinearity. Source: K. He et al., 2015.
template <FloatScalar S>
Tensor<S>& kaiming_uniform_(Tensor<S>& tensor, double a = 0, std::string_view mode = "fan_in",
                            std::string_view nonlinearity = "leaky_relu",
                            Generator* generator = nullptr) {
  if (detail::is_empty(tensor)) return tensor;
  const double std = detail::kaiming_std("kaiming_uniform_", tensor.shape(), a, mode, nonlinearity);
  const double bound = std::sqrt(3.0) * std;
  return uniform_(tensor, -bound, bound, generator);
}

/// N(0, std²) with std = gain / √fan. Arguments and errors as for kaiming_uniform_.
template <FloatScalar S>
Tensor<S>& kaiming_normal_(Tensor<S>& tensor, double a = 0, std::string_view mode = "fan_in",
                           std::string_view nonlinearity = "leaky_relu",
                           Generator* generator = nullptr) {
  if (detail::is_empty(tensor)) return tensor;
  const double std = detail::kaiming_std("kaiming_normal_", tensor.shape(), a, mode, nonlinearity);
  return normal_(tensor, 0, std, generator);
}

namespace detail {

/// Draws normals until all lie in [low, high].
template <FloatScalar S>
void reject_normals(Tensor<S>& values, double mean, double std, S low, S high,
                    Generator* generator) {
  values.normal_(mean, std, generator);
  auto again = Tensor<S>::empty(values.shape());
  const auto outside = [&](S value) { return value < low || value > high; };
  while (std::any_of(values.data(), values.data() + values.numel(), outside)) {
    again.normal_(mean, std, generator);
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      if (outside(values.data()[i])) values.data()[i] = again.data()[i];
    }
  }
}

/// For an interval with little of the mass in it: uniform candidates, accepted by the density.
template <FloatScalar S>
void reject_uniforms(Tensor<S>& values, double mean, double std, double a, double b,
                     Generator* generator) {
  const double mode = std::max(a, std::min(mean, b));
  const double z = (mode - mean) / std;
  const double log_peak = -0.5 * (z * z);
  auto candidates = Tensor<S>::empty(values.shape());
  auto uniforms = Tensor<S>::empty(values.shape());
  std::vector<bool> pending(static_cast<std::size_t>(values.numel()), true);
  for (bool any = true; any;) {
    candidates.uniform_(a, b, generator);
    uniforms.uniform_(0, 1, generator);
    any = false;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      if (!pending[i]) continue;
      const S candidate = candidates.data()[i];
      values.data()[i] = candidate;
      const S centered = candidate - static_cast<S>(mean);
      const S scaled = centered / static_cast<S>(std);
      const S square = scaled * scaled;
      const S half = square * static_cast<S>(-0.5);
      const S log_density = half - static_cast<S>(log_peak);
      pending[i] = std::log(uniforms.data()[i]) > log_density;
      any = any || pending[i];
    }
  }
}

}  // namespace detail

/// N(mean, std²) restricted to [a, b]. Errors: ValueError if std is not positive or a > b.
template <FloatScalar S>
Tensor<S>& trunc_normal_(Tensor<S>& tensor, double mean = 0, double std = 1, double a = -2,
                         double b = 2, Generator* generator = nullptr) {
  if (!(std > 0)) {
    detail::raise<ValueError>("trunc_normal_", "expected a std above 0, got ", std);
  }
  if (!(a <= b)) {
    detail::raise<ValueError>("trunc_normal_", "expected a <= b, got a=", a, " and b=", b);
  }
  if (mean < a - 2 * std || mean > b + 2 * std) {
    detail::warn(
        "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of "
        "values may be incorrect.");
  }
  const auto cdf = [](double x) { return (1.0 + std::erf(x / std::sqrt(2.0))) / 2.0; };
  const double mass = cdf((b - mean) / std) - cdf((a - mean) / std);
  const NoGradGuard no_grad;
  auto values = Tensor<S>::empty(tensor.shape());
  if (mass > 0.3) {
    detail::reject_normals(values, mean, std, static_cast<S>(a), static_cast<S>(b), generator);
  } else {
    detail::reject_uniforms(values, mean, std, a, b, generator);
  }
  detail::write(tensor, values);
  return tensor;
}

namespace detail {

/// Makes the columns of a (rows, columns) matrix with rows >= columns orthonormal: the Q of A = QR
/// with a positive diagonal of R, by Householder reflections in double. Where a diagonal element of
/// R is 0, its column of Q is 0, for sign(0) = 0.
inline void orthonormalize(std::vector<double>& a, std::size_t rows, std::size_t columns) {
  std::vector<double> q(rows * columns, 0.0);
  std::vector<double> signs(columns);
  std::vector<double> reflections(rows * columns, 0.0);
  const auto reflect = [&](std::vector<double>& m, std::size_t k, std::size_t first) {
    for (std::size_t j = first; j < columns; ++j) {
      double dot = 0;
      for (std::size_t i = k; i < rows; ++i)
        dot += reflections[i * columns + k] * m[i * columns + j];
      for (std::size_t i = k; i < rows; ++i) {
        m[i * columns + j] -= 2 * dot * reflections[i * columns + k];
      }
    }
  };
  for (std::size_t k = 0; k < columns; ++k) {
    double norm = 0;
    for (std::size_t i = k; i < rows; ++i) norm += a[i * columns + k] * a[i * columns + k];
    norm = std::sqrt(norm);
    const double head = a[k * columns + k];
    const double diagonal = head > 0 ? -norm : norm;  // of R, opposite to the head: no cancellation
    signs[k] = diagonal > 0 ? 1 : diagonal < 0 ? -1 : 0;
    double length = 0;
    for (std::size_t i = k; i < rows; ++i) {
      double& v = reflections[i * columns + k];
      v = a[i * columns + k] - (i == k ? diagonal : 0);
      length += v * v;
    }
    length = std::sqrt(length);
    for (std::size_t i = k; i < rows && length > 0; ++i) reflections[i * columns + k] /= length;
    reflect(a, k, k);
  }
  for (std::size_t k = 0; k < columns; ++k) q[k * columns + k] = 1;
  for (std::size_t k = columns; k-- > 0;) reflect(q, k, 0);
  for (std::size_t i = 0; i < rows * columns; ++i) a[i] = q[i] * signs[i % columns];
}

}  // namespace detail

/// A (semi-)orthogonal matrix times `gain`; more dimensions than 2 are flattened behind the first.
/// Errors: ShapeError for fewer than 2 dimensions. Source: A. Saxe et al., 2013.
template <FloatScalar S>
Tensor<S>& orthogonal_(Tensor<S>& tensor, double gain = 1, Generator* generator = nullptr) {
  if (tensor.dim() < 2) {
    detail::raise<ShapeError>("orthogonal_",
                              "only tensors with 2 or more dimensions are supported, "
                              "got shape ",
                              shape_text(tensor.shape()));
  }
  if (tensor.numel() == 0) return tensor;
  const NoGradGuard no_grad;
  const auto rows = static_cast<std::size_t>(tensor.size(0));
  const std::size_t columns = static_cast<std::size_t>(tensor.numel()) / rows;
  const auto normals =
      normal<S>(0, 1, {tensor.size(0), static_cast<std::int64_t>(columns)}, generator);
  const bool wide = rows < columns;
  std::vector<double> matrix(rows * columns);
  const auto index = [&](std::size_t i, std::size_t j) {
    return wide ? j * rows + i : i * columns + j;
  };
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      matrix[index(i, j)] = static_cast<double>(normals.data()[i * columns + j]);
    }
  }
  detail::orthonormalize(matrix, std::max(rows, columns), std::min(rows, columns));
  auto values = Tensor<S>::empty(tensor.shape());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      values.data()[i * columns + j] = static_cast<S>(matrix[index(i, j)]) * static_cast<S>(gain);
    }
  }
  detail::write(tensor, values);
  return tensor;
}

/// N(0, std²), of which in each column a share `sparsity` is 0. Errors: ShapeError unless there are
/// 2 dimensions. As in PyTorch, which elements are 0 comes from the default generator in any case.
template <FloatScalar S>
Tensor<S>& sparse_(Tensor<S>& tensor, double sparsity, double std = 0.01,
                   Generator* generator = nullptr) {
  if (tensor.dim() != 2) {
    detail::raise<ShapeError>("sparse_", "only tensors with 2 dimensions are supported, got shape ",
                              shape_text(tensor.shape()));
  }
  if (!(sparsity >= 0 && sparsity <= 1)) {
    detail::raise<ValueError>("sparse_", "expected a sparsity in [0, 1], got ", sparsity);
  }
  const std::int64_t rows = tensor.size(0);
  const std::int64_t columns = tensor.size(1);
  const auto zeros = static_cast<std::int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  normal_(tensor, 0, std, generator);
  for (std::int64_t column = 0; column < columns; ++column) {
    const auto order = randperm(rows);
    for (std::int64_t i = 0; i < zeros; ++i)
      tensor.data()[order.data()[i] * columns + column] = S(0);
  }
  return tensor;
}

}  // namespace brasa::nn::init
