// Ten thousand steps, or a million, take no more memory than a hundred.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "brasa/brasa.hpp"
#include "optim/regression.hpp"
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

/// `torch.optim.<name>` with options that get the model of regression.hpp on.
regression::MakeOptimizer maker(const std::string& name) {
  return [name](const std::vector<Tensor<float>>& params) {
    const bool is_lbfgs = name == "LBFGS";
    const auto kwargs = is_lbfgs ? golden::Json{{"line_search_fn", "strong_wolfe"}, {"max_iter", 2}}
                                 : golden::Json{{"lr", 0.001}};
    return optimizers::make(name, kwargs, {{{params.begin(), params.end()}}}).optimizer;
  };
}

}  // namespace

#ifdef BRASA_ADDRESS_SANITIZER

TEST_CASE("A thousand training steps leak nothing", "[optim][memory]") {
  for (const std::string optimizer : {"SGD", "Adam", "LBFGS"}) {
    INFO(optimizer);
    regression::Training training(maker(optimizer), 1);
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

void check_memory_stays(const std::string& optimizer, int steps) {
  INFO(optimizer);
  regression::Training training(maker(optimizer), 1);
  const float first = training.step();
  for (int i = 0; i < 500; ++i) training.step();
  const long before = resident();
  float last = first;
  for (int i = 0; i < steps; ++i) last = training.step();
  CHECK(resident() <= before + 256);  // of ten thousand, a leak of 26 bytes a step would show
  CHECK(last < first);
}

}  // namespace

TEST_CASE("Ten thousand training steps leave the resident memory as it is", "[optim][memory]") {
  for (const char* optimizer : {"SGD", "Adam", "LBFGS"}) check_memory_stays(optimizer, 10000);
}

#ifdef __OPTIMIZE__  // takes half a minute there, and ten without
TEST_CASE("A million training steps leave the resident memory as it is", "[optim][memory]") {
  for (const char* optimizer : {"SGD", "Adam"}) check_memory_stays(optimizer, 1000000);
}
#endif

TEST_CASE("A step of a rule makes no temporaries: it allocates nothing", "[optim][memory]") {
  auto w = rand<float>({100});
  auto b = rand<double>({3});
  w.requires_grad_();
  b.requires_grad_();
  for (const std::string optimizer :
       {"SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam"}) {
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
