#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "brasa/kernels/optimizer.hpp"
#include "brasa/optim/lbfgs_state.hpp"
#include "brasa/optim/optimizer.hpp"
#include "brasa/optim/param_group.hpp"
#include "brasa/optim/strong_wolfe.hpp"

namespace brasa::optim::detail {

inline std::int64_t total_numel(const std::vector<AnyTensor>& params) {
  std::int64_t total = 0;
  for (const AnyTensor& param : params) total += param.numel();
  return total;
}

/// That of vectors over all parameters.
inline Dtype common_dtype(const std::vector<AnyTensor>& params) {
  const bool wide = std::any_of(params.begin(), params.end(),
                                [](const AnyTensor& param) { return param.holds<double>(); });
  return wide ? Dtype::float64 : Dtype::float32;
}

inline std::size_t check_history_size(const Value& value) {
  if (value.as_int() < 1) {
    raise<ValueError>("LBFGS", "Invalid history_size: ", value.as_int(), ", expected at least 1");
  }
  return static_cast<std::size_t>(value.as_int());
}

/// Whether there is a line search; there is only one.
inline bool searches_line(const Value& line_search_fn) {
  if (line_search_fn.is_none()) return false;
  if (line_search_fn.as_string() != "strong_wolfe") {
    raise<ValueError>("LBFGS", "only 'strong_wolfe' is supported, got ",
                      brasa::repr(line_search_fn));
  }
  return true;
}

/// One step of LBFGS.
template <FloatScalar S>
class LbfgsRun {
 public:
  using Closure = std::function<double()>;

  LbfgsRun(const ParamGroup& group, const Closure& closure, LbfgsState<S> state)
      : params_(group.params()),
        numel_(total_numel(params_)),
        closure_(closure),
        lr_(rate(group)),
        max_iter_(group["max_iter"].as_int()),
        max_eval_(group["max_eval"].as_int()),
        tolerance_grad_(static_cast<S>(group.number("tolerance_grad").value())),
        tolerance_change_(group.number("tolerance_change").value()),
        history_size_(check_history_size(group["history_size"])),
        searches_line_(searches_line(group["line_search_fn"])),
        state_(std::move(state)) {}

  const LbfgsState<S>& state() const { return state_; }

  void step() {
    evaluate();
    if (largest(grad_) <= tolerance_grad_) return;
    for (std::int64_t i = 1; i <= max_iter_; ++i) {
      ++state_.iterations;
      if (state_.iterations == 1) {
        start();
      } else {
        remember();
        set_direction();
      }
      const double previous_loss = state_.loss = loss_;
      state_.grad = grad_;
      const S slope = dot(grad_, state_.direction);
      if (slope > -static_cast<S>(tolerance_change_)) return;
      move(slope, i == max_iter_);
      const bool at_minimum = largest(grad_) <= tolerance_grad_;
      if (evaluations_ >= max_eval_ || at_minimum ||
          last_change() <= static_cast<S>(tolerance_change_) ||
          std::abs(loss_ - previous_loss) < tolerance_change_) {
        return;
      }
    }
  }

 private:
  // ---- vectors ----

  static S dot(const Tensor<S>& a, const Tensor<S>& b) { return a.vector().dot(b.vector()); }
  /// The largest absolute value; NaN if one of them is.
  static S largest(const Tensor<S>& x) {
    S found = 0;
    for (const S element : x.span()) found = kernels::larger(found, std::abs(element));
    return found;
  }
  S last_change() const {
    S found = 0;
    const S t = state_.t.rounded();
    for (const S element : state_.direction.span()) {
      found = kernels::larger(found, std::abs(element * t));
    }
    return found;
  }
  template <class F>
  static Tensor<S> combined(const Tensor<S>& a, const Tensor<S>& b, F f) {
    auto result = Tensor<S>::empty(a.shape());
    S* out = result.data();
    for (std::int64_t i = 0; i < a.numel(); ++i) out[i] = f(a.data()[i], b.data()[i]);
    return result;
  }

  // ---- the objective ----

  void evaluate() {
    loss_ = closure_();
    ++evaluations_;
    ++state_.evaluations;
    grad_ = flat_grad();
  }
  /// All gradients in one vector; 0 where there is none.
  Tensor<S> flat_grad() const {
    auto flat = Tensor<S>::empty({numel_});
    S* out = flat.data();
    for (const AnyTensor& param : params_) {
      const AnyTensor grad = gradient_of(param);
      if (!grad.defined()) {
        out = std::fill_n(out, param.numel(), S(0));
      } else {
        visit_float(grad, [&](const auto* data) {
          out = std::transform(data, data + grad.numel(), out,
                               [](auto element) { return static_cast<S>(element); });
        });
      }
    }
    return flat;
  }
  /// p ← p + t·d
  void add_direction(Quantity<S> t) {
    const S factor = t.rounded();
    const S* d = std::as_const(state_.direction).data();
    for (AnyTensor param : params_) {
      const brasa::detail::InPlaceWrite write(*param.impl().storage);
      visit_float(param, [&]<class P>(P* p) {
        for (std::int64_t i = 0; i < param.numel(); ++i, ++d) {
          p[i] = static_cast<P>(kernels::multiply_add(*d, factor, static_cast<S>(p[i])));
        }
      });
    }
  }
  /// Calls `f` with the elements of a tensor of float or double.
  template <class F>
  static void visit_float(AnyTensor tensor, F f) {
    if (tensor.holds<double>()) {
      f(static_cast<double*>(tensor.raw_data()));
    } else {
      f(static_cast<float*>(tensor.raw_data()));
    }
  }

  static Quantity<S> rate(const ParamGroup& group) {
    const Real lr = group.number("lr");
    return group["lr"].is_tensor() ? Quantity<S>::tensor(static_cast<S>(lr.value()))
                                   : Quantity<S>(lr);
  }

  // ---- one iteration ----

  void start() {
    state_.direction = combined(grad_, grad_, [](S g, S) { return -g; });
    state_.changes.clear();
    state_.steps.clear();
    state_.inverses.clear();
    state_.scale = Real(1);
    using Q = Quantity<S>;
    const Q sum = Q::tensor(grad_.array().abs().sum());
    state_.t = min(Q(1.0), Q(1.0) / sum) * lr_;
  }

  /// Takes the last step into the memory, where it tells something of the curvature.
  void remember() {
    const S t = state_.t.rounded();
    const Tensor<S> change =
        combined(grad_, state_.grad, [](S now, S before) { return now - before; });
    const Tensor<S> step = combined(state_.direction, grad_, [t](S d, S) { return d * t; });
    const S curvature = dot(change, step);
    state_.t = lr_;
    if (!(curvature > static_cast<S>(1e-10))) return;
    while (state_.changes.size() >= history_size_) {
      state_.changes.erase(state_.changes.begin());
      state_.steps.erase(state_.steps.begin());
      state_.inverses.erase(state_.inverses.begin());
    }
    state_.changes.push_back(change);
    state_.steps.push_back(step);
    state_.inverses.push_back(S(1) / curvature);
    state_.scale = Quantity<S>::tensor(curvature / dot(change, change));
  }

  /// d = −H·g by the two-loop recursion.
  void set_direction() {
    auto d = combined(grad_, grad_, [](S g, S) { return -g; });
    const std::size_t count = state_.changes.size();
    std::vector<S> al(count);
    for (std::size_t i = count; i-- > 0;) {
      al[i] = dot(state_.steps[i], d) * state_.inverses[i];
      kernels::add_scaled(-al[i], numel_, state_.changes[i].data(), d.data());
    }
    d.array() *= state_.scale.rounded();
    for (std::size_t i = 0; i < count; ++i) {
      const S be = dot(state_.changes[i], d) * state_.inverses[i];
      kernels::add_scaled(al[i] - be, numel_, state_.steps[i].data(), d.data());
    }
    state_.direction = d;
    state_.coefficients.resize(std::max(history_size_, count));
    for (std::size_t i = 0; i < count; ++i) {
      state_.coefficients[i] = Quantity<S>::tensor(al[i]).to_value();
    }
  }

  /// Goes along the direction. The last iteration of a step without line search does not evaluate.
  void move(S slope, bool last) {
    if (searches_line_) {
      search_line(slope);
      add_direction(state_.t);
      return;
    }
    add_direction(state_.t);
    if (!last) evaluate();
  }

  void search_line(S slope) {
    using Q = Quantity<S>;
    std::vector<AnyTensor> kept;
    for (const AnyTensor& param : params_) kept.push_back(converted_copy(param, param.dtype()));
    StrongWolfe<S> search({Q(Real(0)), loss_, grad_, Q::tensor(slope)}, largest(state_.direction),
                          tolerance_change_, max_eval_ - evaluations_, [&](Q t) {
                            const PutBack at_the_end{params_, kept};
                            add_direction(t);
                            evaluate();
                            const S s = dot(grad_, state_.direction);
                            return LinePoint<S>{t, loss_, grad_, Q::tensor(s)};
                          });
    const LinePoint<S> best = search.search(state_.t);
    state_.t = best.t;
    loss_ = best.loss;
    grad_ = best.grad;
  }
  /// Gives parameters their old values when it ends.
  struct PutBack {
    const std::vector<AnyTensor>& params;
    const std::vector<AnyTensor>& values;
    ~PutBack() {
      for (std::size_t i = 0; i < params.size(); ++i) {
        AnyTensor param = params[i];
        const brasa::detail::InPlaceWrite write(*param.impl().storage);
        if (param.nbytes() > 0) std::memcpy(param.raw_data(), values[i].raw_data(), param.nbytes());
      }
    }
  };

  const std::vector<AnyTensor> params_;
  std::int64_t numel_;
  const Closure& closure_;
  Quantity<S> lr_;
  std::int64_t max_iter_, max_eval_;
  S tolerance_grad_;
  double tolerance_change_;
  std::size_t history_size_;
  bool searches_line_;
  LbfgsState<S> state_;

  std::int64_t evaluations_ = 0;
  double loss_ = 0;
  Tensor<S> grad_;
};

}  // namespace brasa::optim::detail
