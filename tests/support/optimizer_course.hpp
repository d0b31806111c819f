#pragma once

// A few steps of an optimizer as recordings describe them (see optim.safetensors in
// golden/README.md): shapes of the parameters, their values, gradients for each step, and what
// happens to the groups in between.

#include <cstddef>
#include <string>
#include <vector>

#include "brasa/core/tensor.hpp"
#include "support/golden.hpp"
#include "support/optimizers.hpp"

namespace optimizers {

template <brasa::FloatScalar S>
class Course {
 public:
  /// Both must outlive it.
  Course(const golden::File& file, const golden::Json& record);

  const std::vector<brasa::Tensor<S>>& params() const { return params_; }
  /// All elements of the parameters in a vector.
  brasa::Tensor<S> flat() const;
  /// New values for them.
  void set(const brasa::Tensor<S>& flat);

  /// An optimizer of the parameters, in the groups that there are at first.
  Made make(const std::string& name, const golden::Json& kwargs) const;
  /// One step, with what happens before it.
  void step(const Made& made, std::size_t step);
  std::size_t steps() const;

 private:
  std::vector<brasa::Tensor<S>> split(const brasa::Tensor<S>& flat) const;
  Group group(const golden::Json& places, const golden::Json& options) const;
  void change_groups(const Made& made, std::size_t step) const;

  const golden::File& file_;
  const golden::Json& record_;
  std::vector<brasa::Tensor<S>> params_;
  brasa::Tensor<S> grads_;
};

/// The tensors that an optimizer keeps under a key: all elements, of all parameters and lists, in a
/// vector. Undefined if there are none.
brasa::AnyTensor flat_state(const brasa::optim::Optimizer& optimizer, const std::string& key);

/// The keys under which an optimizer keeps tensors, in the order of letters.
std::vector<std::string> state_keys(const brasa::optim::Optimizer& optimizer);

}  // namespace optimizers
