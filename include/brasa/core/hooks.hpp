#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace brasa {
namespace detail {

/// Functions of any type, each under a number: what all lists of hooks have in common.
class HookTable {
 public:
  struct Entry {
    std::uint64_t id;
    std::shared_ptr<const void> function;
  };

  const std::vector<Entry>& entries() const noexcept { return entries_; }

  /// A table of its own with the same functions; null for null.
  static std::shared_ptr<HookTable> copy(const std::shared_ptr<HookTable>& table) {
    return table ? std::make_shared<HookTable>(*table) : nullptr;
  }
  [[gnu::cold]] std::uint64_t add(std::shared_ptr<const void> function, bool prepend) {
    entries_.insert(prepend ? entries_.begin() : entries_.end(), {next_id_, std::move(function)});
    return next_id_++;
  }
  [[gnu::cold]] void remove(std::uint64_t id) {
    std::erase_if(entries_, [id](const Entry& entry) { return entry.id == id; });
  }

 private:
  std::vector<Entry> entries_;
  std::uint64_t next_id_ = 0;
};

}  // namespace detail

/// What registering a hook returns: `remove()` takes the hook away again. A handle may outlive what
/// the hook was registered on, and be dropped without effect.
class RemovableHandle {
 public:
  RemovableHandle() = default;
  RemovableHandle(std::weak_ptr<detail::HookTable> table, std::uint64_t id)
      : table_(std::move(table)), id_(id) {}

  void remove() {
    if (const auto table = table_.lock()) table->remove(id_);
    table_.reset();
  }

 private:
  std::weak_ptr<detail::HookTable> table_;
  std::uint64_t id_ = 0;
};

namespace detail {

/// Functions that run one after the other, in the order in which they were registered. Costs one
/// pointer while there are none. A copy has a list of its own, which the handles of the original do
/// not reach; the functions in it are the same objects.
template <class F>
class HookList {
 public:
  HookList() = default;
  HookList(const HookList& other) : table_(HookTable::copy(other.table_)) {}
  HookList(HookList&&) noexcept = default;
  HookList& operator=(HookList other) noexcept {
    table_ = std::move(other.table_);
    return *this;
  }

  bool empty() const noexcept { return !table_ || table_->entries().empty(); }

  RemovableHandle add(F function, bool prepend = false) {
    if (!table_) table_ = std::make_shared<HookTable>();
    return {table_, table_->add(std::make_shared<const F>(std::move(function)), prepend)};
  }

  /// Calls `use` with each hook. A hook may remove itself or others, or register new ones: those
  /// take part from the next time on.
  template <class Use>
  void for_each(Use&& use) const {
    if (empty()) return;
    const auto entries = table_->entries();
    for (const auto& entry : entries) use(*static_cast<const F*>(entry.function.get()));
  }

 private:
  std::shared_ptr<HookTable> table_;
};

}  // namespace detail
}  // namespace brasa
