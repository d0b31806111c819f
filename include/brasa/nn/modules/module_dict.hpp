#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/nn/any_module.hpp"
#include "brasa/nn/module_entries.hpp"

namespace brasa::nn {

/// Modules by name, in the order in which they were added:
///
///     nn::ModuleDict branches{{"small", nn::Linear(10, 10)}, {"act", nn::ReLU()}};
///     x = branches["small"](x);
///
/// It has no forward itself. Source: torch.nn.ModuleDict.
template <FloatScalar S = float>
class ModuleDict : public Module<S> {
 public:
  using Entry = std::pair<std::string, AnyModule<S>>;

  ModuleDict() = default;
  /// Errors: KeyError for a name that is empty, has a dot, or comes twice.
  ModuleDict(std::initializer_list<Entry> entries) {
    for (const auto& [name, module] : entries) modules_.add("ModuleDict", name, module);
  }

  /// Adds a module, or replaces the one of that name in its place.
  ModuleDict& insert(std::string name, AnyModule<S> module) {
    if (modules_.find(name) != nullptr) {
      modules_.at("insert", name) = std::move(module);
    } else {
      modules_.add("insert", std::move(name), std::move(module));
    }
    return *this;
  }
  /// Adds or replaces what another dict holds.
  ModuleDict& update(const ModuleDict& other) {
    const auto added = other.modules_;  // which may be our own
    for (const auto& [name, module] : added) insert(name, module);
    return *this;
  }
  /// Errors: KeyError.
  AnyModule<S>& operator[](std::string_view name) { return modules_.at("operator[]", name); }
  const AnyModule<S>& operator[](std::string_view name) const {
    return modules_.at("operator[]", name);
  }
  bool contains(std::string_view name) const noexcept { return modules_.find(name) != nullptr; }
  /// Takes a module out and returns it. Errors: KeyError.
  AnyModule<S> pop(std::string_view name) { return modules_.pop("pop", name); }
  void clear() noexcept { modules_.clear(); }
  std::vector<std::string> keys() const {
    std::vector<std::string> names;
    for (const auto& [name, module] : modules_) names.push_back(name);
    return names;
  }
  std::size_t size() const noexcept { return modules_.size(); }
  auto begin() noexcept { return modules_.begin(); }
  auto end() noexcept { return modules_.end(); }
  auto begin() const noexcept { return modules_.begin(); }
  auto end() const noexcept { return modules_.end(); }

  BRASA_MODULE(ModuleDict, modules_)

 private:
  detail::NamedEntries<AnyModule<S>> modules_;
};

ModuleDict(std::initializer_list<std::pair<std::string, AnyModule<float>>>)->ModuleDict<float>;

namespace detail {
template <FloatScalar S>
inline constexpr bool can_convert<ModuleDict<S>> = false;
}  // namespace detail

}  // namespace brasa::nn
