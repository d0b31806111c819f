// Trains a network on handwritten digits, from scratch.
//
//   03_train_digits [FOLDER]    the folder with digits.safetensors
//
// It writes the trained weights to digits_mlp.pt, which Python reads with
// `model.load_state_dict(torch.load("digits_mlp.pt"))`, and the learning curve to
// learning_curve.svg, for any browser.
//
// train_digits.py beside this file says the same in Python, and prints the same losses.

#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "../common/line_chart.hpp"
#include "../common/progress.hpp"
#include "../common/score.hpp"

namespace nn = brasa::nn;
namespace data = brasa::data;
namespace optim = brasa::optim;
using brasa::Tensor;

constexpr int kEpochs = 20;

struct DigitsMlp : nn::Module<float> {
  nn::Linear<> fc1{64, 128};
  nn::Tanh<> tanh;  // smooth: at the kink of a ReLU the last bit of a sum may decide
  nn::Dropout<> dropout{0.2};
  nn::Linear<> fc2{128, 10};

  Tensor<float> forward(const Tensor<float>& images) const {
    return fc2(dropout(tanh(fc1(images))));
  }
  BRASA_MODULE(DigitsMlp, fc1, tanh, dropout, fc2)
};

using Digits = data::TensorDataset<Tensor<float>, Tensor<std::int64_t>>;
using DigitsLoader = data::DataLoader<Digits>;

// Images of 8x8 counts from 0 to 16 -> rows of 64 floats from 0 to 1, and the right digits.
Digits digits(const brasa::StateDict& file, const std::string& part) {
  const auto images = file.at(part + "_images").as<std::uint8_t>();
  const auto labels = file.at(part + "_labels").as<std::int64_t>();
  return Digits(images.to<float>().flatten(1) / 16, labels);
}

Score train_epoch(DigitsMlp& model, const DigitsLoader& loader,
                  const nn::CrossEntropyLoss<>& loss_of, optim::Optimizer& optimizer,
                  Progress& progress) {
  Score score;
  model.train();
  for (const auto& [images, labels] : loader) {
    optimizer.zero_grad();
    const auto logits = model(images);
    const auto loss = loss_of(logits, labels);
    loss.backward();
    optimizer.step();
    score.add(loss, logits, labels);
    progress.step(labels.size(0), score.loss(), score.accuracy());
  }
  return score;
}

Score test(DigitsMlp& model, const DigitsLoader& loader, const nn::CrossEntropyLoss<>& loss_of) {
  const brasa::NoGradGuard no_grad;
  Score score;
  model.eval();
  for (const auto& [images, labels] : loader) {
    const auto logits = model(images);
    score.add(loss_of(logits, labels), logits, labels);
  }
  return score;
}

void save_learning_curve(const std::vector<Score>& trained, const std::vector<Score>& tested) {
  LineChart loss("Loss", "epoch", "cross entropy");
  LineChart accuracy("Accuracy", "epoch", "right answers (%)");
  const auto add = [&](const char* name, const std::vector<Score>& scores) {
    std::vector<double> epochs, losses, percents;
    for (const Score& score : scores) {
      epochs.push_back(static_cast<double>(epochs.size() + 1));
      losses.push_back(score.loss());
      percents.push_back(100 * score.accuracy());
    }
    loss.add(name, epochs, losses);
    accuracy.add(name, epochs, percents);
  };
  add("train", trained);
  add("test", tested);
  save_svg("learning_curve.svg", {loss, accuracy});
}

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "examples/data";
  try {
    const auto file = brasa::load_safetensors(folder + "/digits.safetensors");

    brasa::manual_seed(0);
    const auto train_set = digits(file, "train");
    const DigitsLoader train_loader(train_set, {.batch_size = 32, .shuffle = true});
    const DigitsLoader test_loader(digits(file, "test"), {.batch_size = 100});
    DigitsMlp model;
    const nn::CrossEntropyLoss<> loss_of;
    optim::AdamW optimizer(model.parameters(), {.lr = 1e-2});
    optim::lr_scheduler::CosineAnnealingLR scheduler(optimizer, kEpochs);
    std::cout << model << std::endl;

    std::vector<Score> trained, tested;
    Progress progress(kEpochs * train_set.size());
    for (int epoch = 1; epoch <= kEpochs; ++epoch) {
      trained.push_back(train_epoch(model, train_loader, loss_of, optimizer, progress));
      scheduler.step();
      tested.push_back(test(model, test_loader, loss_of));
      progress.clear();
      std::printf("epoch %2d  train %s  test %s\n", epoch, trained.back().text().c_str(),
                  tested.back().text().c_str());
      std::fflush(stdout);
    }
    brasa::save(model.state_dict(), "digits_mlp.pt");
    std::cout << "wrote digits_mlp.pt" << std::endl;

    save_learning_curve(trained, tested);
    std::fprintf(stderr, "(%.2f s, %.0f samples/s; learning_curve.svg shows it)\n",
                 progress.seconds(), progress.samples_per_second());
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
