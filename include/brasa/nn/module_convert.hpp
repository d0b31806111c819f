#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "brasa/nn/module_base.hpp"
#include "brasa/nn/module_members.hpp"
#include "brasa/nn/module_state.hpp"
#include "brasa/nn/skip_init.hpp"

// A module with another Scalar: what `to<double>()` does.

namespace brasa::nn::detail {

template <class M, class To>
struct RebindScalar {
  static constexpr bool possible = false;
};
template <template <FloatScalar> class Template, FloatScalar From, FloatScalar To>
struct RebindScalar<Template<From>, To> {
  static constexpr bool possible = true;
  using type = Template<To>;
};

/// False for the containers of modules whose types they have forgotten.
template <class M>
inline constexpr bool can_convert = true;

/// One line for each module in it: its path, its type and what it prints of itself.
template <FloatScalar S>
std::vector<std::string> module_lines(const Module<S>& module) {
  std::vector<std::string> lines;
  for (const auto& [path, each] : module.named_modules(std::string(module.type_name()))) {
    lines.push_back(path + ": " + std::string(each->type_name()) + '(' + each->extra_repr() + ')');
  }
  return lines;
}

/// A module that was made anew for another Scalar must have the hyperparameters of the old one.
template <FloatScalar From, FloatScalar To>
void check_same_modules(const Module<From>& module, const Module<To>& made) {
  auto expected = module_lines(module);
  auto got = module_lines(made);
  expected.resize(std::max(expected.size(), got.size()), "nothing");
  got.resize(expected.size(), "nothing");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i] == got[i]) continue;
    raise<ValueError>("to", "expected ", expected[i], ", but ", module.type_name(),
                      "'s constructor made ", got[i], ": give ", module.type_name(),
                      " a constructor from the same module with another Scalar");
  }
}

/// Parameters and all buffers, also those that are not persistent; modes and requires_grad.
template <FloatScalar From, FloatScalar To>
void copy_state(const Module<From>& module, Module<To>& made) {
  made.load_state_dict(module.state_dict(), {.allow_lossy = true});
  const auto modules = module.modules();
  const auto made_modules = made.modules();
  for (std::size_t i = 0; i < modules.size(); ++i) {
    made_modules[i]->training = modules[i]->training;
  }
  for (const auto& [name, buffer] : module.named_buffers("", true, false)) {
    AnyTensor target = made.get_buffer(name);
    if (target.shape() != buffer.shape()) {
      raise<ValueError>("to", "expected buffer ", name, " of shape ", shape_text(buffer.shape()),
                        ", got ", shape_text(target.shape()));
    }
    copy_values(target, convert(buffer, target.dtype(), true));
  }
  // By all their names: either module may have tied what the other has not.
  const auto parameters = module.named_parameters("", true, false);
  auto made_parameters = made.named_parameters("", true, false);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    made_parameters[i].second.requires_grad_(parameters[i].second.requires_grad());
  }
}

/// The same module with another Scalar, without its hooks and gradients. It is made by the
/// constructor from the other type where there is one, else by the default constructor.
template <FloatScalar To, class M>
auto convert_module(const M& module) {
  using Rebind = RebindScalar<M, To>;
  if constexpr (std::is_same_v<typename M::ModuleScalar, To>) {
    return M(module);
  } else if constexpr (!can_convert<M>) {
    static_assert(can_convert<M>,
                  "brasa: a container has forgotten the types of its modules and cannot convert "
                  "them: build one of the other Scalar and load_state_dict(model.state_dict())");
  } else if constexpr (!Rebind::possible) {
    static_assert(Rebind::possible,
                  "brasa: only a template over its Scalar can be converted: write `template "
                  "<brasa::FloatScalar S> struct MyModel : nn::Module<S>`, with children of <S>");
  } else {
    using Target = typename Rebind::type;
    constexpr bool from_other = std::is_constructible_v<Target, const M&>;
    static_assert(from_other || std::is_default_constructible_v<Target>,
                  "brasa: to convert a module that has no default constructor, give it a "
                  "constructor from the same module with another Scalar");
    const SkipInitGuard no_draws;
    const auto make = [&] {
      if constexpr (from_other) {
        return Target(module);
      } else {
        return Target();
      }
    };
    Target made = make();
    check_same_modules(module, made);
    copy_state(module, made);
    return made;
  }
}

}  // namespace brasa::nn::detail
