// Plain Eigen, by hand, as one writes a network with it. Compiled with plain -O2 and with -O3
// -march=native, and there with the weights in either order: which is faster depends on the batch.

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "../peer.hpp"

namespace {

template <class T, int kOrder = Eigen::RowMajor>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, kOrder>;
using Weights = Matrix<float, BENCH_ORDER>;
using Activations = Matrix<float>;
using Row = Eigen::RowVectorXf;

template <class T>
Matrix<T> matrix_of(const T* values, std::int64_t rows, std::int64_t columns) {
  return Eigen::Map<const Matrix<T>>(values, rows, columns);
}

template <class Values>
std::vector<double> doubles(const Values& values) {
  return {values.data(), values.data() + values.size()};
}

struct Linear {
  explicit Linear(const bench::Layer& layer)
      : weight(matrix_of(layer.weight.data(), layer.out, layer.in)),
        bias(Eigen::Map<const Row>(layer.bias.data(), layer.out)) {}

  Weights weight;
  Row bias;
};

void softmax_rows(Activations& y) {
  for (Eigen::Index i = 0; i < y.rows(); ++i) {
    y.row(i) = (y.row(i).array() - y.row(i).maxCoeff()).exp();
    y.row(i) /= y.row(i).sum();
  }
}

class Forward : public bench::Work {
 public:
  Forward(const bench::Network& network, const bench::Batch& batch)
      : layers_(network.layers.begin(), network.layers.end()),
        softmax_(network.softmax),
        x_(matrix_of(batch.inputs.data(), batch.rows, network.layers.front().in)),
        outputs_(layers_.size()) {}

  void run() override {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const Activations& in = i == 0 ? x_ : outputs_[i - 1];
      Activations& out = outputs_[i];
      const Linear& layer = layers_[i];
      out.resize(in.rows(), layer.bias.size());
      if (in.rows() == 1) {
        out.row(0).transpose().noalias() = layer.weight * in.row(0).transpose();
      } else {
        out.noalias() = in * layer.weight.transpose();
      }
      out.rowwise() += layer.bias;
      if (i + 1 < layers_.size()) out = out.cwiseMax(0.0f);
    }
    if (softmax_) softmax_rows(outputs_.back());
  }
  std::vector<double> output() const override { return doubles(outputs_.back()); }

 private:
  std::vector<Linear> layers_;
  bool softmax_;
  Activations x_;
  std::vector<Activations> outputs_;
};

class Training : public bench::Work {
 public:
  Training(const bench::Network& network, const bench::Batch& batch, bench::Rule rule)
      : layers_(network.layers.begin(), network.layers.end()),
        rule_(rule),
        labels_(batch.labels),
        outputs_(layers_.size() + 1),
        gradients_(layers_.size() + 1) {
    outputs_[0] = matrix_of(batch.inputs.data(), batch.rows, network.layers.front().in);
    for (const Linear& layer : layers_) moments_.emplace_back(layer);
  }

  void run() override {
    ++step_;
    const auto count = static_cast<float>(labels_.size());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      Activations& out = outputs_[i + 1];
      out.noalias() = outputs_[i] * layers_[i].weight.transpose();
      out.rowwise() += layers_[i].bias;
      if (i + 1 < layers_.size()) out = out.cwiseMax(0.0f);
    }
    Activations& gradient = gradients_.back();
    gradient = outputs_.back();
    softmax_rows(gradient);
    loss_ = 0;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      float& likely = gradient(static_cast<Eigen::Index>(i), labels_[i]);
      loss_ -= std::log(likely) / count;
      likely -= 1;
    }
    gradient /= count;
    for (std::size_t i = layers_.size(); i-- > 0;) backward(i);
  }
  std::vector<double> output() const override { return {loss_}; }

 private:
  struct Moments {
    explicit Moments(const Linear& layer)
        : weight(Weights::Zero(layer.weight.rows(), layer.weight.cols())),
          weight_square(weight),
          weight_gradient(weight),
          bias(Row::Zero(layer.bias.size())),
          bias_square(bias),
          bias_gradient(bias) {}
    Weights weight, weight_square, weight_gradient;
    Row bias, bias_square, bias_gradient;
  };

  void backward(std::size_t i) {
    Linear& layer = layers_[i];
    Moments& m = moments_[i];
    const Activations& gradient = gradients_[i + 1];
    m.weight_gradient.noalias() = gradient.transpose() * outputs_[i];
    m.bias_gradient = gradient.colwise().sum();
    if (i > 0) {
      gradients_[i].noalias() = gradient * layer.weight;
      gradients_[i] = (outputs_[i].array() > 0).select(gradients_[i], 0.0f);
    }
    update(layer.weight, m.weight_gradient, m.weight, m.weight_square);
    update(layer.bias, m.bias_gradient, m.bias, m.bias_square);
  }

  template <class Values>
  void update(Values& values, const Values& gradient, Values& mean, Values& square) const {
    constexpr auto kRate = static_cast<float>(bench::kLearningRate);
    if (rule_ == bench::Rule::sgd) {
      values -= kRate * gradient;
      return;
    }
    mean += 0.1f * (gradient - mean);
    square = 0.999f * square + 0.001f * gradient.cwiseAbs2();
    const auto step = static_cast<float>(bench::kLearningRate / (1 - std::pow(0.9, step_)));
    const auto scale = static_cast<float>(1 / std::sqrt(1 - std::pow(0.999, step_)));
    values.array() -= step * mean.array() / (square.array().sqrt() * scale + 1e-8f);
  }

  std::vector<Linear> layers_;
  bench::Rule rule_;
  std::vector<std::int64_t> labels_;
  std::vector<Activations> outputs_, gradients_;
  std::vector<Moments> moments_;
  int step_ = 0;
  float loss_ = 0;
};

template <class T>
class Gemm : public bench::Work {
 public:
  Gemm(std::int64_t size, const T* a, const T* b)
      : a_(matrix_of(a, size, size)), b_(matrix_of(b, size, size)), c_(size, size) {}
  void run() override { c_.noalias() = a_ * b_; }
  std::vector<double> output() const override { return doubles(c_); }

 private:
  Matrix<T> a_, b_, c_;
};

class Map : public bench::Work {
 public:
  Map(bench::Function function, std::int64_t count, const float* x)
      : function_(function), x_(Eigen::Map<const Eigen::ArrayXf>(x, count)), y_(count) {}
  void run() override {
    switch (function_) {
      case bench::Function::relu:
        y_ = x_.max(0.0f);
        return;
      case bench::Function::exp:
        y_ = x_.exp();
        return;
      case bench::Function::tanh:
        y_ = x_.tanh();
        return;
      case bench::Function::sigmoid:
        y_ = x_.logistic();
        return;
    }
  }
  std::vector<double> output() const override { return doubles(y_); }

 private:
  bench::Function function_;
  Eigen::ArrayXf x_, y_;
};

class Softmax : public bench::Work {
 public:
  Softmax(std::int64_t rows, std::int64_t columns, const float* x)
      : x_(matrix_of(x, rows, columns)), y_(rows, columns) {}
  void run() override {
    y_ = x_;
    softmax_rows(y_);
  }
  std::vector<double> output() const override { return doubles(y_); }

 private:
  Activations x_, y_;
};

const bench::Peer peer{
    BENCH_PEER,
    bench::make<Forward, const bench::Network&, const bench::Batch&>,
    bench::make<Training, const bench::Network&, const bench::Batch&, bench::Rule>,
    bench::make<Gemm<float>, std::int64_t, const float*, const float*>,
    bench::make<Gemm<double>, std::int64_t, const double*, const double*>,
    bench::make<Map, bench::Function, std::int64_t, const float*>,
    bench::make<Softmax, std::int64_t, std::int64_t, const float*>,
};

}  // namespace

BENCH_EXPORT const bench::Peer* BENCH_FUNCTION() { return &peer; }
