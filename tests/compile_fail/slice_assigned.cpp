// In PyTorch this writes into x; here a slice is a copy. The words are the compilers' own.
// expect: discards qualifiers|no viable overloaded '='|no viable overloaded operator
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"

int main() {
  auto x = brasa::zeros({2, 3});
  const auto y = brasa::ones({3});
#ifdef BRASA_SHOULD_FAIL
  x[0] = y;
#else
  const auto row = x[0];
#endif
  return static_cast<int>(y.numel()) - 3;
}
