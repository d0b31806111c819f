#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "brasa/core/error.hpp"
#include "brasa/core/tensor.hpp"
#include "brasa/ops/reduce.hpp"

namespace brasa::nn {

/// What becomes of the losses of the single elements: their mean, their sum, or (`none`) they
/// themselves. `batchmean`, the sum divided by the first size, is for kl_div only.
///
/// Either `Reduction::sum` or the text that PyTorch takes, `"sum"`. Errors: ValueError for any
/// other text.
class Reduction {
 public:
  enum Kind { mean, sum, none, batchmean };

  constexpr Reduction(Kind kind) noexcept : kind_(kind) {}
  template <std::convertible_to<std::string_view> Text>
  Reduction(const Text& text) : kind_(parse(text)) {}

  constexpr operator Kind() const noexcept { return kind_; }
  /// As in PyTorch: `mean`, `sum`, `none` or `batchmean`.
  constexpr std::string_view text() const noexcept { return kTexts[kind_]; }

 private:
  static constexpr std::string_view kTexts[] = {"mean", "sum", "none", "batchmean"};

  static Kind parse(std::string_view text) {
    for (std::size_t i = 0; i < std::size(kTexts); ++i) {
      if (text == kTexts[i]) return static_cast<Kind>(i);
    }
    brasa::detail::raise<ValueError>(
        "reduction",
        "expected \"mean\", \"sum\" or \"none\" (for kl_div also \"batchmean\"), got \"", text,
        '"');
  }

  Kind kind_;
};

/// The only option of many losses.
struct LossOptions {
  Reduction reduction = Reduction::mean;
};

namespace functional::detail {

/// Raises ValueError for `batchmean`.
inline void check_reduction(std::string_view op, Reduction reduction) {
  if (reduction == Reduction::batchmean) {
    brasa::detail::raise<ValueError>(
        op, "expected \"mean\", \"sum\" or \"none\" as reduction, got \"batchmean\"");
  }
}

/// The losses of the single elements, reduced.
template <FloatScalar S>
Tensor<S> reduce(std::string_view op, const Tensor<S>& losses, Reduction reduction) {
  check_reduction(op, reduction);
  if (reduction == Reduction::none) return losses;
  return reduction == Reduction::mean ? brasa::mean(losses) : brasa::sum(losses);
}

}  // namespace functional::detail
}  // namespace brasa::nn
