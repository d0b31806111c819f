#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/value.hpp"
#include "brasa/optim/scalar_tensor.hpp"

namespace brasa::optim {

/// Parameters that are optimized with the same options, an element of PyTorch's
/// `optimizer.param_groups`:
///
///     for (optim::ParamGroup& group : optimizer.param_groups()) group.set_lr(0.5 * group.lr());
///
/// The options are a dict, under PyTorch's names and in its order. Schedulers put further ones
/// there (`initial_lr`); a loaded state may have brought others.
class ParamGroup {
 public:
  /// For brasa's own use: `indices` number the parameters through all groups of an optimizer.
  ParamGroup(std::size_t number, std::vector<AnyTensor> params, std::vector<std::int64_t> indices,
             Dict options)
      : number_(number),
        params_(std::move(params)),
        indices_(std::move(indices)),
        options_(std::move(options)) {}

  const std::vector<AnyTensor>& params() const noexcept { return params_; }
  const std::vector<std::int64_t>& indices() const noexcept { return indices_; }

  double lr() const { return number("lr").value(); }
  void set_lr(double lr) { set_number("lr", lr); }

  const Dict& options() const noexcept { return options_; }
  Dict& options() noexcept { return options_; }

  /// An option: `group["betas"][0].as_double()`. Raises KeyError where there is none.
  const ValueAt operator[](std::string_view key) const { return {option(key), path(key)}; }
  /// Gives an option a new value, or puts a new one at the end.
  void set(std::string_view key, Value value) { options_.set(key, std::move(value)); }

  // ---- an option of a known kind; ValueError where it has another one ----

  /// An int or a float, or a tensor with one element, as which PyTorch allows a rate.
  Real number(std::string_view key) const {
    const Value& value = option(key);
    if (value.is_real()) return value.as_real();
    if (!value.is_tensor()) return (*this)[key].as_real();
    if (value.as_tensor().numel() != 1) {
      detail::raise<ValueError>("", path(key), ": Tensor ", key, " must be 1-element, found ",
                                detail::described(value));
    }
    return detail::scalar_value(value.as_tensor());
  }
  /// Sets a number; a tensor is filled with it.
  void set_number(std::string_view key, Real value) {
    const Value* old = options_.find(key);
    if (old && old->is_tensor()) {
      detail::set_scalar(old->as_tensor(), value.value());
    } else {
      set(key, value);
    }
  }
  /// A bool; None is false.
  bool flag(std::string_view key) const {
    const Value& value = option(key);
    if (value.is_none()) return false;
    return value.is_bool() ? value.as_bool() : (*this)[key].as_bool();
  }
  /// `group["betas"]`: two numbers.
  std::pair<Real, Real> betas() const {
    const Value& plain = option("betas");
    if (plain.is_tuple() && plain.size() == 2) {
      const auto& parts = plain.as_tuple();
      if (parts[0].is_real() && parts[1].is_real()) return {parts[0].as_real(), parts[1].as_real()};
    }
    const ValueAt value = (*this)["betas"];
    if (value.as_sequence().size() != 2) {
      detail::raise<ValueError>("", path("betas"), ": expected two numbers, found ",
                                detail::described(value));
    }
    return {value[0].as_real(), value[1].as_real()};
  }

 private:
  std::string path(std::string_view key) const {
    return "param_groups[" + std::to_string(number_) + "][" + detail::python_quoted(key) + ']';
  }
  const Value& option(std::string_view key) const {
    const Value* value = options_.find(key);
    if (!value) {
      detail::raise<KeyError>("", path(key), ": no such option in ",
                              detail::described(Value::dict(options_)));
    }
    return *value;
  }

  std::size_t number_;
  std::vector<AnyTensor> params_;
  std::vector<std::int64_t> indices_;
  Dict options_;
};

}  // namespace brasa::optim
