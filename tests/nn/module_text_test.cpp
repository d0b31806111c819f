#include "brasa/nn/module_text.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/module_tree.hpp"
#include "support/warnings.hpp"

TEST_CASE("Modules and trees of them print as recorded from PyTorch", "[nn][modules][golden]") {
  const golden::File file("printing.safetensors");
  int trees = 0;
  const NoWarnings no_warnings;  // Linear(0, 3) has nothing to initialise
  for (const golden::Json& c : file.cases()) {
    if (c.at("kind") != "module") continue;
    CAPTURE(c.at("case"), c.at("tree"));
    const bool is_float = c.at("dtype") == "float32";
    const std::string text = is_float ? module_tree::build<float>(c.at("tree"))->repr()
                                      : module_tree::build<double>(c.at("tree"))->repr();
    CHECK(text == c.at("text").get<std::string>());
    ++trees;
  }
  CHECK(trees == 210);
}
