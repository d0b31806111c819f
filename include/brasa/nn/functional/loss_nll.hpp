#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/nn/functional/operands.hpp"
#include "brasa/nn/functional/reduction.hpp"
#include "brasa/ops/cast.hpp"
#include "brasa/ops/view.hpp"

/// The negative log likelihood of classes that are given by their indices.
namespace brasa::nn {

/// The optional arguments of NLLLoss.
template <FloatScalar S = float>
struct NLLLossOptions {
  /// A factor for each class, of shape `(C,)`; `mean` is then the weighted mean.
  Tensor<S> weight = {};
  /// Targets of this value count for nothing.
  std::int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
};

namespace functional {
namespace detail {

/// An input of shape (C), (N, C) or (N, C, d₁, …) seen as (batch, classes, inner); the targets are
/// then (batch, inner).
struct ClassLayout {
  std::int64_t batch, classes, inner;

  explicit ClassLayout(const Shape& shape)
      : batch(shape.size() < 2 ? 1 : shape[0]),
        classes(shape.size() < 2 ? shape[0] : shape[1]),
        inner(shape.size() < 3 ? 1 : numel_of(shape.slice(2, shape.size()))) {}
  std::int64_t targets() const { return batch * inner; }
  /// Where class `c` of target `i` stands in the input.
  std::int64_t position(std::int64_t i, std::int64_t c) const {
    return (i / inner * classes + c) * inner + i % inner;
  }

 private:
  static std::int64_t numel_of(const Shape& shape) { return brasa::detail::numel_of(shape); }
};

/// The shape of class indices for an input: all its dimensions but that of the classes.
inline Shape target_shape_of(const Shape& input) {
  if (input.size() < 2) return {};
  Shape shape = input;
  shape.erase(1);
  return shape;
}

/// The indices at which element `flat` of a shape stands.
inline Shape index_of(std::int64_t flat, const Shape& shape) {
  Shape index = shape;
  for (std::size_t i = shape.size(); i-- > 0;) {
    index[i] = flat % shape[i];
    flat /= shape[i];
  }
  return index;
}

/// Raises ShapeError unless the input has classes and the target is of the shape that class indices
/// for it have.
inline void check_target_shape(std::string_view op, const Shape& input, const Shape& target) {
  if (input.empty()) {
    raise<ShapeError>(op, "expected an input with a dimension for the classes, got shape ()");
  }
  const Shape expected = target_shape_of(input);
  if (target == expected || (input.size() == 1 && target == Shape{1})) return;
  raise<ShapeError>(op, "expected class indices of shape ", shape_text(expected),
                    " for an input of shape ", shape_text(input), ", got ", shape_text(target));
}

/// The target as int64. Raises IndexError for a class that does not exist.
template <TensorScalar T>
Tensor<std::int64_t> class_indices(std::string_view op, const Tensor<T>& target,
                                   std::int64_t classes, std::int64_t ignore_index) {
  static_assert(
      std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint8_t>,
      "brasa: class indices are a Tensor<std::int64_t> or a Tensor<std::uint8_t>; convert "
      "them with target.to<std::int64_t>()");
  const Tensor<std::int64_t> indices = brasa::to<std::int64_t>(target);
  for (std::int64_t i = 0; i < indices.numel(); ++i) {
    const std::int64_t index = indices.data()[i];
    if (index == ignore_index || (index >= 0 && index < classes)) continue;
    raise<IndexError>(op, "target ", index, " at ", shape_text(index_of(i, target.shape())),
                      " is out of range: there are ", classes, " classes, and ignored is ",
                      ignore_index);
  }
  return indices;  // NOLINT(performance-no-automatic-move): const, so that reading counts as no
                   // write
}

/// Raises ShapeError unless a weight is of shape (C,).
template <FloatScalar S>
void check_class_weight(std::string_view op, const Tensor<S>& weight, std::int64_t classes) {
  if (!weight.defined() || weight.shape() == Shape{classes}) return;
  raise<ShapeError>(op, "expected a weight for each of the ", classes, " classes, of shape ",
                    shape_text({classes}), ", got ", shape_text(weight.shape()));
}

/// How the targets pick elements of the input.
struct ClassPick {
  Shape input_shape, output_shape;
  ClassLayout layout;
  std::int64_t ignore_index;
  Reduction reduction;
  double divisor;  // of the sum

  /// visit(i, where in the input, weight of the class) for all targets that count.
  template <FloatScalar S, class Visit>
  void for_each(const Tensor<std::int64_t>& target, const Tensor<S>& weight, Visit visit) const {
    for (std::int64_t i = 0; i < layout.targets(); ++i) {
      const std::int64_t c = target.data()[i];
      if (c == ignore_index) continue;
      visit(i, layout.position(i, c), weight.defined() ? weight.data()[c] : S{1});
    }
  }
  /// The sum of the weights of the targets that count.
  template <FloatScalar S>
  double total_weight(const Tensor<std::int64_t>& target, const Tensor<S>& weight) const {
    double total = 0;
    for_each(target, weight,
             [&](std::int64_t, std::int64_t, S w) { total += static_cast<double>(w); });
    return total;
  }
};

template <FloatScalar S>
Tensor<S> picked_gradient(const ClassPick& pick, const Tensor<S>& grad,
                          const Tensor<std::int64_t>& target, const Tensor<S>& weight);

/// −w·x of the picked elements, reduced.
template <FloatScalar S>
Tensor<S> picked_loss(const char* node, const ClassPick& pick, const Tensor<S>& x,
                      const Tensor<std::int64_t>& target, const Tensor<S>& weight) {
  auto out = Tensor<S>::empty(pick.output_shape, "nll_loss");
  const S* from = x.data();
  S* to = out.data();
  if (pick.reduction == Reduction::none) {
    std::fill_n(to, out.numel(), S{0});
    pick.for_each(target, weight,
                  [&](std::int64_t i, std::int64_t at, S w) { to[i] = -w * from[at]; });
  } else {
    double sum = 0;
    pick.for_each(target, weight, [&](std::int64_t, std::int64_t at, S w) {
      sum += static_cast<double>(-w * from[at]);
    });
    *to = static_cast<S>(sum / pick.divisor);
  }
  if (autograd::recording(x)) {
    autograd::record(out, node,
                     autograd::vjp(
                         x,
                         [pick](const auto& grad, const auto& indices, const auto& weights) {
                           return picked_gradient(pick, grad, indices, weights);
                         },
                         autograd::save(target), autograd::save(weight)));
  }
  return out;
}

/// The gradient of picked_loss. Both are linear, so each is the other's gradient.
template <FloatScalar S>
Tensor<S> picked_gradient(const ClassPick& pick, const Tensor<S>& grad,
                          const Tensor<std::int64_t>& target, const Tensor<S>& weight) {
  auto out = Tensor<S>::empty(pick.input_shape);
  const S* from = grad.data();
  S* to = out.data();
  std::fill_n(to, out.numel(), S{0});
  const bool each = pick.reduction == Reduction::none;
  const S divisor = static_cast<S>(pick.divisor);
  pick.for_each(target, weight, [&](std::int64_t i, std::int64_t at, S w) {
    to[at] = -w * from[each ? i : 0] / divisor;
  });
  if (autograd::recording(grad)) {
    autograd::record(out, "NllLossBackwardBackward0",
                     autograd::vjp(
                         grad,
                         [pick](const auto& second, const auto& indices, const auto& weights) {
                           return picked_loss("NllLossBackward0", pick, second, indices, weights);
                         },
                         autograd::save(target), autograd::save(weight)));
  }
  return out;
}

/// nll_loss with a target that has been checked.
template <FloatScalar S>
Tensor<S> nll_of_classes(const Tensor<S>& input, const Tensor<std::int64_t>& target,
                         const NLLLossOptions<S>& options) {
  const Shape& shape = input.shape();
  const bool each = options.reduction == Reduction::none;
  // As in PyTorch an input of 3, or of more than 4, dimensions is seen as (N, C, 1, d₁·…·dₖ).
  const bool spatial = shape.size() > 2;
  const bool flat = spatial && shape.size() != 4;
  ClassPick pick{shape,
                 !each  ? Shape()
                 : flat ? Shape{shape[0], 1, ClassLayout(shape).inner}
                        : target_shape_of(shape),
                 ClassLayout(shape),
                 options.ignore_index,
                 options.reduction,
                 1};
  if (options.reduction == Reduction::mean) {
    pick.divisor = pick.total_weight(target, options.weight);
  }
  const auto out = picked_loss(spatial ? "NllLoss2DBackward0" : "NllLossBackward0", pick, input,
                               target, options.weight);
  return each && flat ? brasa::view(out, target_shape_of(shape)) : out;
}

}  // namespace detail

/// −w_y·x_y, where x holds a logarithm of probability for each class and y is the index of the
/// right one
///
/// Shapes: input `(C)`, `(N, C)` or `(N, C, d₁, …, dₖ)`; target `()` or `(1)`, `(N)` or
/// `(N, d₁, …, dₖ)`, of int64 or uint8; the loss is a number, or with `none` of the target's shape
/// (`()` for an input of 1 dimension), 0 for ignored targets. The mean of nothing is NaN.
/// Errors: ShapeError; IndexError for a target that is no class; AutogradError for a weight that
/// requires a gradient. Source: torch.nn.functional.nll_loss.
template <FloatScalar S, TensorScalar T>
Tensor<S> nll_loss(const Tensor<S>& input, const Tensor<T>& target,
                   const NLLLossOptions<S>& options = {}) {
  detail::check_reduction("nll_loss", options.reduction);
  detail::check_target_shape("nll_loss", input.shape(), target.shape());
  const std::int64_t classes = detail::ClassLayout(input.shape()).classes;
  detail::check_class_weight("nll_loss", options.weight, classes);
  detail::check_constant("nll_loss", "weight", options.weight);
  const auto indices = detail::class_indices("nll_loss", target, classes, options.ignore_index);
  return detail::nll_of_classes(input, indices, options);
}

}  // namespace functional
}  // namespace brasa::nn
