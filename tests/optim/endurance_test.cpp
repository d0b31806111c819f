// Ten thousand steps take no more memory than a hundred, and two threads do not meet.

#include <atomic>
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

using namespace brasa;

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
    CHECK(resident() <= before + 64);
    CHECK(last < first);
  }
}

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
