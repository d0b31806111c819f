// brasa compiled with -fno-exceptions -fno-rtti. One case a run:
//
//   brasa_no_exceptions CASE FOLDER    the folder with digits.safetensors and
//   digits_mlp.safetensors
#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#if defined(__cpp_exceptions) || defined(__cpp_rtti)
#error "to be compiled with -fno-exceptions -fno-rtti"
#endif

namespace nn = brasa::nn;
using brasa::Tensor;

Tensor<float> ones_of_other();

namespace {

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

/// The checkpoint of PyTorch gives PyTorch's probabilities.
bool digits_are_equal(const std::string& folder) {
  DigitsMlp model;
  model.load_state_dict(brasa::load_safetensors(folder + "/digits_mlp.safetensors"));
  const auto data = brasa::load_safetensors(folder + "/digits.safetensors");
  const brasa::InferenceGuard inference;
  const auto pixels = data.at("test_images").as<std::uint8_t>().to<float>().flatten(1) / 16.0f;
  const auto expected = data.at("test_probabilities").as<float>();
  const float difference = (model(pixels).softmax(1) - expected).abs().max().item();
  std::printf("largest difference %g\n", static_cast<double>(difference));
  return expected.numel() > 0 && difference <= 1e-6f;
}

/// Twenty steps on one batch lower the loss by a third.
bool training_learns() {
  brasa::manual_seed(0);
  DigitsMlp model;
  brasa::optim::Adam optimizer(model.parameters(), {.lr = 0.01});
  brasa::optim::lr_scheduler::StepLR scheduler(optimizer, 10);
  const auto x = brasa::rand<float>({16, 64});
  const auto target = brasa::randint<std::int64_t>(0, 10, {16});
  float first = 0;
  float loss_value = 0;
  for (int step = 0; step < 20; ++step) {
    optimizer.zero_grad();
    const auto loss = nn::functional::cross_entropy(model(x), target);
    loss_value = loss.item();
    if (step == 0) first = loss_value;
    loss.backward();
    optimizer.step();
    scheduler.step();
  }
  std::printf("loss %g, at first %g\n", static_cast<double>(loss_value),
              static_cast<double>(first));
  return loss_value < first * 2 / 3 && ones_of_other().sum().item() == 4;
}

/// A safetensors file whose header is this.
void read_header(const std::string& json) {
  std::string file(8, '\0');
  file[0] = static_cast<char>(json.size());
  file += json;
  (void)brasa::SafetensorsFile(std::as_bytes(std::span(file.data(), file.size())));
}

[[noreturn]] void print_and_exit(const char* message) {
  std::printf("%s\n", message);
  std::fflush(stdout);
  std::_Exit(0);
}

void say_aborted(int) {
  std::fputs("aborted as it should\n", stderr);
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view name = argv[1];
  const std::string folder = argv[2];
  if (name == "digits") return digits_are_equal(folder) ? 0 : 1;
  if (name == "training") return training_learns() ? 0 : 1;
  if (name == "default_handler") {
    std::signal(SIGABRT, say_aborted);
    (void)brasa::ones<float>({2}).item();
    return 1;
  }
  if (brasa::set_error_handler(print_and_exit) != nullptr) return 1;
  DigitsMlp model;
  if (name == "shape") (void)model(brasa::ones<float>({1, 63}));
  if (name == "missing_file") (void)brasa::load_safetensors("nothing.safetensors");
  if (name == "hostile_header") read_header(R"({"a":{"dtype":"F32","shape":[-1],)");
  if (name == "broken_json") read_header(R"({"a":{"dtype":"F32","shape":[1]!)");
  if (name == "missing_keys") model.load_state_dict(brasa::StateDict());
  std::printf("no error came\n");
  return 1;
}
