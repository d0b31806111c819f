#include "support/schedulers.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "support/optimizers.hpp"

using namespace brasa;
using namespace brasa::optim::lr_scheduler;
using golden::Json;

namespace {

/// The functions of the recorder, by their name there.
std::function<Real(Real)> function(const std::string& name) {
  static const std::map<std::string, std::function<Real(Real)>> functions = {
      {"inverse", [](Real e) { return 1 / (1 + 0.05 * e); }},
      {"power", [](Real e) { return pow(Real(0.95), e); }},
      {"halve", [](Real e) { return e % 10 == 0 ? Real(0.5) : Real(1); }},
      {"shrink", [](Real x) { return 1 / pow(Real(5.0), x * 0.01); }},
  };
  return functions.at(name);
}

Real real(const Json& json) { return optimizers::value(json).as_real(); }

void read(const Json& json, Real& field) { field = real(json); }
void read(const Json& json, std::int64_t& field) { field = json.get<std::int64_t>(); }
void read(const Json& json, bool& field) { field = json.get<bool>(); }
void read(const Json& json, std::string& field) { field = json.get<std::string>(); }
void read(const Json& json, std::vector<std::int64_t>& field) {
  field = json.get<std::vector<std::int64_t>>();
}
void read(const Json& json, std::optional<std::int64_t>& field) {
  field = json.get<std::int64_t>();
}
void read(const Json& json, std::optional<Real>& field) { field = real(json); }
void read(const Json& json, std::function<Real(Real)>& field) {
  field = function(json.at("function").get<std::string>());
}
void read(const Json& json, PerGroup<Real>& field) {
  if (!json.is_array()) {
    field = real(json);
    return;
  }
  std::vector<Real> values;
  for (const Json& item : json) values.push_back(real(item));
  field = values;
}
void read(const Json& json, PerGroup<Factor>& field) {
  const auto factor = [](const Json& named) -> Factor {
    return function(named.at("function").get<std::string>());
  };
  if (!json.is_array()) {
    field = factor(json);
    return;
  }
  std::vector<Factor> factors;
  for (const Json& item : json) factors.push_back(factor(item));
  field = factors;
}

/// Keyword arguments: each is taken into a field, and in the end none may be left.
class Kwargs {
 public:
  explicit Kwargs(const Json& kwargs) : kwargs_(kwargs) {
    for (const auto& item : kwargs.items()) left_.insert(item.key());
  }
  template <class T>
  Kwargs& operator()(const char* name, T& field) {
    if (left_.erase(name) != 0) read(kwargs_.at(name), field);
    return *this;
  }
  const Json& take(const char* name) {
    left_.erase(name);
    return kwargs_.at(name);
  }
  void done() const {
    if (!left_.empty()) throw std::runtime_error("a scheduler without argument " + *left_.begin());
  }

 private:
  const Json& kwargs_;
  std::set<std::string> left_;
};

using schedulers::Made;
using Maker = std::function<Made(const optim::Optimizer&, Kwargs&)>;

template <class S, class Options>
Made finish(const optim::Optimizer& optimizer, Kwargs& kwargs, Options& options) {
  kwargs("last_epoch", options.last_epoch).done();
  return std::make_unique<S>(optimizer, options);
}
template <class S, class Argument, class Options>
Made finish(const optim::Optimizer& optimizer, Kwargs& kwargs, const Argument& argument,
            Options& options) {
  kwargs("last_epoch", options.last_epoch).done();
  return std::make_unique<S>(optimizer, argument, options);
}

std::vector<Child> children(const optim::Optimizer& optimizer, const Json& nodes) {
  std::vector<Child> result;
  for (const Json& node : nodes) {
    auto made = schedulers::make(optimizer, node.at("type").get<std::string>(), node.at("kwargs"));
    std::shared_ptr<SchedulerBase> shared = std::move(made);
    result.emplace_back(std::dynamic_pointer_cast<LRScheduler>(shared));
  }
  return result;
}

template <class S>
Made make_factor(const optim::Optimizer& optimizer, Kwargs& kwargs) {
  LastEpoch options;
  PerGroup<Factor> lr_lambda = Factor();
  kwargs("lr_lambda", lr_lambda);
  return finish<S>(optimizer, kwargs, lr_lambda, options);
}

const std::map<std::string, Maker>& laws() {
  using optim::Optimizer;
  static const std::map<std::string, Maker> makers = {
      {"StepLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         StepLROptions options;
         std::int64_t step_size = 0;
         kwargs("step_size", step_size)("gamma", options.gamma);
         return finish<StepLR>(optimizer, kwargs, step_size, options);
       }},
      {"MultiStepLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         MultiStepLROptions options;
         std::vector<std::int64_t> milestones;
         kwargs("milestones", milestones)("gamma", options.gamma);
         return finish<MultiStepLR>(optimizer, kwargs, milestones, options);
       }},
      {"ExponentialLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         LastEpoch options;
         Real gamma = 0;
         kwargs("gamma", gamma);
         return finish<ExponentialLR>(optimizer, kwargs, gamma, options);
       }},
      {"ConstantLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         ConstantLROptions options;
         kwargs("factor", options.factor)("total_iters", options.total_iters);
         return finish<ConstantLR>(optimizer, kwargs, options);
       }},
      {"LinearLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         LinearLROptions options;
         kwargs("start_factor", options.start_factor)("end_factor", options.end_factor)(
             "total_iters", options.total_iters);
         return finish<LinearLR>(optimizer, kwargs, options);
       }},
      {"PolynomialLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         PolynomialLROptions options;
         kwargs("total_iters", options.total_iters)("power", options.power);
         return finish<PolynomialLR>(optimizer, kwargs, options);
       }},
      {"CosineAnnealingLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         CosineAnnealingLROptions options;
         std::int64_t T_max = 0;
         kwargs("T_max", T_max)("eta_min", options.eta_min);
         return finish<CosineAnnealingLR>(optimizer, kwargs, T_max, options);
       }},
      {"CosineAnnealingWarmRestarts",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         CosineAnnealingWarmRestartsOptions options;
         std::int64_t T_0 = 0;
         kwargs("T_0", T_0)("T_mult", options.T_mult)("eta_min", options.eta_min);
         return finish<CosineAnnealingWarmRestarts>(optimizer, kwargs, T_0, options);
       }},
      {"LambdaLR", make_factor<LambdaLR>},
      {"MultiplicativeLR", make_factor<MultiplicativeLR>},
  };
  return makers;
}

const std::map<std::string, Maker>& others() {
  using optim::Optimizer;
  static const std::map<std::string, Maker> makers = {
      {"OneCycleLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         OneCycleLROptions o;
         PerGroup<Real> max_lr = 0;
         kwargs("max_lr", max_lr)("total_steps", o.total_steps)("epochs", o.epochs)(
             "steps_per_epoch", o.steps_per_epoch)("pct_start", o.pct_start)(
             "anneal_strategy", o.anneal_strategy)("cycle_momentum", o.cycle_momentum)(
             "base_momentum", o.base_momentum)("max_momentum", o.max_momentum)(
             "div_factor", o.div_factor)("final_div_factor", o.final_div_factor)("three_phase",
                                                                                 o.three_phase);
         return finish<OneCycleLR>(optimizer, kwargs, max_lr, o);
       }},
      {"CyclicLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         CyclicLROptions o;
         PerGroup<Real> base_lr = 0;
         PerGroup<Real> max_lr = 0;
         kwargs("base_lr", base_lr)("max_lr", max_lr)("step_size_up", o.step_size_up)(
             "step_size_down", o.step_size_down)("mode", o.mode)("gamma", o.gamma)(
             "scale_fn", o.scale_fn)("scale_mode", o.scale_mode)(
             "cycle_momentum", o.cycle_momentum)("base_momentum", o.base_momentum)(
             "max_momentum", o.max_momentum)("last_epoch", o.last_epoch)
             .done();
         return Made(std::make_unique<CyclicLR>(optimizer, base_lr, max_lr, o));
       }},
      {"ReduceLROnPlateau",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         ReduceLROnPlateauOptions o;
         kwargs("mode", o.mode)("factor", o.factor)("patience", o.patience)(
             "threshold", o.threshold)("threshold_mode", o.threshold_mode)("cooldown", o.cooldown)(
             "min_lr", o.min_lr)("eps", o.eps)
             .done();
         return Made(std::make_unique<ReduceLROnPlateau>(optimizer, o));
       }},
      {"SequentialLR",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         const auto schedulers = children(optimizer, kwargs.take("schedulers"));
         std::vector<std::int64_t> milestones;
         kwargs("milestones", milestones).done();
         return Made(std::make_unique<SequentialLR>(optimizer, schedulers, milestones));
       }},
      {"ChainedScheduler",
       [](const Optimizer& optimizer, Kwargs& kwargs) {
         const auto schedulers = children(optimizer, kwargs.take("schedulers"));
         kwargs.done();
         return Made(std::make_unique<ChainedScheduler>(schedulers));
       }},
  };
  return makers;
}

}  // namespace

namespace schedulers {

Made make(const optim::Optimizer& optimizer, const std::string& name, const Json& kwargs) {
  Kwargs taken(kwargs);
  const auto& makers = laws().contains(name) ? laws() : others();
  return makers.at(name)(optimizer, taken);
}

}  // namespace schedulers
