#pragma once

#include <Eigen/Core>

namespace brasa::kernels {

template <class T>
using ColumnMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

/// Replaces A, with at least as many rows as columns, by the Q of A = Q·R, where R has a positive
/// diagonal; that makes Q unique. A column that depends on those before becomes 0.
///
/// By Householder's reflections I − β·v·vᵀ (Golub and Van Loan, Matrix Computations, 5.2), each of
/// which is kept in the column that it has cleared.
template <class T>
void orthonormalize_columns(ColumnMajor<T>& a) {
  using Row = Eigen::Matrix<T, 1, Eigen::Dynamic>;
  const Eigen::Index rows = a.rows();
  const Eigen::Index columns = a.cols();
  Row beta(columns);
  Row diagonal(columns);  // of R
  Row product(columns);
  const auto reflect = [&](Eigen::Index k, auto&& block) {
    const auto v = a.col(k).tail(rows - k);
    product.head(block.cols()).noalias() = v.transpose() * block;
    block.noalias() -= (beta[k] * v) * product.head(block.cols());
  };
  for (Eigen::Index k = 0; k < columns; ++k) {
    auto v = a.col(k).tail(rows - k);
    const T norm = v.stableNorm();
    diagonal[k] = v[0] > 0 ? -norm : norm;  // the sign that loses no digits
    v[0] -= diagonal[k];
    const T square = v.squaredNorm();
    beta[k] = square > 0 ? 2 / square : T(0);
    reflect(k, a.block(k, k + 1, rows - k, columns - k - 1));
  }
  ColumnMajor<T> q = ColumnMajor<T>::Identity(rows, columns);
  for (Eigen::Index k = columns; k-- > 0;) reflect(k, q.block(k, k, rows - k, columns - k));
  for (Eigen::Index k = 0; k < columns; ++k) {
    q.col(k) *= diagonal[k] > 0 ? T(1) : T(diagonal[k] < 0 ? -1 : 0);
  }
  a.swap(q);
}

}  // namespace brasa::kernels
