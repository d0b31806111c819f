#pragma once

#include <brasa/checkpoint/torch_file.hpp>
#include <brasa/checkpoint/torch_save.hpp>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string_view>

#include "fuzz.hpp"

/// Loads a file of torch.save and saves it: what is saved must load, and hold the same.
inline int load_and_save(std::span<const std::byte> bytes) {
  return only_errors([&] {
    const brasa::Value tree = brasa::load(bytes);
    const auto file = brasa::serialize(tree);
    try {
      if (brasa::repr(brasa::load(file)) != brasa::repr(tree)) std::abort();
    } catch (const brasa::Error& error) {
      // The limits depend on the size of the file, which may now be smaller.
      const std::string_view text = error.what();
      const bool is_limit = text.find("made to harm") != std::string_view::npos ||
                            text.find("too often") != std::string_view::npos;
      if (!is_limit) std::abort();
    }
  });
}
