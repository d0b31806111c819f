#pragma once

// docs/CONFORMANCE.md: what of torch.nn and torch.optim is equal, how closely, and what is missing.

#include <string>
#include <vector>

#include "conformance/tally.hpp"

namespace conformance {

/// All that PyTorch has, as the recorder found it.
struct Inventory {
  std::string torch;
  std::vector<std::string> modules;
  std::vector<std::string> functions;
  std::vector<std::string> optimizers = {};
  std::vector<std::string> schedulers = {};
};

Inventory read_inventory(const std::string& path);

/// The certificate as markdown: a row for each module, function, optimizer and scheduler.
std::string certificate(const Tallies& tallies, const Inventory& inventory);

/// Whether two certificates are the same but for errors that differ by a factor of up to 4, large
/// ones by somewhat more: the last bits depend on the compiler and the C library.
bool says_the_same(const std::string& written, const std::string& found);

}  // namespace conformance
