#pragma once

#include <Eigen/Core>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/core/any_tensor.hpp"

namespace brasa {

class Generator;

template <TensorScalar Scalar>
struct ValuesAndIndices;

/// One or several dimensions, as in `x.sum(1)` or `x.sum({0, 1})`.
struct Dims : Shape {
  Dims(std::int64_t dim) : Shape{dim} {}
  Dims(std::initializer_list<std::int64_t> dims) : Shape(dims) {}
  Dims(const Shape& dims) : Shape(dims) {}
};

namespace detail {
template <TensorScalar Scalar>
class RowIterator;  // row_iterator.hpp
}  // namespace detail

/// A handle to an N-dimensional array, always row-major and contiguous.
///
/// Copying a Tensor copies the handle: both look at the same memory, as in Python. `clone()` copies
/// the data. The reshape family (reshape, view, flatten, unflatten, squeeze, unsqueeze) and
/// `detach` share memory with their input; **everything else copies**, also slices, `x[i]` and
/// transposes, which in PyTorch are views.
///
/// Eigen is zero-copy both ways: `matrix()`, `array()` and `vector()` are maps of the tensor's
/// memory; `from_eigen` and `from_blob` (files of these names) go the other way.
///
/// Most operations exist as a function (`brasa::sum(x, 1)`), documented in ops/, and as a method
/// (`x.sum(1)`).
template <TensorScalar S>
class Tensor : public AnyTensor {
 public:
  using Scalar = S;
  using RowMajorMatrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Vector = Eigen::Matrix<S, Eigen::Dynamic, 1>;
  using Array = Eigen::Array<S, Eigen::Dynamic, 1>;

  /// No tensor at all: `defined()` is false.
  Tensor() noexcept = default;
  /// For brasa's own use: the impl must be of this dtype.
  explicit Tensor(detail::Ref<detail::TensorImpl> impl) noexcept : AnyTensor(std::move(impl)) {}

  /// An uninitialised tensor.
  static Tensor empty(const Shape& shape, std::string_view op = "empty") {
    return Tensor(detail::new_impl(dtype_of<S>, shape, op));
  }

  // ---- memory ----

  /// The elements, row-major.
  const S* data() const { return static_cast<const S*>(raw_data()); }
  /// The elements for writing. As in PyTorch, autograd does not see what is written through it.
  S* data() { return static_cast<S*>(raw_data()); }
  std::span<const S> span() const { return {data(), static_cast<std::size_t>(numel())}; }
  std::span<S> span() { return {data(), static_cast<std::size_t>(numel())}; }

  /// A 2-d tensor as an Eigen matrix over the same memory.
  Eigen::Map<const RowMajorMatrix> matrix() const {
    check_matrix();
    return {data(), static_cast<Eigen::Index>(shape()[0]), static_cast<Eigen::Index>(shape()[1])};
  }
  Eigen::Map<RowMajorMatrix> matrix() {
    check_matrix();
    return {data(), static_cast<Eigen::Index>(shape()[0]), static_cast<Eigen::Index>(shape()[1])};
  }
  /// All elements, row-major, as an Eigen column vector over the same memory.
  Eigen::Map<const Vector> vector() const { return {data(), static_cast<Eigen::Index>(numel())}; }
  Eigen::Map<Vector> vector() { return {data(), static_cast<Eigen::Index>(numel())}; }
  /// All elements, row-major, as an Eigen array over the same memory.
  Eigen::Map<const Array> array() const { return {data(), static_cast<Eigen::Index>(numel())}; }
  Eigen::Map<Array> array() { return {data(), static_cast<Eigen::Index>(numel())}; }

  // ---- elements ----

  /// The value of a tensor with one element.
  S item() const {
    if (numel() != 1) {
      detail::raise<ShapeError>("item", "expected a tensor with one element, got shape ",
                                shape_text(shape()));
    }
    return *data();
  }
  /// The element at the given indices, one for each dimension; negative ones count from the end.
  template <std::integral... Index>
  S operator()(Index... index) const {
    return data()[offset({static_cast<std::int64_t>(index)...})];
  }
  template <std::integral... Index>
  S& operator()(Index... index) {
    return data()[offset({static_cast<std::int64_t>(index)...})];
  }
  /// A copy of the i-th slice along the first dimension. Const, so that `x[0] = y`, which in
  /// PyTorch writes into x, does not compile instead of doing nothing.
  const Tensor operator[](std::int64_t i) const { return select(0, i); }
  /// Copies of the slices along the first dimension, one after the other.
  detail::RowIterator<S> begin() const;
  detail::RowIterator<S> end() const;

  // ---- autograd ----

  /// Asks for gradients, or no longer. Only for floating point, and only on leaves.
  Tensor& requires_grad_(bool requires_grad = true);
  /// The gradient that backward left here: on leaves, and after `retain_grad` on others. Undefined
  /// if there is none.
  Tensor grad() const {
    const auto* meta = impl().autograd;
    if (meta == nullptr) return {};
    return Tensor(meta->grad_fn ? meta->grad_fn->retained_grad : meta->grad);
  }
  /// Sets or, with an undefined tensor, drops the gradient of a leaf.
  void set_grad(const Tensor& grad);
  /// Lets backward keep the gradient of a tensor that is not a leaf.
  void retain_grad();
  /// `hook(grad)` is called with the gradient of this tensor whenever it is computed; what it
  /// returns, if it returns a tensor, takes the gradient's place.
  template <class Hook>
  RemovableHandle register_hook(Hook hook) const;
  /// `hook(tensor)` is called after a backward has added to the `grad()` of this leaf.
  template <class Hook>
  RemovableHandle register_post_accumulate_grad_hook(Hook hook) const;
  /// The same memory, outside of the graph.
  Tensor detach() const;
  /// A copy of the data.
  Tensor clone() const;
  /// Computes the gradients of all leaves that this tensor was computed from.
  /// `gradient` may be left out for a tensor with one element.
  void backward(const Tensor& gradient = {}, bool retain_graph = false,
                bool create_graph = false) const;

  /// The elements converted to another type, as a C++ cast does; the tensor itself if it is of that
  /// type already.
  template <TensorScalar To>
  Tensor<To> to() const;

  // ---- shape: share memory ----

  Tensor reshape(const Shape& shape) const;
  Tensor view(const Shape& shape) const;
  Tensor view_as(const AnyTensor& other) const;
  Tensor flatten(std::int64_t start_dim = 0, std::int64_t end_dim = -1) const;
  Tensor unflatten(std::int64_t dim, const Shape& sizes) const;
  Tensor squeeze() const;
  Tensor squeeze(const Dims& dim) const;
  Tensor unsqueeze(std::int64_t dim) const;

  // ---- shape: copy ----

  Tensor transpose(std::int64_t dim0, std::int64_t dim1) const;
  Tensor t() const;
  Tensor mT() const;
  Tensor permute(const Shape& dims) const;
  Tensor expand(const Shape& sizes) const;
  Tensor expand_as(const AnyTensor& other) const;
  Tensor repeat(const Shape& repeats) const;
  Tensor flip(const Dims& dims) const;
  Tensor roll(const Dims& shifts, const Dims& dims = Shape()) const;
  Tensor tril(std::int64_t diagonal = 0) const;
  Tensor triu(std::int64_t diagonal = 0) const;
  std::vector<Tensor> split(std::int64_t split_size, std::int64_t dim = 0) const;
  std::vector<Tensor> split(const Shape& sizes, std::int64_t dim = 0) const;
  std::vector<Tensor> chunk(std::int64_t chunks, std::int64_t dim = 0) const;
  std::vector<Tensor> unbind(std::int64_t dim = 0) const;
  Tensor narrow(std::int64_t dim, std::int64_t start, std::int64_t length) const;
  Tensor select(std::int64_t dim, std::int64_t index) const;
  Tensor index_select(std::int64_t dim, const Tensor<std::int64_t>& index) const;
  Tensor gather(std::int64_t dim, const Tensor<std::int64_t>& index) const;
  Tensor masked_fill(const Tensor<bool>& mask, double value) const;
  Tensor masked_select(const Tensor<bool>& mask) const;

  // ---- elementwise ----

  Tensor abs() const;
  Tensor neg() const;
  Tensor sign() const;
  Tensor square() const;
  Tensor floor() const;
  Tensor ceil() const;
  Tensor round() const;
  Tensor trunc() const;
  Tensor clamp(std::optional<double> min, std::optional<double> max = std::nullopt) const;
  Tensor<float_of<S>> exp() const;
  Tensor<float_of<S>> log() const;
  Tensor<float_of<S>> sqrt() const;
  Tensor<float_of<S>> rsqrt() const;
  Tensor<float_of<S>> reciprocal() const;
  Tensor<float_of<S>> sin() const;
  Tensor<float_of<S>> cos() const;
  Tensor<float_of<S>> tan() const;
  Tensor<float_of<S>> tanh() const;
  Tensor<float_of<S>> sigmoid() const;
  Tensor<float_of<S>> erf() const;
  Tensor relu() const;
  Tensor softmax(std::int64_t dim) const;
  Tensor log_softmax(std::int64_t dim) const;
  Tensor<bool> isnan() const;
  Tensor<bool> isinf() const;
  Tensor<bool> isfinite() const;
  Tensor<bool> logical_not() const;
  template <class Other>
  auto add(const Other& other) const;
  template <class Other>
  auto sub(const Other& other) const;
  template <class Other>
  auto mul(const Other& other) const;
  template <class Other>
  auto div(const Other& other) const;
  template <class Other>
  auto pow(const Other& exponent) const;
  template <class Other>
  auto eq(const Other& other) const;
  template <class Other>
  auto ne(const Other& other) const;
  template <class Other>
  auto lt(const Other& other) const;
  template <class Other>
  auto le(const Other& other) const;
  template <class Other>
  auto gt(const Other& other) const;
  template <class Other>
  auto ge(const Other& other) const;

  // ---- reductions ----

  Tensor<sum_of<S>> sum() const;
  Tensor<sum_of<S>> sum(const Dims& dim, bool keepdim = false) const;
  Tensor<sum_of<S>> prod() const;
  Tensor<sum_of<S>> prod(std::int64_t dim, bool keepdim = false) const;
  Tensor mean() const;
  Tensor mean(const Dims& dim, bool keepdim = false) const;
  Tensor var() const;
  Tensor var(const Dims& dim, double correction = 1, bool keepdim = false) const;
  Tensor std() const;
  Tensor std(const Dims& dim, double correction = 1, bool keepdim = false) const;
  Tensor norm(double p = 2) const;
  Tensor norm(double p, const Dims& dim, bool keepdim = false) const;
  Tensor<float_of<S>> logsumexp(const Dims& dim, bool keepdim = false) const;
  Tensor max() const;
  ValuesAndIndices<S> max(std::int64_t dim, bool keepdim = false) const;
  Tensor min() const;
  ValuesAndIndices<S> min(std::int64_t dim, bool keepdim = false) const;
  Tensor amax(const Dims& dim = Shape(), bool keepdim = false) const;
  Tensor amin(const Dims& dim = Shape(), bool keepdim = false) const;
  Tensor<std::int64_t> argmax() const;
  Tensor<std::int64_t> argmax(std::int64_t dim, bool keepdim = false) const;
  Tensor<std::int64_t> argmin() const;
  Tensor<std::int64_t> argmin(std::int64_t dim, bool keepdim = false) const;
  Tensor<bool> all() const;
  Tensor<bool> all(const Dims& dim, bool keepdim = false) const;
  Tensor<bool> any() const;
  Tensor<bool> any(const Dims& dim, bool keepdim = false) const;
  Tensor<sum_of<S>> cumsum(std::int64_t dim) const;
  Tensor<sum_of<S>> cumprod(std::int64_t dim) const;
  bool allclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8,
                bool equal_nan = false) const;
  bool equal(const Tensor& other) const;

  // ---- products and order ----

  Tensor matmul(const Tensor& other) const;
  Tensor mm(const Tensor& mat2) const;
  Tensor mv(const Tensor& vec) const;
  Tensor bmm(const Tensor& mat2) const;
  Tensor dot(const Tensor& other) const;
  Tensor outer(const Tensor& other) const;
  ValuesAndIndices<S> topk(std::int64_t k, std::int64_t dim = -1, bool largest = true,
                           bool sorted = true) const;
  ValuesAndIndices<S> sort(std::int64_t dim = -1, bool descending = false,
                           bool stable = false) const;
  Tensor<std::int64_t> argsort(std::int64_t dim = -1, bool descending = false,
                               bool stable = false) const;

  // ---- in place ----

  Tensor& copy_(const Tensor& source);
  Tensor& fill_(double value);
  Tensor& zero_();
  template <class Other>
  Tensor& add_(const Other& other, double alpha = 1);
  template <class Other>
  Tensor& sub_(const Other& other, double alpha = 1);
  template <class Other>
  Tensor& mul_(const Other& other);
  template <class Other>
  Tensor& div_(const Other& other);
  Tensor& clamp_(std::optional<double> min, std::optional<double> max = std::nullopt);
  Tensor& uniform_(double from = 0, double to = 1, Generator* generator = nullptr);
  Tensor& normal_(double mean = 0, double std = 1, Generator* generator = nullptr);
  Tensor& bernoulli_(double p = 0.5, Generator* generator = nullptr);
  Tensor& random_(Generator* generator = nullptr);
  Tensor& random_(std::int64_t from, std::optional<std::int64_t> to,
                  Generator* generator = nullptr);

 private:
  void check_matrix() const {
    if (shape().size() != 2) {
      detail::raise<ShapeError>("matrix", "expected a tensor with 2 dimensions, got shape ",
                                shape_text(shape()));
    }
  }
  std::int64_t offset(std::initializer_list<std::int64_t> index) const {
    const Shape& sizes = shape();
    if (index.size() != sizes.size()) {
      detail::raise<IndexError>("operator()", "expected ", sizes.size(), " indices for shape ",
                                shape_text(sizes), ", got ", index.size());
    }
    std::int64_t result = 0;
    std::size_t dim = 0;
    for (const std::int64_t i : index) {
      const std::int64_t size = sizes[dim];
      if (i < -size || i >= size) {
        detail::raise<IndexError>("operator()", "index ", i, " is out of range for dimension ", dim,
                                  " of shape ", shape_text(sizes));
      }
      result = result * size + (i < 0 ? i + size : i);
      ++dim;
    }
    return result;
  }
};

/// The result of an operation that finds elements and where they stood.
template <TensorScalar Scalar>
struct ValuesAndIndices {
  Tensor<Scalar> values;
  Tensor<std::int64_t> indices;
};

static_assert(sizeof(Tensor<float>) == sizeof(AnyTensor), "a Tensor is a typed AnyTensor");

template <TensorScalar Scalar>
Tensor<Scalar> AnyTensor::as() const {
  if (!holds<Scalar>()) {
    detail::raise<DtypeError>("as", "expected a tensor of ", dtype_name(dtype_of<Scalar>),
                              ", got one of ", dtype_name(dtype()));
  }
  return Tensor<Scalar>(impl_);
}

/// True for `Tensor<Scalar>` and what derives from it.
template <class T>
concept IsTensor = requires {
  typename T::Scalar;
}
&&std::is_base_of_v<Tensor<typename T::Scalar>, T>;

namespace detail {

/// Another tensor over the same memory. The number of elements must be the same.
inline AnyTensor alias(const AnyTensor& tensor, const Shape& shape) {
  return AnyTensor(
      Ref<TensorImpl>::adopt(pool_new<TensorImpl>(tensor.impl().storage, shape, tensor.dtype())));
}
template <TensorScalar Scalar>
Tensor<Scalar> alias(const Tensor<Scalar>& tensor, const Shape& shape) {
  return Tensor<Scalar>(alias(static_cast<const AnyTensor&>(tensor), shape).impl_ref());
}

}  // namespace detail

template <TensorScalar S>
Tensor<S> Tensor<S>::detach() const {
  return detail::alias(*this, shape());
}

}  // namespace brasa
