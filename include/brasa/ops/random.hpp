#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/autograd/node.hpp"
#include "brasa/core/random.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/distributions.hpp"

/// Random tensors. All functions take an optional generator last; without one they draw from the
/// default generator, which `manual_seed` seeds. Under one seed they give what PyTorch gives on a
/// CPU with AVX2, to the bit; float64 normals and what is computed by log, tan or exp, to the last
/// bits of the C library. The numbers do not depend on how the program was compiled.
///
/// All of them raise ValueError for arguments that make no sense, before anything is drawn; those
/// in place also AutogradError for tensors that require a gradient, while operations are recorded
/// (PyTorch lets results of operations be filled, and gives them gradients of zero).
namespace brasa {

// ---- new tensors ----

/// Uniform numbers from [0, 1).
template <FloatScalar S = float>
Tensor<S> rand(const Shape& size, Generator* generator = nullptr) {
  auto out = Tensor<S>::empty(size, "rand");
  detail::fill_uniform("rand", out.span(), 0, 1, generator);
  return out;
}

/// Normal numbers of mean 0 and variance 1.
template <FloatScalar S = float>
Tensor<S> randn(const Shape& size, Generator* generator = nullptr) {
  auto out = Tensor<S>::empty(size, "randn");
  detail::fill_normal("randn", out.span(), 0, 1, generator);
  return out;
}

/// Integers from `low` to `high` − 1, each as likely as the others.
template <TensorScalar S = std::int64_t>
Tensor<S> randint(std::int64_t low, std::int64_t high, const Shape& size,
                  Generator* generator = nullptr) {
  auto out = Tensor<S>::empty(size, "randint");
  detail::fill_integers("randint", out.span(), low, high, generator);
  return out;
}

/// Integers from 0 to `high` − 1.
template <TensorScalar S = std::int64_t>
Tensor<S> randint(std::int64_t high, const Shape& size, Generator* generator = nullptr) {
  return randint<S>(0, high, size, generator);
}

/// The integers from 0 to n − 1 in random order.
template <TensorScalar S = std::int64_t>
Tensor<S> randperm(std::int64_t n, Generator* generator = nullptr) {
  static_assert(!std::is_same_v<S, bool>, "brasa: a permutation does not fit into bools");
  if (n - 1 > detail::kLastInteger<S>) {
    detail::raise<ValueError>("randperm", "the integers below ", n, " do not fit into ",
                              dtype_name(dtype_of<S>));
  }
  auto out = Tensor<S>::empty({n}, "randperm");
  detail::fill_permutation(out.span(), generator);
  return out;
}

/// `rand` in the shape and type of `input`.
template <FloatScalar S>
Tensor<S> rand_like(const Tensor<S>& input, Generator* generator = nullptr) {
  return rand<S>(input.shape(), generator);
}

/// `randn` in the shape and type of `input`.
template <FloatScalar S>
Tensor<S> randn_like(const Tensor<S>& input, Generator* generator = nullptr) {
  return randn<S>(input.shape(), generator);
}

/// `randint` in the shape and type of `input`.
template <TensorScalar S>
Tensor<S> randint_like(const Tensor<S>& input, std::int64_t low, std::int64_t high,
                       Generator* generator = nullptr) {
  return randint<S>(low, high, input.shape(), generator);
}
template <TensorScalar S>
Tensor<S> randint_like(const Tensor<S>& input, std::int64_t high, Generator* generator = nullptr) {
  return randint<S>(0, high, input.shape(), generator);
}

/// Normal numbers of one mean and standard deviation.
template <FloatScalar S = float>
Tensor<S> normal(double mean, double std, const Shape& size, Generator* generator = nullptr) {
  auto out = Tensor<S>::empty(size, "normal");
  detail::fill_normal("normal", out.span(), mean, std, generator);
  return out;
}

/// Normal numbers of a mean and a standard deviation for each element, which broadcast. The result
/// is outside of the graph; PyTorch gives it gradients of zero.
template <FloatScalar S>
Tensor<S> normal(const Tensor<S>& mean, const Tensor<S>& std, Generator* generator = nullptr) {
  for (const S value : std.span()) {
    if (!(value >= 0)) {
      detail::raise<ValueError>("normal", "expected no std that is negative, got ", value);
    }
  }
  const Shape shape = detail::broadcast_shapes("normal", mean.shape(), std.shape());
  const Tensor<S> scaled = detail::zip<S>("normal", randn<S>(shape, generator), std,
                                          [](S z, S factor) { return z * factor; });
  return detail::zip<S>("normal", scaled, mean, [](S x, S shift) { return x + shift; });
}
template <FloatScalar S>
Tensor<S> normal(const Tensor<S>& mean, double std = 1, Generator* generator = nullptr) {
  const Tensor<S> centred = normal<S>(0, std, mean.shape(), generator);
  return detail::zip<S>("normal", centred, mean, [](S x, S shift) { return x + shift; });
}
template <FloatScalar S>
Tensor<S> normal(double mean, const Tensor<S>& std, Generator* generator = nullptr) {
  auto means = Tensor<S>::empty({});
  *means.data() = static_cast<S>(mean);
  return normal(means, std, generator);
}

/// 1 with the probability that the element says, else 0. Its gradient is zero, as in PyTorch.
template <FloatScalar S>
Tensor<S> bernoulli(const Tensor<S>& p, Generator* generator = nullptr) {
  auto out = Tensor<S>::empty(p.shape());
  detail::fill_bernoulli("bernoulli", out.span(), p.span(), generator);
  if (autograd::recording(p)) {
    autograd::record(out, "BernoulliBackward0", autograd::vjp(p, [](const auto& grad) {
                       auto zeros = Tensor<S>::empty(grad.shape());
                       zeros.array().setZero();
                       return zeros;
                     }));
  }
  return out;
}

/// 1 with probability p, else 0, in the shape and type of `input`, whose values do not matter.
template <TensorScalar S>
Tensor<S> bernoulli(const Tensor<S>& input, double p, Generator* generator = nullptr) {
  auto out = Tensor<S>::empty(input.shape());
  detail::fill_bernoulli("bernoulli", out.span(), p, generator);
  return out;
}

// ---- in place ----

namespace detail {

inline void check_fill_in_place(std::string_view op, const AnyTensor& x) {
  if (!is_grad_enabled() || !x.requires_grad()) return;
  raise<AutogradError>(
      op, x.is_leaf() ? "a leaf tensor that requires a gradient is being filled: hold a "
                        "NoGradGuard meanwhile"
                      : "the result of a recorded operation is being filled, whose history "
                        "would be wrong then: fill a new tensor");
}

/// `fill(span)` checks its arguments before it writes.
template <TensorScalar S, class Fill>
Tensor<S>& fill_in_place(std::string_view op, Tensor<S>& x, Fill fill) {
  check_fill_in_place(op, x);
  const InPlaceWrite write(*x.impl().storage);
  fill(x.span());
  return x;
}

}  // namespace detail

/// Fills with uniform numbers from [from, to).
template <TensorScalar S>
Tensor<S>& Tensor<S>::uniform_(double from, double to, Generator* generator) {
  static_assert(FloatScalar<S>, "brasa: uniform_ is for tensors of float and double");
  return detail::fill_in_place("uniform_", *this, [=](std::span<S> out) {
    detail::fill_uniform("uniform_", out, from, to, generator);
  });
}

/// Fills with normal numbers of this mean and standard deviation.
template <TensorScalar S>
Tensor<S>& Tensor<S>::normal_(double mean, double std, Generator* generator) {
  static_assert(FloatScalar<S>, "brasa: normal_ is for tensors of float and double");
  return detail::fill_in_place("normal_", *this, [=](std::span<S> out) {
    detail::fill_normal("normal_", out, mean, std, generator);
  });
}

/// Fills with 1, with probability p, and 0.
template <TensorScalar S>
Tensor<S>& Tensor<S>::bernoulli_(double p, Generator* generator) {
  return detail::fill_in_place("bernoulli_", *this, [=](std::span<S> out) {
    detail::fill_bernoulli("bernoulli_", out, p, generator);
  });
}

/// Fills with integers from 0 to the largest one (floating point: the last one before which there
/// are no gaps, 2^24 or 2^53).
template <TensorScalar S>
Tensor<S>& Tensor<S>::random_(Generator* generator) {
  return detail::fill_in_place(
      "random_", *this, [=](std::span<S> out) { detail::fill_all_integers(out, generator); });
}

/// Fills with integers from `from` to `to` − 1; with std::nullopt, up to and with the largest one.
template <TensorScalar S>
Tensor<S>& Tensor<S>::random_(std::int64_t from, std::optional<std::int64_t> to,
                              Generator* generator) {
  return detail::fill_in_place("random_", *this, [=](std::span<S> out) {
    detail::fill_integers("random_", out, from, to, generator);
  });
}

/// Fills `x` with numbers of density lambd·exp(−lambd·t), t > 0.
template <FloatScalar S>
Tensor<S>& exponential_(Tensor<S>& x, double lambd = 1, Generator* generator = nullptr) {
  return detail::fill_in_place("exponential_", x, [=](std::span<S> out) {
    detail::fill_exponential("exponential_", out, lambd, generator);
  });
}

/// Fills `x` with numbers of density sigma / (π((t − median)² + sigma²)).
template <FloatScalar S>
Tensor<S>& cauchy_(Tensor<S>& x, double median = 0, double sigma = 1,
                   Generator* generator = nullptr) {
  return detail::fill_in_place("cauchy_", x, [=](std::span<S> out) {
    detail::fill_cauchy("cauchy_", out, median, sigma, generator);
  });
}

/// Fills `x` with the exponentials of normal numbers of this mean and standard deviation.
template <FloatScalar S>
Tensor<S>& log_normal_(Tensor<S>& x, double mean = 1, double std = 2,
                       Generator* generator = nullptr) {
  return detail::fill_in_place("log_normal_", x, [=](std::span<S> out) {
    detail::fill_log_normal("log_normal_", out, mean, std, generator);
  });
}

/// Fills `x` with the number of attempts, each successful with probability p, until the first
/// success.
template <TensorScalar S>
Tensor<S>& geometric_(Tensor<S>& x, double p, Generator* generator = nullptr) {
  return detail::fill_in_place("geometric_", x, [=](std::span<S> out) {
    detail::fill_geometric("geometric_", out, p, generator);
  });
}

}  // namespace brasa

#include "brasa/ops/arithmetic.hpp"
