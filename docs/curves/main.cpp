// Draws each activation whose docstring asks for it, by \curve{Name} or \curve{Name,arguments}, and
// its derivative, which autograd gives, into FOLDER/<name>.svg.
//
//   curves FOLDER

#include <brasa/brasa.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "../../examples/common/line_chart.hpp"

namespace nn = brasa::nn;
using brasa::Tensor;

using Activation = nn::AnyModule<double>;

std::vector<double> numbers(const Tensor<double>& tensor) {
  return {tensor.data(), tensor.data() + tensor.numel()};
}

// From -6 to 6; 0 is not among the points, for there a derivative may jump.
void draw(const std::string& folder, const Activation& activation) {
  auto x = brasa::linspace<double>(-6, 6, 600);
  x.requires_grad_();
  const auto y = activation(x);
  y.sum().backward();

  LineChart chart(activation->repr(), "x", "");
  chart.add("f(x)", numbers(x), numbers(y));
  chart.add("f'(x)", numbers(x), numbers(x.grad()), LineChart::Style::dashed);
  save_svg(folder + '/' + std::string(activation->type_name()) + ".svg", {chart});
}

// Those of the docstrings; random slopes as they are after eval().
std::vector<Activation> activations() {
  std::vector<Activation> all{
#include "activations.inc"
  };
  for (Activation& activation : all) activation->eval();
  return all;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: curves FOLDER\n");
    return 2;
  }
  try {
    for (const Activation& activation : activations()) draw(argv[1], activation);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
