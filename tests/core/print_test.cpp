#include "brasa/core/print.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdint>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/tensor.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
using golden::Json;

namespace {

/// Each test begins and ends with the default options.
struct DefaultOptions {
  DefaultOptions() { set_printoptions({.profile = "default"}); }
  DefaultOptions(const DefaultOptions&) = delete;
  DefaultOptions& operator=(const DefaultOptions&) = delete;
  ~DefaultOptions() { set_printoptions({.profile = "default"}); }
};

template <class S>
AnyTensor make(Dtype dtype, const Shape& shape, const std::vector<S>& values) {
  AnyTensor tensor = AnyTensor::empty(dtype, shape);
  REQUIRE(tensor.nbytes() == values.size() * sizeof(S));
  std::copy(values.begin(), values.end(), static_cast<S*>(tensor.raw_data()));
  return tensor;
}

AnyTensor floats(const std::vector<float>& values) {
  return make(Dtype::float32, {static_cast<std::int64_t>(values.size())}, values);
}

AnyTensor halves(const std::vector<float>& values) {
  std::vector<Half> converted;
  for (const float value : values) converted.push_back(to_half(value));
  return make(Dtype::float16, {static_cast<std::int64_t>(values.size())}, converted);
}

AnyTensor bfloats(const std::vector<float>& values) {
  std::vector<BFloat16> converted;
  for (const float value : values) converted.push_back(to_bfloat16(value));
  return make(Dtype::bfloat16, {static_cast<std::int64_t>(values.size())}, converted);
}

template <class T>
AnyTensor integers(const std::vector<T>& values) {
  return make(dtype_of<T>, {static_cast<std::int64_t>(values.size())}, values);
}

PrintOptions options_of(const Json& given) {
  PrintOptions options;
  for (const auto& [name, value] : given.items()) {
    if (name == "precision") options.precision = value.get<int>();
    if (name == "threshold") options.threshold = golden::number(value);
    if (name == "edgeitems") options.edgeitems = value.get<std::int64_t>();
    if (name == "linewidth") options.linewidth = value.get<std::int64_t>();
    if (name == "sci_mode") options.sci_mode = value.get<bool>();
    if (name == "profile") options.profile = value.get_ref<const std::string&>();
  }
  return options;
}

/// A node as the operations make them, with nothing but its name.
struct NamedNode final : detail::GradNode {
  static constexpr detail::GradArithmetic kNone{};
  explicit NamedNode(const char* name) : GradNode(name, kNone) {}
  void dispose() noexcept override { detail::pool_delete(this); }
};

/// The tensor that a recorded case printed.
AnyTensor printed_tensor(const golden::File& file, const Json& c) {
  AnyTensor tensor = file.at(c.at("tensor").get<std::string>());
  tensor.impl().is_parameter = c.value("parameter", false);
  if (c.value("times_one", false)) {  // x * 1: the values of x, and a node
    tensor.impl().autograd_meta().grad_fn =
        detail::Ref<detail::GradNode>::adopt(detail::pool_new<NamedNode>("MulBackward0"));
  } else if (c.value("requires_grad", false)) {
    tensor.impl().autograd_meta().requires_grad = true;
  }
  return tensor;
}

}  // namespace

TEST_CASE("Tensors print as recorded from PyTorch, with all options", "[core][print][golden]") {
  const DefaultOptions defaults;
  const golden::File file("printing.safetensors");
  int tensors = 0;
  int sizes = 0;
  for (const Json& c : file.cases()) {
    const std::string kind = c.at("kind");
    if (kind != "tensor" && kind != "size") continue;  // nn/module_test prints the modules
    CAPTURE(c.at("case"), c.value("options", Json()));
    if (kind == "size") {
      CHECK(repr(golden::sizes(c.at("size"))) == c.at("text").get<std::string>());
      ++sizes;
      continue;
    }
    set_printoptions({.profile = "default"});
    for (const Json& given : c.value("options", Json::array())) set_printoptions(options_of(given));
    CHECK(repr(printed_tensor(file, c)) == c.at("text").get<std::string>());
    ++tensors;
  }
  CHECK(tensors >= 1000);
  CHECK(sizes == 7);
}

// T = torch.tensor
// for dt in (torch.float16, torch.bfloat16):
//   T([0.5, -1.25, 65280., 0.1]).to(dt); T([1., 2.]).to(dt); torch.zeros(0, dtype=dt)
// T([5.9604645e-08], dtype=torch.float16)
// for dt in (int8, int16): T([iinfo(dt).min, 0, iinfo(dt).max], dtype=dt)
// for dt in (uint16, uint32, uint64): T([0, iinfo(dt).max], dtype=dt)
TEST_CASE("The types that only files hold print as in PyTorch", "[core][print]") {
  const DefaultOptions defaults;
  CHECK(repr(halves({0.5f, -1.25f, 65280.f, 0.1f})) ==
        "tensor([ 5.0000e-01, -1.2500e+00,  6.5280e+04,  9.9976e-02],\n"
        "       dtype=torch.float16)");
  CHECK(repr(halves({1.f, 2.f})) == "tensor([1., 2.], dtype=torch.float16)");
  CHECK(repr(halves({})) == "tensor([], dtype=torch.float16)");
  CHECK(repr(halves({5.9604645e-08f})) == "tensor([5.9605e-08], dtype=torch.float16)");
  CHECK(repr(bfloats({0.5f, -1.25f, 65280.f, 0.1f})) ==
        "tensor([ 5.0000e-01, -1.2500e+00,  6.5280e+04,  1.0010e-01],\n"
        "       dtype=torch.bfloat16)");
  CHECK(repr(bfloats({1.f, 2.f})) == "tensor([1., 2.], dtype=torch.bfloat16)");
  CHECK(repr(bfloats({})) == "tensor([], dtype=torch.bfloat16)");
  CHECK(repr(integers<std::int8_t>({-128, 0, 127})) ==
        "tensor([-128,    0,  127], dtype=torch.int8)");
  CHECK(repr(integers<std::int16_t>({-32768, 0, 32767})) ==
        "tensor([-32768,      0,  32767], dtype=torch.int16)");
  CHECK(repr(integers<std::uint16_t>({0, 65535})) == "tensor([    0, 65535], dtype=torch.uint16)");
  CHECK(repr(integers<std::uint32_t>({0, 4294967295u})) ==
        "tensor([         0, 4294967295], dtype=torch.uint32)");
  CHECK(repr(integers<std::uint64_t>({0, std::numeric_limits<std::uint64_t>::max()})) ==
        "tensor([                   0, 18446744073709551615], dtype=torch.uint64)");
}

TEST_CASE("A tensor that is not defined prints as None", "[core][print]") {
  CHECK(repr(AnyTensor()) == "None");
  CHECK(repr(Tensor<float>()) == "None");
}

TEST_CASE("Streams take tensors of known and of any type", "[core][print]") {
  const DefaultOptions defaults;
  std::ostringstream out;
  const AnyTensor any = floats({1.f, 2.5f});
  out << any << ' ' << any.as<float>() << ' ' << any.shape();
  CHECK(out.str() == "tensor([1.0000, 2.5000]) tensor([1.0000, 2.5000]) torch.Size([2])");
}

TEST_CASE("A parameter says so, whether it requires a gradient or not", "[core][print]") {
  const DefaultOptions defaults;
  AnyTensor tensor = floats({1.f});
  tensor.impl().is_parameter = true;
  CHECK(repr(tensor) == "Parameter containing:\ntensor([1.])");
  tensor.impl().autograd_meta().requires_grad = true;
  CHECK(repr(tensor) == "Parameter containing:\ntensor([1.], requires_grad=True)");
}

TEST_CASE("Each call of set_printoptions makes sci_mode automatic again", "[core][print]") {
  const DefaultOptions defaults;
  const AnyTensor tensor = floats({1.5f, 20.f});
  set_printoptions({.sci_mode = true});
  CHECK(repr(tensor) == "tensor([1.5000e+00, 2.0000e+01])");
  set_printoptions({.precision = 2});
  CHECK(repr(tensor) == "tensor([ 1.50, 20.00])");
  CHECK(get_printoptions().precision == 2);
  CHECK(get_printoptions().sci_mode == std::nullopt);
}

// torch.set_printoptions(profile='nonsense', precision=2); print(torch.tensor([1.2345]))
TEST_CASE("An unknown profile is ignored, as in PyTorch", "[core][print]") {
  const DefaultOptions defaults;
  set_printoptions({.precision = 2, .profile = "nonsense"});
  CHECK(repr(floats({1.2345f})) == "tensor([1.23])");
}

TEST_CASE("PrintOptionsGuard brings the earlier options back", "[core][print]") {
  const DefaultOptions defaults;
  const AnyTensor tensor = floats({1.f, 0.25f});
  set_printoptions({.precision = 1, .sci_mode = true});
  {
    const PrintOptionsGuard guard({.precision = 2});
    CHECK(repr(tensor) == "tensor([1.00, 0.25])");
  }
  CHECK(repr(tensor) == "tensor([1.0e+00, 2.5e-01])");
}

TEST_CASE("Print options that make no sense raise ValueError and change nothing", "[core][print]") {
  const DefaultOptions defaults;
  CHECK_THROWS_AS(set_printoptions({.precision = -1, .edgeitems = 1}), ValueError);
  CHECK_THROWS_AS(set_printoptions({.precision = 1075}), ValueError);
  CHECK_THROWS_AS(set_printoptions({.edgeitems = -1}), ValueError);
  CHECK_THROWS_AS(PrintOptionsGuard({.precision = -1}), ValueError);
  CHECK(get_printoptions().precision == 4);
  CHECK(get_printoptions().edgeitems == 3);
}

TEST_CASE("The most extreme options are safe", "[core][print]") {
  const DefaultOptions defaults;
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  set_printoptions({.threshold = -1, .edgeitems = kMax, .linewidth = kMax});
  CHECK(repr(floats({1.f, 2.f})) == "tensor([1., 2.])");
  set_printoptions({.linewidth = kMin});
  CHECK(repr(floats({1.f, 2.f})) == "tensor([1.,\n        2.])");
  // The smallest double has 1074 decimals, the largest 309 digits before the point.
  set_printoptions({.precision = 1074, .sci_mode = false});
  const std::string text = repr(make<double>(
      Dtype::float64, {2}, {std::numeric_limits<double>::denorm_min(), -1.7976931348623157e308}));
  CHECK(text.find(std::string(300, '0') + "4940656458412465") != std::string::npos);
  CHECK(text.size() > 2 * 1074 + 309);
}

// Python's str() of each.
TEST_CASE("Numbers in the texts of modules are Python's", "[core][print]") {
  using detail::python_text;
  const std::vector<std::pair<double, std::string>> doubles = {
      {0.1, "0.1"},
      {1e-5, "1e-05"},
      {1e-4, "0.0001"},
      {123456.789, "123456.789"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {1.5e22, "1.5e+22"},
      {9007199254740992.0, "9007199254740992.0"},
      {-0.0, "-0.0"},
      {0.0, "0.0"},
      {2.0, "2.0"},
      {-1.5, "-1.5"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {1.0 / 3, "0.3333333333333333"},
      {kInf, "inf"},
      {-kInf, "-inf"},
      {kNan, "nan"},
      {-kNan, "nan"}};
  for (const auto& [value, text] : doubles) CHECK(python_text(value) == text);
  CHECK(python_text(0.1f) == "0.10000000149011612");
  CHECK(python_text(2.f) == "2.0");
  CHECK(python_text(-7) == "-7");
  CHECK(python_text(std::uint8_t{65}) == "65");
  CHECK(python_text(std::int64_t{1} << 62) == "4611686018427387904");
  CHECK(python_text(true) == "True");
  CHECK(python_text(false) == "False");
}

TEST_CASE("Texts, tuples and None in the texts of modules are Python's", "[core][print]") {
  using detail::python_text;
  CHECK(python_text("same") == "same");
  CHECK(python_text(std::string("circular")) == "circular");
  CHECK(python_text(std::string_view("zeros")) == "zeros");
  CHECK(python_text(Shape{3}) == "(3,)");
  CHECK(python_text(Shape{3, 4}) == "(3, 4)");
  CHECK(python_text(Shape{}) == "()");
  CHECK(python_text(std::nullopt) == "None");
  CHECK(python_text(std::optional<double>()) == "None");
  CHECK(python_text(std::optional<double>(0.1)) == "0.1");
  CHECK(python_text(std::pair(0.9, 0.999)) == "(0.9, 0.999)");
  CHECK(python_text(std::array<std::optional<std::int64_t>, 2>{std::nullopt, 7}) == "(None, 7)");
  CHECK(python_text(std::optional(std::array{3})) == "(3,)");
}

TEST_CASE("The locale has no say in printed numbers", "[core][print]") {
  const DefaultOptions defaults;
  const std::string before = std::setlocale(LC_ALL, nullptr);
  // Where none of these is installed the test still shows the digits.
  for (const char* name : {"de_DE.UTF-8", "pt_BR.UTF-8", "fr_FR.UTF-8"}) {
    if (std::setlocale(LC_ALL, name) != nullptr) break;
  }
  CHECK(repr(floats({1.5f})) == "tensor([1.5000])");
  CHECK(detail::python_text(1.5) == "1.5");
  std::setlocale(LC_ALL, before.c_str());
}
