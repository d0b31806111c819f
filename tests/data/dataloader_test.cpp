#include "brasa/data/dataloader.hpp"

#include <array>
#include <limits>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;

namespace {

/// One example after the other, without a way to get several at once.
struct Squares {
  std::int64_t size() const { return 5; }
  std::tuple<Tensor<float>, Tensor<std::int64_t>> operator[](std::int64_t i) const {
    return {full<float>({2}, static_cast<float>(i * i)), tensor<std::int64_t>(i)};
  }
};

/// Numbers, and parts within parts.
struct Nested {
  using Example = std::pair<std::tuple<Tensor<float>>, std::array<double, 2>>;
  std::int64_t size() const { return 3; }
  std::pair<Example, bool> operator[](std::int64_t i) const {
    const auto x = static_cast<float>(i);
    return {{std::tuple(full<float>({1}, x)), {x + 0.5, x - 0.5}}, i == 1};
  }
};

struct OfSize {
  std::int64_t count;
  std::int64_t size() const { return count; }
  Tensor<float> operator[](std::int64_t i) const { return full<float>({}, static_cast<float>(i)); }
};

std::int64_t draw(Generator* generator) {
  auto number = empty<std::int64_t>({});
  return number.random_(generator).item();
}

}  // namespace

TEST_CASE("A DataLoader gives PyTorch's batches and draws PyTorch's numbers",
          "[data][dataloader][golden]") {
  const golden::File file("data.safetensors");
  int loaders = 0;
  for (const golden::Json& c : file.cases()) {
    if (c.at("kind") != "loader") continue;
    ++loaders;
    INFO(c.dump());
    const auto seed = c.at("seed").get<std::int64_t>();
    Generator own(seed + 1);
    const bool uses_own = c.at("own_generator").get<bool>();
    const auto examples = arange<std::int64_t>(c.at("size").get<std::int64_t>());
    const data::DataLoader loader(data::TensorDataset(examples, examples),
                                  {.batch_size = c.at("batch_size").get<std::int64_t>(),
                                   .shuffle = c.at("shuffle").get<bool>(),
                                   .drop_last = c.at("drop_last").get<bool>(),
                                   .generator = uses_own ? &own : nullptr});
    CHECK(loader.size() == c.at("length").get<std::int64_t>());
    manual_seed(seed);
    for (std::size_t epoch = 0; epoch < 2; ++epoch) {
      std::vector<std::int64_t> order;
      std::vector<std::int64_t> sizes;
      for (const auto& [x, y] : loader) {
        CHECK(x.equal(y));
        sizes.push_back(x.size(0));
        order.insert(order.end(), x.span().begin(), x.span().end());
      }
      const auto expected = file.tensor<std::int64_t>(c, "order/" + std::to_string(epoch));
      CHECK(sizes == c.at("batches")[epoch].get<std::vector<std::int64_t>>());
      CHECK(order == std::vector<std::int64_t>(expected.span().begin(), expected.span().end()));
    }
    CHECK(draw(nullptr) == c.at("next").get<std::int64_t>());
    if (uses_own) CHECK(draw(&own) == c.at("next_own").get<std::int64_t>());
  }
  CHECK(loaders == 80);
}

TEST_CASE("A DataLoader stacks the examples of any dataset", "[data][dataloader]") {
  const data::DataLoader loader(Squares{}, {.batch_size = 2});
  auto batch = loader.begin();
  // torch.utils.data.default_collate([(torch.full((2,), 0.), 0), (torch.full((2,), 1.), 1)])
  CHECK(std::get<0>(*batch).equal(tensor<float>({{0, 0}, {1, 1}})));
  CHECK(std::get<1>(*batch).equal(tensor<std::int64_t>({0, 1})));
  ++batch;
  ++batch;
  CHECK(std::get<0>(*batch).equal(tensor<float>({{16, 16}})));
  ++batch;
  CHECK(batch == loader.end());
}

// from torch.utils.data import default_collate
// default_collate([(((torch.full((1,), x),), (x + .5, x - .5)), x == 1) for x in (0., 1., 2.)])
// [[[tensor([[0.], [1.], [2.]])], [tensor([0.5, 1.5, 2.5], dtype=torch.float64),
//   tensor([-0.5, 0.5, 1.5], dtype=torch.float64)]], tensor([False, True, False])]
TEST_CASE("Numbers, pairs and parts within parts become tensors", "[data][dataloader]") {
  const data::DataLoader loader(Nested{}, {.batch_size = 3});
  const auto batch = loader.begin();
  const auto& [parts, flags] = *batch;
  const auto& [inner, numbers] = parts;
  CHECK(std::get<0>(inner).equal(tensor<float>({{0}, {1}, {2}})));
  CHECK(std::get<0>(numbers).equal(tensor<double>({0.5, 1.5, 2.5})));
  CHECK(std::get<1>(numbers).equal(tensor<double>({-0.5, 0.5, 1.5})));
  CHECK(flags.equal(tensor<bool>({false, true, false})));
}

TEST_CASE("A DataLoader over a part of a dataset gives the examples of that part",
          "[data][dataloader]") {
  const auto parts = data::random_split(data::TensorDataset(arange<std::int64_t>(10)), {7, 3});
  for (const auto& part : parts) {
    const data::DataLoader loader(part, {.batch_size = 2});
    std::vector<std::int64_t> seen;
    for (const auto& [x] : loader) seen.insert(seen.end(), x.span().begin(), x.span().end());
    CHECK(seen == part.indices());
  }
  // A dataset that has no batch() of its own.
  const data::DataLoader loader(data::Subset(Squares{}, {3, 1}), {.batch_size = 2});
  CHECK(std::get<1>(*loader.begin()).equal(tensor<std::int64_t>({3, 1})));
}

// len(DataLoader([], batch_size=2)), list(DataLoader([], batch_size=2)): 0, []
TEST_CASE("An empty dataset has no batches", "[data][dataloader]") {
  const data::DataLoader loader(OfSize{0}, {.batch_size = 2});
  CHECK(loader.size() == 0);
  CHECK(loader.begin() == loader.end());
}

TEST_CASE("A batch may be larger than any dataset", "[data][dataloader]") {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const data::DataLoader loader(OfSize{3}, {.batch_size = kMost});
  CHECK(loader.size() == 1);
  CHECK((*loader.begin()).equal(tensor<float>({0, 1, 2})));
}

TEST_CASE("A DataLoader refuses what makes no batches", "[data][dataloader][error]") {
  CHECK_THROWS_AS(data::DataLoader(Squares{}, {.batch_size = 0}), ValueError);
  CHECK_THROWS_AS(data::DataLoader(data::TensorDataset(zeros({0, 2})), {.shuffle = true}),
                  ValueError);
  CHECK_THROWS_AS(data::DataLoader(OfSize{-1}), ValueError);
}
