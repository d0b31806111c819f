#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/value_base.hpp"

namespace brasa {

/// A key of a dict: an int or a str.
class DictKey {
 public:
  template <std::integral T>
  requires(!std::same_as<T, bool>) DictKey(T number) : number_(static_cast<std::int64_t>(number)) {}
  DictKey(const char* text) : is_string_(true), text_(text) {}
  DictKey(std::string_view text) : is_string_(true), text_(text) {}
  DictKey(std::string text) : is_string_(true), text_(std::move(text)) {}

  bool is_string() const noexcept { return is_string_; }
  /// The text; empty for an int.
  std::string_view string() const noexcept { return text_; }
  /// The number; 0 for a str.
  std::int64_t integer() const noexcept { return number_; }
  Value value() const { return is_string_ ? Value(string()) : Value(number_); }

  friend bool operator==(const DictKey&, const DictKey&) = default;
  friend bool operator==(const DictKey& key, std::string_view text) {
    return key.is_string_ && key.text_ == text;
  }

 private:
  bool is_string_ = false;
  std::int64_t number_ = 0;
  std::string text_;
};

/// What a dict is made from: `{"lr", 0.1}`.
struct DictEntry {
  DictKey key;
  Value value;
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
  Dict(std::initializer_list<DictEntry> entries) {
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
    if (Value* old = find_view(key)) return *old = std::move(value);
    const auto entry = entries_.emplace(entries_.end(), key, std::move(value));
    index_.insert(entry);
    return entry->second;
  }
  /// The same, but an old key keeps its value: `dict.setdefault`. Gives the value that stands.
  Value& set_default(const DictKey& key, Value value) {
    Value* old = find_view(key);
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
  /// A key without its memory.
  struct KeyView {
    bool is_string;
    std::int64_t number;
    std::string_view text;

    KeyView(std::int64_t its_number) : is_string(false), number(its_number) {}
    KeyView(std::string_view its_text) : is_string(true), number(0), text(its_text) {}
    KeyView(const DictKey& key)
        : is_string(key.is_string()), number(key.integer()), text(key.string()) {}
    friend bool operator<(const KeyView& a, const KeyView& b) {
      if (a.is_string != b.is_string) return b.is_string;
      return a.is_string ? a.text < b.text : a.number < b.number;
    }
  };
  struct Less {
    using is_transparent = void;
    bool operator()(iterator a, iterator b) const { return KeyView(a->first) < b->first; }
    bool operator()(iterator a, const KeyView& b) const { return KeyView(a->first) < b; }
    bool operator()(const KeyView& a, iterator b) const { return a < b->first; }
  };

  const Value* find_view(const KeyView& key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &(*found)->second;
  }
  Value* find_view(const KeyView& key) {
    return const_cast<Value*>(std::as_const(*this).find_view(key));
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

struct StringNode : ValueNode {
  explicit StringNode(std::string_view its_text) : ValueNode(ValueKind::string), text(its_text) {}
  std::string text;
};

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

inline Value::Value(std::string_view text) : Value(Node::adopt(new detail::StringNode(text))) {}
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
inline Value Value::dict(std::initializer_list<DictEntry> entries) { return dict(Dict(entries)); }
inline Value Value::dict() { return dict(Dict()); }

inline const void* Value::identity() const noexcept {
  if (kind_ == detail::ValueKind::string) return nullptr;
  if (node_) return node_.get();
  return tensor_.impl_ref().get();
}

}  // namespace brasa
