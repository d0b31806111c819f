// Fits a curve with a module of one's own: a damped oscillation to noisy measurements.
//
// It prints the fit, and draws it as text and, in regression.svg, as a picture.
// regression.py beside this file says the same in Python, and prints the same bytes.

#include <brasa/brasa.hpp>
#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "../common/line_chart.hpp"

namespace nn = brasa::nn;
namespace F = brasa::nn::functional;
namespace optim = brasa::optim;
using brasa::Tensor;

constexpr int kSteps = 600;

// y = amplitude · exp(−decay · t) · cos(frequency · t + phase)
struct DampedOscillation : nn::Module<double> {
  nn::Parameter<double> amplitude;
  nn::Parameter<double> decay;
  nn::Parameter<double> frequency;
  nn::Parameter<double> phase;

  DampedOscillation(double a, double d, double f, double p)
      : amplitude(brasa::tensor<double>(a)),
        decay(brasa::tensor<double>(d)),
        frequency(brasa::tensor<double>(f)),
        phase(brasa::tensor<double>(p)) {}

  Tensor<double> forward(const Tensor<double>& t) const {
    return amplitude * brasa::exp(-decay * t) * brasa::cos(frequency * t + phase);
  }
  BRASA_MODULE(DampedOscillation, amplitude, decay, frequency, phase)
};

// One column for each measurement (o) and what the fit says there (*).
void draw(const Tensor<double>& measured, const Tensor<double>& fitted) {
  std::vector<std::string> rows(17, std::string(static_cast<std::size_t>(measured.numel()), ' '));
  const auto put = [&rows](const Tensor<double>& values, char mark) {
    for (std::int64_t column = 0; column < values.numel(); ++column) {
      const auto row = static_cast<std::size_t>(std::nearbyint(8 - 4 * values(column)));
      rows.at(row).at(static_cast<std::size_t>(column)) = mark;
    }
  };
  put(fitted, '*');
  put(measured, 'o');
  for (const std::string& row : rows) {
    std::cout << row.substr(0, row.find_last_not_of(' ') + 1) << '\n';
  }
}

void save_picture(const Tensor<double>& t, const Tensor<double>& y, const DampedOscillation& fitted,
                  const DampedOscillation& truth) {
  const auto values = [](const Tensor<double>& x) {
    return std::vector<double>(x.span().begin(), x.span().end());
  };
  const auto fine = brasa::linspace<double>(0, 10, 501);
  LineChart chart("A damped oscillation", "t", "y");
  chart.add("measured", values(t), values(y), LineChart::Style::dots);
  chart.add("fitted", values(fine), values(fitted(fine)));
  chart.add("true", values(fine), values(truth(fine)), LineChart::Style::dashed);
  save_svg("regression.svg", {chart});
}

int main() {
  try {
    brasa::manual_seed(0);
    const DampedOscillation truth(2.0, 0.25, 2.5, 0.5);
    const auto t = brasa::linspace<double>(0, 10, 71);
    const auto y = truth(t).detach() + 0.1 * brasa::randn<double>({71});

    DampedOscillation model(1.0, 0.1, 2.0, 0.0);
    optim::Adam optimizer(model.parameters(), {.lr = 0.02});
    for (int step = 0; step <= kSteps; ++step) {
      optimizer.zero_grad();
      const auto loss = F::mse_loss(model(t), y);
      loss.backward();
      if (step % 100 == 0) std::printf("step %3d  loss %.6f\n", step, loss.item());
      optimizer.step();
    }

    std::printf("\n           fitted    true\n");
    for (const auto& [name, fitted] : model.named_parameters()) {
      const double value = truth.get_parameter(name).item();
      std::printf("%-9s %7.4f %7.4f\n", name.c_str(), fitted.item(), value);
    }

    std::printf("\no measured, * fitted\n\n");
    std::fflush(stdout);
    const brasa::NoGradGuard no_grad;
    draw(y, model(t));
    save_picture(t, y, model, truth);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
