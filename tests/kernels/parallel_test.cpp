// Loops on several threads: nothing is lost, done twice or rounded otherwise. Part of the program
// that the tsan preset builds, too.
//
// What is expected is what one thread gives, to the bit; that one thread is right is for other
// tests.

#if defined(_WIN32)  // its macros, near, far and small among them, do brasa's headers no harm
#define NOMINMAX
#include <windows.h>
#endif

#include "brasa/kernels/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "brasa/brasa.hpp"
#include "brasa/threads.hpp"
#include "support/catch.hpp"
#include "support/cpu_levels.hpp"
#include "support/sanitizers.hpp"
#include "support/threads.hpp"

#if defined(__unix__) && !defined(BRASA_THREAD_SANITIZER)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#define BRASA_CAN_FORK 1
#endif

using brasa::Tensor;
using brasa::kernels::parallel_for;
using brasa_test::AtLevel;
using brasa_test::WithThreads;
namespace nn = brasa::nn;
namespace optim = brasa::optim;

namespace {

/// All bytes of some results.
class Bytes {
 public:
  template <class T>
  void add(const Tensor<T>& tensor) {
    const auto* data = reinterpret_cast<const char*>(tensor.data());
    bytes_.append(data, static_cast<std::size_t>(tensor.numel()) * sizeof(T));
  }
  bool operator==(const Bytes&) const = default;
  bool empty() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

/// Checks that `compute` gives the same bytes with any number of threads, at all levels. Builds
/// that are slow prove less: one level, and without optimisation one number of threads.
void check_same(const std::function<Bytes()>& compute) {
  auto levels = brasa_test::cpu_levels();
  std::vector<int> numbers_of_threads{2, 3, 7};
#if defined(BRASA_THREAD_SANITIZER)  // to which all levels are the same
  levels.resize(1);
#elif defined(BRASA_ADDRESS_SANITIZER)  // other tests read at all levels
  levels = {levels.back()};
#elif !defined(__OPTIMIZE__)
  levels = {levels.back()};
  numbers_of_threads = {3};
#endif
  for (const brasa::CpuLevel level : levels) {
    const AtLevel at_level(level);
    const Bytes expected = compute();
    REQUIRE_FALSE(expected.empty());
    for (const int threads : numbers_of_threads) {
      INFO(brasa::cpu_level_name(level) << ", " << threads << " threads");
      const WithThreads with(threads);
      CHECK(compute() == expected);
    }
  }
}

/// Numbers from −2 to 2 without a pattern.
template <class T>
Tensor<T> numbers(const brasa::Shape& shape, std::uint64_t seed) {
  auto tensor = Tensor<T>::empty(shape);
  T* data = tensor.data();
  std::uint64_t state = seed;
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    data[i] = static_cast<T>(static_cast<std::int32_t>(state >> 32)) * T(0x1p-30);
  }
  return tensor;
}

/// Products of all four kinds, large enough to be split.
template <class T>
std::function<Bytes()> products(std::int64_t m, std::int64_t n) {
  const std::int64_t k = (1 << 20) / (m * n) + 1;
  const auto a = numbers<T>({m * k}, 1);  // row after row, or column after column
  const auto b = numbers<T>({k * n}, 2);
  const auto bias = numbers<T>({n}, 3);
  return [=] {
    Bytes bytes;
    auto c = brasa::zeros<T>({m, n});
    for (const bool transpose_a : {false, true}) {
      for (const bool transpose_b : {false, true}) {
        if (transpose_a) {
          brasa::kernels::gemm_bias<T>(transpose_a, transpose_b, {m, n, k}, T(1.5), a.data(),
                                       b.data(), bias.data(), c.data(), true);
        } else {
          brasa::kernels::gemm<T>(transpose_a, transpose_b, {m, n, k}, T(1), a.data(), b.data(),
                                  T(1), c.data());
        }
        bytes.add(c);
      }
    }
    return bytes;
  };
}

Bytes functions_of(std::int64_t count) {
  const auto x = numbers<float>({count}, 1);
  const auto y = numbers<float>({count}, 2);
  Bytes bytes;
  for (const auto& result :
       {brasa::exp(x), brasa::tanh(x), brasa::sigmoid(x), brasa::relu(x), brasa::log(x),
        brasa::sin(x), x + y, x * y, x / 3.0f, brasa::clamp(x, -1.0, 1.0)}) {
    bytes.add(result);
  }
  bytes.add(x < y);
  return bytes;
}

Bytes rows_of(std::int64_t rows, std::int64_t columns) {
  const auto x = numbers<float>({rows, columns}, 1);
  Bytes bytes;
  bytes.add(brasa::softmax(x, 1));
  bytes.add(brasa::log_softmax(x, 1));
  for (const std::int64_t dim : {0, 1}) {
    bytes.add(brasa::sum(x, dim));
    bytes.add(brasa::mean(x, dim));
    bytes.add(brasa::amax(x, dim));
    bytes.add(brasa::argmax(x, dim));
    bytes.add(brasa::var(x, dim));
  }
  bytes.add(brasa::sum(x));
  return bytes;
}

template <class Optimizer, class Options>
void add_steps(Bytes& bytes, const Options& options) {
  auto parameter = numbers<float>({50'001}, 1);
  parameter.requires_grad_();
  Optimizer optimizer({parameter}, options);
  for (int i = 0; i < 3; ++i) {
    parameter.set_grad(numbers<float>({50'001}, 2));
    optimizer.step();
  }
  bytes.add(parameter.detach());
}

Bytes steps() {
  Bytes bytes;
  add_steps<optim::SGD>(bytes, optim::SGDOptions{.lr = 0.01});
  add_steps<optim::SGD>(bytes, optim::SGDOptions{.lr = 0.01, .momentum = 0.9});
  add_steps<optim::Adam>(bytes, optim::AdamOptions{.amsgrad = false});
  add_steps<optim::Adam>(bytes, optim::AdamOptions{.amsgrad = true});
  add_steps<optim::AdamW>(bytes, optim::AdamWOptions{});
  add_steps<optim::NAdam>(bytes, optim::NAdamOptions{});
  add_steps<optim::RAdam>(bytes, optim::RAdamOptions{});
  add_steps<optim::Adamax>(bytes, optim::AdamaxOptions{});
  add_steps<optim::Adagrad>(bytes, optim::AdagradOptions{});
  add_steps<optim::Adadelta>(bytes, optim::AdadeltaOptions{});
  add_steps<optim::RMSprop>(bytes, optim::RMSpropOptions{});
  add_steps<optim::RMSprop>(bytes, optim::RMSpropOptions{.momentum = 0.9, .centered = true});
  return bytes;
}

/// Three steps of training; gives the parameters, and the last gradients.
template <class Optimizer, class Options>
Bytes trained(const Options& options) {
  brasa::manual_seed(5);
  nn::Sequential<> model{nn::Linear(300, 257), nn::ReLU(), nn::Linear(257, 130), nn::RReLU(),
                         nn::Linear(130, 10)};
  const nn::CrossEntropyLoss<> criterion;
  Optimizer optimizer(model.parameters(), options);
  const auto x = numbers<float>({515, 300}, 1);
  const auto labels = brasa::randint(0, 10, {515});
  for (int i = 0; i < 3; ++i) {
    optimizer.zero_grad();
    criterion(model(x), labels).backward();
    optimizer.step();
  }
  Bytes bytes;
  for (const auto& parameter : model.parameters()) {
    bytes.add(parameter.detach());
    bytes.add(parameter.grad());
  }
  return bytes;
}

/// How many threads the system counts in this process; none if it cannot tell. Wine shows the
/// threads of its host, which counts otherwise; the thread sanitizer has one of its own.
std::int64_t counted_threads() {
#if defined(_WIN32) || defined(BRASA_THREAD_SANITIZER)
  return 0;
#else
  const std::filesystem::path tasks = "/proc/self/task";
  if (!std::filesystem::exists(tasks)) return 0;
  return std::distance(std::filesystem::directory_iterator(tasks), {});
#endif
}

/// Whether the system counts that many threads in this process, now or soon; true if it cannot
/// tell.
bool has_threads(std::int64_t expected) {
#ifdef BRASA_TESTS_EMULATED  // an emulator may have threads of its own
  static const std::int64_t others = counted_threads() - expected;
#else
  constexpr std::int64_t others = 0;
#endif
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t counted = counted_threads();
    if (counted == 0 || counted == others + expected) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace

TEST_CASE("set_num_threads counts the caller and refuses what it cannot give",
          "[kernels][parallel]") {
  CHECK(brasa::get_num_threads() == 1);
  CHECK(has_threads(1));
  {
    const WithThreads with(3);
    CHECK(brasa::get_num_threads() == 3);
    CHECK(has_threads(3));
    for (const int wrong : {0, -1, 1025, 2'147'483'647}) {
      CHECK_THROWS_AS(brasa::set_num_threads(wrong), brasa::ValueError);
    }
    CHECK_THROWS_WITH(brasa::set_num_threads(0),
                      "set_num_threads: expected a number of threads from 1 to 1024, got 0");
    CHECK(brasa::get_num_threads() == 3);
  }
  CHECK(brasa::get_num_threads() == 1);
  CHECK(has_threads(1));
}

TEST_CASE("A loop does each step once, whatever its length", "[kernels][parallel]") {
  for (const int threads : {1, 2, 3, 7}) {
    const WithThreads with(threads);
    for (const std::int64_t grain : {1, 3, 64}) {
      for (const std::int64_t count : {0, 1, 2, 63, 64, 95, 96, 97, 1000, 70'000}) {
        INFO(threads << " threads, " << count << " steps, grain " << grain);
        std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
        std::atomic<bool> at_grains{true};
        parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
          if (begin % grain != 0 || (end % grain != 0 && end != count)) at_grains = false;
          for (std::int64_t i = begin; i < end; ++i) ++done[static_cast<std::size_t>(i)];
        });
        CHECK(std::all_of(done.begin(), done.end(), [](const auto& n) { return n == 1; }));
        CHECK(at_grains);
      }
    }
  }
}

TEST_CASE("Several threads take part", "[kernels][parallel]") {
  const WithThreads with(2);
  // Each part waits for the other: one thread alone would never end.
  std::atomic<int> begun{0};
  std::atomic<std::thread::id> ids[2];
  parallel_for(2, 1, [&](std::int64_t begin, std::int64_t) {
    ids[begin] = std::this_thread::get_id();
    ++begun;
    while (begun < 2) std::this_thread::yield();
  });
  CHECK(ids[0].load() != ids[1].load());
}

TEST_CASE("A loop inside of a part is not split again", "[kernels][parallel]") {
  const WithThreads with(3);
  std::atomic<std::int64_t> sum{0};
  std::atomic<int> inner_parts{0};
  parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      parallel_for(1000, 1, [&](std::int64_t from, std::int64_t to) {
        ++inner_parts;
        sum += to - from;
      });
    }
  });
  CHECK(sum == 100'000);
  CHECK(inner_parts == 100);
}

TEST_CASE("What a part raises reaches the caller", "[kernels][parallel]") {
  const WithThreads with(3);
  for (int round = 0; round < 50; ++round) {
    const std::int64_t bad = round * 2;
    const auto loop = [&] {
      parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) {
        if (begin <= bad && bad < end) throw brasa::IndexError("part " + std::to_string(bad));
      });
    };
    CHECK_THROWS_AS(loop(), brasa::IndexError);
    CHECK_THROWS_WITH(loop(), "part " + std::to_string(bad));
  }
  // When all parts fail there is one error, and the threads are as good as before.
  CHECK_THROWS_AS(
      parallel_for(100, 1, [](std::int64_t, std::int64_t) { throw std::runtime_error("all"); }),
      std::runtime_error);
  std::atomic<std::int64_t> sum{0};
  parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
  CHECK(sum == 100);
}

TEST_CASE("Parts round as their caller does", "[kernels][parallel]") {
  const WithThreads with(3);
  const int before = std::fegetround();
  std::atomic<int> wrong{0};
  for (const int mode : {FE_UPWARD, FE_TONEAREST}) {
    std::fesetround(mode);
    parallel_for(100, 1, [&](std::int64_t, std::int64_t) {
      if (std::fegetround() != mode) ++wrong;
    });
  }
  std::fesetround(before);
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("Products do not depend on the number of threads", "[kernels][parallel]", float,
                   double) {
  // One and two rows have ways of their own, and so have what is left over of tiles.
  for (const std::int64_t m : {1, 2, 13, 25, 26, 38, 62, 97, 1030}) {
    for (const std::int64_t n : {1, 2, 64, 65, 130, 400}) {
      INFO(m << " x " << n);
      check_same(products<TestType>(m, n));
    }
  }
}

TEMPLATE_TEST_CASE("Products of layers do not depend on the number of threads",
                   "[kernels][parallel]", float, double) {
  for (const std::int64_t m : {1, 2, 3, 64, 97}) {
    for (const std::int64_t n : {2049, 2090, 4000}) {
      INFO(m << " x " << n);
      const std::int64_t k = (1 << 20) / (m * n) + 4;  // fewer would not be packed
      const auto x = numbers<TestType>({m, k}, 1);
      const auto weights = numbers<TestType>({n, k}, 2);
      const auto bias = numbers<TestType>({n}, 3);
      check_same([&] {
        const auto weight = weights.clone();  // packed anew, by panels of the level
        Bytes bytes;
        bytes.add(brasa::linear(x, weight, bias));
        bytes.add(brasa::linear(x, weights, bias));  // never packed, for its memory was given out
        const bool is_packed = brasa::detail::PackedWeight<TestType>::panels_of(weight) != nullptr;
        CHECK(is_packed == BRASA_VECTOR_KERNELS);
        return bytes;
      });
    }
  }
}

TEST_CASE("Functions of elements do not depend on the number of threads", "[kernels][parallel]") {
  for (const std::int64_t count : {32'768, 49'151, 49'152, 65'537, 300'001}) {
    check_same([&] { return functions_of(count); });
  }
}

TEST_CASE("Softmax and reductions do not depend on the number of threads", "[kernels][parallel]") {
  const std::pair<std::int64_t, std::int64_t> sizes[] = {{5003, 10},  {4099, 31},  {2051, 32},
                                                         {2051, 33},  {3, 40'000}, {700, 129},
                                                         {1, 99'999}, {99'999, 1}, {40, 9000}};
  for (const auto& [rows, columns] : sizes) {
    INFO(rows << " x " << columns);
    check_same([&, rows = rows, columns = columns] { return rows_of(rows, columns); });
  }
}

TEST_CASE("Steps of optimizers do not depend on the number of threads", "[kernels][parallel]") {
  check_same(steps);
}

TEST_CASE("Training does not depend on the number of threads", "[kernels][parallel]") {
  check_same([] { return trained<optim::Adam>(optim::AdamOptions{.lr = 0.01}); });
  check_same([] { return trained<optim::SGD>(optim::SGDOptions{.lr = 0.01, .momentum = 0.9}); });
}

TEST_CASE("Threads of the user's own call operations while the number changes",
          "[kernels][parallel]") {
  constexpr std::size_t kUsers = 4;
  const auto compute = [](std::size_t user) {
    const brasa::InferenceGuard inference;
    const auto x = numbers<float>({200, 100}, user);
    const auto w = numbers<float>({100, 150}, user + kUsers);
    Bytes bytes;
    bytes.add(brasa::softmax(brasa::matmul(x, w), 1));
    bytes.add(brasa::tanh(numbers<float>({60'000}, user)));
    return bytes;
  };
  std::vector<Bytes> expected;
  for (std::size_t user = 0; user < kUsers; ++user) expected.push_back(compute(user));
  std::atomic<int> wrong{0};
  std::atomic<std::size_t> working{kUsers};
  std::vector<std::thread> users;
  for (std::size_t user = 0; user < kUsers; ++user) {
    users.emplace_back([&, user] {
      for (int i = 0; i < 30; ++i) wrong += compute(user) == expected[user] ? 0 : 1;
      --working;
    });
  }
  for (int threads = 1; working > 0; threads = threads % 4 + 1) {
    brasa::set_num_threads(threads);
    std::this_thread::yield();
  }
  for (std::thread& user : users) user.join();
  brasa::set_num_threads(1);
  CHECK(wrong == 0);
}

#ifdef BRASA_CAN_FORK
namespace {

/// Whether a forked process ends well in which `run` is called and returns true.
bool succeeds_in_child(const std::function<bool()>& run) {
  const pid_t child = ::fork();
  if (child == 0) std::exit(run() ? 0 : 1);
  int status = -1;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("A forked process begins with one thread, may have more, and ends",
          "[kernels][parallel]") {
  const WithThreads with(3);
  const Bytes expected = functions_of(100'000);
  const auto same_in_child = [&] {
    const bool good = brasa::get_num_threads() == 1 && functions_of(100'000) == expected;
#ifndef BRASA_TESTS_EMULATED    // QEMU 7.2 fails where a forked process starts a thread
    brasa::set_num_threads(2);  // which live when the process ends
#endif
    return good && functions_of(100'000) == expected;
  };
  CHECK(succeeds_in_child(same_in_child));
  CHECK(functions_of(100'000) == expected);
}

// The sanitizer has reserved all addresses that there are; emulators do not limit them.
#if !defined(BRASA_ADDRESS_SANITIZER) && !defined(BRASA_TESTS_EMULATED)
TEST_CASE("Without the threads that were asked for all is as before", "[kernels][parallel]") {
  CHECK(succeeds_in_child([] {
    const Bytes expected = functions_of(100'000);
    const rlimit limit{std::size_t{1} << 30, std::size_t{1} << 30};  // of memory: some stacks fit
    ::setrlimit(RLIMIT_AS, &limit);
    try {
      brasa::set_num_threads(1000);
      return false;
    } catch (const brasa::Error& error) {
      return std::string(error.what()).find("refused to start") != std::string::npos &&
             brasa::get_num_threads() == 1 && functions_of(100'000) == expected;
    }
  }));
}
#endif
#endif
