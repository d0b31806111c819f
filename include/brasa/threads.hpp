#pragma once

/// Operations on several threads. Not part of brasa/brasa.hpp: whoever does not ask for threads
/// does not pay for them, neither when compiling nor at run time.

#include <algorithm>
#include <array>
#include <atomic>
#include <cfenv>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>
#if __has_include(<Eigen/ThreadPool>)
#include <Eigen/ThreadPool>
#else
#include <unsupported/Eigen/CXX11/ThreadPool>
#endif
#if __has_include(<pthread.h>) && !defined(_WIN32)  // nothing forks there
#include <pthread.h>
#endif

#include "brasa/core/error.hpp"
#include "brasa/kernels/parallel.hpp"

namespace brasa {
namespace detail {

/// A place for a loop that is under way. The thread that called it and all workers that come by
/// take parts of it; the caller waits for the parts that were begun, but for no worker that has not
/// come yet: that one finds the ticket changed or nothing left. So a worker may be late, or busy
/// with another loop, and nobody waits for it.
class alignas(64) ParallelJob {
 public:
  /// Makes the place one's own, if it is free.
  bool take() { return !taken_.exchange(true, std::memory_order_acquire); }

  /// Offers the loop to the workers; gives the ticket to `help` with.
  std::uint64_t open(const ParallelLoop& loop) {
    loop_ = loop;
    call_ = current_call();
    std::fegetenv(&environment_);
    failed_.store(false, std::memory_order_relaxed);
    unfinished_.store(static_cast<int>(loop.parts), std::memory_order_relaxed);
    ++ticket_;
    left_.store(ticket_ << kPartBits | static_cast<std::uint64_t>(loop.parts),
                std::memory_order_release);
    return ticket_;
  }

  /// On a worker: runs parts until none is left, as the caller would, rounding and flushing as it
  /// does and telling its path of modules in errors.
  void help(std::uint64_t ticket) noexcept {
    std::int64_t part = 0;
    if (!next_part(ticket, part)) return;
    const bool was_inside = std::exchange(inside_parallel_loop(), true);
    const CallFrame* const own_call = std::exchange(current_call(), call_);
    std::fesetenv(&environment_);
    do run(part);
    while (next_part(ticket, part));
    current_call() = own_call;
    inside_parallel_loop() = was_inside;
  }

  /// On the thread that opened the loop: helps, waits for the others, and gives the place back.
  void finish(std::uint64_t ticket) {
    inside_parallel_loop() = true;
    std::int64_t part = 0;
    while (next_part(ticket, part)) run(part);
    inside_parallel_loop() = false;
    constexpr int kYields = 50;  // some microseconds, before it goes to sleep
    for (int i = 0; i < kYields && unfinished_.load(std::memory_order_acquire) != 0; ++i) {
      std::this_thread::yield();
    }
    for (;;) {
      const int unfinished = unfinished_.load(std::memory_order_acquire);
      if (unfinished == 0) break;
      unfinished_.wait(unfinished, std::memory_order_acquire);
    }
    const std::exception_ptr error = std::exchange(error_, nullptr);
    taken_.store(false, std::memory_order_release);
    if (error) std::rethrow_exception(error);
  }

 private:
  static constexpr int kPartBits = 16;

  bool next_part(std::uint64_t ticket, std::int64_t& part) {
    std::uint64_t left = left_.load(std::memory_order_acquire);
    for (;;) {
      const auto parts = static_cast<std::int64_t>(left & ((1U << kPartBits) - 1));
      if (left >> kPartBits != ticket || parts == 0) return false;
      if (left_.compare_exchange_weak(left, left - 1, std::memory_order_acq_rel)) {
        part = loop_.parts - parts;
        return true;
      }
    }
  }

  void run(std::int64_t part) noexcept {
#ifdef BRASA_NO_EXCEPTIONS
    loop_.run_part(part);
#else
    try {
      if (!failed_.load(std::memory_order_relaxed)) loop_.run_part(part);
    } catch (...) {
      if (!failed_.exchange(true)) error_ = std::current_exception();
    }
#endif
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
  }

  std::atomic<bool> taken_{false};
  std::uint64_t ticket_ = 0;  // of the loop, written by who has taken the place
  ParallelLoop loop_{};
  const CallFrame* call_ = nullptr;
  std::fenv_t environment_{};
  std::atomic<std::uint64_t> left_{0};  // the ticket, and how many parts nobody has begun
  std::atomic<int> unfinished_{0};
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;
};

/// The workers of Eigen's pool. One that the system refuses to start is missing, and noted.
struct WorkerEnvironment {
  struct Task {
    std::function<void()> f;
  };
  class EnvThread {
   public:
    explicit EnvThread(std::function<void()> f) : thread_(std::move(f)) {}
    EnvThread() = default;
    ~EnvThread() {
      if (thread_.joinable()) thread_.join();
    }
    void OnCancel() {}

   private:
    std::thread thread_;
  };

  EnvThread* CreateThread(std::function<void()> f) {
#ifdef BRASA_NO_EXCEPTIONS
    return new EnvThread(std::move(f));
#else
    try {
      return new EnvThread(std::move(f));
    } catch (const std::system_error&) {
      ++*missing;
      return new EnvThread;
    }
#endif
  }
  static Task CreateTask(std::function<void()> f) { return {std::move(f)}; }
  static void ExecuteTask(const Task& task) { task.f(); }

  int* missing;
};

/// Threads that help those who call operations.
class ThreadTeam {
 public:
  explicit ThreadTeam(int workers) : pool_(workers, WorkerEnvironment{&missing_}) {
    if (missing_ == 0) return;
    pool_.Cancel();
    raise<Error>("set_num_threads", "the system refused to start ", missing_, " of ", workers,
                 " threads");
  }

  /// False if more loops are under way than there are places for: then the workers are busy anyway.
  bool run(const ParallelLoop& loop) {
    for (ParallelJob& job : jobs_) {
      if (!job.take()) continue;
      const std::uint64_t ticket = job.open(loop);
      const auto helpers = std::min<std::int64_t>(loop.parts - 1, pool_.NumThreads());
      // Two words: more would not fit into a std::function without memory of its own.
      for (std::int64_t i = 0; i < helpers; ++i) {
        pool_.Schedule([&job, ticket] { job.help(ticket); });
      }
      job.finish(ticket);
      return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kJobs = 16;

  int missing_ = 0;
  std::array<ParallelJob, kJobs> jobs_;
  Eigen::ThreadPoolTempl<WorkerEnvironment> pool_;  // ends before the jobs do
};

/// The team that there is. Never destroyed: threads may still call operations while the program
/// ends.
struct CurrentTeam {
  std::mutex mutex;
  std::shared_ptr<ThreadTeam> team;
  std::vector<std::shared_ptr<ThreadTeam>> forgotten;  // their threads are in a parent process

  static CurrentTeam& get() {
    static CurrentTeam* const current = new CurrentTeam;
    return *current;
  }
};

inline void run_on_team(const ParallelLoop& loop) {
  CurrentTeam& current = CurrentTeam::get();
  std::shared_ptr<ThreadTeam> team;
  {
    const std::lock_guard lock(current.mutex);
    team = current.team;
  }
  if (team == nullptr || !team->run(loop)) loop.run_all();
}

/// Lets the workers go. Those that are needed stay until the loops under way are done.
inline void exchange_team(std::shared_ptr<ThreadTeam> team, int threads) {
  CurrentTeam& current = CurrentTeam::get();
  const std::lock_guard lock(current.mutex);
  current.team.swap(team);
  number_of_threads.store(threads, std::memory_order_relaxed);
}

/// What happens to a team without being asked for: at the end of the program its threads are
/// joined; in the child of a fork, which has none of them, it is forgotten.
class TeamKeeper {
 public:
  TeamKeeper() {
#if __has_include(<pthread.h>) && !defined(_WIN32)  // nothing forks there
    ::pthread_atfork([] { CurrentTeam::get().mutex.lock(); },
                     [] { CurrentTeam::get().mutex.unlock(); },
                     [] {
                       CurrentTeam& current = CurrentTeam::get();
                       current.forgotten.push_back(std::move(current.team));
                       number_of_threads.store(1, std::memory_order_relaxed);
                       current.mutex.unlock();
                     });
#endif
  }
  TeamKeeper(const TeamKeeper&) = delete;
  TeamKeeper& operator=(const TeamKeeper&) = delete;
  ~TeamKeeper() { exchange_team(nullptr, 1); }
};

}  // namespace detail

/// Lets each operation use up to `threads` threads, the one that calls it included, for as long as
/// the program runs or until the next call. Returns when they have been started.
///
///     #include <brasa/brasa.hpp>
///     #include <brasa/threads.hpp>
///
///     brasa::set_num_threads(static_cast<int>(std::thread::hardware_concurrency()));
///
/// Results do not depend on this number, not in a single bit. Only large operations are split,
/// where it pays: products from about a million multiplications on, functions of elements,
/// softmax, reductions and the steps of optimizers from about fifty thousand elements on. Loops
/// inside of loops are not. Threads that call operations at once share the helpers. May be called
/// at any time, while other threads call operations, too.
///
/// Errors: ValueError for numbers below 1 or above 1024, Error if the system has no more threads;
/// then all is as before.
///
/// Different from PyTorch: there, as many threads as the machine has cores are used from the start;
/// here one, until this is called, for brasa often runs inside of programs, and on threads, that
/// have their own idea of what to do at once. In the child of a fork it is one again.
///
/// Source: https://docs.pytorch.org/docs/2.13/generated/torch.set_num_threads.html
inline void set_num_threads(int threads) {
  constexpr int kMost = 1024;
  if (threads < 1 || threads > kMost) {
    detail::raise<ValueError>("set_num_threads", "expected a number of threads from 1 to ", kMost,
                              ", got ", threads);
  }
  if (threads == get_num_threads()) return;
  std::shared_ptr<detail::ThreadTeam> team;
  if (threads > 1) {
    detail::CurrentTeam::get();
    static const detail::TeamKeeper keeper;
    team = std::make_shared<detail::ThreadTeam>(threads - 1);
    detail::run_on_threads.store(detail::run_on_team, std::memory_order_release);
  }
  detail::exchange_team(std::move(team), threads);
}

}  // namespace brasa
