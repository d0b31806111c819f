// Every row of benchmarks/README.md, for every peer that was found. A row's name is what is done,
// then the peer: "TinyModel batch 1/brasa". Before anything is timed, what the peers give is
// compared.

#include <benchmark/benchmark.h>
#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "machine.hpp"
#include "peer.hpp"

extern "C" {
const bench::Peer* brasa_peer();
const bench::Peer* brasa_native_peer();
const bench::Peer* eigen_peer();
const bench::Peer* eigen_native_peer();
const bench::Peer* eigen_native_columns_peer();
#ifdef BENCH_WITH_TORCH
const bench::Peer* torch_peer();
#endif
}

namespace {

using bench::Peer;
using bench::WorkPointer;

const std::vector<const Peer*>& peers() {
  static const std::vector<const Peer*> all{
      brasa_peer(),        brasa_native_peer(),         eigen_peer(),
      eigen_native_peer(), eigen_native_columns_peer(),
#ifdef BENCH_WITH_TORCH
      torch_peer(),
#endif
  };
  return all;
}

/// How many of the machine's cores this process may run on.
int cores() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

template <class T>
std::vector<T> numbers(std::size_t count, double low, double high) {
  static std::mt19937 random(1);
  std::uniform_real_distribution<double> distribution(low, high);
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(distribution(random));
  return values;
}

bench::Network network(const std::vector<std::int64_t>& sizes, bool softmax) {
  bench::Network made{{}, softmax};
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    const double bound = 1 / std::sqrt(static_cast<double>(sizes[i]));
    made.layers.push_back(
        {sizes[i], sizes[i + 1],
         numbers<float>(static_cast<std::size_t>(sizes[i] * sizes[i + 1]), -bound, bound),
         numbers<float>(static_cast<std::size_t>(sizes[i + 1]), -bound, bound)});
  }
  return made;
}

bench::Batch batch_for(const bench::Network& model, std::int64_t rows) {
  bench::Batch batch{
      rows, numbers<float>(static_cast<std::size_t>(rows * model.layers.front().in), 0, 1), {}};
  for (std::int64_t i = 0; i < rows; ++i) batch.labels.push_back(i % model.layers.back().out);
  return batch;
}

/// A task, and how a peer is asked to do it; null where it cannot.
struct Row {
  std::string name;
  double tolerance;  // of the outputs, relative to the largest
  int runs_before;   // whose last output is compared
  double flops;      // of one run, or 0
  double bytes;      // read and written by one run, or 0
  std::function<WorkPointer(const Peer&)> make;
};

void compare(const Row& row, const Peer& peer, const std::vector<double>& output,
             const std::vector<double>& expected) {
  double largest = 0;
  double worst = output.size() == expected.size() ? 0 : HUGE_VAL;
  for (std::size_t i = 0; i < std::min(output.size(), expected.size()); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    worst = std::max(worst, std::abs(output[i] - expected[i]));
  }
  if (worst <= row.tolerance * largest) return;
  std::fprintf(stderr, "%s: %s differs from %s by %g of the largest output, more than %g\n",
               row.name.c_str(), peer.name, peers().front()->name, worst / largest, row.tolerance);
  std::exit(1);
}

void add(const Row& row) {
  std::vector<double> expected;
  for (const Peer* peer : peers()) {
    const std::shared_ptr<bench::Work> work = row.make(*peer);
    if (work == nullptr) continue;
    for (int i = 0; i < row.runs_before; ++i) work->run();
    if (peer == peers().front()) expected = work->output();
    compare(row, *peer, work->output(), expected);
    benchmark::RegisterBenchmark(
        (row.name + "/" + peer->name).c_str(),
        [work, flops = row.flops, bytes = row.bytes](benchmark::State& state) {
          for (auto _ : state) work->run();
          using Counter = benchmark::Counter;
          const auto rate = Counter::kIsIterationInvariantRate;
          if (flops > 0) state.counters["FLOP/s"] = Counter(flops, rate);
          if (bytes > 0) state.counters["B/s"] = Counter(bytes, rate);
        });
  }
}

/// The same work by one thread and by two, in wall-clock time. For those who can, and where there
/// are two cores to run on.
void add_threads(const std::string& name, const std::function<WorkPointer(const Peer&)>& make) {
  if (cores() < 2) return;
  for (const Peer* peer : peers()) {
    if (peer->set_threads == nullptr) continue;
    const std::shared_ptr<bench::Work> work = make(*peer);
    for (const int threads : {1, 2}) {
      const std::string count = threads == 1 ? ", 1 thread/" : ", 2 threads/";
      benchmark::RegisterBenchmark((name + count + peer->name).c_str(),
                                   [=](benchmark::State& state) {
                                     peer->set_threads(threads);
                                     for (auto _ : state) work->run();
                                     peer->set_threads(1);
                                   })
          ->UseRealTime();
    }
  }
}

double flops_of(const bench::Network& model, std::int64_t rows) {
  double flops = 0;
  for (const bench::Layer& layer : model.layers) {
    flops += 2.0 * static_cast<double>(layer.in * layer.out * rows);
  }
  return flops;
}

void add_networks() {
  static const bench::Network tiny = network({100, 200, 10}, true);
  for (const std::int64_t rows : {1, 64, 1024}) {
    static std::vector<bench::Batch> batches;
    batches.reserve(3);
    const bench::Batch& batch = batches.emplace_back(batch_for(tiny, rows));
    const std::string name = "TinyModel batch " + std::to_string(rows);
    const auto forward = [&](const Peer& peer) { return peer.forward(tiny, batch); };
    add({name, 1e-5, 1, flops_of(tiny, rows), 0, forward});
    if (rows == 1024) add_threads(name, forward);
  }
  static const bench::Network mlp = network({784, 512, 512, 10}, false);
  static const bench::Batch batch = batch_for(mlp, 64);
  add({"MLP batch 64 forward", 1e-5, 1, flops_of(mlp, 64), 0,
       [](const Peer& peer) { return peer.forward(mlp, batch); }});
  // A step multiplies twice more than a forward, but for the gradient of the inputs.
  const double step = 3 * flops_of(mlp, 64) - 2.0 * 784 * 512 * 64;
  add({"MLP batch 64 SGD step", 1e-4, 5, step, 0,
       [](const Peer& peer) { return peer.training(mlp, batch, bench::Rule::sgd); }});
  add({"MLP batch 64 Adam step", 1e-4, 5, step, 0,
       [](const Peer& peer) { return peer.training(mlp, batch, bench::Rule::adam); }});
}

void add_products() {
  for (const std::int64_t size : {512, 1024}) {
    const auto count = static_cast<std::size_t>(size * size);
    const double flops = 2.0 * static_cast<double>(size * size * size);
    const auto a = numbers<double>(count, -1, 1);
    const auto b = numbers<double>(count, -1, 1);
    const std::vector<float> float_a(a.begin(), a.end());
    const std::vector<float> float_b(b.begin(), b.end());
    const std::string name = "GEMM " + std::to_string(size);
    const auto in_float = [&](const Peer& peer) {
      return peer.gemm_float(size, float_a.data(), float_b.data());
    };
    add({name + " float", 1e-5, 1, flops, 0, in_float});
    if (size == 1024) add_threads(name + " float", in_float);
    add({name + " double", 1e-13, 1, flops, 0,
         [&](const Peer& peer) { return peer.gemm_double(size, a.data(), b.data()); }});
  }
}

void add_functions() {
  const std::pair<const char*, bench::Function> functions[] = {
      {"relu", bench::Function::relu},
      {"exp", bench::Function::exp},
      {"tanh", bench::Function::tanh},
      {"sigmoid", bench::Function::sigmoid}};
  for (const std::int64_t count : {1 << 12, 1 << 20}) {
    const auto x = numbers<float>(static_cast<std::size_t>(count), -5, 5);
    const double bytes = 8.0 * static_cast<double>(count);
    for (const auto& [name, function] : functions) {
      add({std::string(name) + " of " + std::to_string(count), 1e-5, 1, 0, bytes,
           [&, function = function](const Peer& peer) {
             return peer.map(function, count, x.data());
           }});
    }
  }
  for (const std::int64_t columns : {10, 1024}) {
    const std::int64_t rows = columns == 10 ? 4096 : 256;
    const auto x = numbers<float>(static_cast<std::size_t>(rows * columns), -5, 5);
    add({"softmax of " + std::to_string(rows) + " x " + std::to_string(columns), 1e-5, 1, 0,
         8.0 * static_cast<double>(rows * columns),
         [&](const Peer& peer) { return peer.softmax(rows, columns, x.data()); }});
  }
}

/// A file that Python wrote, with the weights of an MLP of 4096, 4096 and 4096: see
/// python_peers.py.
void add_load(const char* path) {
  static const bench::Network mlp = network({4096, 4096, 4096}, false);
  const auto size =
      static_cast<double>(std::ifstream(path, std::ios::ate | std::ios::binary).tellg());
  add({"load of 134 MB", 0, 1, 0, size,
       [=](const Peer& peer) { return peer.load != nullptr ? peer.load(mlp, path) : nullptr; }});
  benchmark::RegisterBenchmark("load of 134 MB/read alone", [=](benchmark::State& state) {
    std::vector<char> bytes(static_cast<std::size_t>(size));
    for (auto _ : state) {
      std::ifstream(path, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(size));
      benchmark::ClobberMemory();
    }
    state.counters["B/s"] = benchmark::Counter(size, benchmark::Counter::kIsIterationInvariantRate);
  });
}

template <class T>
void add_peak(const char* name) {
  benchmark::RegisterBenchmark(name, [](benchmark::State& state) {
    constexpr std::int64_t kRounds = 100'000;
    double flops = 0;
    for (auto _ : state) flops = bench::multiply_and_add(kRounds, T());
    state.counters["FLOP/s"] =
        benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
  });
}

void add_machine() {
  add_peak<float>("peak float/machine");
  add_peak<double>("peak double/machine");
  for (const std::size_t count : {std::size_t{1} << 12, std::size_t{1} << 20}) {
    benchmark::RegisterBenchmark(("memcpy of " + std::to_string(count) + "/machine").c_str(),
                                 [count](benchmark::State& state) {
                                   const std::vector<float> from(count, 1.0f);
                                   std::vector<float> to(count);
                                   for (auto _ : state) {
                                     std::memcpy(to.data(), from.data(), count * sizeof(float));
                                     benchmark::ClobberMemory();
                                   }
                                   state.counters["B/s"] = benchmark::Counter(
                                       8.0 * static_cast<double>(count),
                                       benchmark::Counter::kIsIterationInvariantRate);
                                 });
  }
}

}  // namespace

/// brasa_bench [Google Benchmark's options] [FILE for the row of loading]
int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  add_machine();
  add_networks();
  add_products();
  add_functions();
  if (argc > 1) add_load(argv[1]);
  benchmark::RunSpecifiedBenchmarks();
}
