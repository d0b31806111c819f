#include "brasa/checkpoint/mapped_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "brasa/checkpoint/torch_file.hpp"
#include "support/catch.hpp"
#include "support/pickle_bytes.hpp"
#include "support/safetensors_bytes.hpp"
#include "support/sanitizers.hpp"
#include "support/temporary_folder.hpp"
#include "support/zip_bytes.hpp"
#ifdef __linux__
#include <unistd.h>
#endif

namespace fs = std::filesystem;
using namespace brasa;

TEST_CASE("Memory of a mapped file that was let go of is there again", "[checkpoint]") {
  const TemporaryFolder folder;
  std::vector<std::byte> bytes(100'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i % 251);
  write_bytes(folder / "file", bytes);
  const auto file = detail::MappedFile::open("test", folder / "file");
  file->bytes()[50'000] = std::byte{255};
  for (const auto& [begin, size] :
       {std::pair<std::size_t, std::size_t>{0, 40'000}, {60'001, 39'999}, {49'990, 20}, {7, 0}}) {
    file->let_go(file->bytes().subspan(begin, size));
  }
  bytes[50'000] = std::byte{255};  // not in a page that was let go of
  CHECK(std::equal(bytes.begin(), bytes.end(), file->bytes().begin(), file->bytes().end()));
}

#if defined(__linux__) && !defined(BRASA_ADDRESS_SANITIZER)
namespace {

/// How much memory the process takes now.
std::int64_t resident() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t pages = 0;
  file >> total >> pages;
  return pages * static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE));
}

constexpr std::int32_t kRows = 1024;
constexpr std::int32_t kColumns = 8192;

/// A tensor of 32 MiB, whose data begin at a multiple of 64, as torch.save writes them.
std::string large_file(const std::string& strides) {
  const TensorPickle tensor{.storage = storage_id("ctorch\nFloatStorage\n", kRows * kColumns),
                            .size = number(kRows) + number(kColumns) + "\x86",
                            .stride = strides};
  const auto file = [&](std::size_t filling, std::size_t size) {
    return zip_text({{.name = "x/data.pkl", .data = tensor.whole()},
                     {.name = "x/version", .data = "3" + std::string(filling, '\n')},
                     {.name = "x/data/0", .data = std::string(size, '\0')}});
  };
  const std::size_t end = file(0, 0).find("PK\1\2");
  return file((64 - end % 64) % 64, std::size_t{4} * kRows * kColumns);
}

}  // namespace

TEST_CASE("A file takes no more memory than its size, whether its tensors are views or not",
          "[checkpoint]") {
  const TemporaryFolder folder;
  const std::string contiguous = number(kColumns) + "K\1\x86";
  const std::string transposed = "K\1" + number(kRows) + "\x86";
  for (const std::string& strides : {contiguous, transposed}) {
    write_bytes(folder / "large.pt", to_bytes(large_file(strides)));
    empty_cache();
    const std::int64_t before = resident();
    const Value tensor = load(folder / "large.pt");
    const std::int64_t taken = resident() - before;
    const std::int64_t size = std::int64_t{4} * kRows * kColumns;
    CHECK(tensor.as_tensor().numel() == kRows * kColumns);
    CHECK(taken > size / 2);
    CHECK(taken < size + size / 10);
  }
}
#endif
