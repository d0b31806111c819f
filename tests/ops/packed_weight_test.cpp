#include "brasa/ops/packed_weight.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "brasa/core/from_blob.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/utils/convert_parameters.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/matmul.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "brasa/optim/lbfgs.hpp"
#include "brasa/optim/sgd.hpp"
#include "support/catch.hpp"
#include "support/cpu_levels.hpp"

// What is expected is what the same product gives of a copy of the weight that is not packed: since
// its memory has been handed out for writing. Products themselves are held against long double in
// kernels/vector_gemm_test.cpp.

using namespace brasa;
using brasa_test::AtLevel;

namespace {

bool is_packed(const AnyTensor& weight) { return weight.impl().storage->derived() != nullptr; }

std::size_t all_bytes() { return detail::packed_weights_bytes.load(); }

template <class S>
Tensor<S> exposed_copy(const Tensor<S>& x) {
  Tensor<S> copy = x.detach().clone();
  copy.data();
  return copy;
}

/// Takes hold of the weight once to be sure that it is packed, then changes it: is that noticed?
template <class Change>
bool notices(Change change) {
  manual_seed(3);
  nn::Linear<> layer(40, 30);
  const auto x = randn({5, 40});
  const auto product = [&] {
    const InferenceGuard guard;
    return layer(x);
  };
  const auto before = product();
  REQUIRE(is_packed(layer.weight));
  change(layer, x);
  const auto after = product();
  REQUIRE(is_packed(layer.weight));
  const NoGradGuard guard;
  const auto expected =
      linear(x, exposed_copy<float>(layer.weight), exposed_copy<float>(layer.bias));
  return after.equal(expected) && !after.equal(before);
}

/// False where products without packed weights have a way of their own, which adds up in another
/// order: one or two rows, and few beside those of the weight (has_few_rows in gemm.hpp).
bool adds_up_alike(std::int64_t rows, std::int64_t out) {
  return rows > 2 && (rows < 8 || 2 * rows > out);
}

}  // namespace

TEMPLATE_TEST_CASE("Products with packed weights are those with others", "[ops][packed]", float,
                   double) {
  for (const CpuLevel level : brasa_test::cpu_levels()) {
    const AtLevel at(level);
    CAPTURE(cpu_level_name(level));
    for (const std::int64_t out : {4, 10, 16, 17, 31, 32, 33, 47, 65, 200, 2100}) {
      for (const std::int64_t in : {64, 65, 100, 800}) {
        if (in * out > 100'000) continue;
        auto weight = Tensor<TestType>::empty({out, in});
        weight.uniform_(-1, 1);
        const auto plain = exposed_copy(weight);
        const auto bias = randn<TestType>({out});
        for (const std::int64_t rows : {1, 2, 3, 12, 30}) {
          CAPTURE(out, in, rows);
          const auto x = randn<TestType>({rows, in});
          for (const auto& b : {bias, Tensor<TestType>()}) {
            const auto y = linear(x, weight, b);
            const auto expected = linear(x, plain, b);
            CHECK(
                (adds_up_alike(rows, out) ? y.equal(expected) : y.allclose(expected, 1e-4, 1e-4)));
          }
        }
        CHECK(is_packed(weight) == BRASA_VECTOR_KERNELS);
        CHECK_FALSE(is_packed(plain));
      }
    }
  }
}

#if BRASA_VECTOR_KERNELS

TEST_CASE("A weight is packed while nothing is recorded", "[ops][packed]") {
  const nn::Linear<> layer(40, 30);
  const auto x = ones({2, 40});
  layer(x);
  CHECK_FALSE(is_packed(layer.weight));
  {
    const NoGradGuard guard;
    layer(x);
  }
  CHECK(is_packed(layer.weight));
  // Copies are their own, and as good.
  const InferenceGuard guard;
  const nn::Linear<> copy(layer);
  CHECK_FALSE(is_packed(copy.weight));
  CHECK(copy(x).equal(layer(x)));
  CHECK(is_packed(copy.weight));
}

TEST_CASE("What brasa writes to a packed weight is noticed", "[ops][packed]") {
  using Layer = nn::Linear<>;
  using X = Tensor<float>;
  CHECK(notices([](Layer& layer, const X&) { layer.reset_parameters(); }));
  CHECK(notices([](Layer& layer, const X&) {
    const NoGradGuard guard;
    layer.weight.mul_(2);
  }));
  CHECK(notices([](Layer& layer, const X&) {
    const NoGradGuard guard;
    layer.weight.copy_(full({30, 40}, 0.5));
  }));
  CHECK(notices([](Layer& layer, const X&) {
    const NoGradGuard guard;
    layer.weight.zero_();
    layer.weight.clamp_(0.25, 1);
    masked_fill_<float>(layer.weight, ones({1}).gt(0), 3);
  }));
  CHECK(notices([](Layer& layer, const X&) { layer.weight = Layer(40, 30).weight; }));
  CHECK(notices([](Layer& layer, const X&) { layer.load_state_dict(Layer(40, 30).state_dict()); }));
  CHECK(notices([](Layer& layer, const X&) {
    nn::utils::vector_to_parameters(ones({30 * 41}), layer.parameters());
  }));
  CHECK(notices([](Layer& layer, const X& x) {
    optim::SGD optimizer(layer.parameters(), {.lr = 0.1});
    layer(x).sum().backward();
    optimizer.step();
  }));
  CHECK(notices([](Layer& layer, const X& x) {
    optim::LBFGS optimizer(layer.parameters(), {.lr = 0.1, .max_iter = 2});
    optimizer.step([&] {
      optimizer.zero_grad();
      const auto loss = layer(x).square().mean();
      loss.backward();
      return loss;
    });
  }));
}

TEST_CASE("What is written through pointers counts, at once and later", "[ops][packed]") {
  const InferenceGuard guard;
  nn::Linear<> layer(40, 30, {.bias = false});
  const auto x = ones({3, 40});
  layer(x);
  REQUIRE(is_packed(layer.weight));
  float* kept = layer.weight.data();
  for (int i = 0; i < 40; ++i) kept[i] = 1;
  CHECK(layer(x)(0, 0) == 40);
  kept[0] = 3;
  CHECK(layer(x)(0, 0) == 42);
  layer.weight.mul_(2);  // does not make it one that is not watched
  CHECK(layer(x)(0, 0) == 84);
  kept[0] = 0;
  CHECK(layer(x)(0, 0) == 78);

  std::vector<float> buffer(std::size_t{30} * 40, 1.0f);
  const auto borrowed = from_blob(buffer.data(), {30, 40});
  CHECK(linear(x, borrowed)(0, 0) == 40);
  buffer[0] = 2;
  CHECK(linear(x, borrowed)(0, 0) == 41);
  CHECK_FALSE(is_packed(borrowed));
}

TEST_CASE("Another level has other panels", "[ops][packed]") {
  const InferenceGuard guard;
  const nn::Linear<> layer(40, 50);
  const auto x = randn({7, 40});
  for (int round = 0; round < 2; ++round) {
    for (const CpuLevel level : brasa_test::cpu_levels()) {
      const AtLevel at(level);
      CHECK(layer(x).equal(
          linear(x, exposed_copy<float>(layer.weight), exposed_copy<float>(layer.bias))));
    }
  }
}

TEST_CASE("The same memory under another shape is not packed twice", "[ops][packed]") {
  auto weight = Tensor<float>::empty({30, 40});
  weight.uniform_();
  const auto view = weight.view({40, 30});
  linear(ones({2, 40}), weight);
  REQUIRE(is_packed(weight));
  CHECK(linear(ones({3, 30}), view).equal(linear(ones({3, 30}), exposed_copy(view))));
  CHECK(linear(ones({3, 40}), weight).equal(linear(ones({3, 40}), exposed_copy(weight))));
}

TEST_CASE("Packed weights are freed with the weight, and are limited", "[ops][packed]") {
  const InferenceGuard guard;
  const std::size_t before = all_bytes();
  const auto x = ones({2, 64});
  {
    const nn::Linear<> layer(64, 32);
    layer(x);
    CHECK(all_bytes() == before + std::size_t{64} * 32 * 4);
  }
  CHECK(all_bytes() == before);
  const std::size_t limit = detail::packed_weights_limit.load();
  set_packed_weights_limit(before + std::size_t{64} * 32 * 4 + 100);
  {
    const nn::Linear<> first(64, 32), second(64, 32);
    first(x);
    second(x);
    CHECK(is_packed(first.weight));
    CHECK_FALSE(is_packed(second.weight));
    CHECK(all_bytes() == before + std::size_t{64} * 32 * 4);
  }
  set_packed_weights_limit(limit);
  const nn::Linear<> tiny(3, 3);
  tiny(ones({2, 3}));
  CHECK_FALSE(is_packed(tiny.weight));
  auto huge = Tensor<float>::empty({4096, 1025});  // just over 16 MiB
  huge.zero_();
  linear(ones({1, 1025}), huge);
  CHECK_FALSE(is_packed(huge));
}

#endif
