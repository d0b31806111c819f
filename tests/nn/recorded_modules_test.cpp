// Modules held against what PyTorch answered: tests/golden/README.md tells how it was asked.

#include <string>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/module_cases.hpp"

// Each with its number of cases and of parameters in them. None is skipped.
TEST_CASE("Modules start, print, compute and differentiate as recorded from PyTorch",
          "[nn][modules][golden]") {
  struct Expected {
    const char* module;
    int cases;
    int parameters;
  };
  const Expected table[] = {
      {"nn.Linear", 52, 84},     {"nn.Identity", 26, 0}, {"nn.ReLU", 26, 0},
      {"nn.Sigmoid", 26, 0},     {"nn.Tanh", 26, 0},     {"nn.Softmax", 26, 0},
      {"nn.LogSoftmax", 26, 0},  {"nn.Flatten", 14, 0},  {"nn.Unflatten", 10, 0},
      {"nn.Sequential", 16, 58}, {"TinyModel", 10, 40}};
  int cases = 0;
  for (const Expected& expected : table) {
    CAPTURE(expected.module);
    const auto counts = module_cases::check(expected.module);
    CHECK(counts.cases == expected.cases);
    CHECK(counts.parameters == expected.parameters);
    cases += counts.cases;
  }
  CHECK(cases == 258);
  CHECK(golden::File("modules.safetensors").cases().size() == 258);
}

// Each with a seed before forward, so that the same elements fall.
TEST_CASE("Dropout drops what PyTorch dropped, and prints like it", "[nn][dropout][golden]") {
  int cases = 0;
  for (const char* module : {"nn.Dropout", "nn.Dropout1d", "nn.Dropout2d", "nn.Dropout3d",
                             "nn.AlphaDropout", "nn.FeatureAlphaDropout"}) {
    CAPTURE(module);
    const auto counts = module_cases::check(module, "modules/dropout.safetensors");
    CHECK(counts.cases >= 10);
    cases += counts.cases;
  }
  CHECK(cases == 72);
  CHECK(golden::File("modules/dropout.safetensors").cases().size() == 72);
}

TEST_CASE("Modules and trees of them print as recorded from PyTorch", "[nn][modules][golden]") {
  CHECK(module_cases::check_texts() == 210);
}
