#pragma once

// The progress of a training on a terminal: one line, drawn anew ten times a second.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#if defined(_WIN32)
#include <io.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

/// Draws on stderr, and only where that is a terminal; so what a program prints on stdout stays the
/// same wherever it goes.
///
///     Progress progress(epochs * dataset.size());
///     progress.step(batch_size, loss, accuracy);  // after each batch
///     progress.clear();                           // before something else is printed
class Progress {
 public:
  /// `samples` are to be trained with in all, each epoch counted.
  explicit Progress(std::int64_t samples) : samples_(samples) {}

  /// `count` more samples are done; loss and accuracy (0 to 1) are shown.
  void step(std::int64_t count, double loss, double accuracy) {
    done_ += count;
    const double now = seconds();
    if (columns_ == 0 || now - drawn_ < 0.1) return;
    drawn_ = now;
    draw(loss, accuracy);
  }

  /// Makes room for another line.
  void clear() const {
    if (columns_ > 0) std::fputs("\r\x1b[K", stderr);
  }

  /// Since the beginning.
  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count() + 1e-9;
  }
  double samples_per_second() const { return static_cast<double>(done_) / seconds(); }

 private:
  using Clock = std::chrono::steady_clock;

  void draw(double loss, double accuracy) const {
    const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(samples_));
    const double left = static_cast<double>(samples_ - done_) / samples_per_second();
    char text[160];
    const int length = std::snprintf(
        text, sizeof text, " %3.0f %%  loss %.4f  accuracy %.1f %%  %.0f samples/s  %.0f s left",
        100 * share, loss, 100 * accuracy, samples_per_second(), left);
    // The bar gets what the terminal's width leaves, so that the line is never broken.
    const auto width = static_cast<std::size_t>(std::clamp(columns_ - length - 3, 0, 40));
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
    std::string line = text;
    if (width > 0) {
      line = "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]" + line;
    }
    std::fprintf(stderr, "\r%.*s\x1b[K", columns_ - 1, line.c_str());
    std::fflush(stderr);
  }

  /// The width of the terminal; 0 if there is none.
  static int terminal_columns() {
#if defined(_WIN32)
    return _isatty(_fileno(stderr)) != 0 ? 80 : 0;
#else
    if (isatty(STDERR_FILENO) == 0) return 0;
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
#endif
  }

  std::int64_t samples_;
  std::int64_t done_ = 0;
  int columns_ = terminal_columns();
  double drawn_ = -1;
  Clock::time_point start_ = Clock::now();
};
