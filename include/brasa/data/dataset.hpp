#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/core/random.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/ops/index.hpp"
#include "brasa/ops/random.hpp"

namespace brasa::data {

/// Anything with a size and examples: `dataset[i]` is a tensor, a number, or a pair or tuple of
/// these.
///
///     struct Squares {
///       std::int64_t size() const { return 100; }
///       std::pair<Tensor<float>, std::int64_t> operator[](std::int64_t i) const;
///     };
///
/// With a function `batch(indices)` too, a DataLoader asks that for all examples of a batch at
/// once.
template <class T>
concept Dataset = requires(const T& dataset, std::int64_t index) {
  { dataset.size() } -> std::convertible_to<std::int64_t>;
  dataset[index];
};

/// Tensors with one row for each example: `dataset[i]` is the tuple of their i-th rows.
///
///     data::TensorDataset dataset(images, labels);
///     auto [image, label] = dataset[0];
///
/// Errors: ShapeError if the tensors differ in their first size; IndexError.
/// Source: torch.utils.data.TensorDataset.
template <class... Tensors>
class TensorDataset {
 public:
  explicit TensorDataset(Tensors... tensors) : tensors_(std::move(tensors)...) {
    static_assert(sizeof...(Tensors) > 0, "brasa: a TensorDataset holds at least one tensor");
    std::apply(
        [](const auto& first, const auto&... rest) {
          const auto check = [&first](const auto& tensor) {
            if (tensor.dim() > 0 && first.dim() > 0 && tensor.size(0) == first.size(0)) return;
            detail::raise<ShapeError>(
                "TensorDataset", "expected tensors of the same first size, got ",
                shape_text(first.shape()), " and ", shape_text(tensor.shape()));
          };
          check(first);
          (check(rest), ...);
        },
        tensors_);
  }

  std::int64_t size() const { return std::get<0>(tensors_).size(0); }
  std::tuple<Tensors...> operator[](std::int64_t index) const {
    return std::apply([index](const auto&... each) { return std::tuple(each.select(0, index)...); },
                      tensors_);
  }
  /// The examples of these indices at once, as a batch.
  std::tuple<Tensors...> batch(const std::vector<std::int64_t>& indices) const {
    auto rows = Tensor<std::int64_t>::empty({static_cast<std::int64_t>(indices.size())});
    std::copy(indices.begin(), indices.end(), rows.data());
    return std::apply(
        [&rows](const auto&... each) { return std::tuple(each.index_select(0, rows)...); },
        tensors_);
  }
  const std::tuple<Tensors...>& tensors() const noexcept { return tensors_; }

 private:
  std::tuple<Tensors...> tensors_;
};

/// Some examples of another dataset, by their indices. Shares the dataset.
/// Errors: IndexError. Where it differs from PyTorch: the indices are checked at once, and negative
/// ones are refused. Source: torch.utils.data.Subset.
template <Dataset D>
class Subset {
 public:
  Subset(std::shared_ptr<const D> dataset, std::vector<std::int64_t> indices)
      : dataset_(std::move(dataset)), indices_(std::move(indices)) {
    for (const std::int64_t index : indices_) check("Subset", index, dataset_->size());
  }
  Subset(D dataset, std::vector<std::int64_t> indices)
      : Subset(std::make_shared<const D>(std::move(dataset)), std::move(indices)) {}

  std::int64_t size() const { return static_cast<std::int64_t>(indices_.size()); }
  auto operator[](std::int64_t index) const {
    check("Subset", index, size());
    return (*dataset_)[indices_[static_cast<std::size_t>(index)]];
  }
  auto batch(const std::vector<std::int64_t>& indices) const requires requires(const D& dataset) {
    dataset.batch(indices);
  }
  {
    std::vector<std::int64_t> inner;
    inner.reserve(indices.size());
    for (const std::int64_t index : indices) {
      check("Subset", index, size());
      inner.push_back(indices_[static_cast<std::size_t>(index)]);
    }
    return dataset_->batch(inner);
  }
  const std::vector<std::int64_t>& indices() const noexcept { return indices_; }

 private:
  static void check(std::string_view op, std::int64_t index, std::int64_t size) {
    if (index >= 0 && index < size) return;
    detail::raise<IndexError>(op, "index ", index, " is out of range for ", size, " examples");
  }

  std::shared_ptr<const D> dataset_;
  std::vector<std::int64_t> indices_;
};

/// Splits a dataset at random into parts of the given lengths, which add up to its size.
///
/// The examples are drawn as PyTorch draws them: one permutation of all, cut in pieces.
///     auto parts = data::random_split(dataset, {800, 200});
///     auto parts = data::random_split(dataset, {0.8, 0.2});
///
/// Errors: ValueError for lengths that are negative or do not add up. Where it differs from
/// PyTorch: whole numbers are lengths, even where they add up to 1. Source:
/// torch.utils.data.random_split.
template <Dataset D>
std::vector<Subset<D>> random_split(D dataset, const std::vector<std::int64_t>& lengths,
                                    Generator* generator = nullptr) {
  const std::int64_t size = dataset.size();
  std::int64_t rest = size;
  for (const std::int64_t length : lengths) {
    if (length < 0 || length > rest) rest = -1;
    if (rest < 0) break;
    rest -= length;
  }
  if (rest != 0) {
    detail::raise<ValueError>("random_split",
                              "expected lengths that are not negative and add up to "
                              "the dataset's size, ",
                              size);
  }
  const auto shared = std::make_shared<const D>(std::move(dataset));
  const auto order = randperm(size, generator);
  std::vector<Subset<D>> parts;
  const std::int64_t* next = order.data();
  for (const std::int64_t length : lengths) {
    parts.emplace_back(shared, std::vector<std::int64_t>(next, next + length));
    next += length;
  }
  return parts;
}

/// The same with fractions that add up to 1: each part has ⌊size · fraction⌋ examples, and what is
/// left over goes to the parts in turn. Warns of parts that stay empty.
template <Dataset D>
std::vector<Subset<D>> random_split(D dataset, const std::vector<double>& fractions,
                                    Generator* generator = nullptr) {
  const double sum = std::accumulate(fractions.begin(), fractions.end(), 0.0);
  const bool valid =
      std::all_of(fractions.begin(), fractions.end(), [](double f) { return f >= 0 && f <= 1; });
  if (!valid || std::abs(sum - 1) > 1e-9) {
    detail::raise<ValueError>("random_split",
                              "expected fractions between 0 and 1 that add up to 1, "
                              "they add up to ",
                              sum);
  }
  std::vector<std::int64_t> lengths;
  lengths.reserve(fractions.size());
  for (const double fraction : fractions) {
    lengths.push_back(
        static_cast<std::int64_t>(std::floor(static_cast<double>(dataset.size()) * fraction)));
  }
  const std::int64_t rest =
      dataset.size() - std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  for (std::int64_t i = 0; i < rest; ++i) ++lengths[static_cast<std::size_t>(i) % lengths.size()];
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] > 0) continue;
    detail::warn("Length of split at index " + std::to_string(i) +
                 " is 0. This might result in an empty dataset.");
  }
  return random_split(std::move(dataset), lengths, generator);
}

/// Lengths or fractions in braces.
template <Dataset D, class Number>
std::vector<Subset<D>> random_split(D dataset, std::initializer_list<Number> parts,
                                    Generator* generator = nullptr) {
  using Length = std::conditional_t<std::is_integral_v<Number>, std::int64_t, double>;
  return random_split(std::move(dataset), std::vector<Length>(parts.begin(), parts.end()),
                      generator);
}

}  // namespace brasa::data
