// expect: brasa: these two tensors have different element types; convert one of them first
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/creation.hpp"

int main() {
  const auto floats = brasa::zeros({2});
  const auto doubles = brasa::zeros<double>({2});
#ifdef BRASA_SHOULD_FAIL
  return static_cast<int>((floats + doubles).numel());
#else
  return static_cast<int>(floats.numel() + doubles.numel()) - 4;
#endif
}
