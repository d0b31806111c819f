#pragma once

#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/autograd/node.hpp"
#include "brasa/core/tensor.hpp"

namespace brasa::autograd {

/// An operation of one's own: its forward and, for each of its inputs, the vector-Jacobian product.
/// What torch.autograd.Function is in Python.
///
///     // y = x², and d(loss)/dx = 2x · d(loss)/dy
///     const autograd::Function square(
///         "SquareBackward", [](const auto& x) { return x * x; },
///         [](const auto& grad, const auto& y, const auto& x) { return grad * 2 * x; });
///     square(x).sum().backward();
///
/// - `name` is what a result prints as its `grad_fn`; a literal, or another text that outlives all
///   results.
/// - `forward(inputs…)` gives a `Tensor<S>`. It runs without recording; whatever is no tensor goes
///   into its captures.
/// - `vjp(grad, output, inputs…)` gives the gradient of its input from the gradient of the output;
///   where the input was broadcast, what it gives is summed to the input's shape; an undefined
///   tensor is no gradient. If it calls differentiable
///   operations, so that gradients can be differentiated again, hold it against
///   `autograd::gradgradcheck`, and all of it against `gradcheck`.
///
/// Tensors belong into the inputs, not into captures: the inputs and the output are kept for
/// backward, which notices if one was changed in place in the meantime.
///
/// Where it differs from PyTorch: one output; a vjp for each input instead of one `backward` for
/// all; what is kept cannot be chosen.
///
/// Errors, in backward: AutogradError for a gradient of another shape than the input's.
template <class Forward, class... Vjps>
class Function {
 public:
  explicit Function(const char* name, Forward forward, Vjps... vjps)
      : name_(name), forward_(std::move(forward)), vjps_(std::move(vjps)...) {}

  /// The output for as many inputs of one type as there are vjps.
  template <FloatScalar S, std::convertible_to<const Tensor<S>&>... Rest>
  Tensor<S> operator()(const Tensor<S>& first, const Rest&... rest) const {
    static_assert(1 + sizeof...(Rest) == sizeof...(Vjps),
                  "brasa: an autograd::Function takes as many tensors as it has vjps");
    return apply(std::index_sequence_for<Vjps...>(), first, static_cast<const Tensor<S>&>(rest)...);
  }

 private:
  template <std::size_t... I, FloatScalar S, class... Rest>
  Tensor<S> apply(std::index_sequence<I...>, const Tensor<S>& first, const Rest&... rest) const {
    const Tensor<S> output = without_recording(first, rest...);
    if (recording(first, rest...)) {
      const auto inputs = std::tie(first, rest...);
      record(output, name_,
             vjp(std::get<I>(inputs), checked(I, std::get<I>(inputs), std::get<I>(vjps_)),
                 save_result(output), save(first), save(rest)...)...);
    }
    return output;
  }

  /// A tensor of its own also where the function returns one of its inputs.
  template <FloatScalar S, class... Rest>
  Tensor<S> without_recording(const Tensor<S>& first, const Rest&... rest) const {
    NoGradGuard not_recording;
    const Tensor<S> output = forward_(first, rest...);
    return output.detach();
  }

  static bool broadcasts(const Shape& from, const Shape& to) {
    if (from.size() > to.size()) return false;
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from[i] != 1 && from[i] != to[to.size() - from.size() + i]) return false;
    }
    return true;
  }

  template <FloatScalar S, class F>
  auto checked(std::size_t index, const Tensor<S>& input, const F& function) const {
    return [name = name_, index, shape = input.shape(), function](
               const Tensor<S>& grad, const auto&... saved) -> Tensor<S> {
      Tensor<S> result = function(grad, saved...);
      if (!result.defined() || result.shape() == shape) return result;
      if (!broadcasts(shape, result.shape())) {
        detail::raise<AutogradError>(name, "the gradient of input ", index, " has shape ",
                                     shape_text(result.shape()), ", expected ", shape_text(shape));
      }
      return sum_to(result, shape);  // stands in ops/ and is found where this is instantiated
    };
  }

  const char* name_;
  Forward forward_;
  std::tuple<Vjps...> vjps_;
};

}  // namespace brasa::autograd
