#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "brasa/data/dataset.hpp"
#include "brasa/ops/join.hpp"

namespace brasa::data {

/// The optional arguments of DataLoader.
struct DataLoaderOptions {
  std::int64_t batch_size = 1;
  /// A new order at each pass.
  bool shuffle = false;
  /// Leaves out the last batch if it is smaller than the others.
  bool drop_last = false;
  /// Where the order comes from: the default generator if there is none.
  Generator* generator = nullptr;
};

}  // namespace brasa::data

namespace brasa::detail {

/// The order of one pass over a dataset. It draws what PyTorch's samplers draw, at the same
/// moments, so that one seed gives the same batches there and here.
class SampleOrder {
 public:
  SampleOrder(std::int64_t size, const data::DataLoaderOptions& options)
      : size_(size), shuffle_(options.shuffle), generator_(options.generator) {
    draw_seed(generator_);  // PyTorch's base seed for worker processes, drawn in any case
  }

  /// The next `count` indices, fewer at the end.
  std::vector<std::int64_t> take(std::int64_t count) {
    if (!started_) start();
    const std::int64_t available = std::min(count, size_ - position_);
    std::vector<std::int64_t> indices(static_cast<std::size_t>(available));
    for (std::int64_t& index : indices) {
      index = shuffle_ ? order_.data()[position_] : position_;
      ++position_;
    }
    if (available < count) finish();
    return indices;
  }

 private:
  static std::uint64_t draw_seed(Generator* generator) {
    auto seed = Tensor<std::int64_t>::empty({});
    seed.random_(generator);
    return static_cast<std::uint64_t>(seed.item());
  }
  void start() {
    started_ = true;
    if (!shuffle_) return;
    if (generator_ == nullptr) own_generator_ = std::make_unique<Generator>(draw_seed(nullptr));
    order_ = std::as_const(*this).permutation();
  }
  /// RandomSampler ends with a permutation of which it takes nothing.
  void finish() {
    if (shuffle_ && !finished_) permutation();
    finished_ = true;
  }
  Tensor<std::int64_t> permutation() const {
    return randperm(size_, own_generator_ ? own_generator_.get() : generator_);
  }

  std::int64_t size_;
  bool shuffle_;
  Generator* generator_;
  std::unique_ptr<Generator> own_generator_;
  Tensor<std::int64_t> order_;
  std::int64_t position_ = 0;
  bool started_ = false;
  bool finished_ = false;
};

/// Examples side by side: tensors are stacked along a new first dimension, numbers become a tensor,
/// pairs and tuples are taken part by part.
template <class Example>
auto collate(const std::vector<Example>& examples) {
  if constexpr (TensorScalar<Example>) {
    auto numbers = Tensor<Example>::empty({static_cast<std::int64_t>(examples.size())});
    std::copy(examples.begin(), examples.end(), numbers.data());
    return numbers;
  } else if constexpr (std::is_base_of_v<AnyTensor, Example>) {
    return stack(examples, 0);
  } else {
    static_assert(
        requires { std::tuple_size<Example>::value; },
        "brasa: an example is a tensor, a number, or a pair or tuple of these");
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      const auto part = [&]<std::size_t J>(std::integral_constant<std::size_t, J>) {
        std::vector<std::tuple_element_t<J, Example>> parts;
        parts.reserve(examples.size());
        for (const Example& example : examples) parts.push_back(std::get<J>(example));
        return collate(parts);
      };
      return std::make_tuple(part(std::integral_constant<std::size_t, I>{})...);
    }
    (std::make_index_sequence<std::tuple_size_v<Example>>());
  }
}

template <class D>
auto make_batch(const D& dataset, const std::vector<std::int64_t>& indices) {
  if constexpr (requires { dataset.batch(indices); }) {
    return dataset.batch(indices);
  } else {
    std::vector<std::remove_cvref_t<decltype(dataset[0])>> examples;
    examples.reserve(indices.size());
    for (const std::int64_t index : indices) examples.push_back(dataset[index]);
    return collate(examples);
  }
}

}  // namespace brasa::detail

namespace brasa::data {

/// A dataset in batches, for one's `for` loop; each pass begins anew:
///
///     data::DataLoader loader(data::TensorDataset(images, labels),
///                             {.batch_size = 64, .shuffle = true});
///     for (const auto& [x, y] : loader) { … }
///
/// A batch holds what an example holds, with one dimension more in front; of pairs and tuples it is
/// a tuple. Under one seed the batches are PyTorch's. They are made on the thread that asks, one at
/// a time.
///
/// Errors: ValueError for a batch_size below 1, for a dataset of negative size, and for shuffling
/// an empty one, as in PyTorch. Source: torch.utils.data.DataLoader.
template <Dataset D>
class DataLoader {
 public:
  using Batch = decltype(detail::make_batch(std::declval<const D&>(), {}));

  explicit DataLoader(D dataset, DataLoaderOptions options = {})
      : dataset_(std::move(dataset)), options_(options) {
    if (options_.batch_size < 1) {
      detail::raise<ValueError>("DataLoader", "expected a batch_size of at least 1, got ",
                                options_.batch_size);
    }
    if (dataset_.size() < 0) {
      detail::raise<ValueError>("DataLoader", "the dataset's size is ", dataset_.size());
    }
    if (options_.shuffle && dataset_.size() == 0) {
      detail::raise<ValueError>("DataLoader", "an empty dataset cannot be shuffled");
    }
  }

  /// The number of batches.
  std::int64_t size() const {
    const std::int64_t batches = dataset_.size() / options_.batch_size;
    const bool rest = dataset_.size() % options_.batch_size != 0;
    return batches + (rest && !options_.drop_last ? 1 : 0);
  }
  const D& dataset() const noexcept { return dataset_; }

  class Iterator {
   public:
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    explicit Iterator(const DataLoader& loader)
        : loader_(&loader),
          order_(std::make_shared<detail::SampleOrder>(loader.dataset_.size(), loader.options_)) {
      advance();
    }
    const Batch& operator*() const { return *batch_; }
    const Batch* operator->() const { return &*batch_; }
    Iterator& operator++() {
      advance();
      return *this;
    }
    void operator++(int) { advance(); }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) {
      return !iterator.batch_;
    }

   private:
    void advance() {
      const DataLoaderOptions& options = loader_->options_;
      const auto indices = order_->take(options.batch_size);
      const bool whole = static_cast<std::int64_t>(indices.size()) == options.batch_size;
      batch_.reset();
      if (!indices.empty() && (whole || !options.drop_last)) {
        batch_.emplace(detail::make_batch(loader_->dataset_, indices));
      }
    }
    const DataLoader* loader_;
    std::shared_ptr<detail::SampleOrder> order_;
    std::optional<Batch> batch_;
  };

  Iterator begin() const { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  D dataset_;
  DataLoaderOptions options_;
};

}  // namespace brasa::data
