// Forward asks the system for no memory once its shapes have been seen, a training step neither.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "brasa/autograd/backward.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/loss.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/random.hpp"
#include "brasa/optim/adam.hpp"
#include "brasa/optim/sgd.hpp"
#include "conformance/cases.hpp"
#include "conformance/table.hpp"
#include "support/allocations.hpp"
#include "support/arguments.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/threads.hpp"
#include "support/warnings.hpp"

using brasa::Tensor;
using golden::File;
using golden::Json;

namespace {

/// How often the third call asks for memory.
std::int64_t allocations_of_third(const std::function<void()>& call) {
  call();
  call();
  const std::int64_t before = allocations();
  call();
  return allocations() - before;
}

/// The recorded cases of a module that takes one tensor. Returns how many there were.
template <class S>
int check_module(const File& file) {
  int cases = 0;
  for (const Json& record : file.cases()) {
    const auto name = conformance::subject(record);
    if (name.rfind("nn.", 0) != 0 || record.at("args").size() != 1 || record.contains("tree")) {
      continue;
    }
    const auto& rows = conformance::table<S>().modules();
    const auto row = rows.find(name.substr(3));
    if (row == rows.end() || !record.at("kwargs").empty()) continue;
    const golden::Arguments built(&file, record.at("ctor_args"), record.at("ctor_kwargs"));
    auto module = row->second.build(built);
    module->eval();
    const golden::Arguments given(&file, record.at("args"), record.at("kwargs"));
    const Tensor<S> input = given.tensor<S>(0, "input");
    INFO(name << ", case " << record.at("case"));
    const brasa::InferenceGuard inference;
    CHECK(allocations_of_third([&] { module(input); }) == 0);
    ++cases;
  }
  return cases;
}

template <class S>
int check_all(const std::string& dtype) {
  int cases = 0;
  const std::filesystem::path folder = std::filesystem::path(BRASA_GOLDEN_DIR) / "conformance";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    if (file.rfind("nn.", 0) == 0 && file.find(dtype) != std::string::npos) {
      cases += check_module<S>(File("conformance/" + file));
    }
  }
  return cases;
}

/// A training step of an MLP with a loss of classes.
template <class Optimizer>
std::int64_t allocations_of_step(std::int64_t width = 32, std::int64_t batch = 16) {
  namespace nn = brasa::nn;
  brasa::manual_seed(1);
  nn::Sequential<float> model{nn::Linear<>(20, width), nn::ReLU<>(), nn::Linear<>(width, width),
                              nn::Tanh<>(), nn::Linear<>(width, 5)};
  nn::CrossEntropyLoss<> criterion;
  Optimizer optimizer(model.parameters(), {.lr = 0.01});
  const auto x = brasa::rand<float>({batch, 20});
  const auto target = brasa::randint(0, 5, {batch});
  return allocations_of_third([&] {
    optimizer.zero_grad();
    criterion(model(x), target).backward();
    optimizer.step();
  });
}

}  // namespace

TEST_CASE("Allocations are counted where they can be", "[allocation]") {
  const std::int64_t before = allocations();
  const auto number = std::make_unique<std::function<void()>>([] {});
  CHECK((allocations() > before) == counts_allocations());
}

TEST_CASE("Forward of every module allocates nothing in inference mode", "[allocation]") {
  const NoWarnings no_warnings;
  CHECK(check_all<float>("float32") > 100);
  CHECK(check_all<double>("float64") > 100);
}

TEST_CASE("A training step of an MLP allocates nothing", "[allocation]") {
  CHECK(allocations_of_step<brasa::optim::SGD>() == 0);
  CHECK(allocations_of_step<brasa::optim::Adam>() == 0);
}

TEST_CASE("Nor does anything with several threads", "[allocation]") {
  namespace nn = brasa::nn;
  const brasa_test::WithThreads with(3);
  CHECK(allocations_of_step<brasa::optim::Adam>(300, 512) == 0);
  nn::Sequential<float> model{nn::Linear<>(100, 300), nn::ReLU<>(), nn::Linear<>(300, 200),
                              nn::Softmax<>(1)};
  const auto x = brasa::rand<float>({1024, 100});
  const brasa::InferenceGuard inference;
  model(x);
  const std::int64_t before = allocations();
  for (int i = 0; i < 100; ++i) model(x);
  CHECK(allocations() == before);
}

TEST_CASE("Losses allocate nothing in inference mode", "[allocation]") {
  namespace nn = brasa::nn;
  const brasa::InferenceGuard inference;
  const auto a = brasa::rand<float>({8, 5});
  const auto b = brasa::rand<float>({8, 5});
  const auto classes = brasa::randint(0, 5, {8});
  const nn::MSELoss<> mse;
  const nn::L1Loss<> l1;
  const nn::SmoothL1Loss<> smooth;
  const nn::HuberLoss<> huber;
  const nn::BCELoss<> bce;
  const nn::BCEWithLogitsLoss<> logits;
  const nn::KLDivLoss<> divergence;
  const nn::CrossEntropyLoss<> cross_entropy;
  const nn::NLLLoss<> nll;
  CHECK(allocations_of_third([&] { mse(a, b); }) == 0);
  CHECK(allocations_of_third([&] { l1(a, b); }) == 0);
  CHECK(allocations_of_third([&] { smooth(a, b); }) == 0);
  CHECK(allocations_of_third([&] { huber(a, b); }) == 0);
  CHECK(allocations_of_third([&] { bce(a, b); }) == 0);
  CHECK(allocations_of_third([&] { logits(a, b); }) == 0);
  CHECK(allocations_of_third([&] { divergence(a, b); }) == 0);
  CHECK(allocations_of_third([&] { cross_entropy(a, classes); }) == 0);
  CHECK(allocations_of_third([&] { nll(a, classes); }) == 0);
}
