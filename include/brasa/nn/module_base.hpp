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

#include "brasa/core/hooks.hpp"
#include "brasa/core/print.hpp"
#include "brasa/core/state_dict.hpp"
#include "brasa/nn/member_visitor.hpp"

namespace brasa::nn {

/// How load_state_dict goes about it.
struct LoadOptions {
  /// Every key must be there, and no other.
  bool strict = true;
  /// Values may lose precision in the conversion to the module's Scalar, as they do in PyTorch.
  bool allow_lossy = false;
};

/// What load_state_dict, when not strict, left out.
struct LoadResult {
  std::vector<std::string> missing_keys;
  std::vector<std::string> unexpected_keys;
};

/// The base of all modules; derive from `Module<Scalar>` and name the members once:
///
///     struct TinyModel : nn::Module<float> {
///       nn::Linear<> linear1{100, 200};
///       nn::ReLU<> activation;
///       nn::Linear<> linear2{200, 10};
///
///       brasa::Tensor<float> forward(const brasa::Tensor<float>& x) const {
///         return linear2(activation(linear1(x)));
///       }
///       BRASA_MODULE(TinyModel, linear1, activation, linear2)
///     };
///
/// Modules are values: a copy is an independent model with the same weights, a moved module keeps
/// its tensors. `forward` may take and return anything; `model(x)` calls it, with the hooks.
/// A module in use by several threads at once must not be changed meanwhile; forward is const.
///
/// Where it differs from PyTorch: members are listed, not found; the Scalar is part of the type, so
/// `to<double>()` returns another object; `parameters()` and its kin return vectors.
template <FloatScalar S = float>
class Module {
 public:
  using ModuleScalar = S;
  using BaseModule = Module;
  using Visitor = MemberVisitor<S>;
  using Tensors = std::vector<Tensor<S>>;
  template <class T>
  using Named = std::vector<std::pair<std::string, T>>;

  /// Before forward: gets the tensors that forward is called with, and may return others instead.
  using ForwardPreHook =
      std::function<std::optional<Tensors>(const Module& module, const Tensors& inputs)>;
  /// After forward: gets the tensors among its arguments and results, and may return other results.
  using ForwardHook = std::function<std::optional<Tensors>(
      const Module& module, const Tensors& inputs, const Tensors& outputs)>;

  virtual ~Module() = default;

  /// Training mode: Dropout and normalisation layers behave differently. Set it with `train()` and
  /// `eval()`, which reach the children too.
  bool training = true;

  // ---- what BRASA_MODULE writes ----

  virtual void BRASA_MODULE_is_missing_in_this_class() const = 0;
  /// The class's name, as it is printed.
  virtual std::string_view type_name() const = 0;
  /// An independent copy of the whole module.
  virtual std::unique_ptr<Module> clone() const = 0;
  /// Shows the members to a visitor, in their order.
  virtual void visit_members(Visitor& visitor) = 0;

  // ---- what a module may add ----

  /// What stands between the parentheses when the module is printed.
  virtual std::string extra_repr() const { return {}; }
  /// The version of the module's layout in a state_dict.
  virtual std::int64_t state_version() const { return 1; }
  /// The module as PyTorch prints it.
  virtual std::string repr() const;

  // ---- walking through the members ----

  /// Handles to the parameters: own ones first, then the children's; a shared one once.
  Tensors parameters(bool recurse = true) const;
  /// The same with their names, e.g. `linear1.weight`.
  Named<Tensor<S>> named_parameters(const std::string& prefix = "", bool recurse = true,
                                    bool remove_duplicate = true) const;
  std::vector<AnyTensor> buffers(bool recurse = true) const;
  Named<AnyTensor> named_buffers(const std::string& prefix = "", bool recurse = true,
                                 bool remove_duplicate = true) const;
  std::vector<Module*> children();
  std::vector<const Module*> children() const;
  Named<Module*> named_children();
  Named<const Module*> named_children() const;
  /// This module and all modules in it, each before its children.
  std::vector<Module*> modules();
  std::vector<const Module*> modules() const;
  Named<Module*> named_modules(const std::string& prefix = "");
  Named<const Module*> named_modules(const std::string& prefix = "") const;

  /// The module at a path such as `encoder.0.linear`. Errors: KeyError.
  Module& get_submodule(std::string_view path);
  const Module& get_submodule(std::string_view path) const;
  /// A handle to the parameter, or buffer, of that path. Errors: KeyError.
  Tensor<S> get_parameter(std::string_view path) const;
  AnyTensor get_buffer(std::string_view path) const;

  /// Calls `function(module)` for all modules, children first, this one last.
  template <std::invocable<Module&> F>
  Module& apply(F&& function) {
    for (Module* child : children()) child->apply(function);
    function(*this);
    return *this;
  }

  // ---- mode and gradients ----

  Module& train(bool mode = true) {
    for (Module* module : modules()) module->training = mode;
    return *this;
  }
  Module& eval() { return train(false); }
  Module& requires_grad_(bool requires_grad = true) {
    for (Tensor<S>& parameter : parameters()) parameter.requires_grad_(requires_grad);
    return *this;
  }
  /// Drops the gradients of all parameters, or fills them with 0.
  void zero_grad(bool set_to_none = true);

  // ---- state ----

  /// The parameters and persistent buffers by name, under every name they have: handles to the same
  /// memory, outside of the graph. A prefix goes before all names; its dot may be left out.
  StateDict state_dict(const std::string& prefix = "") const;
  /// Copies the values of a state_dict into the parameters and buffers.
  ///
  /// Errors: StateDictError, which lists all missing, unexpected and misshapen keys at once.
  /// Unlike PyTorch it then changes nothing: either all fits, or nothing is loaded.
  LoadResult load_state_dict(const StateDict& state, LoadOptions options = {});

  // ---- hooks ----

  /// `hook(module, inputs)` runs before forward. It may return nothing, or the tensors (one or a
  /// vector) to use instead of the inputs.
  template <class Hook>
  RemovableHandle register_forward_pre_hook(Hook hook, bool prepend = false);
  /// `hook(module, inputs, outputs)` runs after forward. It may return nothing, or the tensors (one
  /// or a vector) to use instead of the outputs.
  template <class Hook>
  RemovableHandle register_forward_hook(Hook hook, bool prepend = false);

  /// For brasa's own use.
  const detail::HookList<ForwardPreHook>& forward_pre_hooks() const { return forward_pre_hooks_; }
  const detail::HookList<ForwardHook>& forward_hooks() const { return forward_hooks_; }

 protected:
  Module() = default;
  Module(const Module&) = default;
  Module(Module&&) noexcept = default;
  Module& operator=(const Module&) = default;
  Module& operator=(Module&&) noexcept = default;

 private:
  detail::HookList<ForwardPreHook> forward_pre_hooks_;
  detail::HookList<ForwardHook> forward_hooks_;
};

/// Printing a module, as in PyTorch.
template <FloatScalar S>
std::string repr(const Module<S>& module) {
  return module.repr();
}
template <FloatScalar S>
std::ostream& operator<<(std::ostream& out, const Module<S>& module) {
  return out << module.repr();
}

/// A module whose forward takes one tensor and returns one: what Sequential is made of.
template <class M, class S>
concept unary_module = requires(const M& module, const Tensor<S>& x) {
  { module.forward(x) } -> std::convertible_to<Tensor<S>>;
};

}  // namespace brasa::nn
