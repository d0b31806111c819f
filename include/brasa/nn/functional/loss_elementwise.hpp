#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "brasa/autograd/node.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/nn/functional/activation_smooth.hpp"
#include "brasa/nn/functional/operands.hpp"
#include "brasa/nn/functional/reduction.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/clamp.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/element.hpp"
#include "brasa/ops/logic.hpp"
#include "brasa/ops/permute.hpp"
#include "brasa/ops/unary.hpp"
#include "brasa/ops/where.hpp"

/// Losses that compare two tensors element by element, each one node of the graph with its
/// reduction included. Their formulas are written once, for numbers and for tensors: mostly they
/// are computed in one loop; operation by operation where a gradient is to be differentiated again.
namespace brasa::nn::functional::detail {

// ---- functions that formulas need for both numbers and tensors ----

using brasa::sigmoid;
using brasa::detail::element::sigmoid;
using functional::logsigmoid;

/// max(x, low)
template <FloatScalar S>
S at_least(S x, S low) {
  return std::max(x, low);
}
template <FloatScalar S>
Tensor<S> at_least(const Tensor<S>& x, S low) {
  return brasa::clamp_min(x, static_cast<double>(low));
}

// ---- shapes ----

/// Both broadcast to one shape, with PyTorch's warning, since a target of another shape is mostly a
/// mistake.
template <FloatScalar S>
std::pair<Tensor<S>, Tensor<S>> broadcast_target(std::string_view op, const Tensor<S>& input,
                                                 const Tensor<S>& target) {
  if (input.shape() != target.shape()) {
    brasa::detail::warn("Using a target size (" + repr(target.shape()) +
                        ") that is different to the input size (" + repr(input.shape()) +
                        "). This will likely lead to incorrect results due to broadcasting. Please "
                        "ensure they have the same size.");
  }
  return broadcast(op, input, target);
}

/// Raises ShapeError unless the target has the input's shape.
inline void check_same_shape(std::string_view op, const AnyTensor& input, const AnyTensor& target) {
  if (input.shape() == target.shape()) return;
  raise<ShapeError>(op, "expected a target of the input's shape ", shape_text(input.shape()),
                    ", got ", shape_text(target.shape()));
}

/// A weight for each element, broadcast to their shape; undefined if it is. Raises ShapeError if it
/// does not broadcast, AutogradError if it requires a gradient.
template <FloatScalar S>
Tensor<S> weight_for(std::string_view op, std::string_view name, const Tensor<S>& weight,
                     const Shape& shape) {
  if (!weight.defined()) return weight;
  check_constant(op, name, weight);
  if (brasa::detail::broadcast_shapes(op, shape, weight.shape()) != shape) {
    raise<ShapeError>(op, "expected a ", name, " that broadcasts to shape ", shape_text(shape),
                      ", got ", shape_text(weight.shape()));
  }
  return brasa::expand(weight, shape);
}

// ---- one node ----

/// f(0) + … + f(count − 1) in double.
template <class F>
double sum_of_terms(std::int64_t count, F f) {
  constexpr std::int64_t kLanes = 8;  // no addition waits for the one before
  double lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) lanes[k] += static_cast<double>(f(i + k));
  }
  double sum = 0;
  for (; i < count; ++i) sum += static_cast<double>(f(i));
  for (const double lane : lanes) sum += lane;
  return sum;
}

/// loss(x, others…) over all elements, reduced. All operands have one shape.
template <FloatScalar S, class Loss, class... Others>
Tensor<S> loss_value(std::string_view op, Reduction reduction, Loss loss, const Tensor<S>& x,
                     const Others&... others) {
  const std::int64_t count = x.numel();
  const auto term = [loss, data = std::tuple(x.data(), others.data()...)](std::int64_t i) {
    return std::apply([&](auto... from) { return static_cast<S>(loss(from[i]...)); }, data);
  };
  const bool reduced = reduction != Reduction::none;
  auto out = Tensor<S>::empty(reduced ? Shape() : x.shape(), op);
  S* to = out.data();
  if (!reduced) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = term(i);
  } else {
    const double sum = sum_of_terms(count, term);
    *to = static_cast<S>(reduction == Reduction::mean ? sum / static_cast<double>(count) : sum);
  }
  return out;
}

/// formula(grad, x, others…) over all elements. The gradient has their shape, or is one number.
template <FloatScalar S, class Formula, class... Others>
Tensor<S> loss_gradient(Formula formula, const Tensor<S>& grad, const Tensor<S>& x,
                        const Others&... others) {
  if (autograd::recording(grad, x, others...)) return formula(grad, x, others...);
  auto out = Tensor<S>::empty(x.shape());
  const auto fill = [&, count = x.numel()](auto grad_at) {
    [&](S* to, auto... from) {
      for (std::int64_t i = 0; i < count; ++i) {
        to[i] = static_cast<S>(formula(grad_at(i), from[i]...));
      }
    }(out.data(), x.data(), others.data()...);
  };
  const S* from = grad.data();
  if (grad.dim() == 0) {
    fill([value = *from](std::int64_t) { return value; });
  } else {
    fill([from](std::int64_t i) { return from[i]; });
  }
  return out;
}

/// The gradient of the elements' losses.
template <FloatScalar S>
Tensor<S> unreduced(const Tensor<S>& grad, Reduction reduction, std::int64_t count) {
  return reduction == Reduction::mean ? grad / static_cast<double>(count) : grad;
}

/// In place of a formula for a gradient that does not exist.
struct NotDifferentiable {};

/// loss(x, y, constants…) over all elements, reduced and recorded as `node`. Gradients are
/// to_x(grad, x, y, constants…) and to_y(…). All operands have one shape.
template <FloatScalar S, class Loss, class ToX, class ToY, class... Constants>
Tensor<S> elementwise_loss(std::string_view op, const char* node, Reduction reduction, Loss loss,
                           ToX to_x, ToY to_y, const Tensor<S>& x, const Tensor<S>& y,
                           const Constants&... constants) {
  check_reduction(op, reduction);
  auto out = loss_value(op, reduction, loss, x, y, constants...);
  const auto vjp = [&](const Tensor<S>& of, auto formula) {
    return autograd::vjp(
        of,
        [formula, reduction, count = x.numel()](const auto& grad, const auto&... operands) {
          return loss_gradient(formula, unreduced(grad, reduction, count), operands...);
        },
        autograd::save(x), autograd::save(y), autograd::save(constants)...);
  };
  if constexpr (std::is_same_v<ToY, NotDifferentiable>) {
    check_constant(op, "target", y);
    if (autograd::recording(x)) autograd::record(out, node, vjp(x, to_x));
  } else {
    if (autograd::recording(x, y)) autograd::record(out, node, vjp(x, to_x), vjp(y, to_y));
  }
  return out;
}

/// The same, each element's loss times its weight, if one is defined.
template <FloatScalar S, class Loss, class ToX, class ToY, class... Constants>
Tensor<S> weighted_loss(std::string_view op, const char* node, Reduction reduction, Loss loss,
                        ToX to_x, ToY to_y, const Tensor<S>& weight, const Tensor<S>& x,
                        const Tensor<S>& y, const Constants&... constants) {
  if (!weight.defined()) {
    return elementwise_loss(op, node, reduction, loss, to_x, to_y, x, y, constants...);
  }
  const auto with_weight = [](auto formula) {
    return [formula](const auto& grad, const auto& a, const auto& b, const auto& w,
                     const auto&... rest) { return formula(grad * w, a, b, rest...); };
  };
  return elementwise_loss(
      op, node, reduction, [loss](S a, S b, S w, auto... rest) { return loss(a, b, rest...) * w; },
      with_weight(to_x), with_weight(to_y), x, y, weight_for(op, "weight", weight, x.shape()),
      constants...);
}

}  // namespace brasa::nn::functional::detail
