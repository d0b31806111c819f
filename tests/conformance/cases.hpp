#pragma once

// Recorded cases of modules and functions, held against brasa: what a module prints, its initial
// values, its state_dict, then outputs, the names of their nodes, all gradients, buffers
// afterwards. Those of optimizers and schedulers are in optimizers.hpp.

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

/// What a case is about: `nn.ReLU`, `optim.SGD`, `optim.lr_scheduler.StepLR`, or for a function
/// `functional.relu`; "" for other recordings.
std::string subject(const golden::Json& record);

/// Runs one case; nothing is thrown.
Result run_case(const golden::File& file, const golden::Json& record);

/// The modules, functions, optimizers and schedulers that brasa has, by PyTorch's names.
std::vector<std::string> known_modules();
std::vector<std::string> known_functions();
std::vector<std::string> known_optimizers();
std::vector<std::string> known_schedulers();

}  // namespace conformance
