#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/core/value.hpp"
#include "brasa/optim/options.hpp"
#include "brasa/optim/param_group.hpp"
#include "brasa/optim/params.hpp"

namespace brasa::optim {
namespace detail {

/// What an optimizer is, apart from its rule. Schedulers share it, so that the optimizer may be
/// moved.
struct OptimizerData {
  std::string name;
  Dict defaults;
  std::vector<ParamGroup> groups;
  Dict state;            // a dict for each parameter that has been stepped, by its index
  bool watched = false;  // a scheduler wants to know whether step() has been called
  bool stepped = false;  // since then
};

/// The gradient of a parameter, undefined if there is none.
inline AnyTensor gradient_of(const AnyTensor& param) {
  const AutogradMeta* meta = param.impl().autograd;
  if (meta == nullptr) return {};
  return AnyTensor(meta->grad_fn ? meta->grad_fn->retained_grad : meta->grad);
}

}  // namespace detail

/// The base of all optimizers: the parameters in their groups, and the state of each.
///
///     optim::SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
///     for (const auto& [x, y] : loader) {
///       optimizer.zero_grad();
///       criterion(model(x), y).backward();
///       optimizer.step();
///     }
///
/// It holds handles of the parameters: the model may be moved, and the parameters live as long as
/// the optimizer. An optimizer can be moved, not copied.
///
/// Where it differs from PyTorch: `foreach`, `fused`, `capturable`, `differentiable` cannot be
/// chosen (they stand in the groups with PyTorch's defaults, for its checkpoints); no step hooks;
/// loading a state copies its tensors, and says at once what does not fit.
class Optimizer {
 public:
  /// Evaluates the model anew and gives the loss.
  using Closure = std::function<double()>;

  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  Optimizer(Optimizer&&) noexcept = default;
  Optimizer& operator=(Optimizer&&) noexcept = default;
  virtual ~Optimizer() = default;

  /// Its name, as it is printed.
  const std::string& name() const noexcept { return data_->name; }
  /// The groups, with their options, which may be changed.
  std::vector<ParamGroup>& param_groups() noexcept { return data_->groups; }
  const std::vector<ParamGroup>& param_groups() const noexcept { return data_->groups; }
  /// The options of a group that gives none.
  const Dict& defaults() const noexcept { return data_->defaults; }

  /// Drops the gradients of all parameters, or fills them with 0.
  void zero_grad(bool set_to_none = true);

  /// Moves each parameter that has a gradient.
  void step() {
    mark_step();
    run(Closure());
  }
  /// The same with a closure, which evaluates the model and its gradients and returns the loss, a
  /// number or a tensor. It runs with gradients enabled, once or (LBFGS) several times. Returns the
  /// loss of the first time.
  template <class F>
  requires std::invocable<F&>
  auto step(F&& closure) {
    using Loss = std::remove_cvref_t<std::invoke_result_t<F&>>;
    std::optional<Loss> first;
    auto evaluate = [&]() -> double {
      EnableGradGuard recording;
      Loss loss = closure();
      double value = 0;
      if constexpr (std::is_arithmetic_v<Loss>) {
        value = static_cast<double>(loss);
      } else {
        value = static_cast<double>(loss.item());
      }
      if (!first) first.emplace(std::move(loss));
      return value;
    };
    mark_step();
    run(std::ref(evaluate));
    return *std::move(first);
  }

  /// PyTorch's layout: `{'state': {0: {…}, …}, 'param_groups': [{…, 'params': [0, …]}, …]}`. The
  /// tensors are not copied: the next step changes them.
  Value state_dict() const;
  /// Takes over a state_dict of the same optimizer over parameters of the same shapes: the state,
  /// converted to each parameter's type, and all options of the groups.
  ///
  /// Errors: KeyError and ValueError where it does not fit; nothing has been changed then.
  void load_state_dict(const Value& state_dict);

  /// The text that PyTorch prints.
  std::string repr() const;

  /// For schedulers.
  const std::shared_ptr<detail::OptimizerData>& data() const noexcept { return data_; }

 protected:
  Optimizer(std::string name, Dict defaults);
  void add_group(const detail::GroupSpec& spec);

  // No virtual function of an optimizer is defined outside of its class: the vtable would follow it
  // into every program, and all that the vtable needs.

  /// One step; the closure may be empty.
  virtual void run(const Closure& closure) = 0;
  /// Puts into the loaded options of a group what PyTorch's older versions did not save yet.
  virtual void complete(Dict& options) const = 0;
  /// A loaded state for one parameter: checked, converted, a copy.
  virtual Dict loaded_state(const ParamGroup& group, const AnyTensor& param,
                            const ValueAt& saved) const = 0;

  /// What is kept for all parameters: a dict for each, by its index.
  Dict& states() noexcept { return data_->state; }

 private:
  void mark_step() noexcept { data_->stepped = data_->watched; }

  std::shared_ptr<detail::OptimizerData> data_;
};

inline std::string repr(const Optimizer& optimizer) { return optimizer.repr(); }
inline std::ostream& operator<<(std::ostream& out, const Optimizer& optimizer) {
  return out << optimizer.repr();
}

/// An optimizer with its options: what the constructors of all of them do.
template <class Options>
class OptimizerOf : public Optimizer {
 public:
  /// Errors: ValueError for an option out of its range, an empty list of parameters, a parameter in
  /// two groups or one that is the result of an operation.
  explicit OptimizerOf(const Params<Options>& params, const Options& options = {})
      : Optimizer(Options::kName, checked(options)) {
    if (params.groups().empty()) {
      detail::raise<ValueError>(Options::kName, "optimizer got an empty parameter list");
    }
    for (const Group<Options>& group : params.groups()) add_group(group.spec());
  }

  /// One more group, e.g. of layers that are to be trained from now on.
  void add_param_group(const Group<Options>& group) { add_group(group.spec()); }

 protected:
  void complete(Dict& options) const override {
    const Dict defaults = Options::defaults();
    for (const char* key : Options::kNewer) options.set_default(key, *defaults.find(key));
  }

 private:
  static Dict checked(const Options& options) {
    Dict all = Options::defaults();
    for (const auto& [key, value] : options.given()) all.set(key, value);
    Options::check(all);
    return all;
  }
};

}  // namespace brasa::optim

#include "brasa/optim/optimizer_state.hpp"
