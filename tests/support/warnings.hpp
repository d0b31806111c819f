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

/// Gathers the warnings while it lives.
class Warnings {
 public:
  Warnings()
      : previous_(brasa::set_warning_handler(
            [this](std::string_view text) { texts.emplace_back(text); })) {}
  ~Warnings() { brasa::set_warning_handler(previous_); }
  Warnings(const Warnings&) = delete;
  Warnings& operator=(const Warnings&) = delete;

  std::vector<std::string> texts;

 private:
  brasa::WarningHandler previous_;
};
