// Goes on with a training that began in Python: the checkpoint brings the model and the state of
// its optimizer, and is written again for Python to go on with.
//
//   06_checkpoint [FOLDER [DATA]]    the folders with started.pt and with digits.safetensors
//
// train.py wrote started.pt after 50 steps, and continued.pt after 50 more: what comes out here is
// held against that. read_back.py reads what is written here.

#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

namespace nn = brasa::nn;
namespace optim = brasa::optim;
using brasa::Tensor;
using brasa::Value;

constexpr std::int64_t kSteps = 50;
constexpr std::int64_t kBatch = 64;
constexpr double kTolerance = 1e-5;

struct DigitsNet : nn::Module<float> {
  nn::Linear<> fc1{64, 32};
  nn::Tanh<> act;
  nn::Linear<> fc2{32, 10};

  Tensor<float> forward(const Tensor<float>& x) const { return fc2(act(fc1(x))); }
  BRASA_MODULE(DigitsNet, fc1, act, fc2)
};

// The loss of each step. Step n takes the n-th batch; after the last whole one, the first.
std::vector<Value> train(DigitsNet& model, optim::Optimizer& optimizer, std::int64_t first,
                         const Tensor<float>& images, const Tensor<std::int64_t>& labels) {
  std::vector<Value> losses;
  for (std::int64_t step = first; step < first + kSteps; ++step) {
    const std::int64_t begin = step % (labels.size(0) / kBatch) * kBatch;
    optimizer.zero_grad();
    const auto loss = nn::functional::cross_entropy(model(images.narrow(0, begin, kBatch)),
                                                    labels.narrow(0, begin, kBatch));
    loss.backward();
    optimizer.step();
    losses.emplace_back(loss.item());
  }
  return losses;
}

// How far the numbers of two trees are apart, and whether all else is the same: every key, type,
// dtype and shape.
class Comparison {
 public:
  Comparison(const Value& a, const Value& b) { compare(a, b); }

  int tensors = 0;
  double difference = 0;
  bool same = true;

 private:
  void compare(const Value& a, const Value& b) {
    if (a.is_tensor() && b.is_tensor()) {
      compare_tensors(a.as_tensor(), b.as_tensor());
    } else if (a.is_dict() && b.is_dict() && a.size() == b.size()) {
      auto other = b.as_dict().begin();
      for (const auto& [key, value] : a.as_dict()) {
        same = same && key == other->first;
        compare(value, (other++)->second);
      }
    } else if ((a.is_list() || a.is_tuple()) && (b.is_list() || b.is_tuple()) &&
               a.size() == b.size()) {
      same = same && a.is_list() == b.is_list();
      for (std::size_t i = 0; i < a.size(); ++i) {
        compare(a.as_sequence()[i], b.as_sequence()[i]);
      }
    } else if (a.is_double() && b.is_double()) {
      difference = std::max(difference, std::abs(a.as_double() - b.as_double()));
    } else {
      same = same && brasa::repr(a) == brasa::repr(b);
    }
  }

  void compare_tensors(const brasa::AnyTensor& a, const brasa::AnyTensor& b) {
    ++tensors;
    same = same && a.dtype() == b.dtype() && a.shape() == b.shape() && a.holds<float>();
    if (!same) return;
    const float apart = (a.as<float>() - b.as<float>()).abs().max().item();
    difference = std::max(difference, static_cast<double>(apart));
  }
};

const char* yes_or_no(bool yes) { return yes ? "yes" : "NO"; }

int run(const std::string& folder, const std::string& data_folder) {
  const auto data = brasa::load_safetensors(data_folder + "/digits.safetensors");
  const auto images = data.at("train_images").as<std::uint8_t>().to<float>().flatten(1) / 16.0f;
  const auto labels = data.at("train_labels").as<std::int64_t>();

  const Value started = brasa::load(folder + "/started.pt");
  DigitsNet model;
  model.load_state_dict(started["model"]);
  optim::Adam optimizer(model.parameters());
  optimizer.load_state_dict(started["optimizer"]);
  const std::int64_t first = started["step"].as_int();
  std::cout << model << '\n' << optimizer << "\n\n";

  const auto losses = train(model, optimizer, first, images, labels);
  const Value continued = Value::dict({{"model", model.state_dict()},
                                       {"optimizer", optimizer.state_dict()},
                                       {"step", first + kSteps},
                                       {"losses", Value::list(losses)}});
  brasa::save(continued, "continued.pt");

  const Value expected = brasa::load(folder + "/continued.pt");
  std::printf("step   loss here   loss in Python\n");
  double apart = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double here = losses[i].as_double();
    const double there = expected["losses"][static_cast<std::int64_t>(i)].as_double();
    apart = std::max(apart, std::abs(here - there));
    if (i % 10 == 9) {
      std::printf("%4d       %.3f            %.3f\n", static_cast<int>(i) + 51, here, there);
    }
  }
  std::fflush(stdout);
  const Comparison file(brasa::load("continued.pt"), expected);
  const bool good = apart <= kTolerance && file.same && file.difference <= kTolerance;
  std::cout << "\nAll " << losses.size()
            << " losses within 1e-5 of Python's: " << yes_or_no(apart <= kTolerance) << '\n'
            << "The file has the keys, types and shapes of Python's: " << yes_or_no(file.same)
            << '\n'
            << "Its " << file.tensors
            << " tensors are within 1e-5 of Python's: " << yes_or_no(file.difference <= kTolerance)
            << std::endl;
  std::cerr << "(the losses differ by " << apart << ", the tensors by " << file.difference << ")\n";
  return good ? 0 : 1;
}

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? argv[1] : "examples/06_checkpoint", argc > 2 ? argv[2] : "examples/data");
  } catch (const brasa::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
