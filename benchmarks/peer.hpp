#pragma once

#include <cstdint>
#include <memory>
#include <vector>

/// What each library is asked to do. Every peer is a shared library of its own, compiled with its
/// own flags: an inline function of Eigen or of brasa compiled twice, with and without
/// -march=native, would otherwise be one function to the linker.
namespace bench {

/// Something that a peer does again and again, on the same input.
class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;

  virtual void run() = 0;
  /// What the last run gave: compared between peers before anything is timed.
  virtual std::vector<double> output() const = 0;
};

using WorkPointer = std::unique_ptr<Work>;

/// y = x·Wᵀ + b. The weight is (out, in), row after row, as in PyTorch.
struct Layer {
  std::int64_t in, out;
  std::vector<float> weight, bias;
};

/// Linear layers with ReLU between them; Softmax at the end, where it is asked for.
struct Network {
  std::vector<Layer> layers;
  bool softmax = false;
};

struct Batch {
  std::int64_t rows;
  std::vector<float> inputs;         // (rows, in of the first layer)
  std::vector<std::int64_t> labels;  // (rows), for training
};

enum class Rule { sgd, adam };
enum class Function { relu, exp, tanh, sigmoid };

/// A library. What it cannot do is null.
struct Peer {
  const char* name;
  /// The network's forward in inference.
  WorkPointer (*forward)(const Network&, const Batch&) = nullptr;
  /// One step of training with the cross entropy; the output is the loss before that step.
  WorkPointer (*training)(const Network&, const Batch&, Rule) = nullptr;
  /// A·B for square matrices of that size.
  WorkPointer (*gemm_float)(std::int64_t size, const float* a, const float* b) = nullptr;
  WorkPointer (*gemm_double)(std::int64_t size, const double* a, const double* b) = nullptr;
  WorkPointer (*map)(Function, std::int64_t count, const float* x) = nullptr;
  /// Softmax of each row.
  WorkPointer (*softmax)(std::int64_t rows, std::int64_t columns, const float* x) = nullptr;
  /// Reads the file's weights, as torch.save wrote them, into such a network; the outputs are the
  /// sums of its parameters.
  WorkPointer (*load)(const Network&, const char* path) = nullptr;
  /// How many threads it may use from now on; one at first.
  void (*set_threads)(int threads) = nullptr;
};

inline constexpr double kLearningRate = 1e-3;

/// A work of that class, for the table of a peer: make<Forward, const Network&, const Batch&>.
template <class Made, class... Args>
WorkPointer make(Args... args) {
  return std::make_unique<Made>(args...);
}

}  // namespace bench

/// What a peer's library exports: `extern "C" const bench::Peer* NAME_peer()`.
#define BENCH_EXPORT extern "C" __attribute__((visibility("default")))
