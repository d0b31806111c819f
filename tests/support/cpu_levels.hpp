#pragma once

#include <vector>

#include "brasa/kernels/dispatch.hpp"

namespace brasa_test {

/// The levels that this machine has.
inline std::vector<brasa::CpuLevel> cpu_levels() {
  std::vector<brasa::CpuLevel> levels;
  for (const auto level :
       {brasa::CpuLevel::baseline, brasa::CpuLevel::avx2, brasa::CpuLevel::avx512}) {
    if (level <= brasa::best_cpu_level()) levels.push_back(level);
  }
  return levels;
}

/// Runs the kernels at one level while it lives.
class AtLevel {
 public:
  explicit AtLevel(brasa::CpuLevel level) : before_(brasa::cpu_level()) {
    brasa::set_cpu_level(level);
  }
  AtLevel(const AtLevel&) = delete;
  AtLevel& operator=(const AtLevel&) = delete;
  ~AtLevel() { brasa::set_cpu_level(before_); }

 private:
  brasa::CpuLevel before_;
};

}  // namespace brasa_test
