#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "brasa/nn/any_module.hpp"
#include "brasa/nn/module_entries.hpp"
#include "brasa/nn/modules/linear_relu.hpp"

namespace brasa::nn {
namespace detail {

/// A module of any type that takes one tensor and returns one.
template <FloatScalar S>
class UnaryModule : public AnyModule<S> {
 public:
  template <class M>
  requires requires { typename std::remove_cvref_t<M>::ModuleScalar; }
  UnaryModule(M&& module) : AnyModule<S>(checked(std::forward<M>(module))) {}

 private:
  template <class M>
  static AnyModule<S> checked(M&& module) {
    using Type = std::remove_cvref_t<M>;
    constexpr bool same_scalar = std::is_same_v<typename Type::ModuleScalar, S>;
    static_assert(same_scalar, "brasa: Sequential takes modules of its own Scalar");
    if constexpr (same_scalar && !std::is_base_of_v<AnyModule<S>, Type>) {
      static_assert(unary_module<Type, S>,
                    "brasa: Sequential passes one tensor from module to module, and this module's "
                    "forward does not take one tensor and return one");
    }
    if constexpr (same_scalar) return std::forward<M>(module);
  }
};

}  // namespace detail

/// y = fₙ(… f₂(f₁(x))): modules that are called one after the other.
///
///     nn::Sequential model{nn::Linear(100, 200), nn::ReLU(), nn::Linear(200, 10)};
///     nn::Sequential named{{"fc", nn::Linear(100, 10)}, {"act", nn::ReLU()}};
///     auto& weight = model[0].as<nn::Linear<>>().weight;
///
/// Each module takes one tensor and returns one; anything else does not compile. An empty
/// Sequential returns its input. Keys in the state_dict are `0.weight`, `2.weight`, …, or the
/// names.
///
/// Where it differs from PyTorch: modules are moved or copied in, also by `extend` and `slice`;
/// `Sequential{another}` is a copy, `append(another)` nests; iteration goes over (name, module).
///
/// Source: torch.nn.Sequential.
template <FloatScalar S = float>
class Sequential : public Module<S> {
 public:
  using Entry = std::pair<std::string, detail::UnaryModule<S>>;

  Sequential() = default;
  template <class First, class... Rest>
  requires(!detail::IsOrDerivesFrom<First, nn::Sequential> ||
           sizeof...(Rest) > 0) explicit Sequential(First&& first, Rest&&... rest) {
    append(std::forward<First>(first));
    (append(std::forward<Rest>(rest)), ...);
  }
  /// Errors: KeyError for a name that is empty, has a dot, or comes twice.
  Sequential(std::initializer_list<Entry> entries) {
    for (const auto& [name, module] : entries) add_module(name, module);
  }

  Tensor<S> forward(const Tensor<S>& input) const {
    if (modules_.size() == 0) return input;
    Tensor<S> result;
    const Tensor<S>* x = &input;
    for (auto at = modules_.begin(); at != modules_.end(); ++at, x = &result) {
      const auto next = at + 1;
      if (next != modules_.end() && detail::can_fuse(at->second, next->second, *x)) {
        result = detail::linear_relu(at->second, *x);
        at = next;
      } else {
        result = at->second(*x);
      }
    }
    return result;
  }

  /// Adds a module at the end, named by its position.
  Sequential& append(detail::UnaryModule<S> module) {
    modules_.append("append", std::move(module));
    return *this;
  }
  /// Adds a module at the end. Errors: KeyError for a name that is empty, has a dot, or is taken.
  Sequential& add_module(std::string name, detail::UnaryModule<S> module) {
    modules_.add("add_module", std::move(name), std::move(module));
    return *this;
  }
  /// Puts a module before position `index`; those behind it are numbered anew.
  /// Errors: IndexError; ValueError if the modules have names.
  Sequential& insert(std::int64_t index, detail::UnaryModule<S> module) {
    modules_.insert("insert", index, std::move(module));
    return *this;
  }
  /// Adds copies of the modules of another Sequential at the end.
  Sequential& extend(const Sequential& other) {
    const auto added = other.modules_;  // which may be our own
    for (const auto& [name, module] : added) modules_.append("extend", module);
    return *this;
  }
  /// Takes a module out and returns it; numbered ones behind it are numbered anew.
  AnyModule<S> pop(std::int64_t index) { return modules_.pop("pop", index); }
  /// Copies of the modules [first, last) under their old names, as Python's `model[first:last]`.
  Sequential slice(std::int64_t first,
                   std::int64_t last = std::numeric_limits<std::int64_t>::max()) const {
    Sequential part;
    const std::size_t end = detail::clamp_index(last, size());
    for (std::size_t i = detail::clamp_index(first, size()); i < end; ++i) {
      const auto& [name, module] = *(modules_.begin() + static_cast<std::ptrdiff_t>(i));
      part.modules_.add("slice", name, module);
    }
    return part;
  }

  AnyModule<S>& operator[](std::int64_t index) { return modules_.at("operator[]", index); }
  const AnyModule<S>& operator[](std::int64_t index) const {
    return modules_.at("operator[]", index);
  }
  std::size_t size() const noexcept { return modules_.size(); }
  auto begin() noexcept { return modules_.begin(); }
  auto end() noexcept { return modules_.end(); }
  auto begin() const noexcept { return modules_.begin(); }
  auto end() const noexcept { return modules_.end(); }

  BRASA_MODULE(Sequential, modules_)

 private:
  detail::NamedEntries<AnyModule<S>> modules_;
};

template <class First, class... Rest>
requires requires { typename std::remove_cvref_t<First>::ModuleScalar; }
Sequential(First&&, Rest&&...)->Sequential<typename std::remove_cvref_t<First>::ModuleScalar>;
Sequential(std::initializer_list<std::pair<std::string, detail::UnaryModule<float>>>)
    ->Sequential<float>;

namespace detail {
template <FloatScalar S>
inline constexpr bool can_convert<Sequential<S>> = false;
}  // namespace detail

}  // namespace brasa::nn
