#pragma once

#include <brasa/brasa.hpp>
#include <cstdint>
#include <utility>

// What the snippets of pages and docstrings take for granted: the names that README begins with,
// and some tensors to work on.

namespace nn = brasa::nn;

namespace given {

inline brasa::Tensor<float> requiring_grad(brasa::Tensor<float> tensor) {
  tensor.requires_grad_();
  return tensor;
}

inline auto x = brasa::rand<float>({4, 10});
inline auto output = requiring_grad(brasa::rand<float>({4, 3}));
inline auto target = brasa::rand<float>({4, 3});
inline auto logits = requiring_grad(brasa::rand<float>({4, 10}));
inline auto labels = brasa::zeros<std::int64_t>({4});

}  // namespace given
