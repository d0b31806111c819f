// expect: brasa: the quotient of integers is floating point and cannot be written back
#include <cstdint>

#include "brasa/ops/creation.hpp"
#include "brasa/ops/inplace.hpp"

int main() {
  auto ints = brasa::ones<std::int64_t>({2});
#ifdef BRASA_SHOULD_FAIL
  ints /= 2;
#else
  ints *= 2;
#endif
  return static_cast<int>(ints.numel()) - 2;
}
