#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "brasa/core/warning.hpp"

/// No warnings while it lives, as in the recorder: the cases that warn are meant.
class NoWarnings {
 public:
  NoWarnings() : previous_(brasa::set_warning_handler([](std::string_view) {})) {}
  ~NoWarnings() { brasa::set_warning_handler(previous_); }
  NoWarnings(const NoWarnings&) = delete;
  NoWarnings& operator=(const NoWarnings&) = delete;

 private:
  brasa::WarningHandler previous_;
};
