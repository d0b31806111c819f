#pragma once

#include "brasa/nn/module.hpp"

namespace brasa::nn {

/// x itself. Takes any arguments and ignores them, as PyTorch's does, so that it can stand in for
/// another layer. Source: torch.nn.Identity.
///
///     auto y = nn::Identity()(x);
template <FloatScalar S = float>
class Identity : public Module<S> {
 public:
  Identity() = default;
  template <class First, class... Ignored>
  requires(!std::is_same_v<std::remove_cvref_t<First>, Identity>) explicit Identity(First&&,
                                                                                    Ignored&&...) {}

  Tensor<S> forward(const Tensor<S>& input) const { return input; }
  BRASA_MODULE(Identity)
};

}  // namespace brasa::nn
