// brasa_conformance: holds brasa against what PyTorch answered. See README.md.

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/cases.hpp"
#include "conformance/certificate.hpp"
#include "conformance/tally.hpp"

namespace {

using conformance::Result;
using conformance::Tallies;

constexpr const char* kUsage =
    "usage: brasa_conformance DIR [--certificate FILE | --check FILE]\n"
    "       brasa_conformance --list\n"
    "\n"
    "Runs all recordings (*.safetensors) in DIR and the folders in it.\n"
    "  --certificate FILE  writes the table of what was found\n"
    "  --check FILE        fails if FILE does not say what was found\n"
    "  --list              prints what of torch.nn and torch.optim brasa has\n";

struct Options {
  std::string folder;
  std::string certificate;
  std::string check;
  bool list = false;
};

Options parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool with_value = arguments[i] == "--certificate" || arguments[i] == "--check";
    if (with_value && i + 1 == arguments.size()) throw std::invalid_argument(arguments[i]);
    if (arguments[i] == "--certificate") {
      options.certificate = arguments[++i];
    } else if (arguments[i] == "--check") {
      options.check = arguments[++i];
    } else if (arguments[i] == "--list") {
      options.list = true;
    } else if (arguments[i].starts_with("-") || !options.folder.empty()) {
      throw std::invalid_argument(arguments[i]);
    } else {
      options.folder = arguments[i];
    }
  }
  if (options.list == !options.folder.empty()) throw std::invalid_argument("DIR");
  return options;
}

int list() {
  for (const auto& name : conformance::known_modules()) std::printf("nn.%s\n", name.c_str());
  for (const auto& name : conformance::known_functions()) {
    std::printf("functional.%s\n", name.c_str());
  }
  for (const auto& name : conformance::known_optimizers()) std::printf("optim.%s\n", name.c_str());
  for (const auto& name : conformance::known_schedulers()) {
    std::printf("optim.lr_scheduler.%s\n", name.c_str());
  }
  return 0;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void print(const Tallies& tallies) {
  for (const auto& [name, tally] : tallies) std::printf("%s\n", line_of(name, tally).c_str());
  const auto [passed, failed, skipped] = conformance::totals(tallies);
  std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
}

int run(const Options& options) {
  const Tallies tallies = conformance::run_folder(options.folder);
  bool good = conformance::totals(tallies).failed == 0;
  if (!options.certificate.empty() || !options.check.empty()) {
    const auto certificate = conformance::certificate(
        tallies, conformance::read_inventory(options.folder + "/inventory.json"));
    if (!options.certificate.empty()) {
      std::ofstream file(options.certificate, std::ios::binary);
      file << certificate;
      if (!file.flush()) throw std::runtime_error("cannot write " + options.certificate);
    } else if (!conformance::says_the_same(text_of(options.check), certificate)) {
      std::printf("%s is not current: write it anew with --certificate\n", options.check.c_str());
      good = false;
    }
  }
  print(tallies);
  return good ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
  Options options;
  try {
    options = parse({values + 1, values + count});
  } catch (const std::invalid_argument& wrong) {
    std::fprintf(stderr, "what is %s?\n\n%s", wrong.what(), kUsage);
    return 2;
  }
  try {
    return options.list ? list() : run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "brasa_conformance: %s\n", error.what());
    return 2;
  }
}
