#include "conformance/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

namespace conformance {
namespace {

constexpr const char* kBound = "≤ ";
constexpr const char* kIntroduction =
    R"(Written by `brasa_conformance tests/golden/conformance --certificate docs/CONFORMANCE.md`, and
checked by the tests to be current: not edited by hand. The cases are those of PyTorch's own test
databases, with more for sizes around the widths of vectors, extreme values and other arguments;
tests/conformance/README.md tells what is compared, and within which tolerances.

The worst error is that of all outputs and gradients, of optimizers that of parameters and state
after each step, of schedulers that of the rates, in units of the last place of PyTorch's
number, or of 0.1 if that is larger, rounded up to a power of two. PyTorch's own errors count too.

Operations on tensors (torch.add, torch.matmul and so on) are no part of torch.nn and not counted
here: the tests in tests/ops hold them against recordings of their own, in tests/golden/ops.
)";
// Two errors are taken for the same so many powers of two apart, and a quarter of the larger: what
// is large is rounding that was amplified.
constexpr int kStepsApart = 2;

/// "0", or the next power of two: `≤ 2`.
std::string bound(double ulps) {
  if (ulps <= 0) return "0";
  if (!std::isfinite(ulps)) return "infinite";
  const double steps = std::max(0.0, std::ceil(std::log2(ulps)));
  std::ostringstream text;
  text.precision(15);
  text << kBound << std::exp2(steps);
  return text.str();
}

std::string error_cell(const Tally& tally, const std::string& dtype) {
  const auto found = tally.ulps.find(dtype);
  return found == tally.ulps.end() ? "" : bound(found->second);
}

std::string reasons(const Tally& tally) {
  std::string text;
  for (const auto& [reason, count] : tally.reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

struct Row {
  std::string text;
  bool passed = false;   // all cases, and there are some
  bool missing = false;  // not in brasa
};

Row row_of(const std::string& shown, const Tally* tally, bool known) {
  Row row;
  std::string cells;
  if (tally != nullptr && tally->passed + tally->failed > 0) {
    const int run = tally->passed + tally->failed;
    row.passed = tally->failed == 0;
    cells = std::to_string(tally->passed) + " of " + std::to_string(run);
    if (tally->skipped > 0)
      cells += ", " + std::to_string(tally->skipped) + " skipped: " + reasons(*tally);
    cells += " | " + error_cell(*tally, "float32") + " | " + error_cell(*tally, "float64");
  } else {
    row.missing = !known;
    cells = std::string(known ? "not recorded" : "missing") + " | |";
  }
  row.text = "| `" + shown + "` | " + cells + " |\n";
  return row;
}

/// One table, and its counts.
struct Section {
  std::string table;
  int total = 0;
  int passed = 0;
  int missing = 0;
};

Section section(const std::string& subject_prefix, const std::string& shown_prefix,
                const std::vector<std::string>& all, const std::vector<std::string>& known_names,
                const Tallies& tallies) {
  const std::set<std::string> known(known_names.begin(), known_names.end());
  Section made;
  made.table =
      "| | cases passed | worst error, float32 (ulp) | float64 (ulp) |\n|---|---|---|---|\n";
  for (const auto& name : all) {
    const auto tally = tallies.find(subject_prefix + name);
    const Row row = row_of(shown_prefix + name, tally == tallies.end() ? nullptr : &tally->second,
                           known.contains(name));
    made.table += row.text;
    ++made.total;
    made.passed += row.passed;
    made.missing += row.missing;
  }
  return made;
}

std::string counts(const Section& section, const char* what) {
  return std::to_string(section.passed) + " of " + std::to_string(section.total) + " " + what +
         " pass all their cases, " + std::to_string(section.missing) + " are missing";
}

/// The number of the power of two behind `kBound`, in a cell; −1 if that is not one.
int steps_of(const std::string& cell) {
  if (cell == "0") return 0;
  if (!cell.starts_with(kBound)) return -1;
  return std::ilogb(std::stod(cell.substr(std::string(kBound).size())));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  for (auto& part : parts) {
    const auto first = part.find_first_not_of(' ');
    part = first == std::string::npos ? ""
                                      : part.substr(first, part.find_last_not_of(' ') - first + 1);
  }
  return parts;
}

bool same_cell(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const int steps_a = steps_of(a);
  const int steps_b = steps_of(b);
  const int apart = kStepsApart + std::max(steps_a, steps_b) / 4;
  return steps_a >= 0 && steps_b >= 0 && std::abs(steps_a - steps_b) <= apart;
}

bool same_line(const std::string& a, const std::string& b) {
  const auto cells_a = split(a, '|');
  const auto cells_b = split(b, '|');
  return std::equal(cells_a.begin(), cells_a.end(), cells_b.begin(), cells_b.end(), same_cell);
}

}  // namespace

Inventory read_inventory(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path + ", which the recorder writes");
  const auto json = golden::Json::parse(file);
  return {json.at("torch"), json.at("modules"), json.at("functions"), json.at("optimizers"),
          json.at("schedulers")};
}

std::string certificate(const Tallies& tallies, const Inventory& inventory) {
  const Section modules = section("nn.", "nn.", inventory.modules, known_modules(), tallies);
  const Section functions =
      section("functional.", "", inventory.functions, known_functions(), tallies);
  const Section optimizers =
      section("optim.", "optim.", inventory.optimizers, known_optimizers(), tallies);
  const Section schedulers = section("optim.lr_scheduler.", "lr_scheduler.", inventory.schedulers,
                                     known_schedulers(), tallies);
  const Totals all = totals(tallies);
  std::ostringstream text;
  text << "# Conformance with PyTorch " << inventory.torch << "\n\n"
       << "**" << all.passed << " cases passed, " << all.failed << " failed, " << all.skipped
       << " skipped; " << counts(modules, "modules") << "; " << counts(functions, "functions")
       << "; " << counts(optimizers, "optimizers") << "; " << counts(schedulers, "schedulers")
       << ".**\n\n"
       << kIntroduction << '\n'
       << "## torch.nn\n\n"
       << modules.table << "\n## torch.nn.functional\n\n"
       << functions.table << "\n## torch.optim\n\n"
       << optimizers.table << "\n## torch.optim.lr_scheduler\n\n"
       << schedulers.table;
  return text.str();
}

bool says_the_same(const std::string& written, const std::string& found) {
  const auto lines_a = split(written, '\n');
  const auto lines_b = split(found, '\n');
  return std::equal(lines_a.begin(), lines_a.end(), lines_b.begin(), lines_b.end(), same_line);
}

}  // namespace conformance
