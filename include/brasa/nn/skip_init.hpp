#pragma once

#include <utility>

namespace brasa::nn {
namespace detail {

inline bool& skip_init() {
  thread_local bool skip = false;
  return skip;
}

}  // namespace detail

/// While it lives, modules constructed on this thread leave their parameters uninitialised and draw
/// no random numbers: for models whose weights come from a file at once, as
/// `torch.nn.utils.skip_init`.
class SkipInitGuard {
 public:
  SkipInitGuard() : previous_(std::exchange(detail::skip_init(), true)) {}
  ~SkipInitGuard() { detail::skip_init() = previous_; }
  SkipInitGuard(const SkipInitGuard&) = delete;
  SkipInitGuard& operator=(const SkipInitGuard&) = delete;

 private:
  bool previous_;
};

}  // namespace brasa::nn
