#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace brasa {
namespace detail {

/// A loop over `count` steps, cut into `parts` at multiples of `grain` steps.
struct ParallelLoop {
  using Run = void (*)(const void* body, std::int64_t begin, std::int64_t end);

  Run run;
  const void* body;
  std::int64_t count, grain;
  std::int64_t parts;

  void run_all() const { run(body, 0, count); }
  void run_part(std::int64_t part) const {
    const std::int64_t grains = (count + grain - 1) / grain;
    const auto border = [&](std::int64_t i) { return std::min(count, grains * i / parts * grain); };
    run(body, border(part), border(part + 1));
  }
};

// There are no threads before `set_num_threads`, of brasa/threads.hpp, makes some; it sets both.
inline constinit std::atomic<int> number_of_threads{1};
inline constinit std::atomic<void (*)(const ParallelLoop&)> run_on_threads{nullptr};

/// True while this thread runs a part of a loop.
inline bool& inside_parallel_loop() {
  thread_local bool inside = false;
  return inside;
}

template <class Body>
[[gnu::noinline]] void run_body(const void* body, std::int64_t begin, std::int64_t end) {
  (*static_cast<const Body*>(body))(begin, end);
}

[[gnu::noinline]] inline void run_in_parts(ParallelLoop::Run run, const void* body,
                                           std::int64_t count, std::int64_t grain) {
  // Some more parts than threads, so that one that comes late, or is slow, holds up no other.
  constexpr std::int64_t kPartsOfThread = 4;
  const std::int64_t grains = (count + grain - 1) / grain;
  const std::int64_t threads = number_of_threads.load(std::memory_order_relaxed);
  const ParallelLoop loop{run, body, count, grain, std::min(grains, kPartsOfThread * threads)};
  const auto run_parts = run_on_threads.load(std::memory_order_acquire);
  if (inside_parallel_loop() || run_parts == nullptr) return loop.run_all();
  run_parts(loop);
}

}  // namespace detail

/// How many threads an operation may use, the one that calls it included; 1 at first. See
/// `set_num_threads` in brasa/threads.hpp.
inline int get_num_threads() { return detail::number_of_threads.load(std::memory_order_relaxed); }

namespace kernels {

/// Below about this many elements a loop over them is done before another thread has woken up.
inline constexpr std::int64_t kElementGrain = 32768;

/// Calls body(begin, end) for parts of 0 … count that are cut at multiples of `grain`: on several
/// threads at once where there are some, and at least one and a half grains. What the parts do must
/// not depend on where they are cut, nor on their order.
///
/// Inside of a part, loops are not split again. Returns when all parts are done; raises what the
/// first part raised that failed.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, const Body& body) {
  // One function, for one thread and for many: so the loop is compiled once.
  const detail::ParallelLoop::Run run = detail::run_body<Body>;
  if (2 * count < 3 * grain || get_num_threads() == 1) return run(&body, 0, count);
  detail::run_in_parts(run, &body, count, grain);
}

/// y = f(x) by a kernel for arrays of any length.
template <class T>
void map_in_parts(void (&kernel)(const T*, std::int64_t, T*), const T* x, std::int64_t count,
                  T* y) {
  if (get_num_threads() == 1) return kernel(x, count, y);
  parallel_for(count, kElementGrain, [&](std::int64_t begin, std::int64_t end) {
    kernel(x + begin, end - begin, y + begin);
  });
}

/// out = f(x, y), likewise.
template <class T>
void zip_in_parts(void (&kernel)(const T*, const T*, std::int64_t, T*), const T* x, const T* y,
                  std::int64_t count, T* out) {
  if (get_num_threads() == 1) return kernel(x, y, count, out);
  parallel_for(count, kElementGrain, [&](std::int64_t begin, std::int64_t end) {
    kernel(x + begin, y + begin, end - begin, out + begin);
  });
}

}  // namespace kernels
}  // namespace brasa
