#pragma once

#include "brasa/threads.hpp"

namespace brasa_test {

/// Operations use that many threads while it lives, and one afterwards.
class WithThreads {
 public:
  explicit WithThreads(int threads) { brasa::set_num_threads(threads); }
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;
  ~WithThreads() { brasa::set_num_threads(1); }
};

}  // namespace brasa_test
