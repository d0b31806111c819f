#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <string_view>
#include <vector>

#include "brasa/core/dtype.hpp"
#include "brasa/core/random.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/ops/distributions.hpp"

/// Normal numbers within bounds. Every attempt draws numbers for all elements, and only those take
/// one that have none yet: so it is in PyTorch, whose streams these are.
namespace brasa::detail {

/// Normal numbers, drawn again where they lie outside.
template <FloatScalar S>
void fill_redrawing_normals(std::string_view op, std::span<S> out, double mean, double std, S low,
                            S high, Generator* generator) {
  const auto outside = [=](S value) { return value < low || value > high; };
  fill_normal(op, out, mean, std, generator);
  std::vector<S> next(out.size());
  while (std::any_of(out.begin(), out.end(), outside)) {
    fill_normal(op, std::span(next), mean, std, generator);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (outside(out[i])) out[i] = next[i];
    }
  }
}

/// Uniform numbers from [a, b), each accepted with a probability proportional to its density.
template <FloatScalar S>
void fill_rejecting_uniforms(std::string_view op, std::span<S> out, double mean, double std,
                             double a, double b, Generator* generator) {
  const double peak = (std::max(a, std::min(mean, b)) - mean) / std;
  const S log_peak = static_cast<S>(-0.5 * (peak * peak));
  const S centre = static_cast<S>(mean);
  const S width = static_cast<S>(std);
  std::vector<S> candidates(out.size());
  std::vector<S> uniforms(out.size());
  std::vector<std::size_t> pending(out.size());
  for (std::size_t i = 0; i < pending.size(); ++i) pending[i] = i;
  do {
    fill_uniform(op, std::span(candidates), a, b, generator);
    fill_uniform(op, std::span(uniforms), 0, 1, generator);
    std::erase_if(pending, [&](std::size_t i) {
      out[i] = candidates[i];
      const S z = (candidates[i] - centre) / width;
      // A factor of −1/2 is exact: the compiler may fuse it with the difference or not.
      const S log_density = z * z * S(-0.5) - log_peak;
      return !(std::log(uniforms[i]) > log_density);
    });
  } while (!pending.empty());
}

template <FloatScalar S>
void fill_truncated_normal(std::string_view op, std::span<S> out, double mean, double std, double a,
                           double b, Generator* generator) {
  if (!(std > 0)) raise<ValueError>(op, "expected a positive std, got ", std);
  if (!(a <= b)) raise<ValueError>(op, "expected a <= b, got a = ", a, " and b = ", b);
  if (mean < a - 2 * std || mean > b + 2 * std) {
    warn(
        "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values "
        "may be incorrect.");
  }
  const auto cumulated = [&](double x) {
    return (1 + std::erf((x - mean) / std / std::numbers::sqrt2)) / 2;
  };
  if (cumulated(b) - cumulated(a) > 0.3) {
    fill_redrawing_normals(op, out, mean, std, static_cast<S>(a), static_cast<S>(b), generator);
  } else {
    fill_rejecting_uniforms(op, out, mean, std, a, b, generator);
  }
}

}  // namespace brasa::detail
