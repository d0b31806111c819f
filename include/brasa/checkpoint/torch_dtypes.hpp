#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "brasa/core/dtype.hpp"

namespace brasa::detail {

/// A dtype as torch.save writes it.
struct TorchDtype {
  std::string_view name;       // without "torch."
  std::string_view storage;    // the class of its storages; empty: untyped ones
  std::size_t size;            // bytes of an element
  std::size_t swapped;         // bytes that change their order between machines, as one
  std::optional<Dtype> dtype;  // none: an AnyTensor cannot hold it
};

inline constexpr TorchDtype kTorchDtypes[] = {
    {"float32", "FloatStorage", 4, 4, Dtype::float32},
    {"float64", "DoubleStorage", 8, 8, Dtype::float64},
    {"float16", "HalfStorage", 2, 2, Dtype::float16},
    {"bfloat16", "BFloat16Storage", 2, 2, Dtype::bfloat16},
    {"int64", "LongStorage", 8, 8, Dtype::int64},
    {"int32", "IntStorage", 4, 4, Dtype::int32},
    {"int16", "ShortStorage", 2, 2, Dtype::int16},
    {"int8", "CharStorage", 1, 1, Dtype::int8},
    {"uint8", "ByteStorage", 1, 1, Dtype::uint8},
    {"bool", "BoolStorage", 1, 1, Dtype::bool_},
    {"uint16", "", 2, 2, Dtype::uint16},
    {"uint32", "", 4, 4, Dtype::uint32},
    {"uint64", "", 8, 8, Dtype::uint64},
    {"complex64", "ComplexFloatStorage", 8, 4, {}},
    {"complex128", "ComplexDoubleStorage", 16, 8, {}},
    {"complex32", "", 4, 2, {}},
    {"float8_e4m3fn", "", 1, 1, {}},
    {"float8_e5m2", "", 1, 1, {}},
    {"float8_e4m3fnuz", "", 1, 1, {}},
    {"float8_e5m2fnuz", "", 1, 1, {}},
    {"float8_e8m0fnu", "", 1, 1, {}},
    {"float4_e2m1fn_x2", "", 1, 1, {}},
};

inline const TorchDtype* find_torch_dtype(std::string_view name) {
  for (const TorchDtype& dtype : kTorchDtypes) {
    if (dtype.name == name) return &dtype;
  }
  return nullptr;
}

/// By the name of its class of storages.
inline const TorchDtype* find_torch_storage(std::string_view storage) {
  for (const TorchDtype& dtype : kTorchDtypes) {
    if (!storage.empty() && dtype.storage == storage) return &dtype;
  }
  return nullptr;
}

}  // namespace brasa::detail
