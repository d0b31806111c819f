#include "brasa/core/dtype.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string_view>
#include <type_traits>

#include "support/catch.hpp"

using namespace brasa;

namespace {

// import numpy as np, torch
// def checksum(values):
//     values = np.asarray(values, dtype=np.uint64)
//     return (values * (2 * np.arange(len(values), dtype=np.uint64) + 1)).sum(dtype=np.uint64)
class Checksum {
 public:
  void add(std::uint64_t value) { sum_ += value * (2 * index_++ + 1); }
  std::uint64_t value() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
  std::uint64_t index_ = 0;
};

/// The checksum of all 65,536 values as floats. A NaN may have any bits.
template <class T>
std::uint64_t checksum_of_all() {
  Checksum checksum;
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const float value = to_float(T{static_cast<std::uint16_t>(bits)});
    checksum.add(std::isnan(value) ? 0x7FC00000u : std::bit_cast<std::uint32_t>(value));
  }
  return checksum.value();
}

/// The checksum of what `convert` makes of 2^20 floats of every magnitude.
template <class Convert>
std::uint64_t checksum_from_floats(Convert convert) {
  Checksum checksum;
  for (std::uint64_t i = 0; i < (1 << 20); ++i) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(i * 2654435761u));
    const auto rounded = convert(value);
    checksum.add(std::isnan(to_float(rounded)) ? 0x7E00u : rounded.bits);
  }
  return checksum.value();
}

}  // namespace

TEST_CASE("All halves and bfloat16 have the value that PyTorch gives them", "[core][dtype]") {
  // floats = torch.arange(65536, dtype=torch.int32).to(torch.int16).view(torch.float16).float()
  // bits = torch.where(floats.isnan(), torch.tensor(0x7FC00000, dtype=torch.int32),
  //                    floats.view(torch.int32))
  // checksum(bits.numpy().view(np.uint32)), and the same with torch.bfloat16
  CHECK(checksum_of_all<Half>() == 0x9ff5028c4d000000);
  CHECK(checksum_of_all<BFloat16>() == 0xaa2b4a2095000000);
}

TEST_CASE("Floats become the halves and bfloat16 that PyTorch makes of them", "[core][dtype]") {
  // patterns = (np.arange(1 << 20, dtype=np.uint64) * 2654435761 & 0xFFFFFFFF).astype(np.uint32)
  // out = torch.from_numpy(patterns.view(np.float32)).to(torch.float16)
  // bits = torch.where(out.isnan(), torch.tensor(0x7E00, dtype=torch.int16), out.view(torch.int16))
  // checksum(bits.numpy().view(np.uint16)), and the same with torch.bfloat16
  CHECK(checksum_from_floats(to_half) == 0x7e04000e3d567c);
  CHECK(checksum_from_floats(to_bfloat16) == 0x7fbe3bfb7780c6);
}

TEST_CASE("Ties and denormals are rounded as in PyTorch", "[core][dtype]") {
  // [hex(v & 0xffff) for v in torch.tensor([…]).to(torch.float16).view(torch.int16).tolist()],
  // and the same with torch.bfloat16
  struct Row {
    float value;
    std::uint16_t half, bfloat16;
  };
  const Row rows[] = {
      {0.1f, 0x2e66, 0x3dcd},          {-0.1f, 0xae66, 0xbdcd},
      {65504.0f, 0x7bff, 0x4780},      {65519.996f, 0x7bff, 0x4780},
      {65520.0f, 0x7c00, 0x4780},      {1e-8f, 0x0, 0x322c},
      {2.9802322e-08f, 0x0, 0x3300},   {5.9604645e-08f, 0x1, 0x3380},
      {8.9406967e-08f, 0x2, 0x33c0},   {6.1035156e-05f, 0x400, 0x3880},
      {6.0975552e-05f, 0x3ff, 0x3880}, {1 / 3.0f, 0x3555, 0x3eab},
      {3.4e38f, 0x7c00, 0x7f80},       {1e-40f, 0x0, 0x1},
      {-0.0f, 0x8000, 0x8000},         {1.0009766f, 0x3c01, 0x3f80},
      {1.0004883f, 0x3c00, 0x3f80},    {1.0014648f, 0x3c02, 0x3f80},
  };
  for (const Row& row : rows) {
    INFO(row.value);
    CHECK(to_half(row.value).bits == row.half);
    CHECK(to_bfloat16(row.value).bits == row.bfloat16);
  }
}

TEST_CASE("Halves and bfloat16 survive a way through float", "[core][dtype]") {
  int changed = 0;
  for (std::uint32_t i = 0; i <= 0xFFFF; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    const float half = to_float(Half{bits});
    const float bfloat16 = to_float(BFloat16{bits});
    changed += std::isnan(half) ? !std::isnan(to_float(to_half(half))) : to_half(half).bits != bits;
    changed += std::isnan(bfloat16) ? !std::isnan(to_float(to_bfloat16(bfloat16)))
                                    : to_bfloat16(bfloat16).bits != bits;
  }
  CHECK(changed == 0);
}

TEST_CASE("Dtypes have PyTorch's names and sizes", "[core][dtype]") {
  // [(str(d).removeprefix("torch."), d.itemsize, d.is_floating_point) for d in …]
  struct Row {
    Dtype dtype;
    std::string_view name;
    std::size_t size;
    bool is_float;
  };
  const Row rows[] = {
      {Dtype::float32, "float32", 4, true}, {Dtype::float64, "float64", 8, true},
      {Dtype::float16, "float16", 2, true}, {Dtype::bfloat16, "bfloat16", 2, true},
      {Dtype::int64, "int64", 8, false},    {Dtype::int32, "int32", 4, false},
      {Dtype::int16, "int16", 2, false},    {Dtype::int8, "int8", 1, false},
      {Dtype::uint64, "uint64", 8, false},  {Dtype::uint32, "uint32", 4, false},
      {Dtype::uint16, "uint16", 2, false},  {Dtype::uint8, "uint8", 1, false},
      {Dtype::bool_, "bool", 1, false},
  };
  CHECK(std::size(rows) == std::size(detail::kDtypes));
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(dtype_name(row.dtype) == row.name);
    CHECK(dtype_size(row.dtype) == row.size);
    CHECK(is_floating_point(row.dtype) == row.is_float);
    visit_dtype(row.dtype, [&](auto zero) {
      CHECK(dtype_of<decltype(zero)> == row.dtype);
      CHECK(sizeof(zero) == row.size);
    });
  }
}

TEST_CASE("The scalars of tensors, and what operations make of them", "[core][dtype]") {
  STATIC_REQUIRE(TensorScalar<float>);
  STATIC_REQUIRE(TensorScalar<bool>);
  STATIC_REQUIRE_FALSE(TensorScalar<std::int8_t>);
  STATIC_REQUIRE_FALSE(TensorScalar<Half>);
  STATIC_REQUIRE(FloatScalar<double>);
  STATIC_REQUIRE_FALSE(FloatScalar<std::int64_t>);
  STATIC_REQUIRE(std::is_same_v<float_of<double>, double>);
  STATIC_REQUIRE(std::is_same_v<float_of<std::int64_t>, float>);
  STATIC_REQUIRE(std::is_same_v<sum_of<bool>, std::int64_t>);
  STATIC_REQUIRE(std::is_same_v<sum_of<float>, float>);
}
