#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "brasa/checkpoint/safetensors.hpp"
#include "brasa/checkpoint/torch_archive.hpp"
#include "brasa/checkpoint/torch_stream.hpp"
#include "brasa/checkpoint/torch_tensors.hpp"

namespace brasa {

/// How `load` goes about it.
struct ReadOptions {
  /// Called while data are read and checked: the bytes that are done, and all that there are.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

namespace detail {

[[noreturn]] inline void fail_kind(const FileMemory& file, const FileErrors& errors) {
  const std::string_view guess = guess_of_file(file.bytes());
  errors.fail("neither a file of torch.save nor of safetensors", guess.empty() ? "" : ": ", guess);
}

/// Reads a whole file of any kind that brasa knows.
class CheckpointReader {
 public:
  CheckpointReader(FileMemory file, std::string name, const ReadOptions& options)
      : file_(std::move(file)), name_(name), errors_("load", std::move(name)), options_(options) {}

  Value read() {
    switch (kind_of_file(file_.bytes())) {
      case FileKind::zip: {
        TorchArchive archive(file_, errors_);
        return finish(archive, [&](std::size_t storage, std::size_t alignment) {
          return archive.storage(storage, alignment, [this](std::size_t bytes) { step(bytes); });
        });
      }
      case FileKind::pickle: {
        TorchStream stream(file_, errors_);
        return finish(stream, [&](std::size_t storage, std::size_t alignment) {
          step(static_cast<std::size_t>(stream.pickled().storages[storage].bytes));
          return stream.storage(storage, alignment);
        });
      }
      case FileKind::safetensors:
        return safetensors();
      case FileKind::other:
        break;
    }
    fail_kind(file_, errors_);
  }

 private:
  /// Gives the tensors their data, and the tree away.
  template <class File>
  Value finish(File& file, TorchTensors::Open open) {
    Pickled& pickled = file.pickled();
    for (const PickledStorage& storage : pickled.storages) total_ += storage.bytes;
    TorchTensors(pickled, std::move(open), file.swapped(), file_, errors_).load();
    return std::move(pickled.tree);
  }

  Value safetensors() {
    total_ = file_.bytes().size();
    const StateDict state = SafetensorsFile(file_, name_).state_dict();
    step(file_.bytes().size());
    return state;
  }

  void step(std::size_t bytes) {
    done_ += bytes;
    if (options_.progress) options_.progress(done_, total_);
  }

  FileMemory file_;
  std::string name_;
  FileErrors errors_;
  const ReadOptions& options_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace detail

/// What `torch.save` wrote, or a safetensors file, as a tree; which of them it is, the content
/// tells. What Python keeps in the tree, and `torch.load(path)` gives, is there under the same
/// keys:
///
///     model.load_state_dict(brasa::load("model.pt"));              // a state_dict
///
///     brasa::Value checkpoint = brasa::load("checkpoint.pt");      // {"model": …, "epoch": 3}
///     model.load_state_dict(checkpoint["model"]);
///     optimizer.load_state_dict(checkpoint["optimizer"]);
///     std::int64_t epoch = checkpoint["epoch"].as_int();
///
/// Read are archives of all versions of PyTorch since 1.6 and the stream of those before; None,
/// bool, int of 64 bits, float, str, tensors and lists, tuples and dicts of these. A set becomes a
/// list, a torch.Size a tuple, a torch.dtype or torch.device a str (`"torch.float32"`, `"cuda:0"`).
/// Tensors of a GPU come to the CPU. Tensors that share memory in Python (tied weights) do so here
/// where their elements follow one another; others (transposed, strided, expanded) are copied, as
/// every tensor here is contiguous. Parameters are known as such, but no tensor requires a gradient
/// before `requires_grad_()`, which in PyTorch those that did when they were saved still do. `save`
/// writes tensors that are unchanged as they were: views as views, those that required a gradient
/// as such, until `requires_grad_(…)` says otherwise.
///
/// The file is mapped, where the system can, and tensors are used in place: that takes no memory
/// twice. What is written to such a tensor stays in this process. Copied views take their own size,
/// and the file stays open behind them. It may be replaced meanwhile, not shortened.
/// `options.progress` is told how far the reading is.
///
/// Raises FileError for a file that is damaged or of another kind, or that holds any other Python
/// object, which is named: nothing of a file is ever run. Raises DtypeError for tensors that brasa
/// does not hold (complex, float8). CRCs are checked, which torch.load does not. Where torch.load
/// is lenient (bytes after the end, keys that stand twice, cycles) this is an error. A file of n
/// bytes takes at most 16·n + 64 MiB for copies of views, 32·n + 64 MiB unpacked if it is deflated,
/// and 128 times its pickle + 16 MiB for the tree; what torch.save writes is far from that.
inline Value load(const std::filesystem::path& path, const ReadOptions& options = {}) {
  return detail::CheckpointReader(detail::FileMemory("load", path), path.string(), options).read();
}

/// The same for a file in memory, whose tensors are copies. `name` stands in the errors.
inline Value load(std::span<const std::byte> bytes, const ReadOptions& options = {},
                  const std::string& name = "in memory") {
  return detail::CheckpointReader(detail::FileMemory(bytes), name, options).read();
}

}  // namespace brasa
