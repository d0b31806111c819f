#pragma once

// Tables of functions whose gradients, and the gradients of these, are held against numerical ones.
//
//   gradcheck_table::Checked checked;
//   checked.run({{"tanh", [](X x) { return tanh(x[0]); }, {numbers({3, 4})}}});
//   CHECK(checked.missing(gradcheck_table::nodes_in("ops")) == Names());
//
// `missing` tells what no row of the table has reached: who adds an operation is told so.

#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "brasa/autograd/gradcheck.hpp"

namespace gradcheck_table {

using Tensors = brasa::autograd::DoubleTensors;
using X = const Tensors&;
using Names = std::set<std::string>;

struct Row {
  /// What PyTorch calls it, perhaps with a word on the case behind a space.
  std::string name;
  std::function<Tensors(X)> function;
  /// All require a gradient.
  Tensors inputs;
  /// False for what cannot be differentiated twice, in PyTorch neither.
  bool twice;
  double eps;

  template <class F>
  Row(std::string name_, F f, Tensors inputs_, bool twice_ = true, double eps_ = 1e-6)
      : name(std::move(name_)),
        function([f](X x) { return Tensors(brasa::detail::as_list(f(x))); }),
        inputs(std::move(inputs_)),
        twice(twice_),
        eps(eps_) {}
};

/// Remembers what has been checked.
class Checked {
 public:
  void run(const std::vector<Row>& rows);

  /// Those of `names`, names of operations or of nodes, that no row had.
  Names missing(const Names& names) const;

 private:
  void remember(const Tensors& outputs);
  Names seen_;
};

/// The names of the nodes that the headers of a folder in include/brasa record.
Names nodes_in(const std::string& folder);

/// The operations in a recording that had a gradient.
Names differentiable_in(const std::string& recording);

/// Numbers without pattern in [low, high], the same at each run of the program; none is near to
/// another or to an end.
brasa::Tensor<double> numbers(const brasa::Shape& shape, double low = 0, double high = 1);
/// The same with either sign, the magnitude in [low, high].
brasa::Tensor<double> signed_numbers(const brasa::Shape& shape, double low = 0.1, double high = 2);

}  // namespace gradcheck_table
