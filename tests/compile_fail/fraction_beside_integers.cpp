// expect: brasa: the result would not be of the tensor's element type
#include <cstdint>

#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/creation.hpp"

int main() {
  const auto ints = brasa::zeros<std::int64_t>({2});
#ifdef BRASA_SHOULD_FAIL
  const auto more = ints + 1.5;
#else
  const auto more = ints + 1;
#endif
  return static_cast<int>(more.numel()) - 2;
}
