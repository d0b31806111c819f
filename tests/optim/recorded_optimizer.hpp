#pragma once

// What the tests of recorded optimizers share: see optim.safetensors in golden/README.md.

#include <string>
#include <vector>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/optimizers.hpp"

namespace recorded {

/// The parameters of all elements of a vector, of shapes (5,) and (2, 3).
template <brasa::FloatScalar S>
std::vector<brasa::Tensor<S>> parameters(const brasa::Tensor<S>& flat) {
  std::vector<brasa::Tensor<S>> params{brasa::narrow(flat, 0, 0, 5),
                                       brasa::narrow(flat, 0, 5, 6).reshape({2, 3})};
  for (auto& param : params) param.requires_grad_();
  return params;
}

template <brasa::FloatScalar S>
brasa::Tensor<S> flattened(const std::vector<brasa::Tensor<S>>& params) {
  brasa::NoGradGuard not_recording;
  return brasa::cat(std::vector<brasa::Tensor<S>>{params[0].reshape({5}), params[1].reshape({6})},
                    0);
}

/// `value` with texts in place of its tensors, 'float32[2, 3]', and of LBFGS' loss.
inline brasa::Value outline(const brasa::Value& value) {
  using brasa::Value;
  if (value.is_tensor()) {
    std::string text(brasa::dtype_name(value.as_tensor().dtype()));
    text += '[';
    for (std::size_t i = 0; i < value.as_tensor().shape().size(); ++i) {
      text += (i > 0 ? ", " : "") + std::to_string(value.as_tensor().shape()[i]);
    }
    return text + ']';
  }
  if (value.is_dict()) {
    brasa::Dict dict;
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

/// Holds the text and the layout of the state of an optimizer against those of a case.
inline void check_looks(const golden::Json& record, const brasa::optim::Optimizer& optimizer) {
  CHECK(optimizer.repr() == record.at("repr"));
  CHECK(brasa::repr(outline(optimizer.state_dict())) == record.at("state_dict"));
}

/// Holds the tensors of the state against those of a case.
inline void check_state(const golden::File& file, const golden::Json& record,
                        const brasa::optim::Optimizer& optimizer, golden::Tolerance allowed) {
  const brasa::Value state = optimizer.state_dict();
  for (const auto& [index, kept] : state["state"].as_dict()) {
    for (const auto& [key, value] : kept.as_dict()) {
      if (!value.is_tensor()) continue;
      const std::string name =
          "state/" + std::to_string(index.integer()) + "/" + std::string(key.string());
      INFO(name);
      CHECK(golden::close(value.as_tensor(), file.tensor(record, name), allowed));
    }
  }
}

}  // namespace recorded
