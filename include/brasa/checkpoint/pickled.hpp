#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "brasa/checkpoint/torch_dtypes.hpp"
#include "brasa/core/any_tensor.hpp"
#include "brasa/core/value.hpp"

namespace brasa::detail {

/// The bytes of one or more tensors, as a pickle speaks of them. They stand elsewhere in the file.
struct PickledStorage {
  std::string key;
  const TorchDtype* dtype = nullptr;  // null: untyped
  std::uint64_t bytes = 0;
};

/// A tensor as a pickle describes it. Its `impl` has no memory yet.
struct PickledTensor {
  Ref<TensorImpl> impl;
  const TorchDtype* dtype = nullptr;
  std::size_t storage = 0;  // among the storages
  std::int64_t offset = 0;  // its first element in the storage
  Shape strides;            // in elements
  bool negated = false;     // its values are those of the storage with the other sign
  bool requires_grad = false;
};

/// What a pickle holds: a tree whose tensors have no memory yet, and where to find it.
struct Pickled {
  Value tree;
  std::vector<PickledStorage> storages;
  std::vector<PickledTensor> tensors;
  std::size_t end = 0;  // where the pickle ends
};

}  // namespace brasa::detail
