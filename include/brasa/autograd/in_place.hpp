#pragma once

#include <string_view>

#include "brasa/autograd/grad_mode.hpp"
#include "brasa/core/any_tensor.hpp"

namespace brasa::detail {

/// To be called by every operation that is about to write into `tensor`; once it has written, it
/// calls `bump_version()` of the storage.
///
/// Raises AutogradError where gradients would come out wrong: while operations are recorded, for a
/// leaf that requires a gradient (as PyTorch does) and for the result of a recorded operation.
inline void check_in_place(std::string_view op, const AnyTensor& tensor) {
  if (!is_grad_enabled() || !tensor.requires_grad()) return;
  raise<AutogradError>(op, tensor.is_leaf()
                               ? "a leaf tensor that requires a gradient is being used in an "
                                 "in-place operation: hold a NoGradGuard meanwhile"
                               : "the result of a recorded operation is being used in an in-place "
                                 "operation: detach() it first, or use the operation that makes a "
                                 "new tensor");
}

}  // namespace brasa::detail
