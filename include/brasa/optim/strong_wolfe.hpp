#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "brasa/core/tensor.hpp"
#include "brasa/optim/quantity.hpp"

namespace brasa::optim::detail {

/// The objective at x + t·d.
template <FloatScalar S>
struct LinePoint {
  Quantity<S> t;
  double loss;
  Tensor<S> grad;
  Quantity<S> slope;  // along d
};

/// Where the cubic through two points with their slopes is smallest, within bounds; half way
/// between these where it has no minimum. (Nocedal and Wright, "Numerical Optimization", 2006,
/// (3.59).)
template <FloatScalar S>
Quantity<S> cubic_minimum(const LinePoint<S>& a, const LinePoint<S>& b, Quantity<S> lowest,
                          Quantity<S> highest) {
  using Q = Quantity<S>;
  const Q d1 = a.slope + b.slope - Q(Real(3)) * (Q(a.loss) - Q(b.loss)) / (a.t - b.t);
  const Q square = d1 * d1 - a.slope * b.slope;
  if (!(square >= Q(Real(0)))) return (lowest + highest) / Q(2.0);
  const Q d2 = sqrt(square);
  const auto minimum = [&](const LinePoint<S>& left, const LinePoint<S>& right) {
    return right.t - (right.t - left.t) *
                         ((right.slope + d2 - d1) / (right.slope - left.slope + Q(Real(2)) * d2));
  };
  return min(max(a.t <= b.t ? minimum(a, b) : minimum(b, a), lowest), highest);
}

/// A line search for a step after which the loss has fallen enough and is flat enough, the strong
/// Wolfe conditions. A bracket around such a step is looked for by longer and longer ones, then
/// narrowed down; both by cubic interpolation.
///
/// Source: the line search of PyTorch's LBFGS, which goes back to Schmidt's minFunc; Nocedal and
/// Wright, "Numerical Optimization", 2006, section 3.5.
template <FloatScalar S>
class StrongWolfe {
 public:
  using Q = Quantity<S>;
  using Point = LinePoint<S>;
  using Evaluate = std::function<Point(Q t)>;

  /// From `start`, where t = 0. `reach` is the largest |dᵢ|, `max_steps` the number of evaluations
  /// after the first.
  StrongWolfe(Point start, S reach, double tolerance_change, std::int64_t max_steps,
              Evaluate evaluate)
      : start_(std::move(start)),
        reach_(Q::tensor(reach)),
        tolerance_change_(tolerance_change),
        max_steps_(max_steps),
        evaluate_at_(std::move(evaluate)),
        ends_{start_, start_} {}

  /// The best point found, `t` being the first step to be tried.
  Point search(Q t) {
    find_bracket(t);
    while (!done_ && steps_ < max_steps_) {
      if (abs(ends_[1].t - ends_[0].t) * reach_ < Q(tolerance_change_)) break;
      narrow();
    }
    return ends_[low_];
  }
  std::int64_t evaluations() const { return evaluations_; }

 private:
  static constexpr double kDecrease = 1e-4;  // c₁
  static constexpr double kFlatness = 0.9;   // c₂

  Point evaluate(Q t) {
    ++evaluations_;
    return evaluate_at_(t);
  }
  bool too_high(const Point& point) const {
    return Q(point.loss) > Q(start_.loss) + Q(kDecrease) * point.t * start_.slope;
  }
  bool flat(const Point& point) const { return abs(point.slope) <= Q(-kFlatness) * start_.slope; }
  void set_bracket(const Point& a, const Point& b) {
    ends_[0] = a;
    ends_[1] = b;
    order_ends();
  }
  void order_ends() { low_ = ends_[0].loss <= ends_[1].loss ? 0 : 1; }

  void find_bracket(Q t) {
    Point previous = start_;
    Point point = evaluate(t);
    for (; steps_ < max_steps_; ++steps_) {
      if (too_high(point) || (steps_ > 1 && point.loss >= previous.loss)) {
        return set_bracket(previous, point);
      }
      done_ = flat(point);
      if (done_) return set_bracket(point, point);
      if (point.slope >= Q(Real(0))) return set_bracket(previous, point);
      const Q next = cubic_minimum(previous, point, point.t + Q(0.01) * (point.t - previous.t),
                                   point.t * Q(Real(10)));
      previous = std::exchange(point, evaluate(next));
    }
    set_bracket(start_, point);
  }

  void narrow() {
    const Q left = min(ends_[0].t, ends_[1].t);
    const Q right = max(ends_[0].t, ends_[1].t);
    Q t = cubic_minimum(ends_[0], ends_[1], left, right);
    // A trial at an end, or the second in a row near one, is moved away from it.
    const Q margin = Q(0.1) * (right - left);
    const bool near_end = min(right - t, t - left) < margin;
    if (near_end && (slow_ || t >= right || t <= left)) {
      t = abs(t - right) < abs(t - left) ? right - margin : left + margin;
      slow_ = false;
    } else {
      slow_ = near_end;
    }
    const Point point = evaluate(t);
    ++steps_;
    Point& low = ends_[low_];
    Point& high = ends_[1 - low_];
    if (too_high(point) || point.loss >= low.loss) {
      high = point;
      return order_ends();
    }
    done_ = flat(point);
    if (!done_ && point.slope * (high.t - low.t) >= Q(Real(0))) high = low;
    low = point;
  }

  const Point start_;
  const Q reach_;
  const double tolerance_change_;
  const std::int64_t max_steps_;
  const Evaluate evaluate_at_;
  Point ends_[2];
  int low_ = 0;
  bool done_ = false;
  bool slow_ = false;  // the last trial was near an end
  std::int64_t steps_ = 0;
  std::int64_t evaluations_ = 0;
};

}  // namespace brasa::optim::detail
