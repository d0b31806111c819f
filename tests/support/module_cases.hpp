#pragma once

namespace module_cases {

/// What has been held against the recordings.
struct Counts {
  int cases = 0;
  int parameters = 0;
};

/// Holds all cases of one module, e.g. "nn.Linear", in a recording against brasa: what the module
/// prints, its initial values, state_dict, mode, outputs, node names and gradients.
Counts check(const char* module, const char* path = "modules.safetensors");

/// Holds the texts of all module trees in printing.safetensors against brasa. Returns their number.
int check_texts();

}  // namespace module_cases
