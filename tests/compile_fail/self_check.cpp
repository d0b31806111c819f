// expect: two and two make four
#include "brasa/version.hpp"

#ifdef BRASA_SHOULD_FAIL
static_assert(2 + 2 == 5, "two and two make four");
#endif

int main() { return BRASA_VERSION_MAJOR; }
