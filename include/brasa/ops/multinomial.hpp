#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <numeric>
#include <span>
#include <vector>

#include "brasa/core/random.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/distributions.hpp"

namespace brasa {
namespace detail {

template <FloatScalar S>
void check_weights(std::span<const S> row) {
  S sum = 0;
  for (const S weight : row) {
    if (!(weight >= 0 && std::isfinite(weight))) {
      raise<ValueError>("multinomial", "expected weights that are finite and not negative, got ",
                        weight);
    }
    sum += weight;
  }
  if (!(sum > 0)) raise<ValueError>("multinomial", "expected a weight above 0 in each row");
}

/// The indices of the largest ratios weight / q, q exponential: sampling without replacement by
/// exponential clocks (Efraimidis and Spirakis, 2006).
template <FloatScalar S>
void sample_without_replacement(std::span<const S> weights, std::span<const S> q,
                                std::span<std::int64_t> out) {
  std::vector<S> ratios(weights.size());
  for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] = weights[i] / q[i];
  std::vector<std::int64_t> order(weights.size());
  std::iota(order.begin(), order.end(), 0);
  const auto before = [&](std::int64_t a, std::int64_t b) {
    const S x = ratios[static_cast<std::size_t>(a)];
    const S y = ratios[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  };
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(out.size());
  std::partial_sort(order.begin(), end, order.end(), before);
  std::copy(order.begin(), end, out.begin());
}

/// Each sample is the first index at which the running sum of the weights, normalised, reaches a
/// uniform number.
template <FloatScalar S>
void sample_with_replacement(std::span<const S> weights, std::span<std::int64_t> out,
                             Generator& generator) {
  std::vector<S> sums(weights.size());
  std::partial_sum(weights.begin(), weights.end(), sums.begin());
  const S total = sums.back();
  for (S& sum : sums) sum /= total;
  sums.back() = 1;
  for (std::int64_t& index : out) {
    const auto reaches =
        std::lower_bound(sums.begin(), sums.end(), generator.uniform_double(),
                         [](S sum, double uniform) { return static_cast<double>(sum) < uniform; });
    index = reaches - sums.begin();
  }
}

}  // namespace detail

/// `num_samples` indices for each row of weights, each index as likely as its weight says.
///
/// The weights need not sum to 1. Without `replacement` no index comes twice in a row; if fewer
/// weights than samples are positive, indices of weight 0 come last.
///
/// Shapes: input `(C)` or `(N, C)`; result `(num_samples)` or `(N, num_samples)`.
///
/// Raises ShapeError for other shapes and for more samples than C without replacement, ValueError
/// for no samples, for weights that are negative or not finite, and where a row has none above 0.
template <FloatScalar S>
Tensor<std::int64_t> multinomial(const Tensor<S>& input, std::int64_t num_samples,
                                 bool replacement = false, Generator* generator = nullptr) {
  if (input.dim() != 1 && input.dim() != 2) {
    detail::raise<ShapeError>("multinomial", "expected weights of shape (C) or (N, C), got ",
                              shape_text(input.shape()));
  }
  if (num_samples <= 0) {
    detail::raise<ValueError>("multinomial", "expected at least one sample, got ", num_samples);
  }
  const std::int64_t count = input.shape().back();
  if (!replacement && num_samples > count) {
    detail::raise<ShapeError>("multinomial", "cannot draw ", num_samples, " samples from ", count,
                              " without replacement");
  }
  Shape shape = input.shape();
  shape.back() = num_samples;
  auto out = Tensor<std::int64_t>::empty(shape, "multinomial");
  const auto columns = static_cast<std::size_t>(count);
  const auto samples = static_cast<std::size_t>(num_samples);
  const std::size_t rows = input.dim() == 1 ? 1 : static_cast<std::size_t>(input.shape()[0]);
  const auto row_of = [&](auto all, std::size_t row, std::size_t length) {
    return all.subspan(row * length, length);
  };
  const auto weights = input.span();
  for (std::size_t row = 0; row < rows; ++row) {
    detail::check_weights(row_of(weights, row, columns));
  }
  if (replacement && num_samples > 1) {
    Generator& source = detail::generator_or_default(generator);
    const std::lock_guard lock(source.mutex());
    for (std::size_t row = 0; row < rows; ++row) {
      detail::sample_with_replacement(row_of(weights, row, columns),
                                      row_of(out.span(), row, samples), source);
    }
  } else {
    std::vector<S> q(weights.size());
    detail::fill_exponential("multinomial", std::span(q), 1, generator);
    for (std::size_t row = 0; row < rows; ++row) {
      detail::sample_without_replacement(row_of(weights, row, columns),
                                         row_of(std::span<const S>(q), row, columns),
                                         row_of(out.span(), row, samples));
    }
  }
  return out;
}

}  // namespace brasa
