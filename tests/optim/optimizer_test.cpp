// Every optimizer, option by option, for a few steps with given gradients, to the last bit; and
// states of older versions of PyTorch. brasa_conformance has more cases, within tolerances.

#include <cstddef>
#include <cstdint>
#include <string>

#include "brasa/kernels/dispatch.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/slice.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/optimizer_course.hpp"

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

/// Takes the steps from `first` on and compares the parameters after each.
template <FloatScalar S>
void check_course(const golden::File& file, const Json& record, optimizers::Course<S>& course,
                  const optimizers::Made& made, std::size_t first) {
  const auto params = file.tensor<S>(record, "params");
  for (std::size_t step = first; step < course.steps(); ++step) {
    INFO("step " << step);
    course.step(made, step);
    const auto expected = select(params, 0, static_cast<std::int64_t>(step - first));
    if (is_exact(record)) {
      CHECK(golden::equal_values(course.flat(), expected));
    } else {
      CHECK(golden::close(course.flat(), expected, tolerance<S>()));
    }
  }
}

template <FloatScalar S>
void check_steps(const golden::File& file, const Json& record) {
  optimizers::Course<S> course(file, record);
  check_course(file, record, course, course.make(record.at("optimizer"), record.at("kwargs")), 0);
}

/// A state of two steps, loaded by an optimizer that was made with another lr.
template <FloatScalar S>
void check_loaded(const golden::File& file, const Json& record) {
  optimizers::Course<S> course(file, record);
  const auto made = course.make(record.at("optimizer"), Json{{"lr", 3.0}});
  const Value saved = optimizers::value(record.at("saved"), &file);
  const std::string text = repr(saved);
  made.optimizer->load_state_dict(saved);
  check_course(file, record, course, made, 2);
  CHECK(made.optimizer->repr() == record.at("repr"));
  const Value state = optimizers::outline(made.optimizer->state_dict());
  CHECK(repr(state["param_groups"]) == record.at("groups"));
  CHECK(repr(state["state"]) == record.at("state"));
  for (const std::string& key : file.names(record, "state/")) {
    INFO(key);
    CHECK(golden::close(optimizers::flat_state(*made.optimizer, key),
                        file.tensor(record, "state/" + key), tolerance<S>()));
  }
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
