#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include "brasa/core/dtype.hpp"
#include "brasa/nn/module_entries.hpp"
#include "brasa/nn/parameter.hpp"

namespace brasa::nn {

template <FloatScalar S>
class Module;
template <FloatScalar S>
class AnyModule;

/// What goes through the members that a module names in BRASA_MODULE, in their order: parameters,
/// state_dict, printing, conversion and all else that concerns the members is a visitor.
template <FloatScalar S>
class MemberVisitor {
 public:
  virtual void parameter(std::string_view /*name*/, Parameter<S>& /*parameter*/) {}
  virtual void buffer(std::string_view /*name*/, AnyTensor& /*buffer*/, bool /*persistent*/) {}
  virtual void child(std::string_view /*name*/, Module<S>& /*child*/) {}

 protected:
  ~MemberVisitor() = default;
};

namespace detail {

template <class T>
inline constexpr bool is_parameter = false;
template <FloatScalar S>
inline constexpr bool is_parameter<Parameter<S>> = true;

template <class T>
inline constexpr bool is_buffer = false;
template <TensorScalar S>
inline constexpr bool is_buffer<Buffer<S>> = true;

template <class T>
inline constexpr bool is_entries = false;
template <class T>
inline constexpr bool is_entries<NamedEntries<T>> = true;

template <class T>
inline constexpr bool is_any_module = false;
template <FloatScalar S>
inline constexpr bool is_any_module<AnyModule<S>> = true;

template <class T>
concept ModuleType = requires {
  typename T::ModuleScalar;
}
&&std::is_base_of_v<Module<typename T::ModuleScalar>, T>;

/// False for a class that derives from a module and only inherited its BRASA_MODULE.
template <class T>
concept HasOwnMacro = std::is_same_v<typename T::ModuleSelf, T>;

/// Whoever holds a T is told what T lacks.
template <class T>
constexpr void check_macro() {
  static_assert(HasOwnMacro<T>,
                "brasa: BRASA_MODULE is missing in a class that derives from another module: "
                "without it, it is copied, called and printed as the class it derives from");
}

/// Splits "linear1, activation" as the preprocessor wrote it.
class MemberNames {
 public:
  explicit constexpr MemberNames(std::string_view list) : rest_(list) {}
  constexpr std::string_view next() {
    const std::size_t comma = rest_.find(',');
    std::string_view name = rest_.substr(0, comma);
    rest_ = comma == std::string_view::npos ? std::string_view() : rest_.substr(comma + 1);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (name.starts_with("this->")) name.remove_prefix(6);
    // A private member `weight_` is `weight` to everybody else.
    if (name.size() > 1 && name.back() == '_') name.remove_suffix(1);
    return name;
  }

 private:
  std::string_view rest_;
};

template <FloatScalar S, class Member>
void visit_member(MemberVisitor<S>& visitor, std::string_view name, Member& member) {
  if constexpr (is_parameter<Member>) {
    constexpr bool same_scalar = std::is_same_v<typename Member::Scalar, S>;
    static_assert(same_scalar,
                  "brasa: a Parameter in BRASA_MODULE has another Scalar than its module");
    if constexpr (same_scalar) visitor.parameter(name, member);
  } else if constexpr (is_buffer<Member>) {
    visitor.buffer(name, member, member.persistent());
  } else if constexpr (ModuleType<Member> || is_any_module<Member>) {
    constexpr bool same_scalar = std::is_same_v<typename Member::ModuleScalar, S>;
    static_assert(same_scalar,
                  "brasa: a child in BRASA_MODULE has another Scalar than its module: write "
                  "Module<double> and Linear<double>, or float in both");
    if constexpr (is_any_module<Member> && same_scalar) {
      visitor.child(name, *member);
    } else if constexpr (same_scalar) {
      check_macro<Member>();
      visitor.child(name, member);
    }
  } else if constexpr (is_entries<Member>) {
    for (auto& [key, value] : member) visit_member(visitor, key, value);
  } else {
    static_assert(ModuleType<Member>,
                  "brasa: BRASA_MODULE takes the type's name, then members that are a Parameter, a "
                  "Buffer or a Module; plain tensors and numbers are not listed, several modules "
                  "are a ModuleList");
  }
}

template <FloatScalar S, class... Members>
void visit_members(MemberVisitor<S>& visitor, std::string_view names, Members&... members) {
  MemberNames name(names);
  (visit_member(visitor, name.next(), members), ...);
}

}  // namespace detail
}  // namespace brasa::nn
