// A module called with what its forward does not take.
// expect: brasa: this module has no `forward
#include <cstdint>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"

int main() {
  const brasa::nn::Linear<> linear(2, 3);
#ifdef BRASA_SHOULD_FAIL
  linear(brasa::ones<std::int64_t>({1, 2}));
#else
  linear(brasa::ones({1, 2}));
#endif
}
