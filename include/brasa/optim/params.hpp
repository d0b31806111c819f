#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "brasa/core/tensor.hpp"
#include "brasa/core/value.hpp"

namespace brasa::optim {
namespace detail {

using namespace brasa::detail;

/// What a group is made from, before the optimizer has completed it.
struct GroupSpec {
  std::vector<AnyTensor> params;
  std::vector<std::string> names;  // as many as params, or none
  Dict given;                      // the options that were given

  template <FloatScalar S>
  explicit GroupSpec(const std::vector<Tensor<S>>& tensors)
      : params(tensors.begin(), tensors.end()) {}
  template <FloatScalar S>
  explicit GroupSpec(const std::vector<std::pair<std::string, Tensor<S>>>& named) {
    for (const auto& [name, tensor] : named) {
      names.push_back(name);
      params.push_back(tensor);
    }
  }
  explicit GroupSpec(std::vector<AnyTensor> tensors) : params(std::move(tensors)) {}
};

}  // namespace detail

/// Parameters and the options that are theirs; those left out are the optimizer's:
/// `{model.head.parameters(), {.lr = 1e-3}}`.
template <class Options>
class Group {
 public:
  /// `parameters()`, or `named_parameters()`.
  template <class T>
  requires std::constructible_from < detail::GroupSpec, const std::vector<T>
  & > Group(const std::vector<T>& params, const Options& options = {}) : spec_(params) {
    spec_.given = options.given();
  }
  Group(std::initializer_list<AnyTensor> params, const Options& options = {})
      : Group(std::vector<AnyTensor>(params), options) {}

  /// For brasa's own use.
  const detail::GroupSpec& spec() const noexcept { return spec_; }

 private:
  detail::GroupSpec spec_;
};

/// What an optimizer is to optimize: `model.parameters()`, `model.named_parameters()`, a few
/// tensors
/// `{w, b}`, or groups with options of their own.
template <class Options>
class Params {
 public:
  template <class T>
  requires std::constructible_from < detail::GroupSpec, const std::vector<T>
  & > Params(const std::vector<T>& params) {
    if (!params.empty()) groups_.emplace_back(params);
  }
  template <FloatScalar S>
  Params(std::initializer_list<Tensor<S>> params) : Params(std::vector<Tensor<S>>(params)) {}
  Params(std::initializer_list<Group<Options>> groups) : groups_(groups) {}
  Params(std::vector<Group<Options>> groups) : groups_(std::move(groups)) {}

  const std::vector<Group<Options>>& groups() const noexcept { return groups_; }

 private:
  std::vector<Group<Options>> groups_;
};

}  // namespace brasa::optim
