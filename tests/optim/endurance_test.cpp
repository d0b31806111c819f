// Ten thousand steps take no more memory than a hundred, and two threads do not meet.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "brasa/brasa.hpp"
#include "brasa/nn/modules/loss.hpp"
#include "support/catch.hpp"
#include "support/optimizers.hpp"
#include "support/sanitizers.hpp"

using namespace brasa;

#ifndef BRASA_ADDRESS_SANITIZER
namespace {

std::atomic<std::int64_t> allocations{0};

[[gnu::noinline]] void* allocate(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, std::max(whole, alignment));
}

[[gnu::noinline]] void release(void* block) { std::free(block); }

}  // namespace

// All that this program allocates is counted.
void* operator new(std::size_t bytes) {
  if (void* block = allocate(bytes, alignof(std::max_align_t))) return block;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }
#endif

namespace {

struct Regression : nn::Module<float> {
  nn::Linear<> hidden{4, 8};
  nn::Tanh<> act;
  nn::Linear<> out{8, 1};

  Tensor<float> forward(const Tensor<float>& x) const { return out(act(hidden(x))); }
  BRASA_MODULE(Regression, hidden, act, out)
};

/// A model on its way, the sum of its inputs to learn.
class Training {
 public:
  explicit Training(const std::string& optimizer, std::uint64_t seed)
      : generator_(seed), x_(rand<float>({16, 4}, &generator_)), y_(x_.sum(1, true)) {
    std::vector<AnyTensor> params;
    for (auto parameter : model_.parameters()) {
      NoGradGuard not_recording;
      parameter.uniform_(-0.5f, 0.5f, &generator_);
      params.push_back(parameter);
    }
    const bool is_lbfgs = optimizer == "LBFGS";
    const auto kwargs = is_lbfgs ? golden::Json{{"line_search_fn", "strong_wolfe"}, {"max_iter", 2}}
                                 : golden::Json{{"lr", 0.001}};
    optimizer_ = optimizers::make(optimizer, kwargs, {{params}}).optimizer;
  }

  float step() {
    return optimizer_
        ->step([this] {
          optimizer_->zero_grad();
          const Tensor<float> loss = criterion_(model_(x_), y_);
          loss.backward();
          return loss;
        })
        .item();
  }

 private:
  Generator generator_;
  Regression model_;
  nn::MSELoss<> criterion_;
  Tensor<float> x_, y_;
  std::unique_ptr<optim::Optimizer> optimizer_;
};

const char* const kOptimizers[] = {"SGD",      "Adam",   "AdamW", "RMSprop", "Adagrad",
                                   "Adadelta", "Adamax", "NAdam", "RAdam",   "LBFGS"};

}  // namespace

#ifdef BRASA_ADDRESS_SANITIZER

TEST_CASE("A thousand training steps leak nothing", "[optim][memory]") {
  for (const std::string optimizer : {"SGD", "Adam", "LBFGS"}) {
    INFO(optimizer);
    Training training(optimizer, 1);
    const float first = training.step();
    float last = first;
    for (int i = 0; i < 1000; ++i) last = training.step();
    CHECK(last < first);  // the leaks are counted when the program ends
  }
}

#else

namespace {

/// Resident memory in KiB; 0 where there is no /proc.
long resident() {
  long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return 4 * pages;
}

}  // namespace

TEST_CASE("Ten thousand training steps leave the resident memory as it is", "[optim][memory]") {
  for (const std::string optimizer : {"SGD", "Adam", "LBFGS"}) {
    INFO(optimizer);
    Training training(optimizer, 1);
    const float first = training.step();
    for (int i = 0; i < 500; ++i) training.step();
    const long before = resident();
    float last = first;
    for (int i = 0; i < 10000; ++i) last = training.step();
    CHECK(resident() <= before + 256);  // a leak of 26 bytes a step would show
    CHECK(last < first);
  }
}

TEST_CASE("A step of a rule makes no temporaries: it allocates nothing", "[optim][memory]") {
  auto w = rand<float>({100});
  auto b = rand<double>({3});
  w.requires_grad_();
  b.requires_grad_();
  for (const std::string optimizer : kOptimizers) {
    if (optimizer == "LBFGS") continue;
    INFO(optimizer);
    auto kwargs = golden::Json{{"lr", 0.001}, {"weight_decay", 0.1}};
    if (optimizer == "SGD" || optimizer == "RMSprop") kwargs["momentum"] = 0.9;
    if (optimizer == "RMSprop") kwargs["centered"] = true;
    if (optimizer == "Adam") kwargs["amsgrad"] = true;
    const auto made = optimizers::make(optimizer, kwargs, {{{w}}, {{b}}});
    w.set_grad(rand<float>({100}));
    b.set_grad(rand<double>({3}));
    empty_cache();
    made.optimizer->step();  // makes the state
    empty_cache();           // so that a temporary from the pool would be counted, too
    const std::int64_t before = allocations;
    for (int i = 0; i < 10; ++i) made.optimizer->step();
    CHECK(allocations == before);
  }
}

#endif

TEST_CASE("Two threads train each its own model, and as one alone would", "[optim][thread]") {
  for (const char* optimizer : kOptimizers) {
    INFO(optimizer);
    const auto train = [optimizer](std::uint64_t seed) {
      Training training(optimizer, seed);
      std::vector<float> losses;
      for (int i = 0; i < 50; ++i) losses.push_back(training.step());
      return losses;
    };
    std::vector<float> losses[2];
    std::thread first([&] { losses[0] = train(1); });
    std::thread second([&] { losses[1] = train(2); });
    first.join();
    second.join();
    CHECK(losses[0] == train(1));
    CHECK(losses[1] == train(2));
    CHECK(losses[0].back() < losses[0].front());
  }
}
