#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/core/error.hpp"

namespace brasa::nn::detail {

/// A Python index, negative ones from the end.
inline std::size_t wrap_index(std::string_view op, std::int64_t index, std::size_t size) {
  const auto limit = static_cast<std::int64_t>(size);
  if (index < -limit || index >= limit) {
    brasa::detail::raise<IndexError>(op, "index ", index, " is out of range for ", size,
                                     " entries");
  }
  return static_cast<std::size_t>(index < 0 ? index + limit : index);
}

/// The end of a Python slice: negative ones from the end, others cut to the size.
inline std::size_t clamp_index(std::int64_t index, std::size_t size) {
  const auto limit = static_cast<std::int64_t>(size);
  if (index < 0) index = std::max<std::int64_t>(index, -limit) + limit;
  return static_cast<std::size_t>(std::min(index, limit));
}

/// The named entries of a container, in order: modules or parameters. Listed in BRASA_MODULE, it
/// shows its entries under their names, not itself.
template <class T>
class NamedEntries {
 public:
  using Entry = std::pair<std::string, T>;

  /// Errors: KeyError for a name that is empty, has a dot, or is taken.
  [[gnu::cold]] void add(std::string_view op, std::string name, T value) {
    if (name.empty()) brasa::detail::raise<KeyError>(op, "a name can't be empty");
    if (name.find('.') != std::string::npos) {
      brasa::detail::raise<KeyError>(op, "a name can't contain \".\", got \"", name, "\"");
    }
    if (find(name) != nullptr) {
      brasa::detail::raise<KeyError>(op, "the name \"", name, "\" is there already");
    }
    entries_.emplace_back(std::move(name), std::move(value));
  }
  /// At the end, named by its position.
  [[gnu::cold]] void append(std::string_view op, T value) {
    add(op, std::to_string(entries_.size()), std::move(value));
  }
  /// Before `index`, which may be the size; the entries behind it are numbered anew.
  void insert(std::string_view op, std::int64_t index, T value) {
    const auto count = static_cast<std::int64_t>(entries_.size());
    if (index < -count || index > count) {
      brasa::detail::raise<IndexError>(op, "index ", index, " is out of range for ", count,
                                       " entries");
    }
    if (!numbered()) {
      brasa::detail::raise<ValueError>(op,
                                       "expected entries that are numbered from 0, these have "
                                       "names");
    }
    const std::int64_t position = index < 0 ? index + count : index;
    entries_.emplace(entries_.begin() + position, std::string(), std::move(value));
    number_anew();
  }
  /// Takes an entry out; if all were numbered, those behind it are numbered anew.
  T pop(std::string_view op, std::int64_t index) {
    const std::size_t position = wrap_index(op, index, entries_.size());
    const bool was_numbered = numbered();
    T value = std::move(entries_[position].second);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(position));
    if (was_numbered) number_anew();
    return value;
  }

  T& at(std::string_view op, std::int64_t index) {
    return entries_[wrap_index(op, index, entries_.size())].second;
  }
  const T& at(std::string_view op, std::int64_t index) const {
    return entries_[wrap_index(op, index, entries_.size())].second;
  }
  /// Errors: KeyError.
  T& at(std::string_view op, std::string_view name) {
    return const_cast<T&>(std::as_const(*this).at(op, name));
  }
  const T& at(std::string_view op, std::string_view name) const {
    const T* found = find(name);
    if (found == nullptr) brasa::detail::raise<KeyError>(op, "there is no \"", name, "\"");
    return *found;
  }
  const T* find(std::string_view name) const noexcept {
    for (const Entry& entry : entries_) {
      if (entry.first == name) return &entry.second;
    }
    return nullptr;
  }
  /// Takes an entry out and returns its value. `name` may be that of the entry itself.
  T pop(std::string_view op, std::string_view name) {
    T& value = at(op, name);
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return &entry.second == &value; });
    T taken = std::move(value);
    entries_.erase(found);
    return taken;
  }
  void clear() noexcept { entries_.clear(); }

  std::size_t size() const noexcept { return entries_.size(); }
  auto begin() noexcept { return entries_.begin(); }
  auto end() noexcept { return entries_.end(); }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

 private:
  bool numbered() const {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].first != std::to_string(i)) return false;
    }
    return true;
  }
  void number_anew() {
    for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].first = std::to_string(i);
  }

  std::vector<Entry> entries_;
};

}  // namespace brasa::nn::detail
