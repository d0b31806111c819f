#include "brasa/kernels/dispatch.hpp"

#include <cstdlib>
#include <string>

#include "support/catch.hpp"
#include "support/cpu_levels.hpp"

using brasa::CpuLevel;
using brasa_test::AtLevel;

TEST_CASE("The kernels run at the level that was set", "[kernels][dispatch]") {
  for (const CpuLevel level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    CHECK(brasa::cpu_level() == level);
  }
}

TEST_CASE("A level that the machine lacks is refused and changes nothing", "[kernels][dispatch]") {
  const CpuLevel before = brasa::cpu_level();
  if (brasa::best_cpu_level() < CpuLevel::avx512) {
    CHECK_THROWS_AS(brasa::set_cpu_level(CpuLevel::avx512), brasa::ValueError);
  }
  CHECK(brasa::cpu_level() == before);
}

#if defined(__unix__) || defined(__APPLE__)
TEST_CASE("The environment names the first level", "[kernels][dispatch]") {
  const char* set = std::getenv("BRASA_CPU_LEVEL");
  const std::string before = set == nullptr ? "" : set;
  setenv("BRASA_CPU_LEVEL", "baseline", 1);
  CHECK(brasa::detail::initial_cpu_level() == CpuLevel::baseline);
  setenv("BRASA_CPU_LEVEL", "avx512", 1);  // lowered to what there is
  CHECK(brasa::detail::initial_cpu_level() == brasa::best_cpu_level());
  setenv("BRASA_CPU_LEVEL", "", 1);
  CHECK(brasa::detail::initial_cpu_level() == brasa::best_cpu_level());
  setenv("BRASA_CPU_LEVEL", "avx-512", 1);
  CHECK_THROWS_AS(brasa::detail::initial_cpu_level(), brasa::ValueError);
  if (set == nullptr) {
    unsetenv("BRASA_CPU_LEVEL");
  } else {
    setenv("BRASA_CPU_LEVEL", before.c_str(), 1);
  }
}
#endif
