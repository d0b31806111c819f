#pragma once

// Optimizers as recordings describe them: a name of torch.optim and its kwargs in JSON.

#include <functional>
#include <memory>
#include <stdexcept>
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
  std::vector<std::string> names = {};  // none, or one for each, which is of float32 then
};

/// What Python finds at run time, and the compiler here: so it is asserted next to where it is
/// thrown.
struct DoesNotCompile : std::logic_error {
  using std::logic_error::logic_error;
};

struct Made {
  std::unique_ptr<brasa::optim::Optimizer> optimizer;
  std::function<void(const Group&)> add_param_group;
};

/// `torch.optim.<name>(groups, **kwargs)`. An unknown name or option is golden::Unsupported. A
/// tensor among the kwargs, read from `file`, is put into the groups.
Made make(const std::string& name, const golden::Json& kwargs, const std::vector<Group>& groups,
          const golden::File* file = nullptr);

/// A tree of values as the recorder encodes it; a dict is `{"dict": {…}}` or, with keys that are
/// not all names, `{"items": [[key, value], …]}`. Tensors are read from `file`.
brasa::Value value(const golden::Json& encoded, const golden::File* file = nullptr);

/// `value` with texts in place of its tensors, 'float32[2, 3]', and of LBFGS' loss.
brasa::Value outline(const brasa::Value& value);

}  // namespace optimizers
