// brasa itself, written as its users write. Compiled twice: as they compile, with plain -O2, and
// with -O3 -march=native, which should make no difference.

#include <algorithm>
#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>
#include <brasa/threads.hpp>
#include <memory>
#include <string>

#include "../peer.hpp"

namespace nn = brasa::nn;
using brasa::Tensor;

namespace {

template <class T>
Tensor<T> tensor_of(const T* values, const brasa::Shape& shape) {
  auto tensor = Tensor<T>::empty(shape);
  std::copy_n(values, tensor.numel(), tensor.data());
  return tensor;
}

template <class T>
std::vector<double> doubles(const Tensor<T>& tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

nn::Sequential<float> model_of(const bench::Network& network) {
  nn::Sequential<float> model;
  for (const bench::Layer& layer : network.layers) {
    if (model.size() > 0) model.append(nn::ReLU<>());
    nn::Linear<> linear(layer.in, layer.out);
    brasa::NoGradGuard guard;
    linear.weight.copy_(tensor_of(layer.weight.data(), {layer.out, layer.in}));
    linear.bias.copy_(tensor_of(layer.bias.data(), {layer.out}));
    model.append(std::move(linear));
  }
  if (network.softmax) model.append(nn::Softmax<>(1));
  return model;
}

Tensor<float> inputs_of(const bench::Network& network, const bench::Batch& batch) {
  return tensor_of(batch.inputs.data(), {batch.rows, network.layers.front().in});
}

class Forward : public bench::Work {
 public:
  Forward(const bench::Network& network, const bench::Batch& batch)
      : model_(model_of(network)), x_(inputs_of(network, batch)) {
    model_.eval();
  }
  void run() override {
    const brasa::InferenceGuard guard;
    y_ = model_(x_);
  }
  std::vector<double> output() const override { return doubles(y_); }

 private:
  nn::Sequential<float> model_;
  Tensor<float> x_, y_;
};

class Training : public bench::Work {
 public:
  Training(const bench::Network& network, const bench::Batch& batch, bench::Rule rule)
      : model_(model_of(network)),
        x_(inputs_of(network, batch)),
        labels_(tensor_of(batch.labels.data(), {batch.rows})) {
    if (rule == bench::Rule::sgd) {
      optimizer_ = std::make_unique<brasa::optim::SGD>(
          model_.parameters(), brasa::optim::SGDOptions{.lr = bench::kLearningRate});
    } else {
      optimizer_ = std::make_unique<brasa::optim::Adam>(
          model_.parameters(), brasa::optim::AdamOptions{.lr = bench::kLearningRate});
    }
  }
  void run() override {
    optimizer_->zero_grad();
    const auto loss = loss_of_(model_(x_), labels_);
    loss.backward();
    optimizer_->step();
    loss_ = loss.item();
  }
  std::vector<double> output() const override { return {loss_}; }

 private:
  nn::Sequential<float> model_;
  Tensor<float> x_;
  Tensor<std::int64_t> labels_;
  nn::CrossEntropyLoss<> loss_of_;
  std::unique_ptr<brasa::optim::Optimizer> optimizer_;
  float loss_ = 0;
};

/// The weights of a file, into a model.
class Load : public bench::Work {
 public:
  Load(const bench::Network& network, const char* path) : model_(model_of(network)), path_(path) {}
  void run() override { model_.load_state_dict(brasa::load(path_)); }
  std::vector<double> output() const override {
    std::vector<double> sums;
    for (const auto& parameter : model_.parameters()) {
      double sum = 0;
      for (const float value : parameter.span()) sum += static_cast<double>(value);
      sums.push_back(sum);
    }
    return sums;
  }

 private:
  nn::Sequential<float> model_;
  std::string path_;
};

/// One function of tensors, without gradients. The last result is gone before the next one is made,
/// as in a loop that uses it, so that the next one may have its memory.
template <class T, class Compute>
class Call : public bench::Work {
 public:
  explicit Call(Compute compute) : compute_(std::move(compute)) {}
  void run() override {
    const brasa::InferenceGuard guard;
    y_ = Tensor<T>();
    y_ = compute_();
  }
  std::vector<double> output() const override { return doubles(y_); }

 private:
  Compute compute_;
  Tensor<T> y_;
};

template <class T, class Compute>
bench::WorkPointer call(Compute compute) {
  return std::make_unique<Call<T, Compute>>(std::move(compute));
}

template <class T>
bench::WorkPointer gemm(std::int64_t size, const T* a, const T* b) {
  return call<T>([a = tensor_of(a, {size, size}), b = tensor_of(b, {size, size})] {
    return brasa::matmul(a, b);
  });
}

bench::WorkPointer map(bench::Function function, std::int64_t count, const float* values) {
  const auto x = tensor_of(values, {count});
  switch (function) {
    case bench::Function::relu:
      return call<float>([x] { return nn::functional::relu(x); });
    case bench::Function::exp:
      return call<float>([x] { return brasa::exp(x); });
    case bench::Function::tanh:
      return call<float>([x] { return brasa::tanh(x); });
    case bench::Function::sigmoid:
      break;
  }
  return call<float>([x] { return brasa::sigmoid(x); });
}

bench::WorkPointer softmax(std::int64_t rows, std::int64_t columns, const float* values) {
  return call<float>([x = tensor_of(values, {rows, columns})] { return brasa::softmax(x, 1); });
}

const bench::Peer peer{
    BENCH_PEER,
    bench::make<Forward, const bench::Network&, const bench::Batch&>,
    bench::make<Training, const bench::Network&, const bench::Batch&, bench::Rule>,
    gemm<float>,
    gemm<double>,
    map,
    softmax,
    bench::make<Load, const bench::Network&, const char*>,
    brasa::set_num_threads,
};

}  // namespace

BENCH_EXPORT const bench::Peer* BENCH_FUNCTION() { return &peer; }
