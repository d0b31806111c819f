#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/convert.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/core/value.hpp"
#include "brasa/optim/optimizer.hpp"
#include "brasa/optim/quantity.hpp"

namespace brasa::optim::detail {

/// What LBFGS remembers from step to step. Vectors run over all parameters.
template <FloatScalar S>
struct LbfgsState {
  std::int64_t evaluations = 0;
  std::int64_t iterations = 0;
  std::vector<Value> coefficients;  // what the last direction took of each change, or None
  Tensor<S> direction;
  Quantity<S> t = Real(0);         // how far the last step went along it
  std::vector<Tensor<S>> changes;  // of the gradient, the oldest first,
  std::vector<Tensor<S>> steps;    // by these steps;
  std::vector<S> inverses;         // 1 / (change · step)
  Quantity<S> scale = Real(1);     // of the first approximation of the inverse Hessian
  Tensor<S> grad;
  double loss = 0;

  static LbfgsState from(const Dict& dict) {
    LbfgsState state;
    if (dict.empty()) return state;
    state.evaluations = dict.find("func_evals")->as_int();
    state.iterations = dict.find("n_iter")->as_int();
    if (state.iterations == 0) return state;
    if (const Value* al = dict.find("al")) state.coefficients = al->as_list();
    state.direction = dict.find("d")->as_tensor().as<S>();
    state.t = Quantity<S>::from_value(*dict.find("t"));
    for (const Value& change : dict.find("old_dirs")->as_list()) {
      state.changes.push_back(change.as_tensor().as<S>());
    }
    for (const Value& step : dict.find("old_stps")->as_list()) {
      state.steps.push_back(step.as_tensor().as<S>());
    }
    for (const Value& inverse : dict.find("ro")->as_list()) {
      state.inverses.push_back(Quantity<S>::from_value(inverse).rounded());
    }
    state.scale = Quantity<S>::from_value(*dict.find("H_diag"));
    state.grad = dict.find("prev_flat_grad")->as_tensor().as<S>();
    state.loss = dict.find("prev_loss")->as_double();
    return state;
  }

  /// PyTorch's layout.
  void write_to(Dict& dict) const {
    dict.set("func_evals", evaluations);
    dict.set("n_iter", iterations);
    if (iterations == 0) return;
    if (!coefficients.empty()) dict.set("al", Value::list(coefficients));
    dict.set("d", direction);
    dict.set("t", t.to_value());
    dict.set("old_dirs", Value::list({changes.begin(), changes.end()}));
    dict.set("old_stps", Value::list({steps.begin(), steps.end()}));
    std::vector<Value> ro;
    for (const S inverse : inverses) ro.push_back(Quantity<S>::tensor(inverse).to_value());
    dict.set("ro", Value::list(std::move(ro)));
    dict.set("H_diag", scale.to_value());
    dict.set("prev_flat_grad", grad);
    dict.set("prev_loss", loss);
  }
};

/// A loaded state of LBFGS for parameters of `numel` elements: checked, converted, a copy.
class LbfgsLoader {
 public:
  LbfgsLoader(const std::string& optimizer, Dtype dtype, std::int64_t numel, const ValueAt& saved)
      : optimizer_(optimizer), dtype_(dtype), numel_(numel), saved_(saved) {}

  Dict load() {
    for (const auto& [key, value] : saved_.as_dict()) {
      if (!key.is_string() || !load_entry(key.string(), saved_[key.string()])) {
        raise<ValueError>(optimizer_, "unknown state ", brasa::repr(key.value()), " in ",
                          saved_.path(), ", was it saved by another optimizer?");
      }
    }
    if (state_.empty()) return state_;
    check_required({"func_evals", "n_iter"});
    if (state_.find("n_iter")->as_int() == 0) return state_;
    check_required(
        {"d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss"});
    const std::size_t count = state_.find("old_dirs")->size();
    if (state_.find("old_stps")->size() != count || state_.find("ro")->size() != count) {
      raise<ValueError>(optimizer_, saved_.path(),
                        ": expected 'old_dirs', 'old_stps' and 'ro' to be of one length, found ",
                        count, ", ", state_.find("old_stps")->size(), " and ",
                        state_.find("ro")->size());
    }
    return state_;
  }

 private:
  bool load_entry(std::string_view key, const ValueAt& entry) {
    if (key == "func_evals" || key == "n_iter") {
      state_.set(key, entry.as_int());
    } else if (key == "prev_loss") {
      state_.set(key, entry.as_real());
    } else if (key == "t" || key == "H_diag") {
      state_.set(key, number(entry));
    } else if (key == "d" || key == "prev_flat_grad") {
      state_.set(key, vector(entry));
    } else if (key == "old_dirs" || key == "old_stps") {
      state_.set(key, list(entry, &LbfgsLoader::vector));
    } else if (key == "ro") {
      state_.set(key, list(entry, &LbfgsLoader::number));
    } else if (key == "al") {
      state_.set(key, list(entry, &LbfgsLoader::number_or_none));
    } else {
      return false;
    }
    return true;
  }
  Value list(const ValueAt& entry, Value (LbfgsLoader::*load_item)(const ValueAt&) const) const {
    std::vector<Value> items;
    for (std::size_t i = 0; i < entry.as_list().size(); ++i) {
      items.push_back((this->*load_item)(entry[static_cast<std::int64_t>(i)]));
    }
    return Value::list(std::move(items));
  }
  Value vector(const ValueAt& entry) const {
    const AnyTensor tensor = entry.as_tensor();
    if (tensor.shape() != Shape{numel_}) {
      raise<ShapeError>(optimizer_, entry.path(), ": expected shape (", numel_, ",), found ",
                        described(entry));
    }
    return converted_copy(tensor, dtype_);
  }
  Value number(const ValueAt& entry) const {
    if (!entry.is_tensor()) return entry.as_real();
    scalar_value(entry.as_tensor());  // there is one element
    return converted_copy(entry.as_tensor(), dtype_);
  }
  Value number_or_none(const ValueAt& entry) const {
    return entry.is_none() ? Value() : number(entry);
  }
  void check_required(std::initializer_list<const char*> keys) const {
    for (const char* key : keys) {
      if (state_.contains(key)) continue;
      raise<KeyError>(optimizer_, saved_.path(), ": no ", python_quoted(key), " in ",
                      described(saved_));
    }
  }

  const std::string& optimizer_;
  Dtype dtype_;
  std::int64_t numel_;
  const ValueAt& saved_;
  Dict state_;
};

}  // namespace brasa::optim::detail
