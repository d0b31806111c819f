#include "conformance/optimizers.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "brasa/autograd/backward.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/slice.hpp"
#include "brasa/optim/adam.hpp"
#include "brasa/optim/sgd.hpp"
#include "support/arguments.hpp"
#include "support/descent.hpp"
#include "support/optimizer_course.hpp"

namespace conformance {
namespace {

using brasa::AnyTensor;
using brasa::FloatScalar;
using brasa::Tensor;
using brasa::Value;
using golden::Json;

std::string name_of(const Json& record) {
  return record.at("optim").get<std::string>().substr(sizeof("optim.") - 1);
}

/// The text, the options of the groups, the state: what of it the case tells.
void check_looks(const Case& c, const brasa::optim::Optimizer& optimizer) {
  const Value state = optimizers::outline(optimizer.state_dict());
  if (c.record.contains("repr")) c.checks.equal(optimizer.repr(), c.record.at("repr"), "repr");
  for (const char* key : {"groups", "state"}) {
    if (!c.record.contains(key)) continue;
    const std::string part = key == std::string_view("groups") ? "param_groups" : key;
    c.checks.equal(repr(state[part]), c.record.at(key), "state_dict()['" + part + "']");
  }
}

/// The tensors that are kept, if the case tells them.
void check_state(const Case& c, const brasa::optim::Optimizer& optimizer) {
  auto keys = c.file.names(c.record, "state/");
  std::sort(keys.begin(), keys.end());
  if (keys.empty()) return;
  c.checks.equal(optimizers::state_keys(optimizer), keys, "keys of the state's tensors");
  for (const std::string& key : keys) {
    const AnyTensor found = optimizers::flat_state(optimizer, key);
    if (found.defined()) c.close(found, "state/" + key);
  }
}

// ---- steps with given gradients ----

template <FloatScalar S>
void check_params(const Case& c, const optimizers::Course<S>& course, std::size_t step) {
  const auto row = brasa::select(c.tensor("params").as<S>(), 0, static_cast<std::int64_t>(step));
  c.checks.holds(golden::close(course.flat(), row), "params after step " + std::to_string(step));
}

/// The steps from `first` on. At step `reload` of the case another optimizer takes over the state.
template <FloatScalar S>
void check_steps(const Case& c, optimizers::Course<S>& course, optimizers::Made made,
                 std::size_t first) {
  for (std::size_t i = first; i < course.steps(); ++i) {
    if (i > first && c.record.value("reload", std::size_t{0}) == i) {
      optimizers::Made other = course.make(name_of(c.record), c.record.at("kwargs"));
      other.optimizer->load_state_dict(made.optimizer->state_dict());
      made = std::move(other);
    }
    course.step(made, i);
    check_params(c, course, i);
  }
  check_looks(c, *made.optimizer);
  check_state(c, *made.optimizer);
}

template <FloatScalar S>
void run_course(const Case& c) {
  optimizers::Course<S> course(c.file, c.record);
  check_steps(c, course, course.make(name_of(c.record), c.record.at("kwargs")), 0);
}

/// The steps that follow on the state that PyTorch saved before step `reload`.
template <FloatScalar S>
void go_on_from_saved(const Case& c) {
  optimizers::Course<S> course(c.file, c.record);
  const auto first = c.record.at("reload").get<std::size_t>();
  course.set(brasa::select(c.tensor("params").as<S>(), 0, static_cast<std::int64_t>(first) - 1));
  optimizers::Made made = course.make(name_of(c.record), c.record.at("kwargs"));
  made.optimizer->load_state_dict(optimizers::value(c.record.at("saved"), &c.file));
  check_steps(c, course, std::move(made), first);
}

// ---- LBFGS ----

template <FloatScalar S>
void run_descent(const Case& c) {
  optimizers::Course<S> course(c.file, c.record);
  const auto steepness = static_cast<S>(c.record.at("steepness").get<double>());
  const optimizers::Made made = course.make(name_of(c.record), c.record.at("kwargs"));
  const auto losses = c.tensor("losses").as<S>();
  for (std::int64_t i = 0; i < losses.numel(); ++i) {
    const Tensor<S> loss = optimizers::descend(*made.optimizer, course.params(), steepness);
    c.checks.holds(golden::close(loss, brasa::select(losses, 0, i)),
                   "loss of step " + std::to_string(i));
    check_params(c, course, static_cast<std::size_t>(i));
    const Value state = made.optimizer->state_dict()["state"][0];
    const Json counts = {state["n_iter"].as_int(), state["func_evals"].as_int()};
    c.checks.equal(counts, c.record.at("counts").at(static_cast<std::size_t>(i)),
                   "n_iter and func_evals of step " + std::to_string(i));
  }
  check_looks(c, *made.optimizer);
  check_state(c, *made.optimizer);
}

// ---- mistakes ----

// What Python takes and finds to be wrong, C++ does not take.
static_assert(!std::is_constructible_v<brasa::optim::SGD, Tensor<float>>);
static_assert(!std::is_constructible_v<brasa::optim::Adam, Tensor<float>>);
template <class Optimizer>
concept takes_some_names = requires(std::pair<std::string, Tensor<float>> named, Tensor<float> w) {
  Optimizer({named, w});
};
static_assert(!takes_some_names<brasa::optim::SGD> && !takes_some_names<brasa::optim::Adam>);

/// What the constructor of PyTorch was given: a parameter is its number, a group with options a
/// dict.
class RecordedParams {
 public:
  std::vector<optimizers::Group> groups(const Json& params) {
    if (!params.is_array()) throw optimizers::DoesNotCompile("a tensor as params");
    if (params.empty() || !params[0].is_object() || !params[0].contains("dict")) {
      return {group(params, Json::object())};
    }
    std::vector<optimizers::Group> all;
    for (const Json& part : params) {
      Json options = part.at("dict");
      const Json its_params = options.at("params");
      options.erase("params");
      all.push_back(group(its_params.is_array() ? its_params : Json{its_params}, options));
    }
    return all;
  }

 private:
  optimizers::Group group(const Json& params, const Json& options) {
    optimizers::Group made{{}, options};
    for (const Json& param : params) {
      const bool named = param.is_object();
      if (named) made.names.push_back(golden::parts(param).at(0));
      made.params.push_back(number(named ? golden::parts(param).at(1) : param));
    }
    if (!made.names.empty() && made.names.size() != made.params.size()) {
      throw optimizers::DoesNotCompile("names for some parameters");
    }
    return made;
  }
  AnyTensor number(const Json& json) {
    const auto at = json.get<std::size_t>();
    while (params_.size() <= at) params_.push_back(brasa::ones<float>({1}).requires_grad_());
    return params_[at];
  }

  std::vector<Tensor<float>> params_;
};

/// The first clause, which says what is wrong; brasa goes on in its own words.
std::string first_clause(const std::string& text) {
  return text.substr(0, std::min(text.find(". "), text.find("; ")));
}

/// The error that the case's constructor raises here, as "type: text". A tensor of a wrong size
/// among the options is found in the first step.
std::optional<std::string> error_of(const Case& c) {
  std::vector<std::string> warnings;
  auto before = brasa::set_warning_handler(
      [&](std::string_view text) { warnings.push_back("UserWarning: " + std::string(text)); });
  std::optional<std::string> found;
  try {
    const auto groups = RecordedParams().groups(c.record.at("params"));
    const auto made = optimizers::make(name_of(c.record), c.record.at("kwargs"), groups, &c.file);
    if (warnings.empty()) {
      for (const auto& group : groups) {
        for (const AnyTensor& param : group.params) {
          Tensor<float> leaf = param.as<float>();
          leaf.set_grad(brasa::ones<float>({1}));
        }
      }
      made.optimizer->step([] { return 0.0; });
    }
  } catch (const brasa::ValueError& error) {
    found = std::string("ValueError: ") + error.what();
  } catch (...) {
    brasa::set_warning_handler(std::move(before));
    throw;
  }
  brasa::set_warning_handler(std::move(before));
  if (!found && !warnings.empty()) found = warnings.front();
  return found;
}

void run_mistake(const Case& c) {
  const Json& error = c.record.at("error");
  const auto type = error.at("type").get<std::string>();
  std::optional<std::string> found;
  try {
    found = error_of(c);
  } catch (const optimizers::DoesNotCompile&) {
    return;
  }
  if (!found) return c.checks.fails("no " + error.dump());
  const auto text = first_clause(error.at("text").get<std::string>());
  const bool same_text = found->find(text) != std::string::npos;
  if (!found->starts_with(type + ": ") || !same_text) {
    c.checks.equal(*found, type + ": " + text, "error");
  }
}

template <FloatScalar S>
void run_recorded(const Case& c) {
  if (c.record.contains("error")) return run_mistake(c);
  if (!c.record.contains("grads")) return run_descent<S>(c);
  run_course<S>(c);
  if (c.record.contains("saved")) go_on_from_saved<S>(c);
}

}  // namespace

void run_optimizer(const Case& c) {
  return c.record.at("dtype") == "float64" ? run_recorded<double>(c) : run_recorded<float>(c);
}

}  // namespace conformance
