#include "brasa/data/dataset.hpp"

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using Indices = std::vector<std::int64_t>;

TEST_CASE("A TensorDataset gives the rows of its tensors", "[data][dataset]") {
  const auto images = arange<float>(6).reshape({3, 2});
  const auto labels = tensor<std::int64_t>({7, 8, 9});
  const data::TensorDataset dataset(images, labels);
  REQUIRE(dataset.size() == 3);
  const auto [image, label] = dataset[1];
  CHECK(image.equal(tensor<float>({2, 3})));
  CHECK(label.item() == 8);
  CHECK(label.dim() == 0);
  const auto [some, their] = dataset.batch({2, 0});
  CHECK(some.equal(tensor<float>({{4, 5}, {0, 1}})));
  CHECK(their.equal(tensor<std::int64_t>({9, 7})));
  CHECK_THROWS_AS(dataset[3], IndexError);
}

TEST_CASE("A TensorDataset wants as many rows in each tensor", "[data][dataset][error]") {
  CHECK_THROWS_AS(data::TensorDataset(zeros({3, 2}), zeros({4})), ShapeError);
  CHECK_THROWS_AS(data::TensorDataset(zeros({})), ShapeError);
}

TEST_CASE("A Subset counts by its own indices", "[data][dataset]") {
  const data::Subset subset(data::TensorDataset(arange<float>(5)), Indices{4, 2});
  REQUIRE(subset.size() == 2);
  CHECK(std::get<0>(subset[0]).item() == 4.0f);
  CHECK(std::get<0>(subset.batch({1, 0})).equal(tensor<float>({2, 4})));
  CHECK_THROWS_AS(subset[2], IndexError);
  CHECK_THROWS_AS(data::Subset(data::TensorDataset(arange<float>(5)), Indices{5}), IndexError);
}

TEST_CASE("random_split draws what PyTorch draws", "[data][dataset][golden]") {
  const golden::File file("data.safetensors");
  int splits = 0;
  for (const golden::Json& c : file.cases()) {
    if (c.at("kind") != "split") continue;
    ++splits;
    INFO(c.dump());
    manual_seed(c.at("seed").get<std::int64_t>());
    const data::TensorDataset dataset(arange<std::int64_t>(c.at("size").get<std::int64_t>()));
    const bool fractions = c.at("lengths")[0].is_number_float();
    const auto parts = fractions
                           ? data::random_split(dataset, c.at("lengths").get<std::vector<double>>())
                           : data::random_split(dataset, c.at("lengths").get<Indices>());
    REQUIRE(parts.size() == c.at("lengths").size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto expected = file.tensor<std::int64_t>(c, "part/" + std::to_string(i));
      CHECK(parts[i].indices() == Indices(expected.span().begin(), expected.span().end()));
    }
  }
  CHECK(splits == 10);
}

TEST_CASE("random_split refuses lengths that do not add up", "[data][dataset][error]") {
  const data::TensorDataset dataset(arange<float>(4));
  // torch.utils.data.random_split takes [4, -1] for 3 examples; brasa does not.
  CHECK_THROWS_AS(data::random_split(dataset, Indices{3, 2}), ValueError);
  CHECK_THROWS_AS(data::random_split(dataset, Indices{5, -1}), ValueError);
  CHECK_THROWS_AS(data::random_split(dataset, std::vector<double>{0.5, 0.4}), ValueError);
  CHECK_THROWS_AS(data::random_split(dataset, std::vector<double>{1.5, -0.5}), ValueError);
}
