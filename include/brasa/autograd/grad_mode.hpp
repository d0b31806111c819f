#pragma once

#include <utility>

namespace brasa {
namespace detail {

struct GradMode {
  bool enabled = true;
  bool inference = false;
};

inline GradMode& grad_mode() {
  thread_local GradMode mode;
  return mode;
}

/// Sets this thread's mode for the lifetime of a guard.
class GradModeGuard {
 public:
  GradModeGuard(const GradModeGuard&) = delete;
  GradModeGuard& operator=(const GradModeGuard&) = delete;

 protected:
  explicit GradModeGuard(GradMode mode) : previous_(std::exchange(grad_mode(), mode)) {}
  ~GradModeGuard() { grad_mode() = previous_; }

 private:
  GradMode previous_;
};

}  // namespace detail

/// True if operations on tensors that require gradients are recorded on this thread.
inline bool is_grad_enabled() {
  const detail::GradMode& mode = detail::grad_mode();
  return mode.enabled && !mode.inference;
}

inline bool is_inference_mode_enabled() { return detail::grad_mode().inference; }

/// Switches recording on this thread on or off, until it is switched again.
inline void set_grad_enabled(bool enabled) { detail::grad_mode().enabled = enabled; }

/// While it lives, nothing is recorded on this thread: `with torch.no_grad():`.
class NoGradGuard : detail::GradModeGuard {
 public:
  NoGradGuard() : GradModeGuard({false, detail::grad_mode().inference}) {}
};

/// While it lives, operations are recorded on this thread: `with torch.enable_grad():`.
class EnableGradGuard : detail::GradModeGuard {
 public:
  EnableGradGuard() : GradModeGuard({true, detail::grad_mode().inference}) {}
};

/// While it lives, nothing is recorded on this thread and no EnableGradGuard changes that:
/// `with torch.inference_mode():`.
class InferenceGuard : detail::GradModeGuard {
 public:
  InferenceGuard() : GradModeGuard({false, true}) {}
};

}  // namespace brasa
