#pragma once

// A case and what is found of it.

#include <algorithm>
#include <string>
#include <utility>

#include "conformance/cases.hpp"
#include "support/golden.hpp"

namespace conformance {

/// Gathers what did not hold, and the worst error.
class Checks {
 public:
  explicit Checks(Result& result) : result_(result) {}

  void equal(const golden::Json& found, const golden::Json& expected, const std::string& what) {
    if (found == expected) return;
    result_.failures.push_back(what + ": got " + found.dump() + ", expected " + expected.dump());
  }
  void holds(const golden::Comparison& comparison, const std::string& what) {
    result_.ulps = std::max(result_.ulps, comparison.ulps);
    if (!comparison) result_.failures.push_back(what + ": " + comparison.message);
  }
  void fails(const std::string& what) { result_.failures.push_back(what); }

 private:
  Result& result_;
};

/// One case: its recording, and where the findings go.
struct Case {
  const golden::File& file;
  const golden::Json& record;
  Checks& checks;

  brasa::AnyTensor tensor(const std::string& name) const { return file.tensor(record, name); }
  void close(const brasa::AnyTensor& actual, const std::string& name) const {
    const brasa::AnyTensor expected = tensor(name);
    checks.holds(record.value("exact", false) ? golden::close(actual, expected, golden::Tolerance{})
                                              : golden::close(actual, expected),
                 name);
  }
};

}  // namespace conformance
