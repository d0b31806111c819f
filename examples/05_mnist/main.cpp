// Trains a network on any data set in MNIST's format: MNIST itself, Fashion-MNIST, KMNIST, …
//
//   05_mnist FOLDER [EPOCHS]
//
// FOLDER holds train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
// t10k-labels-idx1-ubyte, each with .gz behind its name if this program was built with zlib
// (-DWITH_ZLIB … -lz; CMake does so where it finds it). The size of the images and the number of
// classes are the data's. The trained weights go to mnist.pt.

#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <tuple>

#ifdef WITH_ZLIB
#include <brasa/data/gzip.hpp>
#endif

#include "../common/progress.hpp"
#include "../common/score.hpp"

namespace nn = brasa::nn;
namespace F = brasa::nn::functional;
namespace data = brasa::data;
namespace optim = brasa::optim;
namespace fs = std::filesystem;
using brasa::Tensor;

// Images (N, H, W) and labels (N,), as they are in the files: batches are scaled when they are
// used.
using Images = data::TensorDataset<Tensor<std::uint8_t>, Tensor<std::int64_t>>;

constexpr const char* kExpected =
    "\nexpected a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte,\n"
    "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, or the same with .gz";

// An IDX file, packed or not.
brasa::AnyTensor load(const fs::path& file) {
  if (fs::exists(file)) return data::load_idx(file.string());
  const std::string packed = file.string() + ".gz";
  if (!fs::exists(packed)) {
    throw std::runtime_error("cannot find " + file.string() + ", nor " + packed + kExpected);
  }
#ifdef WITH_ZLIB
  return data::load_idx_gz(packed);
#else
  throw std::runtime_error("this program was built without zlib: unpack " + packed + " first");
#endif
}

// The images and labels of one part, "train" or "t10k".
Images load_images(const fs::path& folder, const std::string& part) {
  const auto images = load(folder / (part + "-images-idx3-ubyte"));
  const auto labels = load(folder / (part + "-labels-idx1-ubyte"));
  if (images.dim() != 3 || images.numel() == 0 || labels.shape() != brasa::Shape{images.size(0)}) {
    throw std::runtime_error(part + ": expected images (N, H, W) and labels (N,), got shapes " +
                             brasa::shape_text(images.shape()) + " and " +
                             brasa::shape_text(labels.shape()));
  }
  return Images(images.as<std::uint8_t>(), labels.as<std::uint8_t>().to<std::int64_t>());
}

Tensor<float> scaled(const Tensor<std::uint8_t>& images) { return images.to<float>() / 255; }

Score train_epoch(nn::Sequential<>& model, const data::DataLoader<Images>& loader,
                  optim::Optimizer& optimizer, Progress& progress) {
  Score score;
  model.train();
  for (const auto& [images, labels] : loader) {
    optimizer.zero_grad();
    const auto logits = model(scaled(images));
    const auto loss = F::cross_entropy(logits, labels);
    loss.backward();
    optimizer.step();
    score.add(loss, logits, labels);
    progress.step(labels.size(0), score.loss(), score.accuracy());
  }
  return score;
}

Score test(nn::Sequential<>& model, const data::DataLoader<Images>& loader) {
  const brasa::NoGradGuard no_grad;
  Score score;
  model.eval();
  for (const auto& [images, labels] : loader) {
    const auto logits = model(scaled(images));
    score.add(F::cross_entropy(logits, labels), logits, labels);
  }
  return score;
}

void run(const fs::path& folder, int epochs) {
  const Images train_set = load_images(folder, "train");
  const Images test_set = load_images(folder, "t10k");
  const brasa::Shape size = std::get<0>(train_set.tensors()).shape();
  const std::int64_t classes = std::get<1>(train_set.tensors()).max().item() + 1;
  std::cout << size[0] << " images to train with, " << test_set.size() << " held out, " << size[1]
            << 'x' << size[2] << " pixels, " << classes << " classes" << std::endl;

  brasa::manual_seed(0);
  const data::DataLoader train_loader(train_set, {.batch_size = 64, .shuffle = true});
  const data::DataLoader test_loader(test_set, {.batch_size = 500});
  nn::Sequential model{nn::Flatten(), nn::Linear(size[1] * size[2], 128), nn::ReLU(),
                       nn::Dropout(0.2), nn::Linear(128, classes)};
  optim::Adam optimizer(model.parameters(), {.lr = 1e-3});

  Progress progress(epochs * train_set.size());
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    const Score trained = train_epoch(model, train_loader, optimizer, progress);
    const Score tested = test(model, test_loader);
    progress.clear();
    std::printf("epoch %2d  train %s  test %s  %.1f s\n", epoch, trained.text().c_str(),
                tested.text().c_str(), progress.seconds());
    std::fflush(stdout);
  }
  brasa::save(model.state_dict(), "mnist.pt");
  std::cout << "wrote mnist.pt\n";
}

int main(int argc, char** argv) {
  const int epochs = argc > 2 ? std::atoi(argv[2]) : 5;
  if (argc < 2 || argc > 3 || epochs < 1) {
    std::cerr << "usage: " << argv[0] << " FOLDER [EPOCHS]" << kExpected << '\n';
    return 2;
  }
  try {
    run(argv[1], epochs);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
