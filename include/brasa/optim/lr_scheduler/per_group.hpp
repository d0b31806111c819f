#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/core/error.hpp"

namespace brasa::optim::lr_scheduler {

/// An argument that is one value for all groups of an optimizer, `0.1`, or one for each, `{0.1,
/// 0.01}`.
template <class T>
class PerGroup {
 public:
  template <class U>
  requires(!std::same_as<std::remove_cvref_t<U>, PerGroup> && std::convertible_to<U, T>)
      PerGroup(U&& value) {
    values_.emplace_back(std::forward<U>(value));
  }
  PerGroup(std::vector<T> values) : values_(std::move(values)), is_list_(true) {}
  PerGroup(std::initializer_list<T> values) : values_(values), is_list_(true) {}

  bool is_list() const noexcept { return is_list_; }
  const T& front() const { return values_.front(); }
  /// One for each group. Raises ValueError where there are more or fewer.
  std::vector<T> values(const char* scheduler, std::string_view name, std::size_t groups) const {
    if (!is_list_) return std::vector<T>(groups, values_.front());
    if (values_.size() != groups) {
      detail::raise<ValueError>(scheduler, name,
                                " must have the same length as optimizer.param_groups: expected ",
                                groups, " values, got ", values_.size());
    }
    return values_;
  }

 private:
  std::vector<T> values_;
  bool is_list_ = false;
};

}  // namespace brasa::optim::lr_scheduler
