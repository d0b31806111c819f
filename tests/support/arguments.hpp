#pragma once

// The arguments of a recorded call as C++ values: what stands at a position, or under a name.
//
//   golden::Arguments arguments(file, record.at("args"), record.at("kwargs"));
//   auto y = functional::elu(arguments.tensor<float>(0, "input"), arguments.number(1, "alpha", 1));
//   arguments.check_all_read();

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "brasa/core/any_tensor.hpp"
#include "brasa/core/real.hpp"
#include "brasa/core/tensor.hpp"
#include "support/golden.hpp"

namespace golden {

/// What brasa does not have: a case that needs it is skipped.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// As a position: only the name counts.
inline constexpr auto kByName = static_cast<std::size_t>(-1);

class Arguments {
 public:
  /// The tensors are read from `file`, which may be null if there are none.
  Arguments(const File* file, const Json& args, const Json& kwargs);
  /// None at all.
  Arguments();

  /// Whether an argument was given, and is not None.
  bool has(std::size_t position, const char* name) const { return find(position, name) != nullptr; }

  /// Whether it is a tensor.
  bool has_tensor(std::size_t position, const char* name) const;

  // ---- values; the `otherwise` is for what was not given ----

  std::int64_t integer(std::size_t position, const char* name) const;
  std::int64_t integer(std::size_t position, const char* name, std::int64_t otherwise) const;
  std::optional<std::int64_t> maybe_integer(std::size_t position, const char* name) const;
  double number(std::size_t position, const char* name) const;
  double number(std::size_t position, const char* name, double otherwise) const;
  brasa::Real real(std::size_t position, const char* name) const;
  brasa::Real real(std::size_t position, const char* name, brasa::Real otherwise) const;
  bool flag(std::size_t position, const char* name, bool otherwise) const;
  std::string text(std::size_t position, const char* name, const char* otherwise) const;
  brasa::Shape sizes(std::size_t position, const char* name) const;
  brasa::Dtype dtype(std::size_t position, const char* name, brasa::Dtype otherwise) const;

  /// The tensor, a leaf that requires a gradient if the recording says so; undefined if not given.
  brasa::AnyTensor any_tensor(std::size_t position, const char* name) const;
  template <brasa::TensorScalar S>
  brasa::Tensor<S> tensor(std::size_t position, const char* name) const {
    const brasa::AnyTensor found = any_tensor(position, name);
    if (found.defined() && !found.holds<S>()) {
      throw Unsupported(std::string(name) + " of another dtype than the call");
    }
    return found.defined() ? found.as<S>() : brasa::Tensor<S>();
  }

  // ---- about them all ----

  /// All tensors, by position or name as the recording names them: "0", "1.2", "weight".
  const std::map<std::string, brasa::AnyTensor>& tensors() const { return tensors_; }
  /// Throws Unsupported if an argument was not asked for, and is not None or False.
  void check_all_read() const;

 private:
  const Json* find(std::size_t position, const char* name) const;
  const Json& require(std::size_t position, const char* name) const;
  void load(const File* file, const std::string& name, const Json& value);

  Json args_;
  Json kwargs_;
  std::map<std::string, brasa::AnyTensor> tensors_;
  mutable std::set<std::string> read_;
};

}  // namespace golden
