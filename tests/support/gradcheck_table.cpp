#include "support/gradcheck_table.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <utility>

#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/leaves.hpp"

namespace gradcheck_table {
namespace {

/// Positions 0 … count − 1 in an order without pattern: multiplied by a number that has no divisor
/// in common with count.
std::vector<std::int64_t> shuffled(std::int64_t count) {
  static std::int64_t start = 0;
  std::int64_t step = static_cast<std::int64_t>(0.618 * static_cast<double>(count)) + 1;
  while (std::gcd(step, count) != 1) ++step;
  start += 7;
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < count; ++i) order.push_back((start + i * step) % count);
  return order;
}

Tensors leaves_of(const Tensors& inputs) {
  Tensors copies;
  for (const auto& input : inputs) copies.push_back(input.detach().clone().requires_grad_());
  return copies;
}

/// `"TanhBackward0"` in a line of a header, without the quotes; "" if there is none from `begin`
/// on.
std::string next_node(const std::string& text, std::size_t& begin) {
  while ((begin = text.find("Backward", begin)) != std::string::npos) {
    std::size_t first = begin;
    std::size_t last = begin;
    const auto is_name = [&](std::size_t i) {
      return std::isalnum(static_cast<unsigned char>(text[i])) != 0;
    };
    while (first > 0 && is_name(first - 1)) --first;
    while (last < text.size() && is_name(last)) ++last;
    begin = last;
    if (first > 0 && text[first - 1] == '"' && last < text.size() && text[last] == '"') {
      return text.substr(first, last - first);
    }
  }
  return {};
}

}  // namespace

void Checked::run(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    INFO(row.name);
    seen_.insert(row.name.substr(0, row.name.find(' ')));
    const Tensors inputs = leaves_of(row.inputs);
    CHECK(brasa::autograd::gradcheck(row.function, inputs, {.eps = row.eps}));
    const Tensors outputs = row.function(inputs);
    remember(outputs);
    if (!row.twice) continue;
    CHECK(brasa::autograd::gradgradcheck(row.function, inputs, {.eps = row.eps}));
    const auto weights = brasa::detail::probe_weights(outputs);
    remember(brasa::detail::weighed_gradients(outputs, weights, inputs, true));
  }
}

void Checked::remember(const Tensors& outputs) {
  for (const auto& output : outputs) {
    if (!output.defined()) continue;
    leaves::for_each_node(output, [&](const auto& node) { seen_.insert(node.name()); });
  }
}

Names Checked::missing(const Names& names) const {
  Names found;
  std::set_difference(names.begin(), names.end(), seen_.begin(), seen_.end(),
                      std::inserter(found, found.end()));
  return found;
}

Names nodes_in(const std::string& folder) {
  namespace fs = std::filesystem;
  Names names;
  const auto root = fs::path(BRASA_GOLDEN_DIR) / "../../include/brasa" / folder;
  for (const auto& entry : fs::directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::size_t at = 0;
    for (auto name = next_node(text, at); !name.empty(); name = next_node(text, at)) {
      names.insert(name);
    }
  }
  REQUIRE_FALSE(names.empty());
  return names;
}

Names differentiable_in(const std::string& recording) {
  Names names;
  const golden::File file(recording);
  for (const auto& c : file.cases()) {
    if (!c.contains("grad_fn")) continue;
    for (const auto& node : c.at("grad_fn")) {
      if (!node.is_null()) names.insert(c.at("op").get<std::string>());
    }
  }
  REQUIRE_FALSE(names.empty());
  return names;
}

brasa::Tensor<double> numbers(const brasa::Shape& shape, double low, double high) {
  auto x = brasa::Tensor<double>::empty(shape);
  const auto count = static_cast<double>(x.numel());
  const auto order = shuffled(std::max<std::int64_t>(x.numel(), 1));
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const auto place = static_cast<double>(order[static_cast<std::size_t>(i)]);
    x.data()[i] = low + (high - low) * (place + 0.5) / count;
  }
  return x;
}

brasa::Tensor<double> signed_numbers(const brasa::Shape& shape, double low, double high) {
  auto x = numbers(shape, low, high);
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    if (i % 3 == 1) x.data()[i] *= -1;
  }
  return x;
}

}  // namespace gradcheck_table
