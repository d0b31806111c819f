#pragma once

#include <cstdint>
#include <string>

#include "brasa/core/python_text.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/ops/view.hpp"

namespace brasa::nn {

/// The dimensions start_dim to end_dim, the last one included, as one.
///
/// Shapes: input `(*, S_start, …, S_end, *)`, output `(*, ΠSᵢ, *)`; the memory is shared.
/// Errors: IndexError; ShapeError if end_dim comes before start_dim. Source: torch.nn.Flatten.
///
///     auto y = nn::Flatten()(brasa::rand({4, 3, 8, 8}));  // of shape (4, 192)
template <FloatScalar S = float>
class Flatten : public Module<S> {
 public:
  explicit Flatten(std::int64_t start_dim_ = 1, std::int64_t end_dim_ = -1)
      : start_dim(start_dim_), end_dim(end_dim_) {}
  template <FloatScalar From>
  explicit Flatten(const Flatten<From>& other) : Flatten(other.start_dim, other.end_dim) {}

  Tensor<S> forward(const Tensor<S>& input) const { return input.flatten(start_dim, end_dim); }
  std::string extra_repr() const override {
    return "start_dim=" + detail::python_text(start_dim) +
           ", end_dim=" + detail::python_text(end_dim);
  }

  std::int64_t start_dim;
  std::int64_t end_dim;
  BRASA_MODULE(Flatten)
};

/// The dimension `dim` as several, one of which may be -1.
///
/// Shapes: input `(*, S_dim, *)`, output `(*, U₁, …, Uₙ, *)` with ΠUᵢ = S_dim; the memory is
/// shared. Errors: IndexError, ShapeError. Source: torch.nn.Unflatten.
///
///     auto y = nn::Unflatten(1, {2, -1})(x);  // (4, 10) becomes (4, 2, 5)
template <FloatScalar S = float>
class Unflatten : public Module<S> {
 public:
  Unflatten(std::int64_t dim_, Shape unflattened_size_)
      : dim(dim_), unflattened_size(std::move(unflattened_size_)) {}
  template <FloatScalar From>
  explicit Unflatten(const Unflatten<From>& other) : Unflatten(other.dim, other.unflattened_size) {}

  Tensor<S> forward(const Tensor<S>& input) const { return input.unflatten(dim, unflattened_size); }
  std::string extra_repr() const override {
    return "dim=" + detail::python_text(dim) +
           ", unflattened_size=" + detail::python_text(unflattened_size);
  }

  std::int64_t dim;
  Shape unflattened_size;
  BRASA_MODULE(Unflatten)
};

}  // namespace brasa::nn
