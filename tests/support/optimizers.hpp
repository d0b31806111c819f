#pragma once

// Optimizers as recordings describe them: a name of torch.optim and its kwargs in JSON.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "brasa/core/any_tensor.hpp"
#include "brasa/core/value.hpp"
#include "brasa/optim/optimizer.hpp"
#include "support/golden.hpp"

namespace optimizers {

/// Parameters and the options that are given for them, `{}` for none.
struct Group {
  std::vector<brasa::AnyTensor> params;
  golden::Json options = golden::Json::object();
};

struct Made {
  std::unique_ptr<brasa::optim::Optimizer> optimizer;
  std::function<void(const Group&)> add_param_group;
};

/// `torch.optim.<name>(groups, **kwargs)`. An unknown name or option fails.
Made make(const std::string& name, const golden::Json& kwargs, const std::vector<Group>& groups);

/// A tree of values as the recorder encodes it; a dict is `{"dict": {…}}` or, with keys that are
/// not all names, `{"items": [[key, value], …]}`. Tensors are read from `file`.
brasa::Value value(const golden::Json& encoded, const golden::File* file = nullptr);

}  // namespace optimizers
