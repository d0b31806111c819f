#pragma once

#include <string>

#include "brasa/core/error.hpp"

/// The message of the E that `f` throws; a test that compares it fails where it throws nothing, and
/// errors of other types pass through.
template <class E, class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "(no error)";
}
