#pragma once

// A module as a function of its inputs and its parameters, for the tables of gradient checks.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "brasa/nn/module.hpp"
#include "support/gradcheck_table.hpp"

namespace gradcheck_table {

/// Puts tensors in the place of a module's parameters, in their order.
class ParameterReplacer final : public brasa::nn::MemberVisitor<double> {
 public:
  ParameterReplacer(X tensors, std::size_t first) : tensors_(tensors), next_(first) {}
  void parameter(std::string_view, brasa::nn::Parameter<double>& parameter) override {
    if (parameter.defined()) static_cast<brasa::Tensor<double>&>(parameter) = tensors_[next_++];
  }
  void child(std::string_view, brasa::nn::Module<double>& child) override {
    child.visit_members(*this);
  }

 private:
  X tensors_;
  std::size_t next_;
};

/// A row for `call(module, x)`, where x are the inputs, and behind them the parameters. Of the type
/// `name` of PyTorch.
template <class M, class Call>
Row module_row(std::string name, M module, Tensors inputs, Call call, bool twice = true) {
  const std::size_t count = inputs.size();
  for (const auto& parameter : module.parameters()) inputs.push_back(parameter);
  const auto held = std::make_shared<M>(std::move(module));
  const auto function = [held, count, call](X x) {
    ParameterReplacer replacer(x, count);
    held->visit_members(replacer);
    return call(std::as_const(*held), x);
  };
  return Row(std::move(name), function, std::move(inputs), twice);
}

/// The same for a module of one input.
template <class M>
Row module_row(std::string name, M module, const brasa::Tensor<double>& input) {
  return module_row(std::move(name), std::move(module), Tensors{input},
                    [](const M& m, X x) { return m(x[0]); });
}

}  // namespace gradcheck_table
