#pragma once

#include <Eigen/Core>
#include <type_traits>

#include "brasa/core/tensor.hpp"

namespace brasa {

/// A tensor with the values of an Eigen expression: 1-d if it is a vector at compile time, else
/// 2-d. The expression is evaluated straight into the tensor's memory.
template <class Derived>
auto from_eigen(const Eigen::DenseBase<Derived>& expression) {
  using Scalar = typename Derived::Scalar;
  static_assert(TensorScalar<Scalar>, "brasa: a tensor cannot hold this Eigen scalar type");
  using Result = Tensor<Scalar>;
  constexpr bool is_vector = Derived::IsVectorAtCompileTime;
  Result result = is_vector ? Result::empty({expression.size()})
                            : Result::empty({expression.rows(), expression.cols()});
  using Target = Eigen::Array<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<Target> target(result.data(), expression.rows(), expression.cols());
  if constexpr (std::is_base_of_v<Eigen::ArrayBase<Derived>, Derived>) {
    target = expression.derived();
  } else {
    target = expression.derived().array();
  }
  return result;
}

}  // namespace brasa
