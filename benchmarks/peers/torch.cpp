// libtorch, on one thread, as its documentation has it.

#include <torch/torch.h>

#include <algorithm>

#include "../peer.hpp"

namespace {

template <class T>
torch::Tensor tensor_of(const T* values, at::IntArrayRef shape) {
  return torch::from_blob(const_cast<T*>(values), shape, torch::CppTypeToScalarType<T>::value)
      .clone();
}

std::vector<double> doubles(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().to(torch::kDouble).contiguous().flatten();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

torch::nn::Sequential model_of(const bench::Network& network) {
  const torch::NoGradGuard guard;
  torch::nn::Sequential model;
  for (const bench::Layer& layer : network.layers) {
    if (!model->is_empty()) model->push_back(torch::nn::ReLU());
    torch::nn::Linear linear(layer.in, layer.out);
    linear->weight.copy_(tensor_of(layer.weight.data(), {layer.out, layer.in}));
    linear->bias.copy_(tensor_of(layer.bias.data(), {layer.out}));
    model->push_back(linear);
  }
  if (network.softmax) model->push_back(torch::nn::Softmax(1));
  return model;
}

torch::Tensor inputs_of(const bench::Network& network, const bench::Batch& batch) {
  return tensor_of(batch.inputs.data(), {batch.rows, network.layers.front().in});
}

class Forward : public bench::Work {
 public:
  Forward(const bench::Network& network, const bench::Batch& batch)
      : model_(model_of(network)), x_(inputs_of(network, batch)) {
    model_->eval();
  }
  void run() override {
    const c10::InferenceMode guard;
    y_ = model_->forward(x_);
  }
  std::vector<double> output() const override { return doubles(y_); }

 private:
  torch::nn::Sequential model_;
  torch::Tensor x_, y_;
};

class Training : public bench::Work {
 public:
  Training(const bench::Network& network, const bench::Batch& batch, bench::Rule rule)
      : model_(model_of(network)),
        x_(inputs_of(network, batch)),
        labels_(tensor_of(batch.labels.data(), {batch.rows})) {
    if (rule == bench::Rule::sgd) {
      optimizer_ = std::make_unique<torch::optim::SGD>(model_->parameters(), bench::kLearningRate);
    } else {
      optimizer_ = std::make_unique<torch::optim::Adam>(
          model_->parameters(), torch::optim::AdamOptions(bench::kLearningRate));
    }
  }
  void run() override {
    optimizer_->zero_grad();
    const torch::Tensor loss = loss_of_(model_->forward(x_), labels_);
    loss.backward();
    optimizer_->step();
    loss_ = loss.item<float>();
  }
  std::vector<double> output() const override { return {loss_}; }

 private:
  torch::nn::Sequential model_;
  torch::Tensor x_, labels_;
  torch::nn::CrossEntropyLoss loss_of_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  float loss_ = 0;
};

template <class Compute>
class Call : public bench::Work {
 public:
  explicit Call(Compute compute) : compute_(std::move(compute)) {}
  void run() override {
    const c10::InferenceMode guard;
    y_ = torch::Tensor();  // as brasa's: see there
    y_ = compute_();
  }
  std::vector<double> output() const override { return doubles(y_); }

 private:
  Compute compute_;
  torch::Tensor y_;
};

template <class Compute>
bench::WorkPointer call(Compute compute) {
  return std::make_unique<Call<Compute>>(std::move(compute));
}

template <class T>
bench::WorkPointer gemm(std::int64_t size, const T* a, const T* b) {
  return call([a = tensor_of(a, {size, size}), b = tensor_of(b, {size, size})] {
    return torch::matmul(a, b);
  });
}

bench::WorkPointer map(bench::Function function, std::int64_t count, const float* values) {
  const torch::Tensor x = tensor_of(values, {count});
  switch (function) {
    case bench::Function::relu:
      return call([x] { return torch::relu(x); });
    case bench::Function::exp:
      return call([x] { return torch::exp(x); });
    case bench::Function::tanh:
      return call([x] { return torch::tanh(x); });
    case bench::Function::sigmoid:
      break;
  }
  return call([x] { return torch::sigmoid(x); });
}

bench::WorkPointer softmax(std::int64_t rows, std::int64_t columns, const float* values) {
  return call([x = tensor_of(values, {rows, columns})] { return torch::softmax(x, 1); });
}

const bench::Peer peer{
    "libtorch",
    bench::make<Forward, const bench::Network&, const bench::Batch&>,
    bench::make<Training, const bench::Network&, const bench::Batch&, bench::Rule>,
    gemm<float>,
    gemm<double>,
    map,
    softmax,
    nullptr,
    at::set_num_threads,
};

}  // namespace

BENCH_EXPORT const bench::Peer* torch_peer() {
  at::set_num_threads(1);
  return &peer;
}
