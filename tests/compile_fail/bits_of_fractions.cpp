// expect: brasa: the operators & \| \^ ~ are for tensors of bool and of integers
#include "brasa/ops/creation.hpp"
#include "brasa/ops/logic.hpp"

int main() {
  const auto x = brasa::zeros({2});
#ifdef BRASA_SHOULD_FAIL
  const auto y = x & x;
#else
  const auto y = x && x;
#endif
  return static_cast<int>(y.numel()) - 2;
}
