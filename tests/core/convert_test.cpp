#include "brasa/core/convert.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "brasa/checkpoint/safetensors.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using brasa::AnyTensor;
using brasa::BFloat16;
using brasa::conversion_loss;
using brasa::convert;
using brasa::converts_exactly;
using brasa::Dtype;
using brasa::DtypeError;
using brasa::Half;
using brasa::Shape;
using Catch::Matchers::Message;

namespace {

using Int64 = std::numeric_limits<std::int64_t>;

template <class T>
AnyTensor any_tensor(const std::vector<T>& values, Shape shape = {}) {
  if (shape.empty()) shape = {static_cast<std::int64_t>(values.size())};
  auto result = AnyTensor::empty(brasa::dtype_of<T>, shape);
  auto* to = static_cast<T*>(result.raw_data());
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = values[i];
  return result;
}

/// A tensor of one dtype whose elements have the given bits.
template <class T, class Bits>
AnyTensor from_bits(const std::vector<Bits>& bits) {
  auto result = AnyTensor::empty(brasa::dtype_of<T>, {static_cast<std::int64_t>(bits.size())});
  static_assert(sizeof(T) == sizeof(Bits));
  std::memcpy(result.raw_data(), bits.data(), result.nbytes());
  return result;
}

std::vector<std::uint16_t> all_16_bits() {
  std::vector<std::uint16_t> bits;
  for (unsigned i = 0; i < 65536; ++i) bits.push_back(static_cast<std::uint16_t>(i));
  return bits;
}

}  // namespace

// tests/golden/safetensors holds each dtype's values, files.safetensors what PyTorch made of them
// with .to(torch.float64) or .to(torch.int64).
TEST_CASE("Every dtype widens to what PyTorch widens it to, and back", "[core][convert]") {
  const golden::File recorded("files.safetensors");
  int tensors = 0;
  for (const golden::Json& c : recorded.cases()) {
    if (c.at("kind") != "file") continue;
    const auto name = c.at("file").get<std::string>();
    INFO(name);
    const brasa::SafetensorsFile file(
        std::filesystem::path(std::string(BRASA_GOLDEN_DIR) + "/safetensors/" + name));
    for (const golden::Json& entry : c.at("tensors")) {
      if (!entry.contains("values")) continue;
      INFO(entry.dump());
      const AnyTensor narrow = file.tensor(entry.at("name").get<std::string>());
      const AnyTensor wide = recorded.at(entry.at("values").get<std::string>());
      CHECK(converts_exactly(narrow, wide.dtype()));
      CHECK(golden::equal_bits(convert(narrow, wide.dtype()), wide));
      CHECK(converts_exactly(wide, narrow.dtype()));
      CHECK(golden::equal_bits(convert(wide, narrow.dtype()), narrow));
      ++tensors;
    }
  }
  CHECK(tensors >= 90);
}

// d = torch.tensor([0.1, -1 / 3, 1e300, -1e300, 1e-46, 65519.99, 65520.0, 1e-8, 3.389e38, inf, nan,
//                   -0.0, 2.5, 2049.0], dtype=torch.float64)
// [hex(x) for x in d.to(torch.float32).view(torch.int32).tolist()]; d.to(torch.float16) …
TEST_CASE("allow_lossy rounds floating point as PyTorch does", "[core][convert]") {
  const auto doubles = any_tensor<double>({0.1, -1.0 / 3, 1e300, -1e300, 1e-46, 65519.99, 65520.0,
                                           1e-8, 3.389e38, kInf, kNan, -0.0, 2.5, 2049.0});
  CHECK(golden::equal_bits(
      convert(doubles, Dtype::float32, true),
      from_bits<float, std::uint32_t>({0x3dcccccd, 0xbeaaaaab, 0x7f800000, 0xff800000, 0x0,
                                       0x477feffd, 0x477ff000, 0x322bcc77, 0x7f7ef5c4, 0x7f800000,
                                       0x7fc00000, 0x80000000, 0x40200000, 0x45001000})));
  CHECK(golden::equal_bits(
      convert(doubles, Dtype::float16, true),
      from_bits<Half, std::uint16_t>({0x2e66, 0xb555, 0x7c00, 0xfc00, 0x0, 0x7bff, 0x7c00, 0x0,
                                      0x7c00, 0x7c00, 0x7e00, 0x8000, 0x4100, 0x6800})));
  CHECK(golden::equal_bits(convert(doubles, Dtype::bfloat16, true),
                           from_bits<BFloat16, std::uint16_t>(
                               {0x3dcd, 0xbeab, 0x7f80, 0xff80, 0x0, 0x4780, 0x4780, 0x322c, 0x7f7f,
                                0x7f80, 0x7fc0, 0x8000, 0x4020, 0x4500})));
  CHECK(golden::equal_bits(convert(doubles, Dtype::bool_, true),
                           any_tensor<bool>({true, true, true, true, true, true, true, true, true,
                                             true, true, false, true, true})));
}

// i = torch.tensor([0, 1, -1, 127, 128, 255, 256, -129, 32768, 65535, 2**31, 2**32 + 5, 2**63 - 1,
//                   -2**63], dtype=torch.int64);  i.to(torch.int8).tolist(); …
// f = torch.tensor([0.5, -0.9, 1.99, -3.0, 200.7]);  f.to(torch.int64).tolist(); …
TEST_CASE("allow_lossy wraps integers and cuts fractions as PyTorch does", "[core][convert]") {
  const auto i = any_tensor<std::int64_t>({0, 1, -1, 127, 128, 255, 256, -129, 32768, 65535,
                                           2147483648, 4294967301, Int64::max(), Int64::min()});
  CHECK(golden::equal_bits(
      convert(i, Dtype::int8, true),
      any_tensor<std::int8_t>({0, 1, -1, 127, -128, -1, 0, 127, 0, -1, 0, 5, -1, 0})));
  CHECK(golden::equal_bits(
      convert(i, Dtype::uint8, true),
      any_tensor<std::uint8_t>({0, 1, 255, 127, 128, 255, 0, 127, 0, 255, 0, 5, 255, 0})));
  CHECK(golden::equal_bits(
      convert(i, Dtype::int16, true),
      any_tensor<std::int16_t>({0, 1, -1, 127, 128, 255, 256, -129, -32768, -1, 0, 5, -1, 0})));
  CHECK(golden::equal_bits(convert(i, Dtype::uint16, true),
                           any_tensor<std::uint16_t>({0, 1, 65535, 127, 128, 255, 256, 65407, 32768,
                                                      65535, 0, 5, 65535, 0})));
  CHECK(golden::equal_bits(
      convert(i, Dtype::int32, true),
      any_tensor<std::int32_t>({0, 1, -1, 127, 128, 255, 256, -129, 32768, 65535,
                                std::numeric_limits<std::int32_t>::min(), 5, -1, 0})));
  CHECK(golden::equal_bits(
      convert(i, Dtype::uint32, true),
      any_tensor<std::uint32_t>({0, 1, 4294967295, 127, 128, 255, 256, 4294967167, 32768, 65535,
                                 2147483648, 5, 4294967295, 0})));
  CHECK(golden::equal_bits(
      convert(i, Dtype::uint64, true),
      any_tensor<std::uint64_t>({0, 1, 18446744073709551615u, 127, 128, 255, 256,
                                 18446744073709551487u, 32768, 65535, 2147483648, 4294967301,
                                 9223372036854775807u, 9223372036854775808u})));
  CHECK(golden::equal_bits(
      convert(i, Dtype::float32, true),
      any_tensor<float>({0, 1, -1, 127, 128, 255, 256, -129, 32768, 65535, 2147483648, 4294967296,
                         9.223372036854776e+18f, -9.223372036854776e+18f})));
  CHECK(golden::equal_bits(
      convert(i, Dtype::float64, true),
      any_tensor<double>({0, 1, -1, 127, 128, 255, 256, -129, 32768, 65535, 2147483648, 4294967301,
                          9.223372036854776e+18, -9.223372036854776e+18})));
  CHECK(golden::equal_bits(convert(convert(i, Dtype::float16, true), Dtype::float64),
                           any_tensor<double>({0, 1, -1, 127, 128, 255, 256, -129, 32768, kInf,
                                               kInf, kInf, kInf, -kInf})));
  CHECK(golden::equal_bits(
      convert(convert(i, Dtype::bfloat16, true), Dtype::float64),
      any_tensor<double>({0, 1, -1, 127, 128, 255, 256, -129, 32768, 65536, 2147483648, 4294967296,
                          9.223372036854776e+18, -9.223372036854776e+18})));

  const auto f = any_tensor<float>({0.5f, -0.9f, 1.99f, -3.0f, 200.7f});
  CHECK(golden::equal_bits(convert(f, Dtype::int64, true),
                           any_tensor<std::int64_t>({0, 0, 1, -3, 200})));
  CHECK(golden::equal_bits(convert(f, Dtype::uint8, true),
                           any_tensor<std::uint8_t>({0, 0, 1, 253, 200})));
  CHECK(golden::equal_bits(convert(f, Dtype::int8, true),
                           any_tensor<std::int8_t>({0, 0, 1, -3, -56})));
}

// Beyond 64 bits PyTorch gives what the processor gives; these are ours.
TEST_CASE("allow_lossy has a result for every number", "[core][convert]") {
  const auto f = any_tensor<double>({1e30, -1e30, kInf, -kInf, kNan, 18446744073709549568.0});
  CHECK(golden::equal_bits(convert(f, Dtype::int64, true),
                           any_tensor<std::int64_t>({Int64::max(), Int64::min(), Int64::max(),
                                                     Int64::min(), 0, Int64::max()})));
  CHECK(golden::equal_bits(
      convert(f, Dtype::uint64, true),
      any_tensor<std::uint64_t>({9223372036854775807u, 9223372036854775808u, 9223372036854775807u,
                                 9223372036854775808u, 0, 18446744073709549568u})));
}

TEST_CASE("A conversion that would change a number is refused, with the number and its place",
          "[core][convert]") {
  const auto thirds = any_tensor<double>({1, 2, 0.5, 3, 0.1, 0.2}, {3, 2});
  const std::string loss =
      "expected values that float32 can hold, got 0.1 (float64) at index (2, 0)";
  CHECK(conversion_loss(thirds, Dtype::float32) == loss);
  CHECK_FALSE(converts_exactly(thirds, Dtype::float32));
  CHECK_THROWS_MATCHES(convert(thirds, Dtype::float32), DtypeError,
                       Message("convert: " + loss + "; allow_lossy = true converts all the same"));
  CHECK_THROWS_AS(convert<float>(thirds), DtypeError);
  CHECK(convert<float>(thirds, true)(2, 0) == 0.1f);

  auto long_one = std::vector<std::int64_t>(1000, 7);
  long_one[700] = -1;
  long_one[900] = 300;
  CHECK(conversion_loss(any_tensor(long_one), Dtype::uint8) ==
        "expected values that uint8 can hold, got -1 (int64) at index (700,)");
  CHECK(conversion_loss(any_tensor<std::uint64_t>({18446744073709551615u}), Dtype::int64) ==
        "expected values that int64 can hold, got 18446744073709551615 (uint64) at index (0,)");
}

TEST_CASE("What is the same number afterwards is not lost", "[core][convert]") {
  struct Row {
    AnyTensor from;
    Dtype to;
    bool exact;
  };
  const auto row = [](auto value, Dtype to, bool exact) {
    return Row{any_tensor<decltype(value)>({value}), to, exact};
  };
  const std::vector<Row> rows = {
      // between floating point types
      row(0.5, Dtype::float32, true),
      row(kNan, Dtype::float32, true),
      row(kInf, Dtype::float16, true),
      row(-0.0, Dtype::bfloat16, true),
      row(1e300, Dtype::float32, false),
      row(1e-46, Dtype::float32, false),
      row(65504.0f, Dtype::float16, true),
      row(65505.0f, Dtype::float16, false),
      row(65536.0f, Dtype::float16, false),
      row(0x1p-24f, Dtype::float16, true),
      row(0x1p-25f, Dtype::float16, false),
      row(257.0f, Dtype::bfloat16, false),
      // from floating point to integers: a cast back of the largest integer is no proof
      row(3.0, Dtype::int64, true),
      row(3.5, Dtype::int64, false),
      row(-0.0, Dtype::int32, true),
      row(kNan, Dtype::int32, false),
      row(kInf, Dtype::int64, false),
      row(9223372036854775808.0, Dtype::int64, false),
      row(-9223372036854775808.0, Dtype::int64, true),
      row(9223372036854775808.0, Dtype::uint64, true),
      row(18446744073709551616.0, Dtype::uint64, false),
      row(2147483648.0f, Dtype::int32, false),
      row(-2147483648.0f, Dtype::int32, true),
      row(255.0f, Dtype::uint8, true),
      row(256.0f, Dtype::uint8, false),
      row(-1.0f, Dtype::uint8, false),
      row(-128.5f, Dtype::int8, false),
      // from integers to floating point
      row(std::int64_t{1} << 53, Dtype::float64, true),
      row((std::int64_t{1} << 53) + 1, Dtype::float64, false),
      row(Int64::max(), Dtype::float64, false),
      row(Int64::min(), Dtype::float64, true),
      row(Int64::max(), Dtype::float32, false),
      row(std::uint64_t{18446744073709551615u}, Dtype::float64, false),
      row(std::uint64_t{18446744073709549568u}, Dtype::float64, true),
      row(std::int32_t{16777217}, Dtype::float32, false),
      row(std::int32_t{2049}, Dtype::float16, false),
      row(std::int32_t{70000}, Dtype::float16, false),
      // between integers, and bool
      row(std::int64_t{-1}, Dtype::uint64, false),
      row(std::uint64_t{9223372036854775808u}, Dtype::int64, false),
      row(std::int64_t{4294967296}, Dtype::int32, false),
      row(std::uint8_t{255}, Dtype::int8, false),
      row(std::int8_t{-1}, Dtype::uint8, false),
      row(std::int64_t{1}, Dtype::bool_, true),
      row(std::int64_t{2}, Dtype::bool_, false),
      row(std::int64_t{-1}, Dtype::bool_, false),
      row(1.0f, Dtype::bool_, true),
      row(0.5f, Dtype::bool_, false),
      row(kNan, Dtype::bool_, false),
      row(true, Dtype::float16, true),
      row(true, Dtype::int8, true),
  };
  for (const Row& r : rows) {
    INFO(conversion_loss(r.from, r.to)
         << " " << dtype_name(r.from.dtype()) << " to " << dtype_name(r.to));
    CHECK(converts_exactly(r.from, r.to) == r.exact);
  }
}

// A half has 11 significant bits, and its exponents reach to 2^15.
TEST_CASE("All 16-bit numbers convert exactly where they can", "[core][convert]") {
  const auto halves = from_bits<Half>(all_16_bits());
  const auto wide = convert<double>(halves);
  CHECK(golden::equal_bits(convert(wide, Dtype::float16), halves));
  CHECK(golden::equal_bits(convert(convert<float>(halves), Dtype::float16), halves));
  const auto brains = from_bits<BFloat16>(all_16_bits());
  CHECK(golden::equal_bits(convert(convert<double>(brains), Dtype::bfloat16), brains));
  CHECK(golden::equal_bits(convert(convert<float>(brains), Dtype::bfloat16), brains));

  int wrong = 0;
  for (unsigned i = 0; i < 65536; ++i) {
    const unsigned odd = i == 0 ? 0 : i >> std::countr_zero(i);
    const bool fits = std::bit_width(odd) <= 11;
    const auto one = any_tensor<std::uint16_t>({static_cast<std::uint16_t>(i)});
    if (converts_exactly(one, Dtype::float16) != fits) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("A conversion keeps the shape, and copies only if it must", "[core][convert]") {
  const auto floats = any_tensor<float>({1, 2, 3, 4, 5, 6}, {1, 3, 2});
  CHECK(convert<float>(floats).is(floats));
  CHECK(convert(floats, Dtype::float32, true).is(floats));
  const auto doubles = convert<double>(floats);
  CHECK(doubles.shape() == Shape{1, 3, 2});
  CHECK_FALSE(doubles.shares_storage(floats));
  CHECK(doubles(0, 2, 1) == 6);

  const auto empty = AnyTensor::empty(Dtype::float64, {0, 3});
  CHECK(convert<float>(empty).shape() == Shape{0, 3});
  CHECK(conversion_loss(empty, Dtype::bool_).empty());
  auto scalar = AnyTensor::empty(Dtype::float64, {});
  *static_cast<double*>(scalar.raw_data()) = 0.1;
  CHECK_THROWS_MATCHES(convert<float>(scalar), DtypeError,
                       Message("convert: expected values that float32 can hold, got 0.1 (float64) "
                               "at index (); allow_lossy = true converts all the same"));
}
