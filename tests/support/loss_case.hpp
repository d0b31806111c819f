#pragma once

// A recorded case of a loss, which is a call of the function or of the module.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "brasa/nn/functional/reduction.hpp"
#include "brasa/ops/random.hpp"
#include "support/module_checks.hpp"
#include "support/recorded_ops.hpp"

namespace losses {

template <brasa::FloatScalar S>
class Case : public golden::Call<S> {
 public:
  Case(const golden::File& file, const golden::Json& record)
      : golden::Call<S>(file, record, record.contains("module") ? "ctor_kwargs" : "kwargs"),
        name_(record.contains("module") ? record.at("module") : record.at("op")) {}

  /// `functional.mse_loss` or `nn.MSELoss`.
  const std::string& name() const { return name_; }
  brasa::nn::Reduction reduction() const { return this->text("reduction", "mean"); }
  std::optional<std::int64_t> maybe_integer(const char* key) const {
    if (!this->has(key)) return std::nullopt;
    return this->integer(key);
  }
  brasa::Tensor<S> weight() const { return this->keyword("weight"); }

  /// The output of a module that was just made under the case's seed, called with the arguments of
  /// the case; its text, state, initial values and the gradients of its parameters are checked.
  template <class M, class... Args>
  void check_module(const M& module, const Args&... args) const {
    const golden::Json& c = this->record();
    module_cases::check_state(c, module);
    module_cases::check_initial_values(this->file(), c, module);
    const brasa::Tensor<S> output = module(args...);
    module_cases::check_leaves(module, output, this->tensors());
    this->check({output});
    module_cases::check_parameter_gradients(this->file(), c, module);
  }

 private:
  std::string name_;
};

/// Runs all cases of a recording through `run(case)`, which returns whether it knows the name.
/// Returns how many cases of each name there were.
template <class Run>
std::map<std::string, int> check_recorded(const std::string& path, Run run) {
  const golden::File file(path);
  std::map<std::string, int> counts;
  for (const golden::Json& record : file.cases()) {
    INFO(path << ": " << record.dump());
    const auto check = [&](const auto& c) {
      if (record.contains("seed")) brasa::manual_seed(record.at("seed").get<std::int64_t>());
      CHECK(run(c));
      ++counts[c.name()];
    };
    if (record.at("dtype") == "float32") {
      check(Case<float>(file, record));
    } else {
      check(Case<double>(file, record));
    }
  }
  return counts;
}

}  // namespace losses
