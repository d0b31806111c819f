#pragma once

#include <cmath>
#include <cstdint>

#include "brasa/kernels/parallel.hpp"
#include "brasa/kernels/vector.hpp"

/// One step of each optimizer: a single pass over a parameter, its gradient and its state, in the
/// order of operations of PyTorch's kernels, from AVX2 on and on 64-bit Arm to the bit: products
/// are fused with sums as there. The arrays do not overlap. The factors come from the callers,
/// computed in double and rounded once.
namespace brasa::kernels {

/// a·b + c: rounded once where that is one instruction, else twice.
template <class S>
[[gnu::always_inline]] inline S multiply_add(S a, S b, S c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return std::fma(a, b, c);
#else
  return a * b + c;
#endif
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
};

/// x ← x + weight·(end − x), from the nearer end.
template <class S>
struct Lerp {
  explicit Lerp(double weight)
      : near_start(std::abs(static_cast<S>(weight)) < S(0.5)),
        slope(near_start ? static_cast<S>(weight) : -(S(1) - static_cast<S>(weight))) {}
  bool near_start;
  S slope;
};

/// x ← decay·x + (1 − decay)·y², the average of squares.
template <class S>
struct SquareAverage {
  explicit SquareAverage(double average_decay)
      : decay(static_cast<S>(average_decay)), rest(static_cast<S>(1 - average_decay)) {}
  S decay, rest;
};

template <class S>
struct SgdStep {
  GradientRule<S> gradient;
  S minus_lr = 0;
  S momentum = 0;
  S one_minus_dampening = 1;
  bool nesterov = false;
};

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

template <class S>
struct NadamStep {
  MomentsStep<S> moments;
  S correction = 1;  // 1 − β₂ᵗ
  S grad_factor = 0;
  S mean_factor = 0;
};

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
struct AdamaxStep {
  GradientRule<S> gradient;
  Lerp<S> mean;
  S beta2 = 0;
  S eps = 0;
  S minus_step_size = 0;
};

template <class S>
struct AdagradStep {
  GradientRule<S> gradient;
  S minus_lr = 0;
  S eps = 0;
};

template <class S>
struct AdadeltaStep {
  GradientRule<S> gradient;
  SquareAverage<S> average;
  S minus_lr = 0;
  S eps = 0;
};

template <class S>
struct RmspropStep {
  GradientRule<S> gradient;
  SquareAverage<S> square;
  Lerp<S> mean;
  S minus_lr = 0;
  S eps = 0;
  S momentum = 0;
};

}  // namespace brasa::kernels

#define BRASA_KERNEL_SOURCE "brasa/kernels/level/optimizer.inc"
#include "brasa/kernels/level/each.inc"

namespace brasa::kernels {

/// A step by a kernel, on all arrays; those that are not there are null.
template <class Kernel, class Step, class... Arrays>
void step_in_parts(Kernel* kernel, const Step& step, std::int64_t count, Arrays*... arrays) {
  parallel_for(count, kElementGrain, [&](std::int64_t begin, std::int64_t end) {
    kernel(step, end - begin, (arrays == nullptr ? nullptr : arrays + begin)...);
  });
}

/// x ← x + factor·y
template <class S>
void add_scaled(S factor, std::int64_t count, const S* y, S* x) {
  step_in_parts(BRASA_AT_LEVEL(add_scaled<S>), factor, count, y, x);
}

template <class S>
void sgd(const SgdStep<S>& step, std::int64_t count, S* param, const S* grad) {
  step_in_parts(BRASA_AT_LEVEL(sgd<S>), step, count, param, grad);
}

/// With momentum; the first step fills `buffer`.
template <class S>
void sgd_momentum(const SgdStep<S>& step, bool first, std::int64_t count, S* param, const S* grad,
                  S* buffer) {
  parallel_for(count, kElementGrain, [&](std::int64_t begin, std::int64_t end) {
    BRASA_AT_LEVEL(sgd_momentum<S>)
    (step, first, end - begin, param + begin, grad + begin, buffer + begin);
  });
}

/// `max_square` is null without amsgrad.
template <class S>
void adam(const AdamStep<S>& step, std::int64_t count, S* param, const S* grad, S* mean, S* square,
          S* max_square) {
  step_in_parts(BRASA_AT_LEVEL(adam<S>), step, count, param, grad, mean, square, max_square);
}

template <class S>
void nadam(const NadamStep<S>& step, std::int64_t count, S* param, const S* grad, S* mean,
           S* square) {
  step_in_parts(BRASA_AT_LEVEL(nadam<S>), step, count, param, grad, mean, square);
}

template <class S>
void radam(const RadamStep<S>& step, std::int64_t count, S* param, const S* grad, S* mean,
           S* square) {
  step_in_parts(BRASA_AT_LEVEL(radam<S>), step, count, param, grad, mean, square);
}

template <class S>
void adamax(const AdamaxStep<S>& step, std::int64_t count, S* param, const S* grad, S* mean,
            S* norm) {
  step_in_parts(BRASA_AT_LEVEL(adamax<S>), step, count, param, grad, mean, norm);
}

template <class S>
void adagrad(const AdagradStep<S>& step, std::int64_t count, S* param, const S* grad, S* sum) {
  step_in_parts(BRASA_AT_LEVEL(adagrad<S>), step, count, param, grad, sum);
}

template <class S>
void adadelta(const AdadeltaStep<S>& step, std::int64_t count, S* param, const S* grad, S* square,
              S* delta_square) {
  step_in_parts(BRASA_AT_LEVEL(adadelta<S>), step, count, param, grad, square, delta_square);
}

/// `mean` is null unless centered, `buffer` without momentum.
template <class S>
void rmsprop(const RmspropStep<S>& step, std::int64_t count, S* param, const S* grad, S* square,
             S* mean, S* buffer) {
  step_in_parts(BRASA_AT_LEVEL(rmsprop<S>), step, count, param, grad, square, mean, buffer);
}

}  // namespace brasa::kernels
