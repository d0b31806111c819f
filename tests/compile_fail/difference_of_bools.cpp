// expect: brasa: bool tensors cannot be subtracted; use a \^ b or logical_xor
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/logic.hpp"

int main() {
  const auto mask = brasa::ones<bool>({2});
#ifdef BRASA_SHOULD_FAIL
  const auto changed = mask - mask;
#else
  const auto changed = mask ^ mask;
#endif
  return static_cast<int>(changed.numel()) - 2;
}
