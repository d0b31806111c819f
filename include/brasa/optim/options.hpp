#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "brasa/core/value.hpp"

namespace brasa::optim {

/// Two rates of decay: `.betas = {0.9, 0.999}`. Empty if left out.
class Betas {
 public:
  Betas() = default;
  Betas(Real first, Real second) : has_value_(true), first_(first), second_(second) {}

  bool has_value() const noexcept { return has_value_; }
  Value value() const { return Value::tuple({first_, second_}); }

 private:
  bool has_value_ = false;
  Real first_ = 0;
  Real second_ = 0;
};

namespace detail {

using namespace brasa::detail;

/// One field of an options struct under its name in Python.
class Field {
 public:
  Field(const char* name, const std::optional<Real>& value) : Field(name, value.has_value()) {
    if (value) value_ = *value;
  }
  Field(const char* name, const std::optional<bool>& value) : Field(name, value.has_value()) {
    if (value) value_ = *value;
  }
  Field(const char* name, const std::optional<std::int64_t>& value)
      : Field(name, value.has_value()) {
    if (value) value_ = *value;
  }
  Field(const char* name, const std::optional<std::string>& value)
      : Field(name, value.has_value()) {
    if (value) value_ = *value;
  }
  Field(const char* name, const Betas& betas) : Field(name, betas.has_value()) {
    if (given_) value_ = betas.value();
  }

  void add_to(Dict& dict) const {
    if (given_) dict.set(name_, value_);
  }

 private:
  Field(const char* name, bool given) : name_(name), given_(given) {}

  const char* name_;
  bool given_;
  Value value_;
};

/// The fields that were given, in the order of the list.
inline Dict given_fields(std::initializer_list<Field> fields) {
  Dict dict;
  for (const Field& field : fields) field.add_to(dict);
  return dict;
}

/// The numbers of an optimizer's defaults, checked as PyTorch's constructors do.
class Checks {
 public:
  Checks(const char* optimizer, const Dict& options) : optimizer_(optimizer), options_(options) {}

  Real number(std::string_view key) const { return options_.find(key)->as_real(); }
  bool flag(std::string_view key) const { return options_.find(key)->as_bool(); }

  /// `what` is the number in PyTorch's words.
  void not_negative(std::string_view key, std::string_view what) const {
    if (Real(0) <= number(key)) return;
    raise<ValueError>(optimizer_, "Invalid ", what, ": ", python_text(number(key)),
                      ", expected at least 0");
  }
  void lr() const { not_negative("lr", "learning rate"); }
  void eps() const { not_negative("eps", "epsilon value"); }
  void weight_decay() const { not_negative("weight_decay", "weight_decay value"); }
  void betas() const {
    const auto& betas = options_.find("betas")->as_tuple();
    for (std::size_t i = 0; i < betas.size(); ++i) {
      const Real beta = betas[i].as_real();
      if (Real(0) <= beta && beta < Real(1)) continue;
      raise<ValueError>(optimizer_, "Invalid beta parameter at index ", i, ": ", python_text(beta),
                        ", expected one in [0, 1)");
    }
  }
  /// What Adam and its kin check, in PyTorch's order.
  void adam() const {
    lr();
    eps();
    betas();
    weight_decay();
  }

 private:
  const char* optimizer_;
  const Dict& options_;
};

}  // namespace detail
}  // namespace brasa::optim
