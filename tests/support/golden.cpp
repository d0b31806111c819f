#include "support/golden.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <ostream>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "brasa/checkpoint/safetensors.hpp"

namespace golden {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw std::runtime_error("golden: " + message);
}

/// The one member of `{"tag": …}`, or null if `value` is something else.
const Json* tagged(const Json& value, const char* tag) {
  if (!value.is_object() || value.size() != 1) return nullptr;
  const auto found = value.find(tag);
  return found == value.end() ? nullptr : &*found;
}

std::string full_name(const Json& case_, const std::string& name) {
  return case_.at("case").get<std::string>() + "/" + name;
}

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

std::string index_text(std::size_t flat, const brasa::Shape& shape) {
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

/// How far apart, in units of the expected number's last place. Small numbers count as what the
/// absolute tolerance makes of them: 0.1.
template <class T>
double ulps(T actual, T expected) {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
    if (same(actual, expected)) return 0;
    const double a = as_double(actual);
    const double e = as_double(expected);
    if (!std::isfinite(a) || !std::isfinite(e)) return std::numeric_limits<double>::infinity();
    const Tolerance allowed = tolerance(brasa::dtype_of<T>);
    const double least = allowed.absolute / allowed.relative;
    const int exponent = std::ilogb(std::max(std::abs(e), least));
    return std::ldexp(std::abs(a - e), std::numeric_limits<T>::digits - 1 - exponent);
  } else {
    return 0;
  }
}

/// Elements as `error(a, b)` judges them: at most 1 passes.
template <class T, class Error>
Comparison compare(const T* a, const T* e, std::size_t count, const brasa::Shape& shape,
                   Error error) {
  std::size_t wrong = 0;
  std::size_t worst = 0;
  double worst_error = 0;
  double worst_ulps = 0;
  for (std::size_t i = 0; i < count; ++i) {
    worst_ulps = std::max(worst_ulps, ulps(a[i], e[i]));
    const double found = error(a[i], e[i]);
    if (found <= 1) continue;
    if (wrong++ == 0 || found > worst_error) {
      worst = i;
      worst_error = found;
    }
  }
  if (wrong == 0) return {true, "equal", worst_ulps};
  return {
      false,
      std::to_string(wrong) + " of " + std::to_string(count) + " elements differ, worst at " +
          index_text(worst, shape) + ": got " + text(a[worst]) + ", expected " + text(e[worst]) +
          ", off by " + text(std::abs(as_double(a[worst]) - as_double(e[worst]))) +
          (std::isfinite(worst_error) ? ", that is " + text(worst_error) + " times the tolerance"
                                      : std::string()),
      worst_ulps};
}

template <class MakeError>
Comparison compare(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected,
                   MakeError make_error) {
  if (!actual.defined() || !expected.defined()) return {false, "an undefined tensor", 0};
  if (actual.dtype() != expected.dtype()) {
    return {false,
            "got dtype " + std::string(brasa::dtype_name(actual.dtype())) + ", expected " +
                std::string(brasa::dtype_name(expected.dtype())),
            0};
  }
  if (!(actual.shape() == expected.shape())) {
    return {false,
            "got shape " + brasa::shape_text(actual.shape()) + ", expected " +
                brasa::shape_text(expected.shape()),
            0};
  }
  return brasa::visit_dtype(actual.dtype(), [&](auto zero) {
    using T = decltype(zero);
    return compare(static_cast<const T*>(actual.raw_data()),
                   static_cast<const T*>(expected.raw_data()),
                   static_cast<std::size_t>(actual.numel()), actual.shape(), make_error);
  });
}

}  // namespace

double number(const Json& value) {
  const Json* special = tagged(value, "float");
  if (special == nullptr) return value.get<double>();
  const auto text = special->get<std::string>();
  const double inf = std::numeric_limits<double>::infinity();
  if (text == "inf") return inf;
  if (text == "-inf") return -inf;
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  fail("no such float: " + text);
}

const Json& parts(const Json& value) {
  const Json* tuple = tagged(value, "tuple");
  const Json& list = tuple ? *tuple : value;
  if (!list.is_array()) fail("expected a list or a tuple: " + value.dump());
  return list;
}

const Json& dict(const Json& value) {
  const Json* found = tagged(value, "dict");
  if (found == nullptr) fail("expected a dict: " + value.dump());
  return *found;
}

brasa::Shape sizes(const Json& value) {
  if (value.is_number_integer()) return {value.get<std::int64_t>()};
  return parts(value).get<std::vector<std::int64_t>>();
}

brasa::Dtype dtype(const Json& value) {
  const Json* inner = tagged(value, "dtype");
  const auto name = (inner ? *inner : value).get<std::string>();
  for (std::size_t i = 0; i < std::size(brasa::detail::kDtypes); ++i) {
    if (brasa::detail::kDtypes[i].name == name) return static_cast<brasa::Dtype>(i);
  }
  fail("no such dtype: " + name);
}

bool is_tensor(const Json& value) { return value.is_object() && value.contains("tensor"); }

bool requires_grad(const Json& value) { return value.value("requires_grad", false); }

File::File(const std::string& name)
    : path_((std::filesystem::path(BRASA_GOLDEN_DIR) / name).string()),
      file_(std::make_shared<brasa::SafetensorsFile>(std::filesystem::path(path_))) {
  const std::string* text = file_->metadata() ? file_->metadata()->find("cases") : nullptr;
  if (text) cases_ = Json::parse(*text);
}

std::string File::metadata(const std::string& key) const {
  return file_->metadata().value().at(key);
}

bool File::has_cases() const {
  return file_->metadata() && file_->metadata()->find("cases") != nullptr;
}

std::vector<std::string> File::names(const Json& case_, const std::string& prefix) const {
  const std::string start = full_name(case_, prefix);
  std::vector<std::string> found;
  for (const auto& [name, info] : file_->tensors()) {
    if (name.starts_with(start)) found.push_back(name.substr(start.size()));
  }
  return found;
}

bool File::has(const Json& case_, const std::string& name) const {
  return file_->contains(full_name(case_, name));
}

brasa::AnyTensor File::tensor(const Json& case_, const std::string& name) const {
  return at(full_name(case_, name));
}

brasa::AnyTensor File::argument(const Json& value) const {
  if (!is_tensor(value)) fail("expected a tensor: " + value.dump());
  return at(value.at("tensor").get<std::string>());
}

brasa::AnyTensor File::at(const std::string& full_name) const {
  const brasa::AnyTensor mapped = file_->tensor(full_name);
  auto copy = brasa::AnyTensor::empty(mapped.dtype(), mapped.shape());
  if (copy.nbytes() > 0) std::memcpy(copy.raw_data(), mapped.raw_data(), copy.nbytes());
  return copy;
}

std::ostream& operator<<(std::ostream& out, const Comparison& comparison) {
  return out << comparison.message;
}

Tolerance tolerance(brasa::Dtype dtype) {
  if (dtype == brasa::Dtype::float32) return {1e-5, 1e-6};
  if (dtype == brasa::Dtype::float64) return {1e-12, 1e-13};
  return {};
}

Comparison equal_bits(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected) {
  return compare(actual, expected, [](auto a, auto e) {
    return same(a, e) ? 0 : std::numeric_limits<double>::infinity();
  });
}

Comparison equal_values(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected) {
  return compare(actual, expected, [](auto a, auto e) {
    const bool zeros = as_double(a) == 0 && as_double(e) == 0;
    return zeros || same(a, e) ? 0 : std::numeric_limits<double>::infinity();
  });
}

Comparison close(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected,
                 Tolerance allowed) {
  return compare(actual, expected, [allowed](auto a, auto e) { return error(a, e, allowed); });
}
Comparison close(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected) {
  return close(actual, expected, expected.defined() ? tolerance(expected.dtype()) : Tolerance{});
}

}  // namespace golden
