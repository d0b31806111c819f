#pragma once

#include <cstdio>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace brasa {

/// Called with the text of a warning.
using WarningHandler = std::function<void(std::string_view text)>;

namespace detail {

struct Warnings {
  std::mutex mutex;
  WarningHandler handler;
  std::set<std::string, std::less<>> shown;
};

inline Warnings& warnings() {
  static Warnings state;
  return state;
}

/// Tells the user about something that is allowed but hardly meant. Without a handler the text goes
/// to stderr, as `UserWarning: text`; the same text only once, since what warns in a loop would
/// drown everything else (Python shows a warning once for each line of code).
[[gnu::cold]] inline void warn(std::string_view text) {
  Warnings& state = warnings();
  WarningHandler handler;
  {
    const std::lock_guard lock(state.mutex);
    handler = state.handler;
    if (!handler && state.shown.contains(text)) return;  // which costs no allocation
    if (!handler) state.shown.emplace(text);
  }
  if (handler) {
    handler(text);
  } else {
    std::fprintf(stderr, "UserWarning: %.*s\n", static_cast<int>(text.size()), text.data());
  }
}

}  // namespace detail

/// Sets what is called with every warning, and returns what was set before. An empty handler writes
/// to stderr again; `set_warning_handler([](std::string_view) {})` silences them all.
inline WarningHandler set_warning_handler(WarningHandler handler) {
  detail::Warnings& state = detail::warnings();
  const std::lock_guard lock(state.mutex);
  return std::exchange(state.handler, std::move(handler));
}

}  // namespace brasa
