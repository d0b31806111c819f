#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "brasa/nn/module.hpp"

namespace brasa::nn {
namespace detail {

/// Its address stands for the type: works without RTTI.
template <class T>
inline constexpr char type_tag = 0;

template <template <FloatScalar> class Template, FloatScalar S>
void take(const Template<S>&);

/// True for `Template<Scalar>` of any Scalar and for what derives from it.
template <class T, template <FloatScalar> class Template>
concept IsOrDerivesFrom = requires(const T& object) {
  take<Template>(object);
};

}  // namespace detail

/// Any module, as a value: what the containers hold. Copying it copies the module.
///
/// `any(x)` calls a module that takes one tensor and gives one; `any.as<Linear<>>()` is the module
/// as what it was made from, `*any` and `any->` as a `Module<S>`.
template <FloatScalar S = float>
class AnyModule {
 public:
  using ModuleScalar = S;

  template <class M>
  requires std::is_base_of_v<Module<S>, std::remove_cvref_t<M>> AnyModule(M&& module)
      : module_(std::make_unique<std::remove_cvref_t<M>>(std::forward<M>(module))),
        type_(&detail::type_tag<std::remove_cvref_t<M>>),
        call_(thunk<std::remove_cvref_t<M>>()) {}
  AnyModule(const AnyModule& other)
      : module_(other.module_->clone()), type_(other.type_), call_(other.call_) {}
  AnyModule(AnyModule&&) noexcept = default;
  AnyModule& operator=(AnyModule other) noexcept {
    module_ = std::move(other.module_);
    type_ = other.type_;
    call_ = other.call_;
    return *this;
  }
  ~AnyModule() = default;

  /// The module's forward. Errors: ValueError if it does not take and return one tensor.
  Tensor<S> operator()(const Tensor<S>& x) const {
    if (call_ == nullptr) {
      detail::raise<ValueError>("", module_->type_name(),
                                " does not take and return one tensor: call it as "
                                ".as<TheModule>()(…)");
    }
    return call_(*module_, x);
  }

  Module<S>& operator*() noexcept { return *module_; }
  const Module<S>& operator*() const noexcept { return *module_; }
  Module<S>* operator->() noexcept { return module_.get(); }
  const Module<S>* operator->() const noexcept { return module_.get(); }

  /// True if it was made from an M (and not from a class derived from it).
  template <class M>
  bool is() const noexcept {
    return type_ == &detail::type_tag<M>;
  }
  /// The module as the M that it was made from. Errors: ValueError if it is something else.
  template <class M>
  M& as() {
    return const_cast<M&>(std::as_const(*this).template as<M>());
  }
  template <class M>
  const M& as() const {
    if (!is<M>()) {
      detail::raise<ValueError>("as", "this ", module_->type_name(),
                                " is not of the type that it was asked for as");
    }
    return static_cast<const M&>(*module_);
  }

 private:
  using Call = Tensor<S> (*)(const Module<S>& module, const Tensor<S>& x);

  template <class M>
  static Call thunk() {
    detail::check_macro<M>();
    if constexpr (unary_module<M, S>) {
      return [](const Module<S>& module, const Tensor<S>& x) -> Tensor<S> {
        return static_cast<const M&>(module)(x);
      };
    } else {
      return nullptr;
    }
  }

  std::unique_ptr<Module<S>> module_;
  const char* type_;
  Call call_;
};

template <FloatScalar S>
std::ostream& operator<<(std::ostream& out, const AnyModule<S>& module) {
  return out << *module;
}

}  // namespace brasa::nn
