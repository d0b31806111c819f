// Threads that train do not meet. A program of its own, which the tsan preset builds: it needs
// nothing but brasa and Catch2.

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "brasa/nn/modules/linear.hpp"
#include "brasa/optim/adadelta.hpp"
#include "brasa/optim/adagrad.hpp"
#include "brasa/optim/adam.hpp"
#include "brasa/optim/adamax.hpp"
#include "brasa/optim/adamw.hpp"
#include "brasa/optim/lbfgs.hpp"
#include "brasa/optim/nadam.hpp"
#include "brasa/optim/radam.hpp"
#include "brasa/optim/rmsprop.hpp"
#include "brasa/optim/sgd.hpp"
#include "optim/regression.hpp"
#include "support/catch.hpp"

using namespace brasa;

namespace {

template <class Optimizer, class Options>
regression::MakeOptimizer maker(Options options) {
  return [options = std::move(options)](const std::vector<Tensor<float>>& params) {
    return std::make_unique<Optimizer>(params, options);
  };
}

std::vector<std::pair<std::string, regression::MakeOptimizer>> optimizers() {
  using namespace optim;
  return {{"SGD", maker<SGD>(SGDOptions{.lr = 0.001, .momentum = 0.5})},
          {"Adam", maker<Adam>(AdamOptions{.lr = 0.001})},
          {"AdamW", maker<AdamW>(AdamWOptions{.lr = 0.001})},
          {"RMSprop", maker<RMSprop>(RMSpropOptions{.lr = 0.001})},
          {"Adagrad", maker<Adagrad>(AdagradOptions{.lr = 0.001})},
          {"Adadelta", maker<Adadelta>(AdadeltaOptions{.lr = 0.001})},
          {"Adamax", maker<Adamax>(AdamaxOptions{.lr = 0.001})},
          {"NAdam", maker<NAdam>(NAdamOptions{.lr = 0.001})},
          {"RAdam", maker<RAdam>(RAdamOptions{.lr = 0.001})},
          {"LBFGS", maker<LBFGS>(LBFGSOptions{.max_iter = 2, .line_search_fn = "strong_wolfe"})}};
}

}  // namespace

TEST_CASE("Two threads train each its own model, and as one alone would", "[optim][thread]") {
  for (const auto& [name, make] : optimizers()) {
    INFO(name);
    const auto train = [&make = make](std::uint64_t seed) {
      regression::Training training(make, seed);
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

// One of them packs the weight, the others wait for it or pack their own.
TEST_CASE("Threads that share a model call it for the first time at once", "[optim][thread]") {
  for (int round = 0; round < 20; ++round) {
    nn::Linear<> layer(100, 60);
    const auto x = ones({1, 100});
    for (int version = 0; version < 2; ++version) {
      Tensor<float> results[4];
      std::vector<std::thread> threads;
      for (auto& result : results) {
        threads.emplace_back([&] {
          const InferenceGuard guard;
          result = layer(x);
        });
      }
      for (auto& thread : threads) thread.join();
      const InferenceGuard guard;
      const auto expected = layer(x);
      for (const auto& result : results) CHECK(result.equal(expected));
      layer.weight.mul_(2);
    }
  }
}
