#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/core/any_tensor.hpp"
#include "brasa/core/print_options.hpp"
#include "brasa/core/python_text.hpp"

namespace brasa {
namespace detail {

/// The elements of a tensor, each as the number that is printed.
class PrintedElements {
 public:
  explicit PrintedElements(const AnyTensor& tensor)
      : data_(tensor.raw_data()), dtype_(tensor.dtype()) {}

  bool is_float() const { return is_floating_point(dtype_); }
  /// The value of a floating-point element.
  double number(std::int64_t i) const {
    return visit_dtype(dtype_, [&](auto type) -> double {
      const auto value = static_cast<const decltype(type)*>(data_)[i];
      if constexpr (std::is_arithmetic_v<decltype(type)>) {
        return static_cast<double>(value);
      } else {
        return to_float(value);
      }
    });
  }
  /// The text of an integer or a bool.
  std::string integer(std::int64_t i) const {
    if (dtype_ == Dtype::uint64) return python_text(static_cast<const std::uint64_t*>(data_)[i]);
    const auto value = visit_dtype(dtype_, [&](auto type) -> std::int64_t {
      if constexpr (std::is_integral_v<decltype(type)>) {
        return static_cast<std::int64_t>(static_cast<const decltype(type)*>(data_)[i]);
      } else {
        return 0;
      }
    });
    return dtype_ == Dtype::bool_ ? python_text(value != 0) : python_text(value);
  }

 private:
  const void* data_;
  Dtype dtype_;
};

/// One pass over the elements that will be shown decides how all of them are written, and how wide.
class CellFormat {
 public:
  CellFormat(const PrintedElements& elements, const PrintSettings& settings)
      : elements_(elements), precision_(settings.precision), sci_mode_(settings.sci_mode) {}

  /// `for_each_shown(f)` calls f(i) for each element that will be shown.
  template <class ForEach>
  void measure(const ForEach& for_each_shown) {
    if (elements_.is_float()) {
      choose_notation(for_each_shown);
      for_each_shown([&](std::int64_t i) {
        // Zeros, NaN and infinities do not widen the column.
        if (counts(elements_.number(i))) widen(text(i));
      });
    } else {
      for_each_shown([&](std::int64_t i) { widen(text(i)); });
    }
  }

  std::size_t width() const { return width_; }

  void append_to(std::string& out, std::int64_t i) const {
    const std::string cell = text(i);
    if (cell.size() < width_) out.append(width_ - cell.size(), ' ');
    out += cell;
  }

 private:
  static bool counts(double value) { return std::isfinite(value) && value != 0; }

  template <class ForEach>
  void choose_notation(const ForEach& for_each_shown) {
    double low = std::numeric_limits<double>::infinity();
    double high = 0;
    for_each_shown([&](std::int64_t i) {
      const double value = elements_.number(i);
      if (!counts(value)) return;
      low = std::min(low, std::abs(value));
      high = std::max(high, std::abs(value));
      if (value != std::ceil(value)) integral_ = false;
    });
    if (high == 0) return;  // nothing counts: `0.`, `nan`
    scientific_ = sci_mode_.value_or(high / low > 1000 || high > 1e8 || low < 1e-4);
  }

  [[gnu::cold]] std::string text(std::int64_t i) const {
    if (!elements_.is_float()) return elements_.integer(i);
    const double value = elements_.number(i);
    if (scientific_) return printf_text(value, std::chars_format::scientific, precision_);
    if (!integral_) return printf_text(value, std::chars_format::fixed, precision_);
    std::string digits = printf_text(value, std::chars_format::fixed, 0);
    if (std::isfinite(value)) digits += '.';
    return digits;
  }

  void widen(const std::string& cell) { width_ = std::max(width_, cell.size()); }

  PrintedElements elements_;
  int precision_;
  std::optional<bool> sci_mode_;
  bool scientific_ = false;
  bool integral_ = true;
  std::size_t width_ = 1;
};

/// The brackets and numbers of a tensor.
class TensorBody {
 public:
  TensorBody(const AnyTensor& tensor, const PrintSettings& settings)
      : shape_(tensor.shape()),
        strides_(strides_of(shape_)),
        summary_(static_cast<double>(tensor.numel()) > settings.threshold),
        edge_(std::min(settings.edgeitems, tensor.numel())),
        linewidth_(settings.linewidth),
        format_(PrintedElements(tensor), settings) {}

  /// `indent` is the column of the opening bracket.
  [[gnu::cold]] std::string text(std::size_t indent) {
    format_.measure([&](const auto& use) { for_each_shown(0, 0, use); });
    append(0, 0, indent);
    return std::move(text_);
  }

 private:
  static constexpr std::int64_t kEllipsis = -1;

  bool is_cut(std::size_t dim) const { return summary_ && shape_[dim] > 2 * edge_; }
  /// How many pieces are shown along a dimension, the ellipsis included.
  std::int64_t pieces(std::size_t dim) const { return is_cut(dim) ? 2 * edge_ + 1 : shape_[dim]; }
  /// The index of a piece.
  std::int64_t index_of(std::int64_t piece, std::size_t dim) const {
    if (!is_cut(dim) || piece < edge_) return piece;
    return piece == edge_ ? kEllipsis : shape_[dim] - (pieces(dim) - piece);
  }

  template <class Use>
  void for_each_shown(std::size_t dim, std::int64_t offset, const Use& use) const {
    if (dim == shape_.size()) return use(offset);
    for (std::int64_t piece = 0; piece < pieces(dim); ++piece) {
      const std::int64_t index = index_of(piece, dim);
      if (index != kEllipsis) for_each_shown(dim + 1, offset + index * strides_[dim], use);
    }
  }

  [[gnu::cold]] void append(std::size_t dim, std::int64_t offset, std::size_t indent) {
    if (dim == shape_.size()) return format_.append_to(text_, offset);
    const bool is_row = dim + 1 == shape_.size();
    text_ += '[';
    for (std::int64_t piece = 0; piece < pieces(dim); ++piece) {
      if (piece > 0) separate(dim, piece, indent);
      const std::int64_t index = index_of(piece, dim);
      if (index == kEllipsis) {
        text_ += is_row && edge_ > 0 ? " ..." : "...";
      } else {
        append(dim + 1, offset + index * strides_[dim], indent + 1);
      }
    }
    text_ += ']';
  }

  [[gnu::cold]] void separate(std::size_t dim, std::int64_t piece, std::size_t indent) {
    const std::size_t dims_below = shape_.size() - dim - 1;
    std::size_t newlines = dims_below;
    if (dims_below == 0) {
      const auto room = linewidth_ - static_cast<std::int64_t>(indent);
      const auto per_line =
          std::max<std::int64_t>(1, room / static_cast<std::int64_t>(format_.width() + 2));
      newlines = piece % per_line == 0 ? 1 : 0;
    }
    text_ += ',';
    text_.append(newlines, '\n');
    text_.append(newlines == 0 ? 1 : indent + 1, ' ');
  }

  Shape shape_;
  Shape strides_;
  bool summary_;
  std::int64_t edge_;
  std::int64_t linewidth_;
  CellFormat format_;
  std::string text_;
};

/// What stands after the numbers: `dtype=torch.float64`, `grad_fn=<MulBackward0>`.
[[gnu::cold]] inline std::vector<std::string> tensor_suffixes(const AnyTensor& tensor,
                                                              std::int64_t edgeitems) {
  std::vector<std::string> suffixes;
  const Dtype dtype = tensor.dtype();
  const bool empty = tensor.numel() == 0;
  if (empty ? tensor.dim() != 1 : edgeitems == 0) {
    suffixes.push_back("size=" + shape_text(tensor.shape()));
  }
  // The digits tell a float32, an int64 or a bool, where there are any.
  const bool told =
      dtype == Dtype::float32 || (!empty && (dtype == Dtype::int64 || dtype == Dtype::bool_));
  if (!told) suffixes.push_back("dtype=torch." + std::string(dtype_name(dtype)));
  const AutogradMeta* meta = tensor.impl().autograd;
  if (meta != nullptr && meta->grad_fn) {
    suffixes.push_back("grad_fn=<" + std::string(meta->grad_fn->name()) + ">");
  } else if (tensor.requires_grad()) {
    suffixes.emplace_back("requires_grad=True");
  }
  return suffixes;
}

/// Appends the suffixes, each on a new line where it would pass the line width.
[[gnu::cold]] inline void append_suffixes(std::string& text,
                                          const std::vector<std::string>& suffixes,
                                          std::size_t indent, std::int64_t linewidth) {
  const std::size_t newline = text.rfind('\n');
  const std::size_t line_start = newline == std::string::npos ? 0 : newline + 1;
  std::size_t length = text.size() - line_start + 2;
  for (const std::string& suffix : suffixes) {
    if (static_cast<std::int64_t>(length + suffix.size() + 2) > linewidth) {
      text += ",\n" + std::string(indent, ' ') + suffix;
      length = indent + suffix.size();
    } else {
      text += ", " + suffix;
      length += suffix.size() + 2;
    }
  }
}

}  // namespace detail

/// The text that PyTorch prints for a tensor, byte for byte, by the options of `set_printoptions`.
/// E.g. `tensor([1., 2., 3.])`. A parameter begins with `Parameter containing:`; a tensor that is
/// not defined is `None`.
[[gnu::cold]] inline std::string repr(const AnyTensor& tensor) {
  if (!tensor.defined()) return "None";
  const detail::PrintSettings settings = detail::print_settings().get();
  std::string text = "tensor(";
  const std::size_t indent = text.size();
  text += tensor.numel() == 0 ? "[]" : detail::TensorBody(tensor, settings).text(indent);
  detail::append_suffixes(text, detail::tensor_suffixes(tensor, settings.edgeitems), indent,
                          settings.linewidth);
  text += ')';
  return tensor.is_parameter() ? "Parameter containing:\n" + text : text;
}

inline std::ostream& operator<<(std::ostream& out, const AnyTensor& tensor) {
  return out << repr(tensor);
}

}  // namespace brasa
