#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/any_tensor.hpp"
#include "brasa/core/real.hpp"
#include "brasa/core/state_dict.hpp"

namespace brasa {

class Dict;
struct DictEntry;
class Value;
class ValueAt;

namespace detail {

/// What a Value holds.
enum class ValueKind : std::uint8_t {
  none,
  boolean,
  integer,
  real,
  string,
  tensor,
  list,
  tuple,
  dict
};

/// What the handles of one str, list, tuple or dict share.
class ValueNode : public RefCounted {
 public:
  virtual ~ValueNode() = default;
  const ValueKind kind;

  /// Ends a node without recursion: those that die with it wait in a list, so that a tree may be as
  /// deep as memory allows.
  static void destroy(ValueNode* node) noexcept {
    thread_local ValueNode* waiting = nullptr;
    thread_local bool draining = false;
    node->next_dead_ = std::exchange(waiting, node);
    if (draining) return;
    draining = true;
    while (waiting != nullptr) {
      ValueNode* dead = std::exchange(waiting, waiting->next_dead_);
      delete dead;
    }
    draining = false;
  }

 protected:
  explicit ValueNode(ValueKind its_kind) : kind(its_kind) {}

 private:
  ValueNode* next_dead_ = nullptr;
};

/// The functions that look into a value, for Value and for ValueAt, which knows where it stood.
/// A value of another kind raises ValueError, with the path to it and what is there.
template <class Self>
class ValueAccess {
 public:
  bool is_none() const { return kind() == ValueKind::none; }
  bool is_bool() const { return kind() == ValueKind::boolean; }
  bool is_int() const { return kind() == ValueKind::integer; }
  bool is_double() const { return kind() == ValueKind::real; }
  /// An int or a float.
  bool is_real() const { return is_int() || is_double(); }
  bool is_string() const { return kind() == ValueKind::string; }
  bool is_tensor() const { return kind() == ValueKind::tensor; }
  bool is_list() const { return kind() == ValueKind::list; }
  bool is_tuple() const { return kind() == ValueKind::tuple; }
  /// A dict, also an OrderedDict or a Counter.
  bool is_dict() const { return kind() == ValueKind::dict; }

  bool as_bool() const;
  std::int64_t as_int() const;
  /// The value of a float or of an int.
  double as_double() const;
  /// An int or a float, as it is.
  Real as_real() const;
  std::string as_string() const;
  AnyTensor as_tensor() const;
  /// The items of a list, for reading and writing: a Value is a handle.
  std::vector<Value>& as_list() const;
  const std::vector<Value>& as_tuple() const;
  /// The items of a list or a tuple.
  const std::vector<Value>& as_sequence() const;
  /// The entries of a dict, for reading and writing.
  Dict& as_dict() const;
  /// A dict of names and tensors as a StateDict, with the versions that an OrderedDict from PyTorch
  /// carries in its `_metadata`.
  StateDict as_state_dict() const;

  /// The number of items of a list, a tuple or a dict.
  std::size_t size() const;
  /// True if this is a dict with that key.
  bool contains(std::string_view key) const;
  /// The item of a list or a tuple, counted from the end if negative, or the entry of a dict.
  /// Raises IndexError, or KeyError, where there is none.
  ///
  /// The result is const: `v["lr"] = 1`, which would change a copy, does not compile. Write
  /// `v.as_dict().set("lr", 1)`.
  const ValueAt operator[](std::int64_t index) const;
  const ValueAt operator[](std::string_view key) const;

 private:
  const Value& value() const;
  std::string where() const;
  ValueKind kind() const;
  /// The value, whose kind has to be this one.
  const Value& expect(ValueKind kind, const char* expected) const;
  [[noreturn]] void wrong(const char* expected) const;
};

}  // namespace detail

/// What a Python checkpoint can hold: None, bool, int, float, str, a tensor, and lists, tuples and
/// dicts of these.
///
///     brasa::Value checkpoint = …;
///     std::int64_t epoch = checkpoint["epoch"].as_int();
///     model.load_state_dict(checkpoint["model"].as_state_dict());
///     optimizer.load_state_dict(checkpoint["optimizer"]);
///
///     brasa::Value mine = brasa::Value::dict({{"epoch", 3}, {"model", model.state_dict()}});
///
/// As in Python, a copy of a list or a dict is a handle to the same one; scalars and strings are
/// copied. A list must not contain itself, neither directly nor through others: it would never be
/// freed. `std::cout << value` prints what Python prints.
class Value : public detail::ValueAccess<Value> {
 public:
  /// None.
  Value() noexcept = default;
  Value(std::nullptr_t) noexcept {}
  Value(std::same_as<bool> auto value)
      : kind_(detail::ValueKind::boolean), number_(value ? 1 : 0) {}
  template <class T>
  requires(std::integral<T> && !std::same_as<T, bool>) Value(T value) : Value(Real(value)) {}
  template <std::floating_point T>
  Value(T value) : Value(Real(value)) {}
  Value(Real value)
      : kind_(value.is_int() ? detail::ValueKind::integer : detail::ValueKind::real),
        number_(value) {}
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(std::string_view text);
  /// A tensor; one that is not defined is None.
  Value(const AnyTensor& tensor)
      : kind_(tensor.defined() ? detail::ValueKind::tensor : detail::ValueKind::none),
        tensor_(tensor) {}
  /// An OrderedDict as PyTorch's `state_dict()` returns it.
  Value(const StateDict& state);

  static Value list(std::vector<Value> items = {});
  static Value tuple(std::vector<Value> items);
  static Value dict(Dict entries);
  static Value dict(std::initializer_list<DictEntry> entries);
  static Value dict();

  /// True if both are the same list, tuple, dict or tensor (Python's `is`).
  bool is(const Value& other) const noexcept {
    return identity() != nullptr && identity() == other.identity();
  }
  /// An address that the handles of one list, tuple, dict or tensor have in common; null for
  /// everything else.
  const void* identity() const noexcept;

 private:
  template <class>
  friend class detail::ValueAccess;
  using Node = detail::Ref<detail::ValueNode>;

  explicit Value(Node node) : kind_(node->kind), node_(std::move(node)) {}

  // Not a variant, which would cost every program that includes this a tenth of its compile time.
  detail::ValueKind kind_ = detail::ValueKind::none;
  Real number_ = 0;   // a bool, an int or a float
  AnyTensor tensor_;  // a tensor
  Node node_;         // everything else
};

/// A value and the path that led to it, for the messages of errors: what `value["a"][0]` gives. It
/// is a Value wherever one is wanted.
class ValueAt : public detail::ValueAccess<ValueAt> {
 public:
  ValueAt(Value value, std::string path) : value_(std::move(value)), path_(std::move(path)) {}
  operator const Value&() const { return value_; }
  /// `['a'][0]`.
  const std::string& path() const noexcept { return path_; }

 private:
  template <class>
  friend class detail::ValueAccess;

  Value value_;
  std::string path_;
};

}  // namespace brasa
