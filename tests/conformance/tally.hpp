#pragma once

// All recordings of a folder, counted by module and function.

#include <map>
#include <string>

#include "conformance/cases.hpp"

namespace conformance {

/// What was found of one module or function.
struct Tally {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
  /// Why cases were skipped, with the number of them.
  std::map<std::string, int> reasons;
  /// The first failures, a line each.
  std::vector<std::string> failures;
  /// The worst errors, by dtype, see golden::Comparison.
  std::map<std::string, double> ulps;

  void add(const golden::File& file, const golden::Json& record, const Result& result);
};

/// By subject: "nn.ReLU", "functional.relu".
using Tallies = std::map<std::string, Tally>;

/// Runs all cases of all recordings in a folder and the folders in it. A recording that cannot be
/// read counts as a failed case.
Tallies run_folder(const std::string& folder);

struct Totals {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
};
Totals totals(const Tallies& tallies);

/// `nn.ReLU: 36 cases, 36 passed, 0 failed, 0 skipped; worst error 0 ulp`, then a line a reason and
/// failure.
std::string line_of(const std::string& name, const Tally& tally);

}  // namespace conformance
