#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace brasa {
namespace detail {

class HookListBase {
 public:
  virtual ~HookListBase() = default;
  virtual void remove(std::uint64_t id) = 0;
};

}  // namespace detail

/// What registering a hook returns: `remove()` takes the hook away again. A handle may outlive what
/// the hook was registered on, and be dropped without effect.
class RemovableHandle {
 public:
  RemovableHandle() = default;
  RemovableHandle(std::weak_ptr<detail::HookListBase> list, std::uint64_t id)
      : list_(std::move(list)), id_(id) {}

  void remove() {
    if (const auto list = list_.lock()) list->remove(id_);
    list_.reset();
  }

 private:
  std::weak_ptr<detail::HookListBase> list_;
  std::uint64_t id_ = 0;
};

namespace detail {

/// Functions that run one after the other, in the order in which they were registered. Costs one
/// pointer while there are none. A copy has hooks of its own, which the handles of the original do
/// not reach.
template <class F>
class HookList {
 public:
  HookList() = default;
  HookList(const HookList& other)
      : list_(other.list_ ? std::make_shared<List>(*other.list_) : nullptr) {}
  HookList(HookList&&) noexcept = default;
  HookList& operator=(HookList other) noexcept {
    list_ = std::move(other.list_);
    return *this;
  }

  bool empty() const noexcept { return !list_ || list_->hooks.empty(); }

  RemovableHandle add(F function, bool prepend = false) {
    if (!list_) list_ = std::make_shared<List>();
    auto& hooks = list_->hooks;
    const std::uint64_t id = list_->next_id++;
    hooks.insert(prepend ? hooks.begin() : hooks.end(), {id, std::move(function)});
    return {list_, id};
  }

  /// Calls `use` with each hook. A hook may remove itself or others, or register new ones: those
  /// take part from the next time on.
  template <class Use>
  void for_each(Use&& use) const {
    if (empty()) return;
    const auto hooks = list_->hooks;
    for (const auto& [id, function] : hooks) use(function);
  }

 private:
  struct List : HookListBase {
    void remove(std::uint64_t id) override {
      std::erase_if(hooks, [id](const auto& hook) { return hook.first == id; });
    }
    std::vector<std::pair<std::uint64_t, F>> hooks;
    std::uint64_t next_id = 0;
  };
  std::shared_ptr<List> list_;
};

}  // namespace detail
}  // namespace brasa
