#include "support/optimizers.hpp"

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "brasa/optim/adadelta.hpp"
#include "brasa/optim/adagrad.hpp"
#include "brasa/optim/adam.hpp"
#include "brasa/optim/adamax.hpp"
#include "brasa/optim/adamw.hpp"
#include "brasa/optim/lbfgs.hpp"
#include "brasa/optim/nadam.hpp"
#include "brasa/optim/radam.hpp"
#include "brasa/optim/rmsprop.hpp"
#include "brasa/optim/sgd.hpp"

namespace optimizers {
namespace {

using namespace brasa;
using golden::Json;

Real real(const Json& json) {
  return json.is_number_integer() ? Real(json.get<std::int64_t>()) : Real(golden::number(json));
}
void assign(std::optional<Real>& field, const Json& json) { field = real(json); }
void assign(std::optional<bool>& field, const Json& json) { field = json.get<bool>(); }
void assign(std::optional<std::int64_t>& field, const Json& json) {
  if (!json.is_null()) field = json.get<std::int64_t>();
}
void assign(std::optional<std::string>& field, const Json& json) {
  if (!json.is_null()) field = json.get<std::string>();
}
void assign(optim::Betas& field, const Json& json) {
  field = optim::Betas(real(golden::parts(json).at(0)), real(golden::parts(json).at(1)));
}

/// Sets the field of the name `key`; false if the struct has none.
template <class Options>
bool assign_field(Options& options, const std::string& key, const Json& json) {
#define FIELD(name)                                            \
  if constexpr (requires { options.name; }) {                  \
    if (key == #name) return assign(options.name, json), true; \
  }
  FIELD(lr)
  FIELD(betas)
  FIELD(eps)
  FIELD(weight_decay)
  FIELD(maximize)
  FIELD(momentum)
  FIELD(dampening)
  FIELD(nesterov)
  FIELD(amsgrad)
  FIELD(decoupled_weight_decay)
  FIELD(alpha)
  FIELD(centered)
  FIELD(lr_decay)
  FIELD(initial_accumulator_value)
  FIELD(rho)
  FIELD(momentum_decay)
  FIELD(max_iter)
  FIELD(max_eval)
  FIELD(tolerance_grad)
  FIELD(tolerance_change)
  FIELD(history_size)
  FIELD(line_search_fn)
#undef FIELD
  return false;
}

template <class Options>
Options options_of(const Json& kwargs) {
  Options options;
  const Json& entries = kwargs.contains("dict") ? kwargs.at("dict") : kwargs;
  for (const auto& [key, json] : entries.items()) {
    if (!assign_field(options, key, json)) {
      throw std::runtime_error(std::string(Options::kName) + " has no option " + key);
    }
  }
  return options;
}

template <class Optimizer, class Options>
Made make_as(const Json& kwargs, const std::vector<Group>& groups) {
  const auto converted = [](const Group& group) {
    return optim::Group<Options>(group.params, options_of<Options>(group.options));
  };
  std::vector<optim::Group<Options>> all;
  for (const Group& group : groups) all.push_back(converted(group));
  auto optimizer = std::make_unique<Optimizer>(std::move(all), options_of<Options>(kwargs));
  if constexpr (std::is_same_v<Optimizer, optim::LBFGS>) {
    return {std::move(optimizer),
            [](const Group&) { throw std::runtime_error("LBFGS has one group"); }};
  } else {
    Optimizer& made = *optimizer;
    return {std::move(optimizer),
            [&made, converted](const Group& group) { made.add_param_group(converted(group)); }};
  }
}

}  // namespace

Made make(const std::string& name, const Json& kwargs, const std::vector<Group>& groups) {
  using namespace optim;
  if (name == "SGD") return make_as<SGD, SGDOptions>(kwargs, groups);
  if (name == "Adam") return make_as<Adam, AdamOptions>(kwargs, groups);
  if (name == "AdamW") return make_as<AdamW, AdamWOptions>(kwargs, groups);
  if (name == "RMSprop") return make_as<RMSprop, RMSpropOptions>(kwargs, groups);
  if (name == "Adagrad") return make_as<Adagrad, AdagradOptions>(kwargs, groups);
  if (name == "Adadelta") return make_as<Adadelta, AdadeltaOptions>(kwargs, groups);
  if (name == "Adamax") return make_as<Adamax, AdamaxOptions>(kwargs, groups);
  if (name == "NAdam") return make_as<NAdam, NAdamOptions>(kwargs, groups);
  if (name == "RAdam") return make_as<RAdam, RAdamOptions>(kwargs, groups);
  if (name == "LBFGS") return make_as<LBFGS, LBFGSOptions>(kwargs, groups);
  throw std::runtime_error("no optimizer of the name " + name);
}

Value value(const Json& encoded, const golden::File* file) {
  if (encoded.is_null()) return nullptr;
  if (encoded.is_boolean()) return encoded.get<bool>();
  if (encoded.is_string()) return encoded.get<std::string>();
  if (encoded.is_number()) return real(encoded);
  if (golden::is_tensor(encoded)) return file->argument(encoded);
  if (encoded.is_array() || encoded.contains("tuple")) {
    std::vector<Value> items;
    for (const Json& part : golden::parts(encoded)) items.push_back(value(part, file));
    return encoded.is_array() ? Value::list(std::move(items)) : Value::tuple(std::move(items));
  }
  if (encoded.contains("counter")) {
    Dict counter(DictType::counter);
    for (const Json& item : encoded.at("counter")) {
      counter.set(item.at(0).get<int>(), item.at(1).get<int>());
    }
    return Value::dict(std::move(counter));
  }
  Dict dict;
  if (encoded.contains("dict")) {
    for (const auto& [key, part] : encoded.at("dict").items()) dict.set(key, value(part, file));
  } else if (encoded.contains("items")) {
    for (const Json& item : encoded.at("items")) {
      const Json& key = item.at(0);
      dict.set(key.is_string() ? DictKey(key.get<std::string>()) : DictKey(key.get<std::int64_t>()),
               value(item.at(1), file));
    }
  } else {
    return golden::number(encoded);
  }
  return Value::dict(std::move(dict));
}

}  // namespace optimizers
