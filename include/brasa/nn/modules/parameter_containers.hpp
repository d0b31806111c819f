#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/module_entries.hpp"

namespace brasa::nn {
namespace detail {

/// `(0): Parameter containing: [torch.float32 of size 2x3]` for each entry, a line each. The list
/// shows the dtype, the dictionary the old name of the tensor's type, as PyTorch does.
template <FloatScalar S>
std::string parameters_text(std::string_view name, const NamedEntries<Parameter<S>>& entries,
                            std::string_view type) {
  std::string text;
  for (const auto& [key, parameter] : entries) {
    if (!text.empty()) text += '\n';
    ((((text += "  (") += key) += "): Parameter containing: [torch.") += type) += " of size ";
    for (std::size_t i = 0; i < parameter.shape().size(); ++i) {
      if (i > 0) text += 'x';
      text += std::to_string(parameter.shape()[i]);
    }
    text += ']';
  }
  return module_text(name, text, {});
}

/// A parameter stays the one that it is, a plain tensor becomes one.
template <FloatScalar S>
Parameter<S> as_parameter(const Tensor<S>& tensor) {
  if (!tensor.is_parameter()) return Parameter<S>(tensor);
  Parameter<S> same;
  same.tie(tensor);
  return same;
}

}  // namespace detail

/// Parameters in a list; keys in the state_dict are `0`, `1`, …
///
///     nn::ParameterList<> weights{brasa::randn({3, 3}), brasa::zeros({3})};
///     brasa::Tensor<float> w = weights[0];
///
/// A plain tensor becomes a Parameter; a Parameter is kept as what it is, tied to where it came
/// from. Source: torch.nn.ParameterList.
template <FloatScalar S = float>
class ParameterList : public Module<S> {
 public:
  ParameterList() = default;
  ParameterList(std::initializer_list<Tensor<S>> tensors) {
    for (const Tensor<S>& tensor : tensors) append(tensor);
  }
  /// As many parameters of the same shapes with another Scalar; their values are not copied.
  template <FloatScalar From>
  explicit ParameterList(const ParameterList<From>& other) {
    for (const auto& [name, parameter] : other) append(Tensor<S>::empty(parameter.shape()));
  }

  ParameterList& append(const Tensor<S>& tensor) { return append(detail::as_parameter(tensor)); }
  ParameterList& append(Parameter<S>&& parameter) {
    parameters_.append("append", std::move(parameter));
    return *this;
  }
  Parameter<S>& operator[](std::int64_t index) { return parameters_.at("operator[]", index); }
  const Parameter<S>& operator[](std::int64_t index) const {
    return parameters_.at("operator[]", index);
  }
  std::size_t size() const noexcept { return parameters_.size(); }
  auto begin() noexcept { return parameters_.begin(); }
  auto end() noexcept { return parameters_.end(); }
  auto begin() const noexcept { return parameters_.begin(); }
  auto end() const noexcept { return parameters_.end(); }

  std::string repr() const override {
    return detail::parameters_text(this->type_name(), parameters_, dtype_name(dtype_of<S>));
  }
  BRASA_MODULE(ParameterList, parameters_)

 private:
  detail::NamedEntries<Parameter<S>> parameters_;
};

/// Parameters by name:
///
///     nn::ParameterDict<> weights{{"left", brasa::randn({3})}, {"right", brasa::randn({3})}};
///     brasa::Tensor<float> w = weights["left"];
///
/// As in PyTorch the names of a braced list are sorted, later ones are added at the end, and a
/// plain tensor becomes a Parameter. Source: torch.nn.ParameterDict.
template <FloatScalar S = float>
class ParameterDict : public Module<S> {
 public:
  using Entry = std::pair<std::string, Tensor<S>>;

  ParameterDict() = default;
  ParameterDict(std::initializer_list<Entry> entries) {
    std::vector<Entry> sorted(entries);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Entry& a, const Entry& b) { return a.first < b.first; });
    for (Entry& entry : sorted) insert(std::move(entry.first), entry.second);
  }
  /// Parameters of the same names and shapes with another Scalar; their values are not copied.
  template <FloatScalar From>
  explicit ParameterDict(const ParameterDict<From>& other) {
    for (const auto& [name, parameter] : other) insert(name, Tensor<S>::empty(parameter.shape()));
  }

  /// Adds a parameter, or replaces the one of that name in its place.
  ParameterDict& insert(std::string name, const Tensor<S>& tensor) {
    return insert(std::move(name), detail::as_parameter(tensor));
  }
  ParameterDict& insert(std::string name, Parameter<S>&& parameter) {
    if (contains(name)) {
      parameters_.at("insert", name) = std::move(parameter);
    } else {
      parameters_.add("insert", std::move(name), std::move(parameter));
    }
    return *this;
  }
  /// Errors: KeyError.
  Parameter<S>& operator[](std::string_view name) { return parameters_.at("operator[]", name); }
  const Parameter<S>& operator[](std::string_view name) const {
    return parameters_.at("operator[]", name);
  }
  bool contains(std::string_view name) const noexcept { return parameters_.find(name) != nullptr; }
  /// Takes a parameter out and returns it. Errors: KeyError.
  Parameter<S> pop(std::string_view name) { return parameters_.pop("pop", name); }
  std::vector<std::string> keys() const {
    std::vector<std::string> names;
    for (const auto& [name, parameter] : parameters_) names.push_back(name);
    return names;
  }
  std::size_t size() const noexcept { return parameters_.size(); }
  auto begin() noexcept { return parameters_.begin(); }
  auto end() noexcept { return parameters_.end(); }
  auto begin() const noexcept { return parameters_.begin(); }
  auto end() const noexcept { return parameters_.end(); }

  std::string repr() const override {
    const std::string type(detail::info(dtype_of<S>).type_name);
    return detail::parameters_text(this->type_name(), parameters_, type + "Tensor");
  }
  BRASA_MODULE(ParameterDict, parameters_)

 private:
  detail::NamedEntries<Parameter<S>> parameters_;
};

}  // namespace brasa::nn
