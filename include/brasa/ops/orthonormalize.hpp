#pragma once

#include <cstdint>
#include <span>

#include "brasa/core/dtype.hpp"
#include "brasa/kernels/qr.hpp"

namespace brasa::detail {

/// Makes the rows of a row-major matrix orthonormal, or the columns if there are fewer of them, and
/// multiplies by `gain`. Computed in double.
template <FloatScalar S>
void orthonormalize(std::span<S> values, std::int64_t rows, double gain) {
  using RowMajor = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto columns = static_cast<std::int64_t>(values.size()) / rows;
  Eigen::Map<RowMajor> matrix(values.data(), rows, columns);
  const bool wide = rows < columns;
  kernels::ColumnMajor<double> tall;
  if (wide) {
    tall = matrix.transpose().template cast<double>();
  } else {
    tall = matrix.template cast<double>();
  }
  kernels::orthonormalize_columns(tall);
  if (wide) {
    matrix = tall.transpose().template cast<S>() * static_cast<S>(gain);
  } else {
    matrix = tall.template cast<S>() * static_cast<S>(gain);
  }
}

}  // namespace brasa::detail
