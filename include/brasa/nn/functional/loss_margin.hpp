#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "brasa/autograd/node.hpp"
#include "brasa/nn/functional/operands.hpp"
#include "brasa/nn/functional/reduction.hpp"

/// Losses of samples whose right classes shall be ahead of the others by a margin.
namespace brasa::nn {

/// The optional arguments of MultiMarginLoss.
template <FloatScalar S = float>
struct MultiMarginLossOptions {
  /// The exponent, 1 or 2.
  int p = 1;
  double margin = 1;
  /// A factor for each class, of shape `(C,)`.
  Tensor<S> weight = {};
  Reduction reduction = Reduction::mean;
};

namespace functional {
namespace detail {

/// An input of shape (C), (N, C) or () seen as (samples, classes).
struct SampleLayout {
  std::int64_t samples, classes;
};

/// Raises ShapeError for other shapes, and without a class.
inline SampleLayout sample_layout(std::string_view op, const Shape& shape) {
  if (shape.size() > 2 || (!shape.empty() && shape.back() == 0)) {
    raise<ShapeError>(op, "expected an input of shape (N, C) or (C,) with at least one class, got ",
                      shape_text(shape));
  }
  return {shape.size() == 2 ? shape[0] : 1, shape.empty() ? 1 : shape.back()};
}

/// The gradient of a gradient that has no formula, neither here nor in PyTorch.
template <FloatScalar S>
void record_end(const Tensor<S>& gradient, const char* loss, const Tensor<S>& grad,
                const Tensor<S>& input) {
  if (!autograd::recording(grad, input)) return;
  const auto refuse = [loss](const auto&) -> Tensor<S> {
    raise<AutogradError>(loss, "its gradient is not differentiable");
  };
  autograd::record(gradient, "NotImplemented", autograd::vjp(grad, refuse),
                   autograd::vjp(input, refuse));
}

/// A loss that is computed sample by sample: `value(n)`, then `add_gradient(n, factor, out)`, which
/// adds the sample's gradient times a factor to its row of `out`.
struct SampleSums {
  SampleLayout layout;
  Reduction reduction;

  template <FloatScalar S, class Value>
  Tensor<S> value(const Shape& each_shape, Value value) const {
    const bool each = reduction == Reduction::none;
    auto out = Tensor<S>::empty(each ? each_shape : Shape());
    double sum = 0;
    for (std::int64_t n = 0; n < layout.samples; ++n) {
      const double loss = value(n);
      sum += loss;
      if (each) out.data()[n] = static_cast<S>(loss);
    }
    if (!each) *out.data() = static_cast<S>(sum / divisor());
    return out;
  }
  template <FloatScalar S, class AddGradient>
  Tensor<S> gradient(const Tensor<S>& grad, const Shape& shape, AddGradient add_gradient) const {
    auto out = Tensor<S>::empty(shape);
    std::fill_n(out.data(), out.numel(), S{0});
    const bool each = reduction == Reduction::none;
    for (std::int64_t n = 0; n < layout.samples; ++n) {
      const auto from = static_cast<double>(grad.data()[each ? n : 0]);
      add_gradient(n, from / divisor(), out.data() + n * layout.classes);
    }
    return out;
  }

 private:
  double divisor() const {
    return reduction == Reduction::mean ? static_cast<double>(layout.samples) : 1;
  }
};

/// Σ_{j≠y} w_y·max(0, margin − x_y + x_j)^p / C and its gradient.
template <FloatScalar S>
struct MultiMargin {
  SampleSums sums;
  int p;
  S margin;

  /// visit(j, max(0, …), w_y) for all classes but the right one that come too near.
  template <class Visit>
  void for_each(const S* x, std::int64_t y, const Tensor<S>& weight, Visit visit) const {
    const double factor = weight.defined() ? static_cast<double>(weight.data()[y]) : 1;
    for (std::int64_t j = 0; j < sums.layout.classes; ++j) {
      const S excess = margin - x[y] + x[j];
      if (j != y && !(excess <= 0)) visit(j, static_cast<double>(excess), factor);
    }
  }
  Tensor<S> value(const Tensor<S>& input, const Tensor<std::int64_t>& target,
                  const Tensor<S>& weight) const {
    const auto classes = static_cast<double>(sums.layout.classes);
    return sums.value<S>(target.shape(), [&](std::int64_t n) {
      double sum = 0;
      for_each(input.data() + n * sums.layout.classes, target.data()[n], weight,
               [&](std::int64_t, double excess, double w) {
                 sum += w * (p == 1 ? excess : excess * excess);
               });
      return sum / classes;
    });
  }
  Tensor<S> gradient(const Tensor<S>& grad, const Tensor<S>& input,
                     const Tensor<std::int64_t>& target, const Tensor<S>& weight) const {
    const auto classes = static_cast<double>(sums.layout.classes);
    return sums.gradient(grad, input.shape(), [&](std::int64_t n, double from, S* out) {
      const std::int64_t y = target.data()[n];
      double total = 0;
      for_each(input.data() + n * sums.layout.classes, y, weight,
               [&](std::int64_t j, double excess, double w) {
                 const double slope = from * w * (p == 1 ? 1 : 2 * excess) / classes;
                 out[j] = static_cast<S>(slope);
                 total += slope;
               });
      out[y] = static_cast<S>(-total);
    });
  }
};

/// Σ_{t in the targets} Σ_{j not among them} max(0, 1 − x_t + x_j) / C and its gradient. A sample's
/// targets end at the first −1.
template <FloatScalar S>
struct MultiLabelMargin {
  SampleSums sums;

  /// visit(t, j, max(0, …)) for all pairs that come too near.
  template <class Visit>
  void for_each(const S* x, const std::int64_t* targets, Visit visit) const {
    const std::int64_t classes = sums.layout.classes;
    const std::int64_t* end = std::find(targets, targets + classes, -1);
    for (std::int64_t j = 0; j < classes; ++j) {
      if (std::find(targets, end, j) != end) continue;
      for (const std::int64_t* t = targets; t != end; ++t) {
        const S excess = 1 - x[*t] + x[j];
        if (!(excess <= 0)) visit(*t, j, static_cast<double>(excess));
      }
    }
  }
  Tensor<S> value(const Shape& each, const Tensor<S>& input,
                  const Tensor<std::int64_t>& target) const {
    const std::int64_t classes = sums.layout.classes;
    return sums.value<S>(each, [&](std::int64_t n) {
      double sum = 0;
      for_each(input.data() + n * classes, target.data() + n * classes,
               [&](std::int64_t, std::int64_t, double excess) { sum += excess; });
      return sum / static_cast<double>(classes);
    });
  }
  Tensor<S> gradient(const Tensor<S>& grad, const Tensor<S>& input,
                     const Tensor<std::int64_t>& target) const {
    const std::int64_t classes = sums.layout.classes;
    return sums.gradient(grad, input.shape(), [&](std::int64_t n, double from, S* out) {
      const S slope = static_cast<S>(from / static_cast<double>(classes));
      for_each(input.data() + n * classes, target.data() + n * classes,
               [&](std::int64_t t, std::int64_t j, double) {
                 out[t] -= slope;
                 out[j] += slope;
               });
    });
  }
};

/// Raises IndexError for a target out of [lowest, classes).
inline void check_targets(std::string_view op, const Tensor<std::int64_t>& target,
                          std::int64_t lowest, std::int64_t classes) {
  for (std::int64_t i = 0; i < target.numel(); ++i) {
    const std::int64_t index = target.data()[i];
    if (index >= lowest && index < classes) continue;
    raise<IndexError>(op, "target ", index, " at position ", i, " is out of range [", lowest, ", ",
                      classes - 1, "]: there are ", classes, " classes");
  }
}

}  // namespace detail

/// Σ_{j≠y} w_y·max(0, margin − x_y + x_j)^p / C, where y is the index of the right class
///
/// Shapes: input `(N, C)` or `(C)`, target `(N)`, for one sample also `()`; the loss is a number,
/// or with `none` of the target's shape. The sum of no samples is 0 and the mean NaN (in PyTorch,
/// both are whatever there was in memory). It cannot be differentiated twice, as in PyTorch.
/// Errors: ShapeError; IndexError for a target that is no class; ValueError for another p;
/// AutogradError for a weight that requires a gradient. Source:
/// torch.nn.functional.multi_margin_loss.
template <FloatScalar S>
Tensor<S> multi_margin_loss(const Tensor<S>& input, const Tensor<std::int64_t>& target,
                            const MultiMarginLossOptions<S>& options = {}) {
  constexpr const char* kOp = "multi_margin_loss";
  detail::check_reduction(kOp, options.reduction);
  if (options.p != 1 && options.p != 2) {
    detail::raise<ValueError>(kOp, "expected a p of 1 or 2, got ", options.p);
  }
  const auto layout = detail::sample_layout(kOp, input.shape());
  if (target.dim() > 1 || target.numel() != layout.samples) {
    detail::raise<ShapeError>(kOp, "expected a target of shape ", shape_text({layout.samples}),
                              " for an input of shape ", shape_text(input.shape()), ", got ",
                              shape_text(target.shape()));
  }
  const Tensor<S>& weight = options.weight;
  if (weight.defined() && weight.shape() != Shape{layout.classes}) {
    detail::raise<ShapeError>(kOp, "expected a weight for each of the ", layout.classes,
                              " classes, of shape ", shape_text({layout.classes}), ", got ",
                              shape_text(weight.shape()));
  }
  detail::check_constant(kOp, "weight", weight);
  detail::check_targets(kOp, target, 0, layout.classes);
  const detail::MultiMargin<S> loss{
      {layout, options.reduction}, options.p, static_cast<S>(options.margin)};
  auto out = loss.value(input, target, weight);
  if (autograd::recording(input)) {
    autograd::record(out, "MultiMarginLossBackward0",
                     autograd::vjp(
                         input,
                         [loss](const auto& grad, const auto& x, const auto& y, const auto& w) {
                           auto gradient = loss.gradient(grad, x, y, w);
                           detail::record_end(gradient, kOp, grad, x);
                           return gradient;
                         },
                         autograd::save(input), autograd::save(target), autograd::save(weight)));
  }
  return out;
}

/// Σ_{t in y} Σ_{j not in y} max(0, 1 − x_t + x_j) / C, where y are the indices of the right
/// classes
///
/// Shapes: input and target `(N, C)` or `(C)`; a sample's indices stand first, and −1 after the
/// last of them; the loss is a number, or with `none` `(N)` or `()`. The sum of no samples is 0 and
/// the mean NaN (in PyTorch, both are whatever there was in memory). It cannot be differentiated
/// twice, as in PyTorch. Errors: ShapeError; IndexError for a target that is neither a class nor
/// −1. Source: torch.nn.functional.multilabel_margin_loss.
template <FloatScalar S>
Tensor<S> multilabel_margin_loss(const Tensor<S>& input, const Tensor<std::int64_t>& target,
                                 const LossOptions& options = {}) {
  constexpr const char* kOp = "multilabel_margin_loss";
  detail::check_reduction(kOp, options.reduction);
  const auto layout = detail::sample_layout(kOp, input.shape());
  if (target.shape() != input.shape()) {
    detail::raise<ShapeError>(kOp, "expected a target of the input's shape ",
                              shape_text(input.shape()), ", got ", shape_text(target.shape()));
  }
  detail::check_targets(kOp, target, -1, layout.classes);
  const detail::MultiLabelMargin<S> loss{{layout, options.reduction}};
  auto out = loss.value(input.dim() == 2 ? Shape{layout.samples} : Shape(), input, target);
  if (autograd::recording(input)) {
    autograd::record(out, "MultilabelMarginLossBackward0",
                     autograd::vjp(
                         input,
                         [loss](const auto& grad, const auto& x, const auto& y) {
                           auto gradient = loss.gradient(grad, x, y);
                           detail::record_end(gradient, kOp, grad, x);
                           return gradient;
                         },
                         autograd::save(input), autograd::save(target)));
  }
  return out;
}

}  // namespace functional
}  // namespace brasa::nn
