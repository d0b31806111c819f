#include "brasa/data/dataset.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

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
  CHECK_THROWS_AS(dataset.batch({0, 3}), IndexError);
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
  CHECK_THROWS_AS(subset.batch({0, 2}), IndexError);
  CHECK_THROWS_AS(data::Subset(data::TensorDataset(arange<float>(5)), Indices{5}), IndexError);
  CHECK_THROWS_AS(data::Subset(data::TensorDataset(arange<float>(5)), Indices{-1}), IndexError);
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

TEST_CASE("random_split takes lengths and fractions in braces", "[data][dataset]") {
  const data::TensorDataset dataset(arange<float>(10));
  const auto lengths = data::random_split(dataset, {7, 3});
  REQUIRE(lengths.size() == 2);
  CHECK(lengths[0].size() == 7);
  CHECK(lengths[1].size() == 3);
  // [len(p) for p in torch.utils.data.random_split(range(10), [0.55, 0.45])]: [6, 4]
  const auto fractions = data::random_split(dataset, {0.55, 0.45});
  REQUIRE(fractions.size() == 2);
  CHECK(fractions[0].size() == 6);
  CHECK(fractions[1].size() == 4);
}

TEST_CASE("random_split draws from the generator that it is given", "[data][dataset]") {
  const data::TensorDataset dataset(arange<float>(6));
  Generator generator(7);
  manual_seed(1);
  const auto before = get_rng_state();
  const auto parts = data::random_split(dataset, {4, 2}, &generator);
  CHECK(get_rng_state().equal(before));
  // [list(p.indices) for p in torch.utils.data.random_split(range(6), [4, 2],
  //                                                         torch.Generator().manual_seed(7))]
  CHECK(parts[0].indices() == Indices{3, 0, 1, 5});
  CHECK(parts[1].indices() == Indices{2, 4});
}

// [len(p) for p in torch.utils.data.random_split(range(2), [0.9, 0.1, 0.0])]: [2, 0, 0], with two
// warnings.
TEST_CASE("random_split warns of fractions that come to nothing", "[data][dataset]") {
  std::vector<std::string> seen;
  const WarningHandler before =
      set_warning_handler([&](std::string_view text) { seen.emplace_back(text); });
  const auto parts = data::random_split(data::TensorDataset(arange<float>(2)), {0.9, 0.1, 0.0});
  set_warning_handler(before);
  CHECK(parts[0].size() == 2);
  CHECK(parts[1].size() == 0);
  CHECK(parts[2].size() == 0);
  CHECK(seen == std::vector<std::string>{
                    "Length of split at index 1 is 0. This might result in an empty dataset.",
                    "Length of split at index 2 is 0. This might result in an empty dataset."});
}

TEST_CASE("random_split refuses lengths that do not add up", "[data][dataset][error]") {
  const data::TensorDataset dataset(arange<float>(4));
  // torch.utils.data.random_split takes [4, -1] for 3 examples; brasa does not.
  CHECK_THROWS_AS(data::random_split(dataset, Indices{3, 2}), ValueError);
  CHECK_THROWS_AS(data::random_split(dataset, Indices{5, -1}), ValueError);
  CHECK_THROWS_AS(data::random_split(dataset, std::vector<double>{0.5, 0.4}), ValueError);
  CHECK_THROWS_AS(data::random_split(dataset, std::vector<double>{1.5, -0.5}), ValueError);
  CHECK_THROWS_AS(data::random_split(dataset, {std::nan(""), 1.0}), ValueError);
  CHECK_THROWS_AS(data::random_split(dataset, Indices{}), ValueError);
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  CHECK_THROWS_AS(data::random_split(dataset, Indices{kMost, kMost, 6}), ValueError);
}
