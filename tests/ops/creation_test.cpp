#include "brasa/ops/creation.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "support/recorded_ops.hpp"
#include "support/special.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Message;
using golden::equal_bits;
using golden::Outputs;

namespace {

/// The number under a key: integers as such, so that int64 keeps all its bits.
template <class C, class F>
Tensor<typename C::Scalar> with_number(const C& call, const char* key, F f) {
  const golden::Json& value = call.kwargs().at(key);
  if (value.is_boolean()) return f(value.get<bool>());
  if (value.is_number_integer()) return f(value.get<std::int64_t>());
  return f(golden::number(value));
}

template <class C>
Outputs ranged(const C& call) {
  using S = typename C::Scalar;
  const bool from_zero = !call.has("start");
  return {with_number(call, "end", [&](auto end) {
    if (from_zero) return arange<S>(end);
    return with_number(call, "start", [&](auto start) {
      if (!call.has("step")) return arange<S>(start, end);
      return with_number(call, "step", [&](auto step) { return arange<S>(start, end, step); });
    });
  })};
}

template <class C>
Outputs created(const C& call) {
  using S = typename C::Scalar;
  const std::string op = call.op();
  if (op == "zeros") return {zeros<S>(call.sizes("size"))};
  if (op == "ones") return {ones<S>(call.sizes("size"))};
  if (op == "full") {
    return {with_number(call, "fill_value",
                        [&](auto value) { return full<S>(call.sizes("size"), value); })};
  }
  if (op == "eye") {
    return {call.has("m") ? eye<S>(call.integer("n"), call.integer("m"))
                          : eye<S>(call.integer("n"))};
  }
  if (op == "zeros_like") return {zeros_like(call.x())};
  if (op == "ones_like") return {ones_like(call.x())};
  if (op == "full_like") return {full_like(call.x(), call.integer("fill_value"))};
  if constexpr (!std::is_same_v<S, bool>) {
    if (op == "arange") return ranged(call);
    if (op == "linspace") {
      return {linspace<S>(call.real("start", 0), call.real("end", 0), call.integer("steps"))};
    }
  }
  return {};
}

}  // namespace

TEST_CASE("Tensors from numbers are what PyTorch recorded", "[ops][creation]") {
  const auto count =
      golden::run_recorded("ops/creation.safetensors", [](auto& call) { return created(call); });
  CHECK(count >= 329);
}

TEST_CASE("linspace is equal to PyTorch's to the bit", "[ops][creation]") {
  const golden::File file("ops/creation.safetensors");
  int compared = 0;
  for (const golden::Json& record : file.cases()) {
    if (record.at("op") != "linspace") continue;
    INFO(record.dump());
    ++compared;
    const golden::Json& kwargs = record.at("kwargs");
    const auto made = [&](auto zero) -> AnyTensor {
      using S = decltype(zero);
      return linspace<S>(golden::number(kwargs.at("start")), golden::number(kwargs.at("end")),
                         kwargs.at("steps").get<std::int64_t>());
    };
    const bool is_double = record.at("dtype") == "float64";
    CHECK(equal_bits(is_double ? made(double{}) : made(float{}), file.tensor(record, "output/0")));
  }
  CHECK(compared >= 112);
}

TEST_CASE("linspace of integers cuts fractions off", "[ops][creation]") {
  // torch.linspace(0, 10, 4, dtype=torch.int64) and so on
  CHECK(equal_bits(linspace<std::int64_t>(0, 10, 4), tensor<std::int64_t>({0, 3, 6, 10})));
  CHECK(equal_bits(linspace<std::int64_t>(-5, 5, 4), tensor<std::int64_t>({-5, -1, 1, 5})));
  CHECK(equal_bits(linspace<std::int32_t>(10, 0, 7), tensor<std::int32_t>({10, 8, 6, 5, 3, 1, 0})));
  CHECK(equal_bits(linspace<std::uint8_t>(0, 255, 6),
                   tensor<std::uint8_t>({0, 51, 102, 153, 204, 255})));
  CHECK(equal_bits(linspace<std::int64_t>(0.5, 3.7, 4), tensor<std::int64_t>({0, 1, 2, 3})));
}

TEST_CASE("tensor takes nested braces", "[ops][creation]") {
  CHECK(tensor(3.5).shape() == Shape{});
  CHECK(tensor(3.5).item() == 3.5f);
  CHECK(tensor({}).shape() == Shape{0});
  CHECK(tensor({1, 2, 3}).shape() == Shape{3});
  CHECK(tensor({{1, 2}}).shape() == Shape{1, 2});
  CHECK(tensor({{1}, {2}}).shape() == Shape{2, 1});
  CHECK(tensor({{{1}}}).shape() == Shape{1, 1, 1});
  CHECK(tensor({{}, {}}).shape() == Shape{2, 0});
  const auto cube = tensor<std::int64_t>({{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}});
  CHECK(cube.shape() == Shape{2, 2, 2});
  CHECK(cube(1, 0, 1) == 6);
  CHECK(tensor<bool>({true, false})(1) == false);
  CHECK(tensor<bool>({0, 2})(1) == true);
  CHECK(tensor<double>({0.1})(0) == 0.1);
  // torch.tensor([1.7, -1.7], dtype=torch.int64).tolist()
  CHECK(equal_bits(tensor<std::int64_t>({1.7, -1.7}), tensor<std::int64_t>({1, -1})));
}

TEST_CASE("tensor copies vectors, nested ones too, and spans", "[ops][creation]") {
  const Tensor<double> doubles = tensor(std::vector<double>{1.5, 2.5});
  CHECK(doubles(1) == 2.5);
  const Tensor<float> floats = tensor<float>(std::vector<double>{1.5, 2.5});
  CHECK(floats(0) == 1.5f);
  const Tensor<std::int64_t> rows = tensor(std::vector<std::vector<std::int64_t>>{{1, 2}, {3, 4}});
  CHECK(rows.shape() == Shape{2, 2});
  CHECK(rows(1, 0) == 3);
  const Tensor<bool> mask = tensor(std::vector<bool>{true, false});
  CHECK(mask(0));
  const std::array<std::int32_t, 3> array{1, 2, 3};
  const Tensor<std::int32_t> ints = tensor(std::span(array));
  CHECK(ints(2) == 3);
  CHECK(tensor(std::vector<float>{}).shape() == Shape{0});
  // The type of the numbers need not be one of a tensor's if the tensor's is named.
  CHECK(tensor<std::int64_t>(std::vector<short>{7})(0) == 7);
}

TEST_CASE("Ragged lists are refused with both lengths", "[ops][creation][error]") {
  CHECK_THROWS_MATCHES(tensor({{1, 2}, {3}}), ShapeError,
                       Message("tensor: expected a list of length 2 at dimension 1, got one of "
                               "length 1"));
  CHECK_THROWS_WITH(tensor(std::vector<std::vector<float>>{{1}, {2, 3}}),
                    ContainsSubstring("length 1") && ContainsSubstring("length 2"));
  CHECK_THROWS_WITH(tensor({{1, 2}, 3}), ContainsSubstring("got a number"));
  CHECK_THROWS_WITH(tensor({1, {2, 3}}), ContainsSubstring("got a list"));
  CHECK_THROWS_AS(tensor({{{}}, {{1}}}), ShapeError);
  CHECK_THROWS_AS(tensor({{}, {1}}), ShapeError);
}

TEST_CASE("Numbers that do not fit are refused", "[ops][creation][error]") {
  // torch.full((2,), 300, dtype=torch.uint8) and so on: "value cannot be converted to type …"
  CHECK_THROWS_MATCHES(full<std::uint8_t>({2}, 300), ValueError,
                       Message("full: expected a number that uint8 can hold, got 300"));
  CHECK_THROWS_AS(full<std::uint8_t>({2}, -256), ValueError);
  CHECK_THROWS_AS(full<std::int64_t>({2}, kNan), ValueError);
  CHECK_THROWS_AS(full<std::int64_t>({2}, 1e20), ValueError);
  CHECK_THROWS_AS(full<std::int64_t>({2}, 0x1p63), ValueError);
  CHECK_THROWS_AS(full<std::int64_t>({2}, std::uint64_t{1} << 63), ValueError);
  CHECK_THROWS_AS(full<std::int32_t>({2}, std::int64_t{1} << 31), ValueError);
  CHECK_THROWS_AS(full<float>({2}, 1e300), ValueError);
  CHECK_THROWS_AS(tensor<std::uint8_t>({300}), ValueError);
  CHECK_THROWS_AS(tensor<std::int64_t>({kNan}), ValueError);
  // torch.full((2,), -1, dtype=torch.uint8) is 255, full(1.5) of int64 is 1, full(inf) is inf.
  CHECK(full<std::uint8_t>({}, -1).item() == 255);
  CHECK(full<std::int64_t>({}, 1.5).item() == 1);
  CHECK(full<std::int64_t>({}, -0x1p63).item() == std::numeric_limits<std::int64_t>::min());
  CHECK(full<float>({}, kInf).item() == std::numeric_limits<float>::infinity());
  CHECK(full<float>({}, 1e-300).item() == 0.0f);
  CHECK(full<bool>({}, 0.5).item() == true);
}

TEST_CASE("Sizes that make no sense are refused", "[ops][creation][error]") {
  CHECK_THROWS_WITH(zeros({2, -1}), ContainsSubstring("(2, -1)"));
  CHECK_THROWS_AS(ones({-1}), ValueError);
  CHECK_THROWS_AS(empty({-1}), ValueError);
  CHECK_THROWS_AS(full({-1}, 0), ValueError);
  CHECK_THROWS_AS(zeros({std::int64_t{1} << 62, 4}), ValueError);
  CHECK(zeros({std::int64_t{1} << 62, 4, 0}).numel() == 0);
  CHECK_THROWS_AS(eye(-1), ValueError);
  CHECK_THROWS_WITH(eye(2, -1), ContainsSubstring("2 and -1"));
  CHECK_THROWS_AS(eye(std::int64_t{1} << 40), ValueError);
}

TEST_CASE("Ranges that make no sense are refused", "[ops][creation][error]") {
  CHECK_THROWS_WITH(arange(0, 1, 0), ContainsSubstring("not 0"));
  CHECK_THROWS_AS(arange<std::int64_t>(0, 1, 0), ValueError);
  CHECK_THROWS_AS(arange<std::int64_t>(0, 1, 0.1), ValueError);
  CHECK_THROWS_AS(arange(0, 1, kNan), ValueError);
  CHECK_THROWS_AS(arange(1, 0), ValueError);
  CHECK_THROWS_AS(arange<std::int64_t>(1, 0), ValueError);
  CHECK_THROWS_AS(arange(0, 1, -1), ValueError);
  CHECK_THROWS_AS(arange(0, kInf), ValueError);
  CHECK_THROWS_AS(arange(kNan, 1), ValueError);
  CHECK_THROWS_AS(arange(0, 1e30), ValueError);
  CHECK_THROWS_AS(arange<std::int64_t>(std::numeric_limits<std::int64_t>::min(),
                                       std::numeric_limits<std::int64_t>::max()),
                  ValueError);
  CHECK_THROWS_WITH(linspace(0, 1, -1), ContainsSubstring("got -1"));
  CHECK_THROWS_AS(linspace<std::int64_t>(kNan, 1, 2), ValueError);
}

TEST_CASE("arange counts as PyTorch does at the edges", "[ops][creation]") {
  CHECK(arange(0, 0).shape() == Shape{0});
  CHECK(arange<std::int64_t>(3, 3, -1).shape() == Shape{0});
  // torch.arange(1.5, 4.7, 1, dtype=torch.int64).tolist()
  CHECK(equal_bits(arange<std::int64_t>(1.5, 4.7, 1), tensor<std::int64_t>({1, 2, 3})));
  // torch.arange(-1, 3, dtype=torch.uint8).tolist()
  CHECK(equal_bits(arange<std::uint8_t>(-1, 3), tensor<std::uint8_t>({255, 0, 1, 2})));
  // torch.arange(0, 300, dtype=torch.uint8)[-1].item()
  CHECK(arange<std::uint8_t>(0, 300)(-1) == 43);
  constexpr std::int64_t kTop = std::numeric_limits<std::int64_t>::max();
  CHECK(equal_bits(arange<std::int64_t>(kTop - 2, kTop, 2), tensor<std::int64_t>({kTop - 2})));
  CHECK(arange<std::int64_t>(-kTop, kTop, kTop)(1) == 0);
}
