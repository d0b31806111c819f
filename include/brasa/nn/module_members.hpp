#pragma once

#include <algorithm>
#include <functional>

#include "brasa/nn/module_base.hpp"

// Walking through the members of a module: parameters(), named_modules() and their kin.

namespace brasa::nn {
namespace detail {

/// The members themselves, one level deep.
template <FloatScalar S>
struct Members final : MemberVisitor<S> {
  struct BufferEntry {
    std::string_view name;
    AnyTensor* buffer;
    bool persistent;
  };
  std::vector<std::pair<std::string_view, Parameter<S>*>> parameters;
  std::vector<BufferEntry> buffers;
  std::vector<std::pair<std::string_view, Module<S>*>> children;

  /// Visiting changes nothing, but shows the members as what they are: changeable. Only this class
  /// uses that, and hands out constness again to who came with a const module.
  explicit Members(const Module<S>& module) { const_cast<Module<S>&>(module).visit_members(*this); }

  [[gnu::cold]] void parameter(std::string_view name, Parameter<S>& parameter) override {
    parameters.emplace_back(name, &parameter);
  }
  [[gnu::cold]] void buffer(std::string_view name, AnyTensor& buffer, bool persistent) override {
    buffers.push_back({name, &buffer, persistent});
  }
  [[gnu::cold]] void child(std::string_view name, Module<S>& child) override {
    children.emplace_back(name, &child);
  }
};

[[gnu::cold]] inline std::string join_path(const std::string& prefix, std::string_view name) {
  std::string path = prefix;
  if (!path.empty()) path += '.';
  return path += name;
}

/// The tensors that a walk has met.
class Seen {
 public:
  /// False if the tensor has been inserted before.
  [[gnu::cold]] bool insert(const AnyTensor& tensor) {
    const void* const impl = tensor.impl_ref().get();
    const auto place = std::lower_bound(sorted_.begin(), sorted_.end(), impl, std::less<>());
    if (place != sorted_.end() && *place == impl) return false;
    sorted_.insert(place, impl);
    return true;
  }

 private:
  std::vector<const void*> sorted_;
};

/// `use(path, module)` for a module and all modules in it, each before its children.
template <FloatScalar S, class Use>
[[gnu::cold]] void for_each_module(const Module<S>& module, const std::string& path, Use&& use) {
  use(path, const_cast<Module<S>&>(module));
  for (const auto& [name, child] : Members<S>(module).children) {
    for_each_module(*child, join_path(path, name), use);
  }
}

template <FloatScalar S, class Module_>
[[gnu::cold]] std::vector<std::pair<std::string, Module_*>> collect_modules(
    const Module<S>& module, const std::string& prefix) {
  std::vector<std::pair<std::string, Module_*>> result;
  for_each_module(module, prefix, [&](const std::string& path, Module<S>& each) {
    result.emplace_back(path, &each);
  });
  return result;
}

template <class T>
[[gnu::cold]] std::vector<T> without_names(std::vector<std::pair<std::string, T>> named) {
  std::vector<T> result;
  result.reserve(named.size());
  for (auto& entry : named) result.push_back(std::move(entry.second));
  return result;
}

/// "encoder.0.weight" into "encoder.0" and "weight".
inline std::pair<std::string_view, std::string_view> split_last(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return {{}, path};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

}  // namespace detail

template <FloatScalar S>
[[gnu::cold]] auto Module<S>::named_parameters(const std::string& prefix, bool recurse,
                                               bool remove_duplicate) const -> Named<Tensor<S>> {
  Named<Tensor<S>> result;
  detail::Seen seen;
  const auto collect = [&](const std::string& path, const Module& module) {
    for (const auto& [name, parameter] : detail::Members<S>(module).parameters) {
      if (!parameter->defined()) continue;
      if (!seen.insert(*parameter) && remove_duplicate) continue;
      result.emplace_back(detail::join_path(path, name), *parameter);
    }
  };
  if (recurse) {
    detail::for_each_module(*this, prefix, collect);
  } else {
    collect(prefix, *this);
  }
  return result;
}

template <FloatScalar S>
[[gnu::cold]] auto Module<S>::named_buffers(const std::string& prefix, bool recurse,
                                            bool remove_duplicate) const -> Named<AnyTensor> {
  Named<AnyTensor> result;
  detail::Seen seen;
  const auto collect = [&](const std::string& path, const Module& module) {
    for (const auto& entry : detail::Members<S>(module).buffers) {
      if (!entry.buffer->defined()) continue;
      if (!seen.insert(*entry.buffer) && remove_duplicate) continue;
      result.emplace_back(detail::join_path(path, entry.name), *entry.buffer);
    }
  };
  if (recurse) {
    detail::for_each_module(*this, prefix, collect);
  } else {
    collect(prefix, *this);
  }
  return result;
}

template <FloatScalar S>
[[gnu::cold]] auto Module<S>::parameters(bool recurse) const -> Tensors {
  return detail::without_names(named_parameters("", recurse));
}
template <FloatScalar S>
[[gnu::cold]] std::vector<AnyTensor> Module<S>::buffers(bool recurse) const {
  return detail::without_names(named_buffers("", recurse));
}

template <FloatScalar S>
[[gnu::cold]] auto Module<S>::named_children() -> Named<Module*> {
  Named<Module*> result;
  for (const auto& [name, child] : detail::Members<S>(*this).children) {
    result.emplace_back(name, child);
  }
  return result;
}
template <FloatScalar S>
[[gnu::cold]] auto Module<S>::named_children() const -> Named<const Module*> {
  Named<const Module*> result;
  for (const auto& [name, child] : detail::Members<S>(*this).children) {
    result.emplace_back(name, child);
  }
  return result;
}
template <FloatScalar S>
[[gnu::cold]] auto Module<S>::children() -> std::vector<Module*> {
  return detail::without_names(named_children());
}
template <FloatScalar S>
[[gnu::cold]] auto Module<S>::children() const -> std::vector<const Module*> {
  return detail::without_names(named_children());
}
template <FloatScalar S>
[[gnu::cold]] auto Module<S>::named_modules(const std::string& prefix) -> Named<Module*> {
  return detail::collect_modules<S, Module>(*this, prefix);
}
template <FloatScalar S>
[[gnu::cold]] auto Module<S>::named_modules(const std::string& prefix) const
    -> Named<const Module*> {
  return detail::collect_modules<S, const Module>(*this, prefix);
}
template <FloatScalar S>
[[gnu::cold]] auto Module<S>::modules() -> std::vector<Module*> {
  return detail::without_names(named_modules());
}
template <FloatScalar S>
[[gnu::cold]] auto Module<S>::modules() const -> std::vector<const Module*> {
  return detail::without_names(named_modules());
}

template <FloatScalar S>
const Module<S>& Module<S>::get_submodule(std::string_view path) const {
  const Module* module = this;
  std::string_view rest = path;
  for (bool more = !path.empty(); more;) {
    const std::size_t dot = rest.find('.');
    const std::string_view name = rest.substr(0, dot);
    more = dot != std::string_view::npos;
    rest.remove_prefix(more ? dot + 1 : rest.size());
    const auto children = detail::Members<S>(*module).children;
    const auto found = std::find_if(children.begin(), children.end(),
                                    [&](const auto& child) { return child.first == name; });
    if (found == children.end()) {
      detail::raise<KeyError>("get_submodule", module->type_name(), " has no child `", name,
                              "` (looking for `", path, "`)");
    }
    module = found->second;
  }
  return *module;
}
template <FloatScalar S>
Module<S>& Module<S>::get_submodule(std::string_view path) {
  return const_cast<Module&>(std::as_const(*this).get_submodule(path));
}

template <FloatScalar S>
Tensor<S> Module<S>::get_parameter(std::string_view path) const {
  const auto [module_path, name] = detail::split_last(path);
  const Module& module = get_submodule(module_path);
  for (const auto& [own_name, parameter] : detail::Members<S>(module).parameters) {
    if (own_name == name && parameter->defined()) return *parameter;
  }
  detail::raise<KeyError>("get_parameter", module.type_name(), " has no parameter `", name, "`");
}

template <FloatScalar S>
AnyTensor Module<S>::get_buffer(std::string_view path) const {
  const auto [module_path, name] = detail::split_last(path);
  const Module& module = get_submodule(module_path);
  for (const auto& entry : detail::Members<S>(module).buffers) {
    if (entry.name == name && entry.buffer->defined()) return *entry.buffer;
  }
  detail::raise<KeyError>("get_buffer", module.type_name(), " has no buffer `", name, "`");
}

template <FloatScalar S>
void Module<S>::zero_grad(bool set_to_none) {
  for (Tensor<S>& parameter : parameters()) {
    Tensor<S> grad = parameter.grad();
    if (!grad.defined()) continue;
    if (set_to_none) {
      parameter.set_grad({});
    } else {
      grad = grad.detach();
      grad.array().setZero();
      grad.impl().storage->bump_version();
      parameter.set_grad(grad);
    }
  }
}

}  // namespace brasa::nn
