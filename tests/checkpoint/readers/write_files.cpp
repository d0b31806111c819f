// Writes the files that read_files.py and read_by_libzip.cpp read.   write_files FOLDER
// Reads two files and says whether they hold the same.               write_files FILE FILE

#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <utility>
#include <vector>

namespace nn = brasa::nn;
using brasa::Dict;
using brasa::DictType;
using brasa::Value;

namespace {

Value plain_values() {
  Dict ordered(DictType::ordered_dict);
  ordered.set("b", 1);
  ordered.set("a", 2);
  Dict counter(DictType::counter);
  counter.set(7, 3);
  return Value::dict({{"ints", Value::list({0, 255, 65536, -1, INT64_MAX, INT64_MIN})},
                      {"floats", Value::tuple({0.1, -0.0, 1e308})},
                      {"texts", Value::list({"", "a", "\u00E9 \U0001F600", "a.b"})},
                      {"others", Value::list({nullptr, true, false})},
                      {"nested", Value::list({Value::tuple({Value::tuple({}), Value::list()})})},
                      {"ordered", Value::dict(ordered)},
                      {"counter", Value::dict(counter)}});
}

Value tensors() {
  const auto base = brasa::arange<float>(6);
  return Value::dict({{"base", base},
                      {"reshaped", base.view({2, 3})},
                      {"again", base},
                      {"empty", brasa::zeros<double>({0, 3})},
                      {"scalar", brasa::tensor<double>(2.5)},
                      {"labels", brasa::arange<std::int64_t>(3)},
                      {"mask", base > 2.5f}});
}

void write(const std::filesystem::path& folder) {
  brasa::manual_seed(0);
  nn::Sequential<> model{nn::Linear(4, 3), nn::ReLU(), nn::Linear(3, 2)};
  brasa::save(model.state_dict(), folder / "model.pt");
  brasa::save({{"model", model.state_dict()}, {"plain", plain_values()}, {"tensors", tensors()}},
              folder / "checkpoint.pt");
  std::vector<Value> many;
  for (int i = 0; i < 1000; ++i) many.emplace_back(brasa::full({i % 3}, static_cast<float>(i)));
  brasa::save(Value::list(std::move(many)), folder / "many.pt");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: write_files FOLDER, or FILE FILE\n";
    return 2;
  }
  try {
    if (argc == 2) {
      write(argv[1]);
    } else if (brasa::serialize(brasa::load(argv[1])) != brasa::serialize(brasa::load(argv[2]))) {
      std::cerr << argv[1] << " and " << argv[2] << " differ\n";
      return 1;
    }
  } catch (const brasa::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
