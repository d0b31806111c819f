#pragma once

// Recorded cases of modules and functions, held against brasa: what a module prints, its initial
// values, its state_dict, then outputs, the names of their nodes, all gradients, buffers
// afterwards.

#include <string>
#include <vector>

#include "support/golden.hpp"

namespace conformance {

/// How a case went.
struct Result {
  enum class Outcome { passed, failed, skipped };

  Outcome outcome = Outcome::passed;
  /// What did not hold.
  std::vector<std::string> failures;
  /// Why it was skipped.
  std::string reason;
  /// The worst error of what was computed, see golden::Comparison.
  double ulps = 0;
};

/// What a case is about: `nn.ReLU`, or for a function `functional.relu`; "" for other recordings.
std::string subject(const golden::Json& record);

/// Runs one case; nothing is thrown.
Result run_case(const golden::File& file, const golden::Json& record);

/// The modules and the functions that brasa has, by PyTorch's names.
std::vector<std::string> known_modules();
std::vector<std::string> known_functions();

}  // namespace conformance
