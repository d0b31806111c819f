#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/file_errors.hpp"
#include "brasa/checkpoint/pickle_globals.hpp"
#include "brasa/checkpoint/text.hpp"
#include "brasa/core/value.hpp"

namespace brasa::detail {

/// What an unpickler works with: a value, or what only calls take as an argument.
struct PickleItem {
  enum class Kind : std::uint8_t {
    value,
    arguments,  // a tuple that holds what no Value can
    global,
    storage
  };
  Kind kind = Kind::value;
  PickleGlobal global = PickleGlobal::none;
  std::uint32_t index = 0;            // of its node, 0: none; of a storage among the storages
  const TorchDtype* dtype = nullptr;  // of a global
  Value value;

  bool is_plain() const { return kind == Kind::value || is(PickleGlobal::dtype); }
  bool is(PickleGlobal which) const { return kind == Kind::global && global == which; }
};

/// Makes the lists, tuples and dicts of one pickle within limits.
///
/// Memory: a pickle of n bytes may take 128·n + 16 MiB; what CPython writes takes far less. Depth:
/// at most 1000 levels. Cycles: what has been put into something else cannot be changed any more,
/// as in every pickle of a tree; so nothing can come to hold itself.
class PickleObjects {
 public:
  PickleObjects(std::size_t pickle_size, const FileErrors& errors)
      : errors_(errors), budget_(std::uint64_t{128} * pickle_size + (std::uint64_t{16} << 20)) {
    nodes_.emplace_back();
  }

  const FileErrors& errors() const noexcept { return errors_; }
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... what) const {
    errors_.fail_with({"the pickle is not sound: ", what...});
  }

  /// Counts memory that is about to be taken.
  void spend(std::uint64_t bytes) {
    if (bytes > budget_) {
      errors_.fail("the pickle would take too much memory for its size; it may be made to harm");
    }
    budget_ -= bytes;
  }
  /// Counts the memory of one more copy.
  void spend_copy(const PickleItem& item) {
    spend(sizeof(PickleItem));
    if (item.value.is_string()) spend(item.value.as_string_view().size());
  }

  PickleItem text(std::string_view bytes) {
    spend(bytes.size());
    return leaf(Value(bytes));
  }
  static PickleItem leaf(Value value) {
    PickleItem item;
    item.value = std::move(value);
    return item;
  }
  PickleItem list() { return container(Value::list()); }
  PickleItem dict(DictType type = DictType::dict) { return container(Value::dict(Dict(type))); }

  /// A tuple of the items, which are moved.
  PickleItem tuple(std::span<PickleItem> items) {
    const bool plain = std::all_of(items.begin(), items.end(),
                                   [](const PickleItem& item) { return item.is_plain(); });
    if (items.empty()) return leaf(empty_tuple_);
    spend(sizeof(PickleItem) * items.size());
    const std::uint32_t index = new_node();
    for (const PickleItem& item : items) place(item, index);
    if (!plain) {
      PickleItem result;
      result.kind = PickleItem::Kind::arguments;
      result.index = index;
      nodes_[index].arguments.assign(std::make_move_iterator(items.begin()),
                                     std::make_move_iterator(items.end()));
      return result;
    }
    std::vector<Value> values;
    values.reserve(items.size());
    for (PickleItem& item : items) values.push_back(plain_value(item));
    PickleItem result = leaf(Value::tuple(std::move(values)));
    result.index = index;
    return result;
  }

  /// The items of a tuple: those of a call.
  std::vector<PickleItem> arguments(const PickleItem& tuple) {
    const bool is_value = tuple.kind == PickleItem::Kind::value;
    if (is_value ? !tuple.value.is_tuple() : tuple.kind != PickleItem::Kind::arguments) {
      fail("something is called without a tuple");
    }
    const auto& parts = nodes_[tuple.index].arguments;
    const std::size_t count = is_value ? tuple.value.size() : parts.size();
    if (count > kMostArguments) fail("something is called with ", count, " arguments");
    if (!is_value) return parts;
    std::vector<PickleItem> items;
    for (const Value& value : tuple.value.as_tuple()) {
      items.push_back(leaf(value));
      spend_copy(items.back());
      items.back().index = tuple.index;  // as deep as any of them can be,
    }
    nodes_[tuple.index].placed = true;  // and not to be changed
    return items;
  }

  void append(const PickleItem& list, PickleItem& item) {
    if (list.kind != PickleItem::Kind::value || !list.value.is_list()) {
      fail("something is appended to what is no list");
    }
    change(list, item);
    list.value.as_list().push_back(plain_value(item));
  }

  void set(const PickleItem& dict, PickleItem& key, PickleItem& value) {
    if (dict.kind != PickleItem::Kind::value || !dict.value.is_dict()) {
      fail("a key is set in what is no dict");
    }
    Dict& entries = dict.value.as_dict();
    const Value name = plain_value(key);
    const auto add = [&](const DictKey& new_key, bool is_there) {
      if (is_there) fail("the key ", repr(new_key.value()), " stands twice in a dict");
      change(dict, value);
      entries.set(new_key, plain_value(value));
    };
    spend(kDictEntry);
    if (name.is_int()) return add(name.as_int(), entries.find(name.as_int()) != nullptr);
    if (!name.is_string()) {
      errors_.fail("a dict has the key ", described(name), "; brasa holds int and str as keys");
    }
    add(name.as_string_view(), entries.contains(name.as_string_view()));
  }

  /// Sets what Python keeps in an object's `__dict__`: of use is only the `_metadata` of a
  /// state_dict.
  void set_attributes(const PickleItem& object, PickleItem& state) {
    const bool fits = object.kind == PickleItem::Kind::value && object.value.is_dict() &&
                      object.value.as_dict().type() == DictType::ordered_dict &&
                      state.kind == PickleItem::Kind::value && state.value.is_dict();
    if (!fits) fail("attributes are given to what is no OrderedDict");
    change(object, state);
    if (const Value* metadata = state.value.as_dict().find("_metadata")) {
      object.value.as_dict().set_attributes(Value::dict({{"_metadata", *metadata}}));
    }
  }

  /// The value of an item that is to stand in the tree.
  Value plain_value(PickleItem& item) {
    if (item.kind == PickleItem::Kind::value) return std::move(item.value);
    if (item.is(PickleGlobal::dtype)) return Value("torch." + std::string(item.dtype->name));
    errors_.fail(item.kind == PickleItem::Kind::global
                     ? "the pickle holds a class or a function, which brasa does not: leave it out"
                     : "the pickle holds a storage outside of a tensor: save the tensor");
  }

 private:
  /// What is known of a list, a tuple or a dict.
  struct Node {
    std::uint32_t depth = 0;
    bool placed = false;  // it stands in something, and must not change any more
    std::vector<PickleItem> arguments;
  };
  static constexpr std::uint32_t kDeepest = 1000;
  static constexpr std::size_t kMostArguments = 8;
  static constexpr std::size_t kContainer = sizeof(Node) + 256;
  static constexpr std::size_t kDictEntry = 200;

  std::uint32_t new_node() {
    spend(kContainer);
    nodes_.emplace_back().depth = 1;
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  PickleItem container(Value value) {
    PickleItem item = leaf(std::move(value));
    item.index = new_node();
    return item;
  }
  /// Notes that `item` comes to stand in the container of a node.
  void place(const PickleItem& item, std::uint32_t into) {
    if (item.kind == PickleItem::Kind::global || item.kind == PickleItem::Kind::storage) return;
    if (item.index == 0) return;
    if (item.index == into) fail("a list or a dict holds itself");
    nodes_[item.index].placed = true;
    nodes_[into].depth = std::max(nodes_[into].depth, nodes_[item.index].depth + 1);
    if (nodes_[into].depth > kDeepest) fail("it has more than ", kDeepest, " levels");
  }
  void change(const PickleItem& container, const PickleItem& item) {
    if (nodes_[container.index].placed) {
      fail("a list or a dict is changed after it was put into another one, or holds itself");
    }
    spend(sizeof(Value));
    place(item, container.index);
  }

  const FileErrors& errors_;
  std::uint64_t budget_;
  std::vector<Node> nodes_;  // the first stands for what is no container
  Value empty_tuple_ = Value::tuple({});
};

}  // namespace brasa::detail
