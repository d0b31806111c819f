#pragma once

#include <cmath>
#include <cstdint>

/// One step of each optimizer: a single pass over a parameter, its gradient and its state, in the
/// order of operations of PyTorch's kernels. The arrays do not overlap. The factors come from the
/// callers, computed in double and rounded once.
namespace brasa::kernels {

/// a·b + c: rounded once where that is one instruction, as PyTorch's kernels do, else twice.
template <class S>
[[gnu::always_inline]] inline S multiply_add(S a, S b, S c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return std::fma(a, b, c);
#else
  return a * b + c;
#endif
}

/// A product that must not be fused with the sum it goes into, for PyTorch rounds it by itself.
/// (clang fuses within one expression only.)
template <class S>
[[gnu::always_inline]] inline S rounded(S product) {
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
  return __builtin_assoc_barrier(product);
#else
  return product;
#endif
}

/// x ← x + factor·y
template <class S>
void add_scaled(S factor, std::int64_t count, const S* __restrict y, S* __restrict x) {
  for (std::int64_t i = 0; i < count; ++i) x[i] = multiply_add(y[i], factor, x[i]);
}

/// x + factor·a/b, the product first.
template <class S>
[[gnu::always_inline]] inline S add_ratio(S x, S factor, S a, S b) {
  return x + factor * a / b;
}

/// The larger one; NaN if one of them is.
template <class S>
[[gnu::always_inline]] inline S larger(S a, S b) {
  return a > b || a != a ? a : b;
}

/// The gradient that an optimizer goes by: negated to maximize, plus the L2 penalty's.
template <class S>
struct GradientRule {
  bool maximize = false;
  bool decays = false;
  S weight_decay = 0;

  [[gnu::always_inline]] S operator()(S grad, S param) const {
    const S g = maximize ? -grad : grad;
    return decays ? multiply_add(param, weight_decay, g) : g;
  }
};

/// x ← x + weight·(end − x), from the nearer end.
template <class S>
class Lerp {
 public:
  explicit Lerp(double weight)
      : near_start_(std::abs(static_cast<S>(weight)) < S(0.5)),
        slope_(near_start_ ? static_cast<S>(weight) : -(S(1) - static_cast<S>(weight))) {}
  [[gnu::always_inline]] S operator()(S x, S end) const {
    return multiply_add(slope_, end - x, near_start_ ? x : end);
  }

 private:
  bool near_start_;
  S slope_;
};

/// x ← decay·x + (1 − decay)·y², the average of squares.
template <class S>
class SquareAverage {
 public:
  explicit SquareAverage(double decay)
      : decay_(static_cast<S>(decay)), rest_(static_cast<S>(1 - decay)) {}
  [[gnu::always_inline]] S operator()(S average, S y) const {
    return multiply_add(rest_ * y, y, rounded(average * decay_));
  }

 private:
  S decay_, rest_;
};

// ---- SGD ----

template <class S>
struct SgdStep {
  GradientRule<S> gradient;
  S minus_lr = 0;
  S momentum = 0;
  S one_minus_dampening = 1;
  bool nesterov = false;
};

template <class S>
void sgd(const SgdStep<S>& step, std::int64_t count, S* __restrict param,
         const S* __restrict grad) {
  const SgdStep<S> k = step;
  for (std::int64_t i = 0; i < count; ++i) {
    param[i] = multiply_add(k.gradient(grad[i], param[i]), k.minus_lr, param[i]);
  }
}

/// With momentum; the first step fills `buffer`.
template <class S>
void sgd_momentum(const SgdStep<S>& step, bool first, std::int64_t count, S* __restrict param,
                  const S* __restrict grad, S* __restrict buffer) {
  const SgdStep<S> k = step;
  if (first) {
    for (std::int64_t i = 0; i < count; ++i) {
      const S g = k.gradient(grad[i], param[i]);
      buffer[i] = g;
      const S direction = k.nesterov ? multiply_add(g, k.momentum, g) : g;
      param[i] = multiply_add(direction, k.minus_lr, param[i]);
    }
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const S g = k.gradient(grad[i], param[i]);
    const S b = multiply_add(g, k.one_minus_dampening, rounded(buffer[i] * k.momentum));
    buffer[i] = b;
    const S direction = k.nesterov ? multiply_add(b, k.momentum, g) : b;
    param[i] = multiply_add(direction, k.minus_lr, param[i]);
  }
}

// ---- Adam and what it became ----

/// What Adam, NAdam and RAdam have in common.
template <class S>
struct MomentsStep {
  GradientRule<S> gradient;
  S param_decay = 1;  // decoupled weight decay: a factor of the parameter
  Lerp<S> mean;
  SquareAverage<S> square;
  S eps = 0;
};

template <class S>
struct AdamStep {
  MomentsStep<S> moments;
  S minus_step_size = 0;
  S root_correction = 1;  // √(1 − β₂ᵗ)
};

/// `max_square` is null without amsgrad.
template <class S>
void adam(const AdamStep<S>& step, std::int64_t count, S* __restrict param,
          const S* __restrict grad, S* __restrict mean, S* __restrict square,
          S* __restrict max_square) {
  const AdamStep<S> k = step;
  const auto move = [&k](S p, S m, S v) {
    const S scale = std::sqrt(v) / k.root_correction + k.moments.eps;
    return add_ratio(rounded(p * k.moments.param_decay), k.minus_step_size, m, scale);
  };
  if (max_square != nullptr) {
    for (std::int64_t i = 0; i < count; ++i) {
      const S g = k.moments.gradient(grad[i], param[i]);
      mean[i] = k.moments.mean(mean[i], g);
      square[i] = k.moments.square(square[i], g);
      max_square[i] = larger(max_square[i], square[i]);
      param[i] = move(param[i], mean[i], max_square[i]);
    }
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const S g = k.moments.gradient(grad[i], param[i]);
    mean[i] = k.moments.mean(mean[i], g);
    square[i] = k.moments.square(square[i], g);
    param[i] = move(param[i], mean[i], square[i]);
  }
}

template <class S>
struct NadamStep {
  MomentsStep<S> moments;
  S correction = 1;  // 1 − β₂ᵗ
  S grad_factor = 0;
  S mean_factor = 0;
};

template <class S>
void nadam(const NadamStep<S>& step, std::int64_t count, S* __restrict param,
           const S* __restrict grad, S* __restrict mean, S* __restrict square) {
  const NadamStep<S> k = step;
  for (std::int64_t i = 0; i < count; ++i) {
    const S g = k.moments.gradient(grad[i], param[i]);
    mean[i] = k.moments.mean(mean[i], g);
    square[i] = k.moments.square(square[i], g);
    const S scale = std::sqrt(square[i] / k.correction) + k.moments.eps;
    const S p = add_ratio(rounded(param[i] * k.moments.param_decay), k.grad_factor, g, scale);
    param[i] = add_ratio(p, k.mean_factor, mean[i], scale);
  }
}

template <class S>
struct RadamStep {
  MomentsStep<S> moments;
  S correction = 1;  // 1 − β₁ᵗ
  S lr = 0;
  bool rectified = false;  // false while the variance of the adaptive rate is too uncertain
  S root_correction = 1;   // √(1 − β₂ᵗ)
  S rectification = 1;
};

template <class S>
void radam(const RadamStep<S>& step, std::int64_t count, S* __restrict param,
           const S* __restrict grad, S* __restrict mean, S* __restrict square) {
  const RadamStep<S> k = step;
  if (!k.rectified) {
    for (std::int64_t i = 0; i < count; ++i) {
      const S g = k.moments.gradient(grad[i], param[i]);
      mean[i] = k.moments.mean(mean[i], g);
      square[i] = k.moments.square(square[i], g);
      const S update = rounded(mean[i] / k.correction * k.lr);
      param[i] = rounded(param[i] * k.moments.param_decay) - update;
    }
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const S g = k.moments.gradient(grad[i], param[i]);
    mean[i] = k.moments.mean(mean[i], g);
    square[i] = k.moments.square(square[i], g);
    // A number divided by a tensor is, in PyTorch, a product with the reciprocal.
    const S rate = S(1) / (std::sqrt(square[i]) + k.moments.eps) * k.root_correction;
    const S update = rounded(mean[i] / k.correction * k.lr * rate * k.rectification);
    param[i] = rounded(param[i] * k.moments.param_decay) - update;
  }
}

template <class S>
struct AdamaxStep {
  GradientRule<S> gradient;
  Lerp<S> mean;
  S beta2 = 0;
  S eps = 0;
  S minus_step_size = 0;
};

template <class S>
void adamax(const AdamaxStep<S>& step, std::int64_t count, S* __restrict param,
            const S* __restrict grad, S* __restrict mean, S* __restrict norm) {
  const AdamaxStep<S> k = step;
  for (std::int64_t i = 0; i < count; ++i) {
    const S g = k.gradient(grad[i], param[i]);
    mean[i] = k.mean(mean[i], g);
    norm[i] = larger(norm[i] * k.beta2, std::abs(g) + k.eps);
    param[i] = add_ratio(param[i], k.minus_step_size, mean[i], norm[i]);
  }
}

// ---- those that scale by the squares alone ----

template <class S>
struct AdagradStep {
  GradientRule<S> gradient;
  S minus_lr = 0;
  S eps = 0;
};

template <class S>
void adagrad(const AdagradStep<S>& step, std::int64_t count, S* __restrict param,
             const S* __restrict grad, S* __restrict sum) {
  const AdagradStep<S> k = step;
  for (std::int64_t i = 0; i < count; ++i) {
    const S g = k.gradient(grad[i], param[i]);
    sum[i] = multiply_add(g, g, sum[i]);
    param[i] = add_ratio(param[i], k.minus_lr, g, std::sqrt(sum[i]) + k.eps);
  }
}

template <class S>
struct AdadeltaStep {
  GradientRule<S> gradient;
  SquareAverage<S> average;
  S minus_lr = 0;
  S eps = 0;
};

template <class S>
void adadelta(const AdadeltaStep<S>& step, std::int64_t count, S* __restrict param,
              const S* __restrict grad, S* __restrict square, S* __restrict delta_square) {
  const AdadeltaStep<S> k = step;
  for (std::int64_t i = 0; i < count; ++i) {
    const S g = k.gradient(grad[i], param[i]);
    square[i] = k.average(square[i], g);
    const S delta = std::sqrt(delta_square[i] + k.eps) / std::sqrt(square[i] + k.eps) * g;
    delta_square[i] = k.average(delta_square[i], delta);
    param[i] = multiply_add(delta, k.minus_lr, param[i]);
  }
}

template <class S>
struct RmspropStep {
  GradientRule<S> gradient;
  SquareAverage<S> square;
  Lerp<S> mean;
  S minus_lr = 0;
  S eps = 0;
  S momentum = 0;
};

/// `mean` is null unless centered, `buffer` without momentum.
template <bool centered, bool has_momentum, class S>
void rmsprop(const RmspropStep<S>& step, std::int64_t count, S* __restrict param,
             const S* __restrict grad, S* __restrict square, S* __restrict mean,
             S* __restrict buffer) {
  const RmspropStep<S> k = step;
  for (std::int64_t i = 0; i < count; ++i) {
    const S g = k.gradient(grad[i], param[i]);
    square[i] = k.square(square[i], g);
    S variance = square[i];
    if constexpr (centered) {
      mean[i] = k.mean(mean[i], g);
      variance = multiply_add(-mean[i], mean[i], variance);
    }
    const S scale = std::sqrt(variance) + k.eps;
    if constexpr (has_momentum) {
      buffer[i] = rounded(buffer[i] * k.momentum) + g / scale;
      param[i] = multiply_add(buffer[i], k.minus_lr, param[i]);
    } else {
      param[i] = add_ratio(param[i], k.minus_lr, g, scale);
    }
  }
}

}  // namespace brasa::kernels
