#pragma once

// Reads what PyTorch answered (tests/golden/*.safetensors, see the README.md there) and compares.
//
//   const golden::File file("random.safetensors");
//   for (const golden::Json& c : file.cases()) {
//     INFO(c.dump());
//     const auto expected = file.tensor<float>(c, "output/0");
//     CHECK(golden::equal_bits(actual, expected));   // says where they differ most
//     CHECK(golden::close(actual, expected));        // within the tolerances
//   }

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/safetensors.hpp"
#include "brasa/core/any_tensor.hpp"
#include "brasa/core/tensor.hpp"

namespace golden {

using Json = nlohmann::json;

[[noreturn]] inline void fail(const std::string& message) {
  throw std::runtime_error("golden: " + message);
}

// ---- values in the JSON of a case ----

/// The one member of `{"tag": …}`, or null if `value` is something else.
inline const Json* tagged(const Json& value, const char* tag) {
  if (!value.is_object() || value.size() != 1) return nullptr;
  const auto found = value.find(tag);
  return found == value.end() ? nullptr : &*found;
}

/// A number, also one that JSON cannot hold: `{"float": "inf"}`, "-inf" or "nan".
inline double number(const Json& value) {
  const Json* special = tagged(value, "float");
  if (special == nullptr) return value.get<double>();
  const auto text = special->get<std::string>();
  const double inf = std::numeric_limits<double>::infinity();
  if (text == "inf") return inf;
  if (text == "-inf") return -inf;
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  fail("no such float: " + text);
}

/// The parts of a list or of a tuple, `{"tuple": […]}`.
inline const Json& parts(const Json& value) {
  const Json* tuple = tagged(value, "tuple");
  const Json& list = tuple ? *tuple : value;
  if (!list.is_array()) fail("expected a list or a tuple: " + value.dump());
  return list;
}

/// The dict behind `{"dict": {…}}`.
inline const Json& dict(const Json& value) {
  const Json* found = tagged(value, "dict");
  if (found == nullptr) fail("expected a dict: " + value.dump());
  return *found;
}

/// Sizes or dims: a list or a tuple of integers, or a single one.
inline brasa::Shape sizes(const Json& value) {
  if (value.is_number_integer()) return {value.get<std::int64_t>()};
  return parts(value).get<std::vector<std::int64_t>>();
}

/// `"float32"` or `{"dtype": "float32"}`.
inline brasa::Dtype dtype(const Json& value) {
  const Json* inner = tagged(value, "dtype");
  const auto name = (inner ? *inner : value).get<std::string>();
  for (std::size_t i = 0; i < std::size(brasa::detail::kDtypes); ++i) {
    if (brasa::detail::kDtypes[i].name == name) return static_cast<brasa::Dtype>(i);
  }
  fail("no such dtype: " + name);
}

/// True for `{"tensor": name, …}`.
inline bool is_tensor(const Json& value) { return value.is_object() && value.contains("tensor"); }

/// Whether the tensor of an argument requires a gradient.
inline bool requires_grad(const Json& value) { return value.value("requires_grad", false); }

// ---- a recording ----

/// One file of tests/golden.
class File {
 public:
  /// `name` is relative to tests/golden.
  explicit File(const std::string& name)
      : path_(std::string(BRASA_GOLDEN_DIR) + "/" + name), file_(std::filesystem::path(path_)) {
    const std::string* text = file_.metadata() ? file_.metadata()->find("cases") : nullptr;
    if (text) cases_ = Json::parse(*text);
  }

  const std::string& path() const { return path_; }
  /// The list of cases: objects.
  const Json& cases() const { return cases_; }
  /// The text under `key` of `__metadata__`.
  std::string metadata(const std::string& key) const { return file_.metadata().value().at(key); }

  /// True if the file has tensor `name` of this case, e.g. "param/bias".
  bool has(const Json& case_, const std::string& name) const {
    return file_.contains(full_name(case_, name));
  }
  /// Tensor `name` of a case, e.g. "output/0"; a new copy at each call.
  brasa::AnyTensor tensor(const Json& case_, const std::string& name) const {
    return at(full_name(case_, name));
  }
  template <brasa::TensorScalar S>
  brasa::Tensor<S> tensor(const Json& case_, const std::string& name) const {
    return tensor(case_, name).template as<S>();
  }
  /// The tensor that stands as `{"tensor": name}` among the arguments; a new copy at each call.
  brasa::AnyTensor argument(const Json& value) const {
    if (!is_tensor(value)) fail("expected a tensor: " + value.dump());
    return at(value.at("tensor").get<std::string>());
  }
  template <brasa::TensorScalar S>
  brasa::Tensor<S> argument(const Json& value) const {
    return argument(value).template as<S>();
  }
  /// A tensor by its whole name, e.g. "12/output/0"; a new copy at each call.
  brasa::AnyTensor at(const std::string& full_name) const {
    const brasa::AnyTensor mapped = file_.tensor(full_name);
    auto copy = brasa::AnyTensor::empty(mapped.dtype(), mapped.shape());
    if (copy.nbytes() > 0) std::memcpy(copy.raw_data(), mapped.raw_data(), copy.nbytes());
    return copy;
  }

 private:
  static std::string full_name(const Json& case_, const std::string& name) {
    return case_.at("case").get<std::string>() + "/" + name;
  }

  std::string path_;
  brasa::SafetensorsFile file_;
  Json cases_ = Json::array();
};

// ---- comparing ----

/// What a comparison found. In a CHECK it counts as a bool and prints its message.
struct Comparison {
  bool ok = true;
  std::string message = "equal";

  explicit operator bool() const { return ok; }
  friend std::ostream& operator<<(std::ostream& out, const Comparison& comparison) {
    return out << comparison.message;
  }
};

/// |actual − expected| ≤ absolute + relative·|expected|.
struct Tolerance {
  double relative = 0;
  double absolute = 0;
};

/// The tolerances against PyTorch; none for integers and bool.
inline Tolerance tolerance(brasa::Dtype dtype) {
  if (dtype == brasa::Dtype::float32) return {1e-5, 1e-6};
  if (dtype == brasa::Dtype::float64) return {1e-12, 1e-13};
  return {};
}

namespace detail {

template <class T>
double as_double(T value) {
  if constexpr (std::is_same_v<T, brasa::Half> || std::is_same_v<T, brasa::BFloat16>) {
    return static_cast<double>(brasa::to_float(value));
  } else {
    return static_cast<double>(value);
  }
}

template <class T>
std::string text(T value) {
  if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, std::is_same_v<T, double> ? "%.17g" : "%.9g",
                  as_double(value));
    return buffer;
  }
}

inline std::string index_text(std::size_t flat, const brasa::Shape& shape) {
  brasa::Shape index = shape;
  for (std::size_t i = shape.size(); i-- > 0;) {
    index[i] = static_cast<std::int64_t>(flat % static_cast<std::size_t>(shape[i]));
    flat /= static_cast<std::size_t>(shape[i]);
  }
  return brasa::shape_text(index);
}

/// Equal to the bit; all NaNs count as equal.
template <class T>
bool same(T a, T b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0 ||
         (std::isnan(as_double(a)) && std::isnan(as_double(b)));
}

/// How far apart, in units of what is allowed: at most 1 is close.
template <class T>
double error(T actual, T expected, Tolerance allowed) {
  if (same(actual, expected)) return 0;
  const double inf = std::numeric_limits<double>::infinity();
  if constexpr (std::is_integral_v<T>) {
    if (allowed.relative <= 0 && allowed.absolute <= 0) return inf;
  }
  const double a = as_double(actual);
  const double e = as_double(expected);
  if (!std::isfinite(a) || !std::isfinite(e)) return inf;
  const double difference = std::abs(a - e);
  return difference <= 0 ? 0 : difference / (allowed.absolute + allowed.relative * std::abs(e));
}

/// Elements as `error(a, b)` judges them: at most 1 passes.
template <class T, class Error>
Comparison compare(const T* a, const T* e, std::size_t count, const brasa::Shape& shape,
                   Error error) {
  std::size_t wrong = 0;
  std::size_t worst = 0;
  double worst_error = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double found = error(a[i], e[i]);
    if (found <= 1) continue;
    if (wrong++ == 0 || found > worst_error) {
      worst = i;
      worst_error = found;
    }
  }
  if (wrong == 0) return {};
  return {
      false,
      std::to_string(wrong) + " of " + std::to_string(count) + " elements differ, worst at " +
          index_text(worst, shape) + ": got " + text(a[worst]) + ", expected " + text(e[worst]) +
          ", off by " + text(std::abs(as_double(a[worst]) - as_double(e[worst]))) +
          (std::isfinite(worst_error) ? ", that is " + text(worst_error) + " times the tolerance"
                                      : std::string())};
}

template <class MakeError>
Comparison compare(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected,
                   MakeError make_error) {
  if (!actual.defined() || !expected.defined()) return {false, "an undefined tensor"};
  if (actual.dtype() != expected.dtype()) {
    return {false, "got dtype " + std::string(brasa::dtype_name(actual.dtype())) + ", expected " +
                       std::string(brasa::dtype_name(expected.dtype()))};
  }
  if (!(actual.shape() == expected.shape())) {
    return {false, "got shape " + brasa::shape_text(actual.shape()) + ", expected " +
                       brasa::shape_text(expected.shape())};
  }
  return brasa::visit_dtype(actual.dtype(), [&](auto zero) {
    using T = decltype(zero);
    return compare(static_cast<const T*>(actual.raw_data()),
                   static_cast<const T*>(expected.raw_data()),
                   static_cast<std::size_t>(actual.numel()), actual.shape(), make_error);
  });
}

}  // namespace detail

/// Same dtype, shape and bits; −0 is not 0, but any NaN equals any other.
inline Comparison equal_bits(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected) {
  return detail::compare(actual, expected, [](auto a, auto e) {
    return detail::same(a, e) ? 0 : std::numeric_limits<double>::infinity();
  });
}

/// Same dtype, shape and values: −0 equals 0, any NaN equals any other.
inline Comparison equal_values(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected) {
  return detail::compare(actual, expected, [](auto a, auto e) {
    const bool zeros = detail::as_double(a) == 0 && detail::as_double(e) == 0;
    return zeros || detail::same(a, e) ? 0 : std::numeric_limits<double>::infinity();
  });
}

/// Same dtype and shape, elements within the tolerance; infinities and NaNs at the same places.
inline Comparison close(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected,
                        Tolerance allowed) {
  return detail::compare(actual, expected,
                         [allowed](auto a, auto e) { return detail::error(a, e, allowed); });
}
inline Comparison close(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected) {
  return close(actual, expected, expected.defined() ? tolerance(expected.dtype()) : Tolerance{});
}

}  // namespace golden
