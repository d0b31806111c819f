#pragma once

#include <cstddef>
#include <initializer_list>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/error.hpp"

namespace brasa {

/// A dict as Python has it: names to values, in the order in which they were inserted.
///
/// Iteration gives pairs `{name, value}`. References and iterators stay valid until their own entry
/// is erased. A lookup takes O(log n) steps whatever the names are: they may come from a file that
/// somebody made to be slow, against which a hash table has no defence.
template <class Value>
class OrderedMap {
  using Entries = std::list<std::pair<const std::string, Value>>;

 public:
  using value_type = typename Entries::value_type;
  using iterator = typename Entries::iterator;
  using const_iterator = typename Entries::const_iterator;

  OrderedMap() = default;
  /// Raises KeyError where a name comes twice.
  OrderedMap(std::initializer_list<value_type> entries) {
    for (const auto& [name, value] : entries) {
      if (!insert(name, value)) {
        detail::raise<KeyError>("", "expected different names, got \"", name, "\" twice");
      }
    }
  }
  OrderedMap(const OrderedMap& other) {
    for (const auto& [name, value] : other) append(name, value);
  }
  OrderedMap(OrderedMap&& other) noexcept { swap(other); }
  OrderedMap& operator=(OrderedMap other) noexcept {
    swap(other);
    return *this;
  }
  ~OrderedMap() = default;

  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  iterator begin() noexcept { return entries_.begin(); }
  iterator end() noexcept { return entries_.end(); }
  const_iterator begin() const noexcept { return entries_.begin(); }
  const_iterator end() const noexcept { return entries_.end(); }

  /// The names, in order.
  std::vector<std::string> keys() const {
    std::vector<std::string> names;
    names.reserve(size());
    for (const auto& entry : entries_) names.push_back(entry.first);
    return names;
  }

  bool contains(std::string_view name) const { return index_.find(name) != index_.end(); }
  /// The value of a name, or null.
  const Value* find(std::string_view name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : &found->second->second;
  }
  Value* find(std::string_view name) { return const_cast<Value*>(std::as_const(*this).find(name)); }

  /// The value of a name. Raises KeyError where there is none.
  const Value& at(std::string_view name) const {
    const Value* value = find(name);
    if (!value) detail::raise<KeyError>("", "no entry named \"", name, "\" among ", size());
    return *value;
  }
  Value& at(std::string_view name) { return const_cast<Value&>(std::as_const(*this).at(name)); }

  /// For reading, the same as `at`.
  const Value& operator[](std::string_view name) const { return at(name); }
  /// For writing, as in `map["x"] = value`: a new name is put at the end, with an empty value. To
  /// read from a map that is not const, `at` is the safer one: a misspelt name is an error there.
  Value& operator[](std::string_view name) {
    Value* value = find(name);
    return value ? *value : append(name, Value());
  }

  /// Puts a new name at the end. Where the name is there already nothing changes, and the result
  /// is false.
  bool insert(std::string_view name, Value value) {
    if (contains(name)) return false;
    append(name, std::move(value));
    return true;
  }
  /// Puts a new name at the end, or gives an old one a new value in its old place.
  void assign(std::string_view name, Value value) { (*this)[name] = std::move(value); }

  /// Takes a name out; false if it was not there.
  bool erase(std::string_view name) {
    const auto found = index_.find(name);
    if (found == index_.end()) return false;
    const auto entry = found->second;
    index_.erase(found);
    entries_.erase(entry);
    return true;
  }
  void clear() noexcept {
    index_.clear();
    entries_.clear();
  }

  void swap(OrderedMap& other) noexcept {
    entries_.swap(other.entries_);
    index_.swap(other.index_);
  }

 private:
  Value& append(std::string_view name, Value value) {
    const auto entry = entries_.emplace(entries_.end(), std::string(name), std::move(value));
    index_.emplace(std::string_view(entry->first), entry);
    return entry->second;
  }

  Entries entries_;  // a list: the names that the index looks at stay put
  std::map<std::string_view, iterator> index_;
};

}  // namespace brasa
