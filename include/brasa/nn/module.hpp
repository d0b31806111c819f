#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include "brasa/nn/module_base.hpp"
#include "brasa/nn/module_call.hpp"
#include "brasa/nn/module_convert.hpp"
#include "brasa/nn/module_members.hpp"
#include "brasa/nn/module_state.hpp"
#include "brasa/nn/module_text.hpp"

/// The one line that each module needs: its name, then its parameters, buffers and children.
///
/// Names in the state_dict are those of the members; a trailing underscore is dropped. A member
/// that is left out is no part of the model: it is not saved, loaded, trained or printed. A class
/// that derives from another module lists the inherited members too. What follows the line is
/// public.
///
/// It holds templates, so the class cannot be local to a function.
#define BRASA_MODULE(Type, ...)                                                           \
 public:                                                                                  \
  using ModuleSelf = Type;                                                                \
  void BRASA_MODULE_is_missing_in_this_class() const override {}                          \
  std::string_view type_name() const override { return #Type; }                           \
  std::unique_ptr<typename Type::BaseModule> clone() const override {                     \
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(*this)>, Type>,             \
                  "brasa: BRASA_MODULE begins with the name of the class it stands in");  \
    return ::brasa::nn::detail::clone_module(*this);                                      \
  }                                                                                       \
  void visit_members(typename Type::Visitor& visitor) override {                          \
    ::brasa::nn::detail::visit_members(visitor, #__VA_ARGS__ __VA_OPT__(, ) __VA_ARGS__); \
  }                                                                                       \
  template <class... Args>                                                                \
  decltype(auto) operator()(Args&&... args) const {                                       \
    return ::brasa::nn::detail::call_module(*this, std::forward<Args>(args)...);          \
  }                                                                                       \
  /** The same module with another Scalar: `model.to<double>()`. */                       \
  template <::brasa::FloatScalar To>                                                      \
  auto to() const {                                                                       \
    return ::brasa::nn::detail::convert_module<To>(*this);                                \
  }
