// A network that PyTorch trained reads handwritten digits: its checkpoint is loaded by its keys,
// and what comes out is held against what PyTorch gave.
//
//   02_digits [FOLDER]    the folder with digits.safetensors and digits_mlp.safetensors
//
// examples/data/README.md tells where the images come from.

#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>

namespace nn = brasa::nn;
using brasa::Tensor;

struct DigitsMlp : nn::Module<float> {
  nn::Linear<> fc1{64, 64};
  nn::Linear<> fc2{64, 32};
  nn::Linear<> fc3{32, 10};
  nn::ReLU<> relu;

  Tensor<float> forward(const Tensor<float>& images) const {
    return fc3(relu(fc2(relu(fc1(images)))));
  }
  BRASA_MODULE(DigitsMlp, fc1, fc2, fc3, relu)
};

// Three images side by side, a character for each pixel, the darker the more ink.
void draw(const Tensor<std::uint8_t>& images, std::int64_t first, std::int64_t count) {
  const std::string shades = " .:-=+*#@";
  for (std::int64_t row = 0; row < 8; ++row) {
    std::string line;
    for (std::int64_t i = first; i < first + count; ++i) {
      line += "  ";
      for (std::int64_t column = 0; column < 8; ++column) {
        const std::size_t shade = images(i, row, column) / 2u;
        line.append(2, shades[shade]);
      }
    }
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "examples/data";
  try {
    DigitsMlp model;
    std::cout << model << '\n';
    model.load_state_dict(brasa::load_safetensors(folder + "/digits_mlp.safetensors"));
    model.eval();

    const auto data = brasa::load_safetensors(folder + "/digits.safetensors");
    const auto images = data.at("test_images").as<std::uint8_t>();
    const auto labels = data.at("test_labels").as<std::int64_t>();
    const auto expected = data.at("test_probabilities").as<float>();

    const brasa::InferenceGuard inference;
    const auto pixels = images.to<float>().flatten(1) / 16.0f;
    const auto probabilities = model(pixels).softmax(1);
    const auto predicted = probabilities.argmax(1);

    const auto right = (predicted == labels).sum().item();
    std::printf("\n%lld of %lld held-out images right: %.2f %%\n", static_cast<long long>(right),
                static_cast<long long>(labels.numel()),
                100.0 * static_cast<double>(right) / static_cast<double>(labels.numel()));

    for (std::int64_t first = 0; first < 6; first += 3) {
      std::cout << '\n';
      draw(images, first, 3);
      for (std::int64_t i = first; i < first + 3; ++i) {
        std::printf("  true %lld, predicted %lld", static_cast<long long>(labels(i)),
                    static_cast<long long>(predicted(i)));
        std::fflush(stdout);
      }
      std::cout << std::endl;
    }

    const float difference = (probabilities - expected).abs().max().item();
    std::cout << "\nLargest difference to PyTorch's probabilities at most 1e-6: "
              << (difference <= 1e-6f ? "yes" : "NO") << '\n';
    std::cerr << "(it is " << difference << ")\n";
    return difference <= 1e-6f ? 0 : 1;
  } catch (const brasa::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
