#pragma once

// Runs operations as tests/golden/ops/*.safetensors recorded them:
//
//   golden::run_recorded("ops/softmax.safetensors", [](auto& call) -> golden::Outputs {
//     if (call.op() == "softmax") return {softmax(call.x(), call.integer("dim"))};
//     return {};  // no such operation: the case fails
//   });
//
// Compared are the results, and where an input requires a gradient the names of their nodes and all
// gradients. The function is called with a `Call<Scalar>` for the scalar of the first tensor.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "brasa/autograd/backward.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

namespace golden {

using Outputs = std::vector<brasa::AnyTensor>;

template <brasa::TensorScalar S>
Outputs outputs_of(const std::vector<brasa::Tensor<S>>& parts) {
  return {parts.begin(), parts.end()};
}
template <brasa::TensorScalar S>
Outputs outputs_of(const brasa::ValuesAndIndices<S>& found) {
  return {found.values, found.indices};
}

/// The name of the node that made a tensor, or "" if there is none.
inline std::string node_name(const brasa::AnyTensor& tensor) {
  const auto* meta = tensor.impl().autograd;
  return meta != nullptr && meta->grad_fn ? meta->grad_fn->name() : "";
}

/// One recorded call: its arguments as C++ values.
template <brasa::TensorScalar S>
class Call {
 public:
  using Scalar = S;

  Call(const File& file, const Json& record) : file_(file), record_(record) {
    const Json& args = record.at("args");
    for (std::size_t i = 0; i < args.size(); ++i) {
      const std::string name = std::to_string(i);
      if (is_tensor(args[i])) load(name, args[i]);
      if (!args[i].is_array()) continue;
      for (std::size_t j = 0; j < args[i].size(); ++j) {
        load(name + "." + std::to_string(j), args[i][j]);
      }
    }
    for (const auto& [key, value] : kwargs().items()) {
      if (is_tensor(value)) load(key, value);
    }
  }

  std::string op() const { return record_.at("op"); }
  const Json& record() const { return record_; }
  const File& file() const { return file_; }
  const Json& kwargs() const { return record_.at("kwargs"); }
  /// False also for None.
  bool has(const char* key) const { return kwargs().contains(key) && !kwargs().at(key).is_null(); }

  /// Whether there is an i-th argument, and it as a tensor.
  bool has_x(std::size_t i) const { return leaves_.contains(std::to_string(i)); }
  template <brasa::TensorScalar T = S>
  brasa::Tensor<T> x(std::size_t i = 0) const {
    return leaves_.at(std::to_string(i)).template as<T>();
  }
  /// A tensor that was passed by keyword; undefined if it was not.
  brasa::Tensor<S> keyword(const char* key) const {
    return has(key) ? leaves_.at(key).template as<S>() : brasa::Tensor<S>();
  }
  brasa::Dtype dtype(std::size_t i) const { return leaves_.at(std::to_string(i)).dtype(); }
  /// The i-th argument, a list of tensors.
  std::vector<brasa::Tensor<S>> list(std::size_t i = 0) const {
    std::vector<brasa::Tensor<S>> tensors;
    for (std::size_t j = 0; j < record_.at("args").at(i).size(); ++j) {
      tensors.push_back(leaves_.at(std::to_string(i) + "." + std::to_string(j)).template as<S>());
    }
    return tensors;
  }
  /// All tensors among the arguments.
  std::vector<brasa::AnyTensor> tensors() const {
    std::vector<brasa::AnyTensor> all;
    for (const auto& [name, tensor] : leaves_) all.push_back(tensor);
    return all;
  }
  const Json& arg(std::size_t i) const { return record_.at("args").at(i); }
  std::size_t arg_count() const { return record_.at("args").size(); }

  std::int64_t integer(const char* key, std::int64_t otherwise = 0) const {
    return has(key) ? kwargs().at(key).template get<std::int64_t>() : otherwise;
  }
  bool flag(const char* key, bool otherwise = false) const {
    return has(key) ? kwargs().at(key).template get<bool>() : otherwise;
  }
  double real(const char* key, double otherwise) const {
    return has(key) ? number(kwargs().at(key)) : otherwise;
  }
  std::string text(const char* key, const char* otherwise) const {
    return has(key) ? kwargs().at(key).template get<std::string>() : otherwise;
  }
  brasa::Shape sizes(const char* key) const {
    return has(key) ? golden::sizes(kwargs().at(key)) : brasa::Shape();
  }
  /// True if an argument is one integer, not a list.
  bool is_integer(const char* key) const {
    return has(key) && kwargs().at(key).is_number_integer();
  }
  brasa::Tensor<std::int64_t> indices(const char* key) const {
    return file_.argument<std::int64_t>(kwargs().at(key));
  }

  void check(const Outputs& outputs) const {
    REQUIRE(!outputs.empty());
    CHECK_FALSE(file_.has(record_, "output/" + std::to_string(outputs.size())));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      INFO("output " << i);
      const auto expected = file_.tensor(record_, "output/" + std::to_string(i));
      CHECK(matches(outputs[i], expected));
    }
    if (record_.contains("grad_fn")) check_gradients(outputs);
  }

 private:
  void load(const std::string& name, const Json& value) {
    const brasa::AnyTensor tensor = leaves_[name] = file_.argument(value);
    if (golden::requires_grad(value)) {
      visit_float(tensor, [](auto typed) { typed.requires_grad_(); });
    }
  }

  /// Equal as values where the recording says so, else within the tolerances.
  Comparison matches(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected) const {
    return record_.value("exact", false) ? close(actual, expected, Tolerance{})
                                         : close(actual, expected);
  }

  void check_gradients(const Outputs& outputs) const {
    const Json& names = record_.at("grad_fn");
    REQUIRE(names.size() == outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      INFO("output " << i);
      const std::string name = names[i].is_null() ? "" : names[i].get<std::string>();
      CHECK(node_name(outputs[i]) == name);
      const std::string grad_out = "grad_out/" + std::to_string(i);
      if (!file_.has(record_, grad_out)) continue;
      visit_float(outputs[i], [&](auto output) {
        output.backward(file_.tensor<typename decltype(output)::Scalar>(record_, grad_out), true);
      });
    }
    for (const auto& [name, leaf] : leaves_) {
      if (!leaf.requires_grad()) continue;
      INFO("gradient of input " << name);
      const bool by_position = name[0] >= '0' && name[0] <= '9';
      const std::string gradient = (by_position ? "grad_input/" : "grad_kwinput/") + name;
      visit_float(leaf, [&](auto typed) {
        if (file_.has(record_, gradient)) {
          CHECK(close(typed.grad(), file_.tensor(record_, gradient)));
        } else {
          CHECK_FALSE(typed.grad().defined());
        }
      });
    }
  }

  /// Calls `f` with the tensor as that of its scalar, which has to be a floating-point one.
  template <class F>
  static void visit_float(const brasa::AnyTensor& tensor, F f) {
    if (tensor.holds<float>()) return f(tensor.as<float>());
    f(tensor.as<double>());
  }

  const File& file_;
  const Json& record_;
  std::map<std::string, brasa::AnyTensor> leaves_;
};

/// Runs all cases of a recording and returns how many there are; a case that `run` gives no outputs
/// for fails.
template <class Run>
std::size_t run_recorded(const std::string& path, Run run) {
  const File file(path);
  REQUIRE(!file.cases().empty());
  for (const Json& record : file.cases()) {
    INFO(path << ": " << record.dump());
    brasa::visit_dtype(dtype(record.at("dtype")), [&](auto zero) {
      using S = decltype(zero);
      if constexpr (brasa::TensorScalar<S>) {
        Call<S> call(file, record);
        call.check(run(call));
      } else {
        FAIL("no tensor has this scalar");
      }
    });
  }
  return file.cases().size();
}

}  // namespace golden
