#pragma once

#include <cmath>
#include <cstdint>
#include <mutex>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/core/error.hpp"
#include "brasa/core/random.hpp"
#include "brasa/core/real.hpp"
#include "brasa/nn/functional/activation_piecewise.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/broadcast.hpp"
#include "brasa/ops/reduce.hpp"
#include "brasa/ops/view.hpp"

/// Rectifiers whose slope below 0 is drawn at random, or learned.
namespace brasa::nn::functional {
namespace detail {

/// For each x ≤ 0 a slope from [lower, upper), else 1; drawn in the order of the elements, 64 bits
/// each, none for x > 0 and NaN.
template <FloatScalar S>
Tensor<S> random_slopes(const Tensor<S>& x, double lower, double upper) {
  const Real low = static_cast<S>(lower);
  const Real width = static_cast<S>(upper) - low;
  Generator& generator = default_generator();
  const std::lock_guard lock(generator.mutex());
  auto out = Tensor<S>::empty(x.shape());
  brasa::detail::map_into(out.data(), x.data(), x.numel(), [&generator, low, width](S v) {
    if (!(v <= 0)) return S{1};
    return static_cast<S>((generator.uniform_double() * width + low).value());
  });
  return out;
}

/// The weight's shape as it broadcasts to an input whose channels are dimension 1.
inline Shape channel_slopes(const Shape& input, const Shape& weight) {
  if (weight.size() > 1) {
    brasa::detail::raise<ShapeError>("prelu", "expected a weight of shape (C) or (1), got ",
                                     shape_text(weight));
  }
  const std::int64_t count = weight.empty() ? 1 : weight[0];
  Shape shape = Shape::filled(input.size(), 1);
  if (count == 1) return shape;
  const std::int64_t channels = input.size() > 1 ? input[1] : 1;
  if (count != channels) {
    brasa::detail::raise<ShapeError>("prelu", "expected a weight for each of the ", channels,
                                     " channels (dimension 1) of an input of shape ",
                                     shape_text(input), ", or a single one, got ", count);
  }
  shape[1] = count;
  return shape;
}

}  // namespace detail

/// x above 0, else a·x. In training each a is drawn from U(lower, upper), by PyTorch's draws from
/// the default generator; else it is (lower + upper)/2. Shape: any.
/// Errors: ValueError unless lower and upper are finite and lower <= upper.
/// Source: Xu and others, 2015: arXiv:1505.00853; torch.nn.functional.rrelu.
template <FloatScalar S>
Tensor<S> rrelu(const Tensor<S>& input, double lower = 1.0 / 8, double upper = 1.0 / 3,
                bool training = false) {
  if (!std::isfinite(lower) || !std::isfinite(upper) || lower > upper) {
    brasa::detail::raise<ValueError>("rrelu", "expected finite bounds with lower <= upper, got ",
                                     lower, " and ", upper);
  }
  constexpr const char* kNode = "RreluWithNoiseBackward0";
  if (!training) return detail::leaky(kNode, input, (lower + upper) / 2);
  const auto slopes = detail::random_slopes(input, lower, upper);
  const auto out = brasa::detail::zip<S>("rrelu", input, slopes, [](S v, S a) { return v * a; });
  if (autograd::recording(input)) {
    autograd::record(out, kNode,
                     autograd::vjp(
                         input, [](const auto& grad, const auto& a) { return grad * a; },
                         autograd::save(slopes)));
  }
  return out;
}

/// x above 0, else a·x with a learned a: one for all, or one for each channel.
///
/// Shapes: input `(N, C, *)`, or any with a single a; weight `(C)` or `(1)`.
/// Errors: ShapeError. Source: He and others, 2015: arXiv:1502.01852; torch.nn.functional.prelu.
template <FloatScalar S>
Tensor<S> prelu(const Tensor<S>& input, const std::type_identity_t<Tensor<S>>& weight) {
  const auto slopes = brasa::view(weight, detail::channel_slopes(input.shape(), weight.shape()));
  auto out =
      brasa::detail::zip<S>("prelu", input, slopes, [](S v, S a) { return v > 0 ? v : v * a; });
  if (autograd::recording(input, slopes)) {
    autograd::record(out, "PreluKernelBackward0",
                     autograd::vjp(
                         input,
                         [](const auto& grad, const auto& x, const auto& a) {
                           return where(x > S{0}, grad, grad * a);
                         },
                         autograd::save(input), autograd::save(slopes)),
                     autograd::vjp(
                         slopes,
                         [](const auto& grad, const auto& x, const auto& a) {
                           return sum_to(where(x > S{0}, S{0}, grad * x), a.shape());
                         },
                         autograd::save(input), autograd::save(slopes)));
  }
  return out;
}

}  // namespace brasa::nn::functional
