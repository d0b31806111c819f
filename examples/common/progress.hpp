#pragma once

// Progress of a training: a bar that rewrites its line on a terminal, plain lines otherwise.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

class Progress {
 public:
  /// `steps` in all, of `samples_per_step` each.
  Progress(std::int64_t steps, std::int64_t samples_per_step)
      : steps_(steps), samples_per_step_(samples_per_step), start_(Clock::now()) {}

  /// After a step. On a terminal the bar is drawn ten times a second.
  void step(double loss, double accuracy) {
    ++done_;
    if (!terminal_) return;
    const double now = seconds();
    if (now - drawn_ < 0.1 && done_ < steps_) return;
    drawn_ = now;
    constexpr std::int64_t kWidth = 30;
    const auto filled = static_cast<std::size_t>(kWidth * done_ / steps_);
    const std::string bar = std::string(filled, '=') + std::string(kWidth - filled, ' ');
    std::printf("\r[%s] %3lld %%  loss %.4f  accuracy %5.1f %%  %.0f samples/s  %.0f s left ",
                bar.c_str(), static_cast<long long>(100 * done_ / steps_), loss, 100 * accuracy,
                rate(now), now / static_cast<double>(done_) * static_cast<double>(steps_ - done_));
    if (done_ == steps_) std::printf("\n");
    std::fflush(stdout);
  }

  /// After an epoch: a line where there is no terminal to draw on.
  void epoch(int number, double loss, double accuracy) const {
    if (terminal_) return;
    std::printf("epoch %2d  loss %.4f  accuracy %5.1f %%\n", number, loss, 100 * accuracy);
    std::fflush(stdout);
  }

  /// Samples per second so far.
  double rate() const { return rate(seconds()); }

 private:
  using Clock = std::chrono::steady_clock;

  double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count() + 1e-9;
  }
  double rate(double now) const { return static_cast<double>(done_ * samples_per_step_) / now; }
  static bool is_terminal() {
#if defined(_WIN32)
    return _isatty(_fileno(stdout)) != 0;
#else
    return isatty(fileno(stdout)) != 0;
#endif
  }

  std::int64_t steps_;
  std::int64_t samples_per_step_;
  std::int64_t done_ = 0;
  double drawn_ = -1;
  Clock::time_point start_;
  bool terminal_ = is_terminal();
};
