#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/value.hpp"
#include "brasa/optim/scalar_tensor.hpp"

namespace brasa::optim::lr_scheduler {
namespace detail {

using namespace brasa::optim::detail;

template <class T>
concept OptionalField = requires(const T& field) {
  field.has_value();
};
template <class T>
concept ListField = requires {
  typename T::allocator_type;
}
&&!std::same_as<T, std::string>;

/// A field of a scheduler as it stands in a state_dict.
template <class T>
Value to_value(const T& field) {
  if constexpr (OptionalField<T>) {
    return field ? to_value(*field) : Value();
  } else if constexpr (ListField<T>) {
    std::vector<Value> items;
    items.reserve(field.size());
    for (const auto& item : field) items.push_back(to_value(item));
    return Value::list(std::move(items));
  } else if constexpr (requires { field.to_value(); }) {
    return field.to_value();
  } else {
    return field;
  }
}

/// And back. Raises ValueError where the value is of another kind.
template <class T>
T from_value(const ValueAt& value) {
  if constexpr (std::same_as<T, bool>) {
    return value.as_bool();
  } else if constexpr (std::same_as<T, std::int64_t>) {
    return value.as_int();
  } else if constexpr (std::same_as<T, Real>) {  // PyTorch has tensors where the group's lr is one
    return value.is_tensor() ? Real(scalar_value(value.as_tensor())) : value.as_real();
  } else if constexpr (std::same_as<T, std::string>) {
    return value.as_string();
  } else if constexpr (OptionalField<T>) {
    return value.is_none() ? T() : T(from_value<typename T::value_type>(value));
  } else if constexpr (ListField<T>) {
    T items;
    const auto count = static_cast<std::int64_t>(value.as_sequence().size());
    for (std::int64_t i = 0; i < count; ++i) {
      items.push_back(from_value<typename T::value_type>(value[i]));
    }
    return items;
  } else {
    return T::from_value(value);
  }
}

}  // namespace detail

/// Goes through the attributes of a scheduler: collects them for a state_dict, or reads them from
/// one. A scheduler lists them once, in PyTorch's order, and both work.
class Attributes {
 public:
  /// Collects.
  explicit Attributes(Dict& collected) : collected_(&collected) {}
  /// Reads; only looks whether it could if `assign` is false.
  Attributes(ValueAt state, bool assign) : state_(std::move(state)), assign_(assign) {}

  /// A field under its name in Python. Gives its value, also one that is not assigned.
  template <class T>
  T operator()(std::string_view name, T& field) const {
    if (collected_) {
      collected_->set(name, detail::to_value(field));
      return field;
    }
    T read = detail::from_value<T>((*state_)[name]);
    if (assign_) field = read;
    return read;
  }
  /// One that older versions of PyTorch did not save; it is kept then.
  template <class T>
  T optional(std::string_view name, T& field) const {
    return collected_ || state_->contains(name) ? (*this)(name, field) : field;
  }
  /// One that always has the same value here, whatever was saved.
  void constant(std::string_view name, const Value& value) const {
    if (collected_) collected_->set(name, value);
  }
  /// A list that must have `count` elements, as the optimizer has groups.
  template <class T>
  void list(std::string_view name, std::vector<T>& field, std::size_t count) const {
    const std::size_t size = collected_ ? count : (*state_)[name].as_sequence().size();
    if (size != count) {
      detail::raise<ValueError>("", (*state_)[name].path(), ": expected ", count,
                                " elements, found ", detail::described((*state_)[name]));
    }
    (*this)(name, field);
  }
  /// Other schedulers, by a function that takes the attributes of the i-th.
  template <class F>
  void nested(std::string_view name, std::size_t count, F&& visit) const {
    if (collected_) {
      std::vector<Value> states;
      for (std::size_t i = 0; i < count; ++i) {
        Dict state;
        visit(i, Attributes(state));
        states.push_back(Value::dict(std::move(state)));
      }
      collected_->set(name, Value::list(std::move(states)));
      return;
    }
    const ValueAt states = (*state_)[name];
    if (states.as_sequence().size() != count) {
      detail::raise<ValueError>("", states.path(), ": expected ", count, " schedulers, found ",
                                detail::described(states));
    }
    for (std::size_t i = 0; i < count; ++i) {
      visit(i, Attributes(states[static_cast<std::int64_t>(i)], assign_));
    }
  }

 private:
  Dict* collected_ = nullptr;
  std::optional<ValueAt> state_;
  bool assign_ = false;
};

}  // namespace brasa::optim::lr_scheduler
