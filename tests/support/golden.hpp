#pragma once

// Reads what PyTorch answered (tests/golden/*.safetensors, see the README.md there) and compares.
// The work is done in golden.cpp, which all test programs share.
//
//   const golden::File file("random.safetensors");
//   for (const golden::Json& c : file.cases()) {
//     INFO(c.dump());
//     const auto expected = file.tensor<float>(c, "output/0");
//     CHECK(golden::equal_bits(actual, expected));   // says where they differ most
//     CHECK(golden::close(actual, expected));        // within the tolerances
//   }

#include <iosfwd>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "brasa/core/any_tensor.hpp"
#include "brasa/core/tensor.hpp"

namespace brasa {
class SafetensorsFile;
}

namespace golden {

using Json = nlohmann::json;

// ---- values in the JSON of a case ----

/// A number, also one that JSON cannot hold: `{"float": "inf"}`, "-inf" or "nan".
double number(const Json& value);
/// The parts of a list or of a tuple, `{"tuple": […]}`.
const Json& parts(const Json& value);
/// The dict behind `{"dict": {…}}`.
const Json& dict(const Json& value);
/// Sizes or dims: a list or a tuple of integers, or a single one.
brasa::Shape sizes(const Json& value);
/// `"float32"` or `{"dtype": "float32"}`.
brasa::Dtype dtype(const Json& value);
/// True for `{"tensor": name, …}`.
bool is_tensor(const Json& value);
/// Whether the tensor of an argument requires a gradient.
bool requires_grad(const Json& value);

// ---- a recording ----

/// One file of tests/golden.
class File {
 public:
  /// `name` is relative to tests/golden, or a whole path.
  explicit File(const std::string& name);

  const std::string& path() const { return path_; }
  /// The list of cases: objects.
  const Json& cases() const { return cases_; }
  /// The text under `key` of `__metadata__`.
  std::string metadata(const std::string& key) const;

  /// False if `__metadata__` has no list of cases.
  bool has_cases() const;
  /// The tensors of a case whose names begin so, e.g. all after "param/", without that.
  std::vector<std::string> names(const Json& case_, const std::string& prefix) const;
  /// True if the file has tensor `name` of this case, e.g. "param/bias".
  bool has(const Json& case_, const std::string& name) const;
  /// Tensor `name` of a case, e.g. "output/0"; a new copy at each call.
  brasa::AnyTensor tensor(const Json& case_, const std::string& name) const;
  template <brasa::TensorScalar S>
  brasa::Tensor<S> tensor(const Json& case_, const std::string& name) const {
    return tensor(case_, name).template as<S>();
  }
  /// The tensor that stands as `{"tensor": name}` among the arguments; a new copy at each call.
  brasa::AnyTensor argument(const Json& value) const;
  template <brasa::TensorScalar S>
  brasa::Tensor<S> argument(const Json& value) const {
    return argument(value).template as<S>();
  }
  /// A tensor by its whole name, e.g. "12/output/0"; a new copy at each call.
  brasa::AnyTensor at(const std::string& full_name) const;

 private:
  std::string path_;
  std::shared_ptr<const brasa::SafetensorsFile> file_;
  Json cases_ = Json::array();
};

// ---- comparing ----

/// What a comparison found. In a CHECK it counts as a bool and prints its message.
struct Comparison {
  bool ok = true;
  std::string message = "equal";
  /// The largest distance of two elements, in units of the last place of what was expected, or of
  /// 0.1 where that is larger: there the absolute tolerance begins to count more.
  double ulps = 0;

  explicit operator bool() const { return ok; }
  friend std::ostream& operator<<(std::ostream& out, const Comparison& comparison);
};

/// |actual − expected| ≤ absolute + relative·|expected|.
struct Tolerance {
  double relative = 0;
  double absolute = 0;
};

/// The tolerances against PyTorch; none for integers and bool.
Tolerance tolerance(brasa::Dtype dtype);

/// Same dtype, shape and bits; −0 is not 0, but any NaN equals any other.
Comparison equal_bits(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected);

/// Same dtype, shape and values: −0 equals 0, any NaN equals any other.
Comparison equal_values(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected);

/// Same dtype and shape, elements within the tolerance; infinities and NaNs at the same places.
Comparison close(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected,
                 Tolerance allowed);
Comparison close(const brasa::AnyTensor& actual, const brasa::AnyTensor& expected);

}  // namespace golden
