#include "brasa/data/dataloader.hpp"

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

TEST_CASE("A DataLoader refuses what makes no batches", "[data][dataloader][error]") {
  CHECK_THROWS_AS(data::DataLoader(Squares{}, {.batch_size = 0}), ValueError);
  CHECK_THROWS_AS(data::DataLoader(data::TensorDataset(zeros({0, 2})), {.shuffle = true}),
                  ValueError);
}
