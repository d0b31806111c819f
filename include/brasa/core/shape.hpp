#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "brasa/core/error.hpp"

namespace brasa {

/// The sizes of a tensor, or a list of dimensions: a short list of integers that allocates nothing
/// up to six entries. Prints as PyTorch does: `torch.Size([2, 3])`.
class Shape {
 public:
  using value_type = std::int64_t;
  using iterator = std::int64_t*;
  using const_iterator = const std::int64_t*;

  Shape() noexcept = default;
  Shape(std::initializer_list<std::int64_t> sizes) { assign(sizes.begin(), sizes.size()); }
  Shape(std::span<const std::int64_t> sizes) { assign(sizes.data(), sizes.size()); }
  Shape(const std::vector<std::int64_t>& sizes) { assign(sizes.data(), sizes.size()); }
  /// `count` times `value`.
  static Shape filled(std::size_t count, std::int64_t value) {
    Shape shape;
    shape.resize(count);
    std::fill(shape.begin(), shape.end(), value);
    return shape;
  }

  Shape(const Shape& other) { assign(other); }
  Shape(Shape&& other) noexcept { take(other); }
  Shape& operator=(const Shape& other) {
    if (this != &other) assign(other);
    return *this;
  }
  Shape& operator=(Shape&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~Shape() { release(); }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::int64_t* data() noexcept { return heap_ ? heap_ : inline_; }
  const std::int64_t* data() const noexcept { return heap_ ? heap_ : inline_; }
  std::int64_t& operator[](std::size_t i) noexcept { return data()[i]; }
  std::int64_t operator[](std::size_t i) const noexcept { return data()[i]; }
  iterator begin() noexcept { return data(); }
  iterator end() noexcept { return data() + size_; }
  const_iterator begin() const noexcept { return data(); }
  const_iterator end() const noexcept { return data() + size_; }
  std::int64_t& front() noexcept { return data()[0]; }
  std::int64_t& back() noexcept { return data()[size_ - 1]; }
  std::int64_t front() const noexcept { return data()[0]; }
  std::int64_t back() const noexcept { return data()[size_ - 1]; }

  void push_back(std::int64_t value) {
    resize(size_ + 1);
    back() = value;
  }
  void insert(std::size_t position, std::int64_t value) {
    push_back(value);
    std::rotate(begin() + position, end() - 1, end());
  }
  void erase(std::size_t position) {
    std::move(begin() + position + 1, end(), begin() + position);
    --size_;
  }
  void append(const Shape& other) {
    const std::size_t old_size = size_;
    const std::size_t count = other.size();
    resize(old_size + count);
    std::copy_n(other.begin(), count, begin() + old_size);
  }
  /// The entries [first, last).
  Shape slice(std::size_t first, std::size_t last) const {
    return Shape(std::span<const std::int64_t>(data() + first, last - first));
  }

  friend bool operator==(const Shape& a, const Shape& b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  static constexpr std::size_t kInline = 6;

  void resize(std::size_t count) {
    if (count > capacity_) grow(count);
    size_ = count;
  }
  /// Rare, so that it is kept out of the code of all who copy shapes.
  [[gnu::cold]] void grow(std::size_t count) {
    const std::size_t capacity = std::max(count, 2 * capacity_);
    auto* grown = new std::int64_t[capacity];
    std::copy_n(data(), size_, grown);
    release();
    heap_ = grown;
    capacity_ = capacity;
  }
  void assign(const Shape& other) {
    if (heap_ || other.heap_) return assign(other.data(), other.size());
    size_ = other.size_;
    copy_inline(other);
  }
  [[gnu::noinline]] void assign(const std::int64_t* values, std::size_t count) {
    size_ = std::min(size_, count);
    resize(count);
    std::copy_n(values, count, data());
  }
  void release() noexcept {
    delete[] heap_;
    heap_ = nullptr;
    capacity_ = kInline;
  }
  void take(Shape& other) noexcept {
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, kInline);
    heap_ = std::exchange(other.heap_, nullptr);
    if (!heap_) copy_inline(other);
  }
  // All entries: a known number is copied faster. No std::copy_n, which for all it knows is given
  // overlapping ones and calls a function.
  void copy_inline(const Shape& other) noexcept {
    std::memcpy(inline_, other.inline_, sizeof inline_);
  }

  std::size_t size_ = 0;
  std::size_t capacity_ = kInline;
  std::int64_t* heap_ = nullptr;  // null while the entries fit in here:
  std::int64_t inline_[kInline] = {};
};

/// Sizes as errors show them: `(2, 3)`, `(3,)`, `()`.
[[gnu::cold]] inline std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text += shape.size() == 1 ? ",)" : ")";
}

/// Sizes as PyTorch prints them: `torch.Size([2, 3])`.
[[gnu::cold]] inline std::string repr(const Shape& shape) {
  std::string text = "torch.Size([";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text += "])";
}

inline std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  return out << repr(shape);
}

namespace detail {

inline bool has_zero_size(const Shape& shape) noexcept {
  return std::find(shape.begin(), shape.end(), 0) != shape.end();
}

/// The product of sizes that may be large but are not negative; −1 where it is more than `most`.
[[gnu::cold]] inline std::int64_t numel_of_large(const Shape& shape, std::int64_t most) noexcept {
  if (has_zero_size(shape)) return 0;
  std::int64_t product = 1;
  for (const std::int64_t size : shape) {
    if (product > most / size) return -1;
    product *= size;
  }
  return product;
}

/// `checked_numel` of sizes that are large, or negative.
[[gnu::cold]] inline std::int64_t checked_numel_of_large(std::string_view op, const Shape& shape) {
  if (*std::min_element(shape.begin(), shape.end()) < 0) {
    raise<ValueError>(op, "expected sizes that are not negative, got ", shape_text(shape));
  }
  const std::int64_t numel = numel_of_large(shape, std::numeric_limits<std::int64_t>::max() / 16);
  if (numel < 0) {
    raise<ValueError>(op, "a tensor of shape ", shape_text(shape), " has too many elements");
  }
  return numel;
}

/// The product of the sizes. Raises ValueError where one is negative or the product overflows.
inline std::int64_t checked_numel(std::string_view op, const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t size : shape) {
    if (((product | size) >> 29) != 0) return checked_numel_of_large(op, shape);
    product *= size;
  }
  return product;
}

/// The product of sizes that are known to be valid, all those of a tensor or some of them. Some of
/// those of a tensor without elements may be too large to multiply: then the largest number.
[[gnu::noinline]] inline std::int64_t numel_of(const Shape& shape) noexcept {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  std::int64_t product = 1;
  for (const std::int64_t size : shape) {
    if (((product | size) >> 31) != 0) {
      const std::int64_t numel = numel_of_large(shape, kMax);
      return numel < 0 ? kMax : numel;
    }
    product *= size;
  }
  return product;
}

/// `dim` made non-negative, for `rank` dimensions. A 0-d tensor counts as 1-d, as in PyTorch.
inline std::size_t wrap_dim(std::string_view op, std::int64_t dim, std::size_t rank) {
  const auto limit = static_cast<std::int64_t>(std::max<std::size_t>(rank, 1));
  if (dim < -limit || dim >= limit) {
    raise<IndexError>(op, "dimension out of range: expected it in [", -limit, ", ", limit - 1,
                      "], got ", dim);
  }
  return static_cast<std::size_t>(dim < 0 ? dim + limit : dim);
}

/// The strides, in elements, of a row-major tensor. They do not matter where there is no element.
inline Shape strides_of(const Shape& shape) {
  if (has_zero_size(shape)) return Shape::filled(shape.size(), 0);
  Shape strides = shape;
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

/// The shape that both broadcast to: aligned right, sizes equal or one of them 1.
inline Shape broadcast_shapes(std::string_view op, const Shape& a, const Shape& b) {
  if (a == b) return a;
  const bool a_longer = a.size() >= b.size();
  Shape result = a_longer ? a : b;
  const Shape& shorter = a_longer ? b : a;
  const std::size_t offset = result.size() - shorter.size();
  for (std::size_t i = shorter.size(); i-- > 0;) {
    std::int64_t& size = result[offset + i];
    if (size == shorter[i] || shorter[i] == 1) continue;
    if (size != 1) {
      raise<ShapeError>(op, "expected shapes that broadcast, got ", shape_text(a), " and ",
                        shape_text(b), ": sizes ", a_longer ? size : shorter[i], " and ",
                        a_longer ? shorter[i] : size, " differ at dimension ", offset + i);
    }
    size = shorter[i];
  }
  return result;
}

}  // namespace detail
}  // namespace brasa
