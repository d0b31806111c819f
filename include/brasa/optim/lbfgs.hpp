#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "brasa/optim/lbfgs_run.hpp"
#include "brasa/optim/lbfgs_state.hpp"
#include "brasa/optim/optimizer.hpp"

namespace brasa::optim {

/// What `LBFGS` takes; what is left out has the value in parentheses.
struct LBFGSOptions {
  std::optional<Real> lr = {};                ///< factor of each step (1)
  std::optional<std::int64_t> max_iter = {};  ///< iterations in one `step` at most (20)
  std::optional<std::int64_t> max_eval = {};  ///< evaluations in one `step` at most (1.25 max_iter)
  std::optional<Real> tolerance_grad = {};    ///< ends when no gradient is larger (1e-7)
  std::optional<Real> tolerance_change = {};  ///< ends when nothing changes by more (1e-9)
  std::optional<std::int64_t> history_size = {};   ///< how many changes it remembers (100)
  std::optional<std::string> line_search_fn = {};  ///< "strong_wolfe", or nothing for steps of lr

  // For brasa's own use.
  static constexpr const char* kName = "LBFGS";
  static constexpr std::array<const char*, 0> kNewer{};
  static Dict defaults();
  static void check(Dict& all);
  Dict given() const;
};

namespace detail {

/// What LBFGS does. A template, so that a program without LBFGS does not compile it.
template <class Options>
class LbfgsOf : public OptimizerOf<Options> {
 public:
  explicit LbfgsOf(const Params<Options>& params, const Options& options = {})
      : OptimizerOf<Options>(params, options) {
    if (this->param_groups().size() != 1) {
      raise<ValueError>(this->name(),
                        "LBFGS doesn't support per-parameter options (parameter groups): got ",
                        this->param_groups().size(), " groups");
    }
  }
  void add_param_group(const Group<Options>& group) = delete;

 protected:
  void run(const Optimizer::Closure& closure) override {
    if (!closure) {
      raise<ValueError>(this->name(), "step needs a closure that evaluates the model");
    }
    if (common_dtype(this->param_groups().front().params()) == Dtype::float64) {
      run_in<double>(closure);
    } else {
      run_in<float>(closure);
    }
  }
  Dict loaded_state(const ParamGroup& group, const AnyTensor& param,
                    const ValueAt& saved) const override {
    if (!param.is(group.params().front())) {
      raise<ValueError>(this->name(), saved.path(),
                        ": expected a state of the first parameter only");
    }
    return LbfgsLoader(this->name(), common_dtype(group.params()), total_numel(group.params()),
                       saved)
        .load();
  }

 private:
  template <FloatScalar S>
  void run_in(const Optimizer::Closure& closure) {
    const ParamGroup& group = this->param_groups().front();
    const std::int64_t index = group.indices().front();
    const Value* kept = this->states().find(index);
    LbfgsRun<S> run(group, closure, LbfgsState<S>::from(kept ? kept->as_dict() : Dict()));
    run.step();
    run.state().write_to(this->states().set_default(index, Value::dict()).as_dict());
  }
};

}  // namespace detail

/// A quasi-Newton method: p ← p + t·d with d = −H·g, where H approximates the inverse of the
/// Hessian by the last `history_size` changes of the gradient.
///
///     optim::LBFGS optimizer(model.parameters(), {.line_search_fn = "strong_wolfe"});
///     optimizer.step([&] {
///       optimizer.zero_grad();
///       auto loss = criterion(model(x), y);
///       loss.backward();
///       return loss;
///     });
///
/// A step is up to `max_iter` iterations, each of which evaluates the closure again: it has to give
/// the same loss for the same parameters. A parameter without a gradient stays. The first length t
/// is min(1, 1/Σ|g|)·lr, later ones lr, or what the line search finds from there.
///
/// State, kept for the first parameter: `func_evals`, `n_iter`, `al`, `d`, `t`, `old_dirs`,
/// `old_stps`, `ro`, `H_diag`, `prev_flat_grad`, `prev_loss`.
///
/// Errors: ValueError for a negative lr, a history_size below 1, another line search, more than one
/// group, and for a step without a closure.
///
/// Where it differs from PyTorch: a closure that throws during a line search leaves the parameters
/// as they were before it, and what is remembered as before the step.
///
/// Source: Nocedal and Wright, "Numerical Optimization", 2006, chapter 7;
/// https://docs.pytorch.org/docs/2.13/generated/torch.optim.LBFGS.html
class LBFGS final : public detail::LbfgsOf<LBFGSOptions> {
 public:
  using LbfgsOf::LbfgsOf;
};

inline Dict LBFGSOptions::defaults() {
  return {{"lr", 1},
          {"max_iter", 20},
          {"max_eval", nullptr},
          {"tolerance_grad", 1e-7},
          {"tolerance_change", 1e-9},
          {"history_size", 100},
          {"line_search_fn", nullptr}};
}

inline Dict LBFGSOptions::given() const {
  return detail::given_fields({{"lr", lr},
                               {"max_iter", max_iter},
                               {"max_eval", max_eval},
                               {"tolerance_grad", tolerance_grad},
                               {"tolerance_change", tolerance_change},
                               {"history_size", history_size},
                               {"line_search_fn", line_search_fn}});
}

inline void LBFGSOptions::check(Dict& all) {
  if (all.find("max_eval")->is_none()) {
    all.set("max_eval", floor_div(all.find("max_iter")->as_real() * Real(5), Real(4)));
  }
  const detail::Checks checks(kName, all);
  checks.lr();
  detail::check_history_size(*all.find("history_size"));
  detail::searches_line(*all.find("line_search_fn"));
}

}  // namespace brasa::optim
