#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "brasa/core/value_base.hpp"

namespace brasa {

/// A key of a dict: an int or a str.
class DictKey {
 public:
  template <std::integral T>
  requires(!std::same_as<T, bool>) DictKey(T number) : key_(static_cast<std::int64_t>(number)) {}
  DictKey(const char* text) : key_(std::string(text)) {}
  DictKey(std::string_view text) : key_(std::string(text)) {}
  DictKey(std::string text) : key_(std::move(text)) {}

  bool is_string() const noexcept { return std::holds_alternative<std::string>(key_); }
  /// The text; empty for an int.
  std::string_view string() const noexcept {
    const auto* text = std::get_if<std::string>(&key_);
    return text ? std::string_view(*text) : std::string_view();
  }
  /// The number; 0 for a str.
  std::int64_t integer() const noexcept {
    const auto* number = std::get_if<std::int64_t>(&key_);
    return number ? *number : 0;
  }
  Value value() const { return is_string() ? Value(string()) : Value(integer()); }

  friend bool operator==(const DictKey&, const DictKey&) = default;
  friend bool operator==(const DictKey& key, std::string_view text) {
    return key.is_string() && key.string() == text;
  }
  friend bool operator==(const DictKey& key, const char* text) {
    return key == std::string_view(text);
  }

 private:
  std::variant<std::int64_t, std::string> key_;
};

/// Which of Python's dicts it is: a pickle tells them apart.
enum class DictType : std::uint8_t { dict, ordered_dict, counter };

/// A dict as Python has it: keys, which are int or str, to values, in the order in which they were
/// inserted. Iteration gives pairs {key, value}.
///
/// A lookup takes O(log n) steps whatever the keys are: they may come from a file that somebody
/// made to be slow. Copying copies the entries, as Python's `dict.copy()`.
class Dict {
 public:
  using value_type = std::pair<const DictKey, Value>;
  using iterator = std::list<value_type>::iterator;
  using const_iterator = std::list<value_type>::const_iterator;

  explicit Dict(DictType type = DictType::dict) : type_(type) {}
  Dict(std::initializer_list<value_type> entries) {
    for (const auto& [key, value] : entries) set(key, value);
  }
  Dict(const Dict& other) : type_(other.type_), attributes_(other.attributes_) {
    for (const auto& [key, value] : other) set(key, value);
  }
  Dict(Dict&& other) noexcept : Dict() { swap(other); }
  Dict& operator=(Dict other) noexcept {
    swap(other);
    return *this;
  }
  ~Dict() = default;

  DictType type() const noexcept { return type_; }
  /// What Python keeps in the `__dict__` of an OrderedDict, None if there is nothing: for a
  /// state_dict `{"_metadata": …}`.
  const Value& attributes() const noexcept { return attributes_; }
  void set_attributes(Value attributes) { attributes_ = std::move(attributes); }

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  iterator begin() noexcept { return entries_.begin(); }
  iterator end() noexcept { return entries_.end(); }
  const_iterator begin() const noexcept { return entries_.begin(); }
  const_iterator end() const noexcept { return entries_.end(); }

  /// The value of a key, or null.
  const Value* find(std::string_view key) const { return find_view(key); }
  const Value* find(std::int64_t key) const { return find_view(key); }
  Value* find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  Value* find(std::int64_t key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  bool contains(std::string_view key) const { return find(key) != nullptr; }

  /// Puts a new key at the end, or gives an old one a new value in its old place.
  Value& set(const DictKey& key, Value value) {
    if (Value* old = key.is_string() ? find(key.string()) : find(key.integer())) {
      return *old = std::move(value);
    }
    const auto entry = entries_.emplace(entries_.end(), key, std::move(value));
    index_.insert(entry);
    return entry->second;
  }
  /// The same, but an old key keeps its value: `dict.setdefault`. Gives the value that stands.
  Value& set_default(const DictKey& key, Value value) {
    Value* old = key.is_string() ? find(key.string()) : find(key.integer());
    return old ? *old : set(key, std::move(value));
  }
  /// Takes a key out; false if it was not there.
  bool erase(std::string_view key) { return erase_view(key); }
  bool erase(std::int64_t key) { return erase_view(key); }

  void swap(Dict& other) noexcept {
    std::swap(type_, other.type_);
    std::swap(attributes_, other.attributes_);
    entries_.swap(other.entries_);
    index_.swap(other.index_);
  }

 private:
  using KeyView = std::variant<std::int64_t, std::string_view>;

  struct Less {
    using is_transparent = void;
    static KeyView view(const DictKey& key) {
      return key.is_string() ? KeyView(key.string()) : KeyView(key.integer());
    }
    bool operator()(iterator a, iterator b) const { return view(a->first) < view(b->first); }
    bool operator()(iterator a, const KeyView& b) const { return view(a->first) < b; }
    bool operator()(const KeyView& a, iterator b) const { return a < view(b->first); }
  };

  const Value* find_view(const KeyView& key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &(*found)->second;
  }
  bool erase_view(const KeyView& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return false;
    const iterator entry = *found;
    index_.erase(found);
    entries_.erase(entry);
    return true;
  }

  DictType type_ = DictType::dict;
  Value attributes_;
  std::list<value_type> entries_;  // a list: its iterators, which are the index, stay valid
  std::set<iterator, Less> index_;
};

namespace detail {

/// A list or a tuple.
struct SequenceNode : ValueNode {
  SequenceNode(ValueKind its_kind, std::vector<Value> its_items)
      : ValueNode(its_kind), items(std::move(its_items)) {}
  std::vector<Value> items;
};

struct DictNode : ValueNode {
  explicit DictNode(Dict its_dict) : ValueNode(ValueKind::dict), dict(std::move(its_dict)) {}
  Dict dict;
};

}  // namespace detail

inline Value Value::list(std::vector<Value> items) {
  using detail::SequenceNode;
  return Value(Node::adopt(new SequenceNode(detail::ValueKind::list, std::move(items))));
}
inline Value Value::tuple(std::vector<Value> items) {
  using detail::SequenceNode;
  return Value(Node::adopt(new SequenceNode(detail::ValueKind::tuple, std::move(items))));
}
inline Value Value::dict(Dict entries) {
  return Value(Node::adopt(new detail::DictNode(std::move(entries))));
}
inline Value Value::dict(std::initializer_list<std::pair<const char*, Value>> entries) {
  Dict result;
  for (const auto& [key, value] : entries) result.set(key, value);
  return dict(std::move(result));
}
inline Value Value::dict() { return dict(Dict()); }

inline const void* Value::identity() const noexcept {
  if (const auto* node = std::get_if<Node>(&data_)) return node->get();
  const auto* tensor = std::get_if<AnyTensor>(&data_);
  return tensor ? tensor->impl_ref().get() : nullptr;
}

}  // namespace brasa
