#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "brasa/nn/any_module.hpp"
#include "brasa/nn/module_entries.hpp"

namespace brasa::nn {

/// Modules in a list, for a forward that calls them as it likes:
///
///     nn::ModuleList layers{nn::Linear(10, 10), nn::Linear(10, 10)};
///     for (const auto& [name, layer] : layers) x = layer(x);
///     auto& weight = layers[1].as<nn::Linear<>>().weight;
///
/// It has no forward itself. Keys in the state_dict are `0.weight`, `1.weight`, …
/// Source: torch.nn.ModuleList.
template <FloatScalar S = float>
class ModuleList : public Module<S> {
 public:
  ModuleList() = default;
  template <class First, class... Rest>
  requires(!detail::IsOrDerivesFrom<First, nn::ModuleList> ||
           sizeof...(Rest) > 0) explicit ModuleList(First&& first, Rest&&... rest) {
    append(std::forward<First>(first));
    (append(std::forward<Rest>(rest)), ...);
  }

  ModuleList& append(AnyModule<S> module) {
    modules_.append("append", std::move(module));
    return *this;
  }
  /// Puts a module before position `index`. Errors: IndexError.
  ModuleList& insert(std::int64_t index, AnyModule<S> module) {
    modules_.insert("insert", index, std::move(module));
    return *this;
  }
  /// Adds copies of the modules of another list at the end.
  ModuleList& extend(const ModuleList& other) {
    const auto added = other.modules_;  // which may be our own
    for (const auto& [name, module] : added) modules_.append("extend", module);
    return *this;
  }
  /// Takes a module out and returns it.
  AnyModule<S> pop(std::int64_t index = -1) { return modules_.pop("pop", index); }

  AnyModule<S>& operator[](std::int64_t index) { return modules_.at("operator[]", index); }
  const AnyModule<S>& operator[](std::int64_t index) const {
    return modules_.at("operator[]", index);
  }
  std::size_t size() const noexcept { return modules_.size(); }
  auto begin() noexcept { return modules_.begin(); }
  auto end() noexcept { return modules_.end(); }
  auto begin() const noexcept { return modules_.begin(); }
  auto end() const noexcept { return modules_.end(); }

  /// Neighbours that print alike are folded: `(0-1): 2 x Linear(…)`.
  std::string repr() const override {
    std::vector<std::string> texts;
    for (const auto& [name, module] : modules_) texts.push_back(module->repr());
    return detail::module_list_text(this->type_name(), texts);
  }

  BRASA_MODULE(ModuleList, modules_)

 private:
  detail::NamedEntries<AnyModule<S>> modules_;
};

template <class First, class... Rest>
requires requires { typename std::remove_cvref_t<First>::ModuleScalar; }
ModuleList(First&&, Rest&&...)->ModuleList<typename std::remove_cvref_t<First>::ModuleScalar>;

namespace detail {
template <FloatScalar S>
inline constexpr bool can_convert<ModuleList<S>> = false;
}  // namespace detail

}  // namespace brasa::nn
