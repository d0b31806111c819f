#pragma once

#include <tuple>

#include "brasa/nn/module_base.hpp"

// Calling a module: the frame that errors read their path from, and the hooks around forward.

namespace brasa::nn {
namespace detail {

/// Marks on this thread's stack that a module's forward is under way.
template <FloatScalar S>
class ModuleFrame : CallFrame {
 public:
  explicit ModuleFrame(const Module<S>& module)
      : CallFrame{current_call(), &module, &describe_frame} {
    current_call() = this;
  }
  // Clang 14's analyzer does not follow the braces of a base, and takes `outer` for unset.
  ~ModuleFrame() { current_call() = outer; }  // NOLINT(clang-analyzer-core.uninitialized.Assign)
  ModuleFrame(const ModuleFrame&) = delete;
  ModuleFrame& operator=(const ModuleFrame&) = delete;

 private:
  static const Module<S>& module_of(const CallFrame* frame) {
    return *static_cast<const Module<S>*>(frame->object);
  }

  /// The path of `inner` below `outer`, e.g. `.encoder.0`, or ` > Linear` if it is not part of it.
  [[gnu::cold]] static std::string step(const Module<S>& outer, const Module<S>& inner) {
    for (const auto& [name, module] : outer.named_modules()) {
      if (module == &inner && !name.empty()) return '.' + name;
    }
    return " > " + std::string(inner.type_name());
  }

  /// `TinyModel.linear2: Linear(in_features=200, out_features=10, bias=True)`; a module of several
  /// lines shows only its path.
  [[gnu::cold]] static void describe_frame(const CallFrame* frame, std::string& path,
                                           std::string& type_name) {
    const Module<S>& innermost = module_of(frame);
    type_name = innermost.type_name();
    for (; frame != nullptr && frame->describe == &describe_frame; frame = frame->outer) {
      const bool outermost = frame->outer == nullptr || frame->outer->describe != &describe_frame;
      const Module<S>& module = module_of(frame);
      path.insert(
          0, outermost ? std::string(module.type_name()) : step(module_of(frame->outer), module));
    }
    const std::string text = innermost.repr();
    if (text.find('\n') != std::string::npos) return;
    if (path == type_name) {
      path = text;
    } else {
      path += ": " + text;
    }
  }
};

/// A tensor, or several in a tuple or vector: what hooks see of arguments and results.
template <FloatScalar S, class T>
void gather_tensors(const T& value, std::vector<Tensor<S>>& tensors) {
  if constexpr (std::is_convertible_v<const T&, const Tensor<S>&>) {
    tensors.push_back(value);
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    std::apply([&](const auto&... part) { (gather_tensors<S>(part, tensors), ...); }, value);
  } else if constexpr (std::is_same_v<T, std::vector<Tensor<S>>>) {
    tensors.insert(tensors.end(), value.begin(), value.end());
  }
}

/// Puts the tensors of a hook back where they came from.
template <FloatScalar S, class T>
void scatter_tensors(T& value, const std::vector<Tensor<S>>& tensors, std::size_t& next) {
  if constexpr (std::is_same_v<T, Tensor<S>>) {
    value = tensors[next++];
  } else if constexpr (requires { std::tuple_size<T>::value; }) {
    std::apply([&](auto&... part) { (scatter_tensors<S>(part, tensors, next), ...); }, value);
  } else if constexpr (std::is_same_v<T, std::vector<Tensor<S>>>) {
    for (Tensor<S>& tensor : value) tensor = tensors[next++];
  }
}

template <FloatScalar S>
void check_hook_result(std::string_view op, std::size_t expected, std::size_t got) {
  if (expected != got) {
    raise<ValueError>(op, "the hook must return ", expected, " tensor(s), got ", got);
  }
}

/// What is kept of an argument while the hooks run: the tensors, which they may replace (of a
/// Parameter a handle, for copying it copies its value), and of all else a reference.
template <FloatScalar S, class Arg, class T = std::remove_cvref_t<Arg>>
using HookArgument = std::conditional_t < std::is_convertible_v<const T&, const Tensor<S>&>,
      Tensor<S>, std::conditional_t < std::is_same_v<T, std::vector<Tensor<S>>> || requires {
  std::tuple_size<T>::value;
}
, T, Arg&& >> ;

/// Shows the arguments to the hooks before forward, and puts back what they return.
template <FloatScalar S, class Arguments>
[[gnu::cold]] std::vector<Tensor<S>> run_pre_hooks(const Module<S>& module, Arguments& arguments) {
  std::vector<Tensor<S>> inputs;
  gather_tensors<S>(arguments, inputs);
  module.forward_pre_hooks().for_each([&](const auto& hook) {
    if (auto replaced = hook(module, inputs)) {
      check_hook_result<S>("forward_pre_hook", inputs.size(), replaced->size());
      inputs = std::move(*replaced);
    }
  });
  std::size_t next = 0;
  scatter_tensors<S>(arguments, inputs, next);
  return inputs;
}

/// Shows the results to the hooks after forward, and puts back what they return.
template <FloatScalar S, class Result>
[[gnu::cold]] void run_hooks(const Module<S>& module, const std::vector<Tensor<S>>& inputs,
                             Result& result) {
  std::vector<Tensor<S>> outputs;
  gather_tensors<S>(result, outputs);
  module.forward_hooks().for_each([&](const auto& hook) {
    if (auto replaced = hook(module, inputs, outputs)) {
      check_hook_result<S>("forward_hook", outputs.size(), replaced->size());
      outputs = std::move(*replaced);
    }
  });
  std::size_t next = 0;
  scatter_tensors<S>(result, outputs, next);
}

template <class M, class... Args>
[[gnu::cold]] auto call_with_hooks(const M& module, Args&&... args) {
  using S = typename M::ModuleScalar;
  const auto forward = [&](auto&&... arguments) -> decltype(auto) {
    return module.forward(std::forward<decltype(arguments)>(arguments)...);
  };
  std::tuple<HookArgument<S, Args>...> arguments(std::forward<Args>(args)...);
  const auto inputs = run_pre_hooks<S>(module, arguments);
  if constexpr (std::is_void_v<decltype(std::apply(forward, std::move(arguments)))>) {
    std::apply(forward, std::move(arguments));
    std::tuple<> nothing;
    run_hooks<S>(module, inputs, nothing);
  } else {
    auto result = std::apply(forward, std::move(arguments));
    run_hooks<S>(module, inputs, result);
    return result;
  }
}

/// `module(args…)`: forward, with the module's name known to errors and its hooks run.
template <class M, class... Args>
auto call_module(const M& module, Args&&... args) {
  constexpr bool fits = requires { module.forward(std::forward<Args>(args)...); };
  static_assert(fits, "brasa: this module has no `forward(...) const` that takes these arguments");
  if constexpr (fits) {
    const ModuleFrame<typename M::ModuleScalar> frame(module);
    if (!module.forward_pre_hooks().empty() || !module.forward_hooks().empty()) {
      return call_with_hooks(module, std::forward<Args>(args)...);
    }
    return module.forward(std::forward<Args>(args)...);
  }
}

template <class M>
[[gnu::cold]] std::unique_ptr<Module<typename M::ModuleScalar>> clone_module(const M& module) {
  static_assert(std::is_copy_constructible_v<M>,
                "brasa: a module must be copyable, for modules are values; this one has a member "
                "that is not");
  return std::make_unique<M>(module);
}

/// Hooks may return nothing, a tensor, or a vector of tensors.
template <FloatScalar S, class Hook, class... Args>
std::optional<std::vector<Tensor<S>>> run_hook(const Hook& hook, const Args&... args) {
  if constexpr (std::is_void_v<std::invoke_result_t<const Hook&, const Args&...>>) {
    hook(args...);
    return std::nullopt;
  } else if constexpr (std::is_convertible_v<std::invoke_result_t<const Hook&, const Args&...>,
                                             Tensor<S>>) {
    return std::vector<Tensor<S>>{hook(args...)};
  } else {
    return hook(args...);
  }
}

}  // namespace detail

template <FloatScalar S>
template <class Hook>
RemovableHandle Module<S>::register_forward_pre_hook(Hook hook, bool prepend) {
  return forward_pre_hooks_.add(
      [hook = std::move(hook)](const Module& module, const Tensors& inputs) {
        return detail::run_hook<S>(hook, module, inputs);
      },
      prepend);
}

template <FloatScalar S>
template <class Hook>
RemovableHandle Module<S>::register_forward_hook(Hook hook, bool prepend) {
  return forward_hooks_.add(
      [hook = std::move(hook)](const Module& module, const Tensors& inputs,
                               const Tensors& outputs) {
        return detail::run_hook<S>(hook, module, inputs, outputs);
      },
      prepend);
}

}  // namespace brasa::nn
