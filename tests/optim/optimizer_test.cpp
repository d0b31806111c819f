// Every optimizer, option by option, for a few steps with given gradients: the course of the
// parameters, what is kept for them, and what is printed.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "brasa/kernels/dispatch.hpp"
#include "optim/recorded_optimizer.hpp"

using namespace brasa;
using golden::Json;

namespace {

/// Whether products are fused with sums, as in PyTorch's kernels for AVX2.
bool fuses() {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
  return true;
#else
  return cpu_level() > CpuLevel::baseline;
#endif
}

/// Whether the steps agree to the last bit. PyTorch's float64 square root does not round correctly.
bool is_exact(const Json& record) {
  const std::string name = record.at("optimizer");
  const bool has_root = name != "SGD" && name != "Adamax";
  return record.at("fma") == fuses() && !(has_root && record.at("dtype") == "float64");
}

template <FloatScalar S>
golden::Tolerance tolerance() {
  return sizeof(S) == 4 ? golden::Tolerance{2e-6, 1e-7} : golden::Tolerance{1e-13, 1e-14};
}

/// The parameters at these places of a recorded group, and its options.
template <FloatScalar S>
optimizers::Group group_of(const std::vector<Tensor<S>>& params, const Json& places,
                           const Json& options) {
  optimizers::Group group{{}, options};
  for (const Json& place : places) group.params.push_back(params[place.get<std::size_t>()]);
  return group;
}

template <FloatScalar S>
std::vector<optimizers::Group> groups_of(const std::vector<Tensor<S>>& params, const Json& record) {
  if (!record.contains("groups")) return {{{params[0], params[1]}}};
  std::vector<optimizers::Group> groups;
  for (const Json& group : record.at("groups")) {
    groups.push_back(group_of(params, group.at(0), group.at(1)));
  }
  return groups;
}

bool is_missing(const Json& record, std::size_t step, std::size_t param) {
  if (!record.contains("missing")) return false;
  const Json& missing = record.at("missing");
  return std::find(missing.begin(), missing.end(), Json({step, param})) != missing.end();
}

/// What happens to the groups before a step.
template <FloatScalar S>
void change_groups(const Json& record, std::size_t step, const std::vector<Tensor<S>>& params,
                   const optimizers::Made& made) {
  if (record.contains("added") && record.at("added").at(0) == step) {
    made.add_param_group(group_of(params, record.at("added").at(1), record.at("added").at(2)));
  }
  if (record.contains("lr") && record.at("lr").at(0) == step) {
    made.optimizer->param_groups()[record.at("lr").at(1).get<std::size_t>()].set_lr(
        record.at("lr").at(2));
  }
}

template <FloatScalar S>
void set_gradients(const Json& record, std::size_t step, std::vector<Tensor<S>>& params,
                   const Tensor<S>& grads) {
  const auto parts = recorded::parameters(select(grads, 0, static_cast<std::int64_t>(step)));
  for (std::size_t i = 0; i < params.size(); ++i) {
    params[i].set_grad(is_missing(record, step, i) ? Tensor<S>() : parts[i].detach());
  }
}

/// Takes the steps from `first` on and compares the parameters after each.
template <FloatScalar S>
void check_course(const golden::File& file, const Json& record, std::vector<Tensor<S>>& params,
                  const optimizers::Made& made, std::size_t first) {
  const auto grads = file.argument<S>(record.at("grads"));
  const auto course = file.tensor<S>(record, "params");
  for (std::int64_t i = 0; i < course.size(0); ++i) {
    const std::size_t step = first + static_cast<std::size_t>(i);
    INFO("step " << step);
    change_groups(record, step, params, made);
    set_gradients(record, step, params, grads);
    made.optimizer->step();
    const auto actual = recorded::flattened(params);
    const auto expected = select(course, 0, i);
    if (is_exact(record)) {
      CHECK(golden::equal_values(actual, expected));
    } else {
      CHECK(golden::close(actual, expected, tolerance<S>()));
    }
  }
}

template <FloatScalar S>
void check_steps(const golden::File& file, const Json& record) {
  auto params = recorded::parameters(file.argument<S>(record.at("begin")));
  const auto made =
      optimizers::make(record.at("optimizer"), record.at("kwargs"), groups_of(params, record));
  check_course(file, record, params, made, 0);
  if (!record.contains("repr")) return;
  recorded::check_looks(record, *made.optimizer);
  recorded::check_state(file, record, *made.optimizer, tolerance<S>());
}

/// A state of two steps, loaded by an optimizer that was made with another lr.
template <FloatScalar S>
void check_loaded(const golden::File& file, const Json& record) {
  auto params = recorded::parameters(file.argument<S>(record.at("begin")));
  const auto made =
      optimizers::make(record.at("optimizer"), Json{{"lr", 3.0}}, {{{params[0], params[1]}}});
  const Value saved = optimizers::value(record.at("saved"), &file);
  const std::string text = repr(saved);
  made.optimizer->load_state_dict(saved);
  check_course(file, record, params, made, 2);
  recorded::check_looks(record, *made.optimizer);
  recorded::check_state(file, record, *made.optimizer, tolerance<S>());
  CHECK(repr(saved) == text);  // its tensors were copied
}

template <class Check>
int check_cases(const std::string& kind, Check check) {
  const golden::File file("optim.safetensors");
  int cases = 0;
  for (const Json& record : file.cases()) {
    if (record.at("kind") != kind) continue;
    INFO(record.dump());
    ++cases;
    if (record.at("dtype") == "float64") {
      check(file, record, double{});
    } else {
      check(file, record, float{});
    }
  }
  return cases;
}

}  // namespace

TEST_CASE("Optimizers take PyTorch's steps, whatever the option", "[optim][golden]") {
  const int cases = check_cases("steps", []<FloatScalar S>(const auto& file, const Json& record,
                                                           S) { check_steps<S>(file, record); });
  CHECK(cases == 4 * 33);
}

TEST_CASE("Optimizers go on from PyTorch's states, older ones and those of float32 too",
          "[optim][golden]") {
  const int cases = check_cases("loaded", []<FloatScalar S>(const auto& file, const Json& record,
                                                            S) { check_loaded<S>(file, record); });
  CHECK(cases == 2 * 10);
}
