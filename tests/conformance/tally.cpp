#include "conformance/tally.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <vector>

namespace conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownFailures = 10;

/// What can be taken for a recording, in the order of names.
std::vector<fs::path> recordings(const std::string& folder) {
  if (!fs::is_directory(folder)) throw std::runtime_error(folder + " is no folder");
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".safetensors") {
      paths.push_back(fs::absolute(entry.path()));
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string text(double ulps) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g", ulps);
  return buffer;
}

}  // namespace

void Tally::add(const golden::File& file, const golden::Json& record, const Result& result) {
  if (result.outcome == Result::Outcome::skipped) {
    ++skipped;
    ++reasons[result.reason];
    return;
  }
  auto& worst = ulps[record.value("dtype", "")];
  worst = std::max(worst, result.ulps);
  if (result.outcome == Result::Outcome::passed) {
    ++passed;
    return;
  }
  ++failed;
  const std::string where =
      fs::path(file.path()).filename().string() + ", case " + record.value("case", "?") + ": ";
  for (const auto& failure : result.failures) {
    if (failures.size() < kShownFailures) failures.push_back(where + failure);
  }
}

Tallies run_folder(const std::string& folder) {
  Tallies tallies;
  for (const fs::path& path : recordings(folder)) {
    try {
      const golden::File file(path.string());
      if (!file.has_cases()) continue;  // data of another kind
      for (const golden::Json& record : file.cases()) {
        const std::string name = subject(record);
        Tally& tally = tallies[name.empty() ? path.filename().string() : name];
        tally.add(file, record, run_case(file, record));
      }
    } catch (const std::exception& error) {
      Tally& tally = tallies[path.filename().string()];
      ++tally.failed;
      tally.failures.push_back(std::string("cannot be read: ") + error.what());
    }
  }
  return tallies;
}

Totals totals(const Tallies& tallies) {
  Totals all;
  for (const auto& [name, tally] : tallies) {
    all.passed += tally.passed;
    all.failed += tally.failed;
    all.skipped += tally.skipped;
  }
  return all;
}

std::string line_of(const std::string& name, const Tally& tally) {
  const auto count = [](int n, const char* what) { return std::to_string(n) + what; };
  std::string line = name + ": " + count(tally.passed + tally.failed + tally.skipped, " cases, ") +
                     count(tally.passed, " passed, ") + count(tally.failed, " failed, ") +
                     count(tally.skipped, " skipped");
  for (const auto& [dtype, ulps] : tally.ulps) {
    line += "; " + dtype + " worst error " + text(ulps) + " ulp";
  }
  for (const auto& [reason, n] : tally.reasons) {
    line += "\n  skipped " + std::to_string(n) + ": " + reason;
  }
  for (const auto& failure : tally.failures) line += "\n  failed: " + failure;
  return line;
}

}  // namespace conformance
