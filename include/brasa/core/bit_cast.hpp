#pragma once

#include <bit>
#include <type_traits>

namespace brasa::detail {

/// `std::bit_cast`, which is younger than the libc++ of some WebAssembly compilers.
#if defined(__cpp_lib_bit_cast)
using std::bit_cast;
#else
template <class To, class From>
constexpr To bit_cast(const From& from) noexcept {
  static_assert(sizeof(To) == sizeof(From));
  static_assert(std::is_trivially_copyable_v<To> && std::is_trivially_copyable_v<From>);
  return __builtin_bit_cast(To, from);
}
#endif

}  // namespace brasa::detail
