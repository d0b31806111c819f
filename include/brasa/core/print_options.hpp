#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <string_view>

#include "brasa/core/error.hpp"
#include "brasa/core/python_text.hpp"

namespace brasa {

/// The arguments of `set_printoptions`; what is left out stays as it is, except for `sci_mode`.
struct PrintOptions {
  /// Digits after the point (4).
  std::optional<int> precision = std::nullopt;
  /// A tensor of more elements is shown as a summary (1000); infinity: none is.
  std::optional<double> threshold = std::nullopt;
  /// How many elements a summary shows at both ends of each dimension (3).
  std::optional<std::int64_t> edgeitems = std::nullopt;
  /// Characters per line (80).
  std::optional<std::int64_t> linewidth = std::nullopt;
  /// "default", "short" (precision 2, edgeitems 2) or "full" (no summaries): sets the four above
  /// before they are looked at. Other names are ignored, as in PyTorch.
  std::optional<std::string_view> profile = std::nullopt;
  /// Scientific notation, yes or no. Left out: chosen by the values, whatever was set before.
  std::optional<bool> sci_mode = std::nullopt;
};

namespace detail {

/// The options that hold.
struct PrintSettings {
  int precision = 4;
  double threshold = 1000;
  std::int64_t edgeitems = 3;
  std::int64_t linewidth = 80;
  std::optional<bool> sci_mode = std::nullopt;
};

class SharedPrintSettings {
 public:
  PrintSettings get() {
    const std::lock_guard lock(mutex_);
    return settings_;
  }
  void set(const PrintSettings& settings) {
    const std::lock_guard lock(mutex_);
    settings_ = settings;
  }

 private:
  std::mutex mutex_;
  PrintSettings settings_;
};

inline SharedPrintSettings& print_settings() {
  static SharedPrintSettings settings;
  return settings;
}

inline void check_print_options(const PrintOptions& options) {
  const int precision = options.precision.value_or(0);
  if (precision < 0 || precision > kMaxPrecision) {
    raise<ValueError>("set_printoptions", "expected a precision from 0 to ", kMaxPrecision,
                      ", got ", precision);
  }
  if (options.edgeitems.value_or(0) < 0) {
    raise<ValueError>("set_printoptions", "expected edgeitems that are not negative, got ",
                      *options.edgeitems);
  }
}

}  // namespace detail

/// Sets how tensors are printed, in all threads: `set_printoptions({.precision = 2})`.
///
/// Raises ValueError for a precision that is negative or above 1074, and for negative edgeitems.
inline void set_printoptions(const PrintOptions& options) {
  detail::check_print_options(options);
  detail::PrintSettings settings = detail::print_settings().get();
  if (options.profile == "default") settings = {4, 1000, 3, 80};
  if (options.profile == "short") settings = {2, 1000, 2, 80};
  if (options.profile == "full") settings = {4, std::numeric_limits<double>::infinity(), 3, 80};
  settings.precision = options.precision.value_or(settings.precision);
  settings.threshold = options.threshold.value_or(settings.threshold);
  settings.edgeitems = options.edgeitems.value_or(settings.edgeitems);
  constexpr std::int64_t kEndless = std::int64_t{1} << 40;
  settings.linewidth =
      std::clamp<std::int64_t>(options.linewidth.value_or(settings.linewidth), 0, kEndless);
  settings.sci_mode = options.sci_mode;
  detail::print_settings().set(settings);
}

/// The options that hold; its `profile` is left out.
inline PrintOptions get_printoptions() {
  const detail::PrintSettings settings = detail::print_settings().get();
  return {.precision = settings.precision,
          .threshold = settings.threshold,
          .edgeitems = settings.edgeitems,
          .linewidth = settings.linewidth,
          .sci_mode = settings.sci_mode};
}

/// While it lives, tensors are printed by these options: `with torch.printoptions(…):`.
class PrintOptionsGuard {
 public:
  explicit PrintOptionsGuard(const PrintOptions& options)
      : previous_(detail::print_settings().get()) {
    set_printoptions(options);
  }
  PrintOptionsGuard(const PrintOptionsGuard&) = delete;
  PrintOptionsGuard& operator=(const PrintOptionsGuard&) = delete;
  ~PrintOptionsGuard() { detail::print_settings().set(previous_); }

 private:
  detail::PrintSettings previous_;
};

}  // namespace brasa
