// What stands in a .pt or .safetensors file: names, shapes, dtypes, sizes.   07_inspect FILE

#include <algorithm>
#include <brasa/checkpoint.hpp>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

/// 1536 as `1.5 KiB`.
std::string size_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  double size = static_cast<double>(bytes);
  for (; size >= 1024 && unit < 3; ++unit) size /= 1024;
  std::ostringstream text;
  text << std::fixed << std::setprecision(unit == 0 ? 0 : 1) << size << ' ' << kUnits[unit];
  return text.str();
}

/// Long texts are cut where a line of the table would become too long.
std::string cut(const std::string& text) {
  constexpr std::size_t kLongest = 40;
  return text.size() <= kLongest ? text : text.substr(0, kLongest - 3) + "...";
}

void print(const std::vector<brasa::FileEntry>& entries) {
  std::size_t names = 4;
  std::size_t types = 5;
  std::size_t values = 5;
  for (const auto& entry : entries) {
    names = std::max(names, entry.name.size());
    types = std::max(types, entry.type.size());
    const auto text = entry.is_tensor ? brasa::shape_text(entry.shape) : cut(entry.value);
    values = std::max(values, text.size());
  }
  const auto line = [&](const auto& name, const auto& type, const auto& value, const auto& size) {
    std::cout << std::left << std::setw(static_cast<int>(names) + 2) << name
              << std::setw(static_cast<int>(types) + 2) << type
              << std::setw(static_cast<int>(values) + 2) << value << std::right << std::setw(10)
              << size << '\n';
  };
  line("name", "dtype", "shape", "size");
  std::size_t tensors = 0;
  std::uint64_t bytes = 0;
  for (const auto& entry : entries) {
    if (entry.is_tensor) {
      line(entry.name, entry.type, brasa::shape_text(entry.shape), size_text(entry.bytes));
      tensors += 1;
      bytes += entry.bytes;
    } else {
      line(entry.name, entry.type, cut(entry.value), "-");
    }
  }
  std::cout << tensors << " tensors, " << size_text(bytes) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: 07_inspect FILE...\n";
    return 2;
  }
  try {
    for (int i = 1; i < argc; ++i) {
      if (i > 1) std::cout << '\n';
      print(brasa::inspect(argv[i]));
    }
  } catch (const brasa::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
