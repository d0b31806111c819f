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
#include "support/arguments.hpp"

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
static_assert(!std::is_constructible_v<optim::Betas, double, Tensor<float>>);
void assign(optim::Betas& field, const Json& json) {
  for (const Json& part : golden::parts(json)) {
    if (golden::is_tensor(part)) throw DoesNotCompile("tensors as betas");
  }
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
      throw golden::Unsupported(std::string(Options::kName) + " has no option " + key);
    }
  }
  return options;
}

template <class Options>
optim::Group<Options> converted(const Group& group) {
  const auto options = options_of<Options>(group.options);
  if (group.names.empty()) return optim::Group<Options>(group.params, options);
  std::vector<std::pair<std::string, Tensor<float>>> named;
  for (std::size_t i = 0; i < group.names.size(); ++i) {
    named.emplace_back(group.names[i], group.params.at(i).as<float>());
  }
  return optim::Group<Options>(named, options);
}

/// Moves what is a tensor from the kwargs into the result.
Json take_tensors(Json& kwargs) {
  Json taken = Json::object();
  for (const auto& [key, json] : kwargs.items()) {
    if (golden::is_tensor(json)) taken[key] = json;
  }
  for (const auto& item : taken.items()) kwargs.erase(item.key());
  return taken;
}

template <class Optimizer, class Options>
Made make_as(Json kwargs, const std::vector<Group>& groups, const golden::File* file) {
  std::vector<optim::Group<Options>> all;
  for (const Group& group : groups) all.push_back(converted<Options>(group));
  const Json tensors = take_tensors(kwargs);
  auto optimizer = std::make_unique<Optimizer>(std::move(all), options_of<Options>(kwargs));
  for (const auto& [key, json] : tensors.items()) {
    const AnyTensor tensor = file->argument(json);
    for (optim::ParamGroup& group : optimizer->param_groups()) group.set(key, tensor);
  }
  if constexpr (std::is_same_v<Optimizer, optim::LBFGS>) {
    return {std::move(optimizer),
            [](const Group&) { throw std::runtime_error("LBFGS has one group"); }};
  } else {
    Optimizer& made = *optimizer;
    return {std::move(optimizer),
            [&made](const Group& group) { made.add_param_group(converted<Options>(group)); }};
  }
}

}  // namespace

Made make(const std::string& name, const Json& kwargs, const std::vector<Group>& groups,
          const golden::File* file) {
  using namespace optim;
  const Json& given = kwargs.contains("dict") ? kwargs.at("dict") : kwargs;
  if (name == "SGD") return make_as<SGD, SGDOptions>(given, groups, file);
  if (name == "Adam") return make_as<Adam, AdamOptions>(given, groups, file);
  if (name == "AdamW") return make_as<AdamW, AdamWOptions>(given, groups, file);
  if (name == "RMSprop") return make_as<RMSprop, RMSpropOptions>(given, groups, file);
  if (name == "Adagrad") return make_as<Adagrad, AdagradOptions>(given, groups, file);
  if (name == "Adadelta") return make_as<Adadelta, AdadeltaOptions>(given, groups, file);
  if (name == "Adamax") return make_as<Adamax, AdamaxOptions>(given, groups, file);
  if (name == "NAdam") return make_as<NAdam, NAdamOptions>(given, groups, file);
  if (name == "RAdam") return make_as<RAdam, RAdamOptions>(given, groups, file);
  if (name == "LBFGS") return make_as<LBFGS, LBFGSOptions>(given, groups, file);
  throw golden::Unsupported("no optimizer of the name " + name);
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

Value outline(const Value& value) {
  if (value.is_tensor()) {
    std::string text(dtype_name(value.as_tensor().dtype()));
    text += '[';
    for (std::size_t i = 0; i < value.as_tensor().shape().size(); ++i) {
      text += (i > 0 ? ", " : "") + std::to_string(value.as_tensor().shape()[i]);
    }
    return text + ']';
  }
  if (value.is_dict()) {
    Dict dict;
    for (const auto& [key, part] : value.as_dict()) {
      dict.set(key, key.string() == "prev_loss" ? Value("float") : outline(part));
    }
    return Value::dict(std::move(dict));
  }
  if (!value.is_list() && !value.is_tuple()) return value;
  std::vector<Value> items;
  for (const Value& part : value.as_sequence()) items.push_back(outline(part));
  return value.is_list() ? Value::list(std::move(items)) : Value::tuple(std::move(items));
}

}  // namespace optimizers
