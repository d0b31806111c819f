#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/file_memory.hpp"
#include "brasa/checkpoint/new_file.hpp"
#include "brasa/checkpoint/safetensors_format.hpp"
#include "brasa/checkpoint/safetensors_header.hpp"
#include "brasa/checkpoint/text.hpp"
#include "brasa/core/state_dict.hpp"

namespace brasa {

/// A safetensors file, open for reading.
///
///     SafetensorsFile file("model.safetensors");
///     for (const auto& [name, info] : file.tensors()) std::cout << name << ' ' << info.dtype <<
///     '\n'; Tensor<float> weight = file.tensor("linear1.weight").as<float>();
///
/// The constructor reads the header and checks it against all rules of the format, so that `tensor`
/// cannot meet a bad one. Where the format's description and the official package differ, the
/// stricter one is followed: no blank before the header, no name twice. Sizes are below 2^63.
///
/// Tensors are views of the file's memory where the system can map it and their data are aligned: a
/// file of any size opens at once. What is written to such a tensor stays in this process; asking
/// for the same tensor again gives the same memory. They outlive the SafetensorsFile. The file
/// behind them may be replaced meanwhile, as `save_safetensors` does, but not shortened in place.
class SafetensorsFile {
 public:
  /// Raises FileError where the file cannot be read or breaks a rule of the format.
  explicit SafetensorsFile(const std::filesystem::path& path)
      : SafetensorsFile(detail::FileMemory("safetensors", path), path.string()) {}
  /// A file that is in memory already, and stays there as long as this object; its tensors are
  /// copies.
  explicit SafetensorsFile(std::span<const std::byte> bytes)
      : SafetensorsFile(detail::FileMemory(bytes), "in memory") {}
  /// For brasa's own use.
  SafetensorsFile(detail::FileMemory file, std::string name)
      : file_(std::move(file)),
        name_(std::move(name)),
        header_(detail::SafetensorsChecker(file_.bytes(), name_).header()) {}

  /// What the header says of each tensor, in the order of their data.
  const OrderedMap<SafetensorsInfo>& tensors() const& noexcept { return header_.tensors; }
  void tensors() const&& = delete;  // of a file that is gone at once
  bool contains(std::string_view name) const { return header_.tensors.contains(name); }
  /// The texts under `__metadata__`; nothing if the file has no such key.
  const std::optional<SafetensorsMetadata>& metadata() const& noexcept { return header_.metadata; }
  void metadata() const&& = delete;

  /// One tensor. Raises KeyError where there is none of that name, DtypeError where it is of a
  /// dtype that brasa does not hold (float8 and smaller, complex).
  AnyTensor tensor(std::string_view name) const {
    const SafetensorsInfo* info = header_.tensors.find(name);
    if (info == nullptr) {
      detail::raise<KeyError>("safetensors", name_, ": no tensor ", detail::shown(name), " among ",
                              header_.tensors.size());
    }
    return read(name, *info);
  }

  /// All tensors, in the order of their data; errors as in `tensor`.
  StateDict state_dict() const {
    StateDict state;
    for (const auto& [name, info] : header_.tensors) state.insert(name, read(name, info));
    return state;
  }

 private:
  static_assert(std::endian::native == std::endian::little,
                "brasa: safetensors files are little-endian; this machine is not");

  AnyTensor read(std::string_view name, const SafetensorsInfo& info) const {
    const auto dtype = detail::find_safetensors_dtype(info.dtype)->dtype;
    if (!dtype) {
      detail::raise<DtypeError>("safetensors", name_, ": tensor ", detail::shown(name),
                                ": expected a dtype among F64, F32, F16, BF16, I64, I32, I16, I8, "
                                "U64, U32, U16, U8 and BOOL, got ",
                                info.dtype);
    }
    const auto size = static_cast<std::size_t>(info.end - info.begin);
    const auto begin = header_.data + static_cast<std::size_t>(info.begin);
    auto storage = file_.storage(file_.bytes().subspan(begin, size), dtype_size(*dtype));
    if (*dtype == Dtype::bool_) detail::make_bools(*storage);
    return AnyTensor(detail::Ref<detail::TensorImpl>::adopt(
        detail::pool_new<detail::TensorImpl>(std::move(storage), info.shape, *dtype)));
  }

  detail::FileMemory file_;
  std::string name_;
  detail::SafetensorsHeader header_;
};

/// The tensors of a safetensors file, as `safetensors.torch.load_file` gives them:
/// `model.load_state_dict(brasa::load_safetensors("model.safetensors"))`. See SafetensorsFile for
/// errors and for the metadata.
inline StateDict load_safetensors(const std::filesystem::path& path) {
  return SafetensorsFile(path).state_dict();
}

/// The same for a file in memory; the tensors are copies.
inline StateDict parse_safetensors(std::span<const std::byte> bytes) {
  return SafetensorsFile(bytes).state_dict();
}

namespace detail {

/// A state_dict in the order in which the format's own writer puts it, with the header that says
/// so.
class SafetensorsWriter {
 public:
  /// Raises ValueError for what the format, or its own writer, refuses.
  SafetensorsWriter(const StateDict& state, const SafetensorsMetadata* metadata) {
    for (const auto& [name, tensor] : state) {
      check_text("name", name);
      if (name == kMetadataKey) fail("no tensor can be named \"__metadata__\"");
      if (!tensor.defined()) fail("tensor ", shown(name), " is undefined");
      tensors_.push_back({name, &tensor, find_safetensors_dtype(tensor.dtype())});
    }
    if (metadata != nullptr) {
      for (const auto& [key, text] : *metadata) {
        check_text("metadata key", key);
        check_text("metadata text", text);
      }
    }
    check_memory();
    std::sort(tensors_.begin(), tensors_.end(), [](const Entry& a, const Entry& b) {
      return a.dtype != b.dtype ? a.dtype > b.dtype : a.name < b.name;
    });
    make_header(metadata);
  }

  /// Calls `write` with the parts of the file, one after the other.
  template <class Write>
  void write(Write&& write) const {
    std::byte length[8];
    for (std::size_t i = 0; i < 8; ++i) length[i] = std::byte(header_.size() >> 8 * i & 0xFF);
    write(std::span<const std::byte>(length));
    write(std::as_bytes(std::span(header_)));
    for (const Entry& entry : tensors_) {
      write(bytes_of(*entry.tensor));
    }
  }

 private:
  struct Entry {
    std::string_view name;
    const AnyTensor* tensor;
    const SafetensorsDtype* dtype;  // its place in the table is the order
  };

  template <class... Parts>
  [[noreturn]] static void fail(const Parts&... what) {
    raise<ValueError>("save_safetensors", what...);
  }

  static std::span<const std::byte> bytes_of(const AnyTensor& tensor) {
    return {static_cast<const std::byte*>(tensor.raw_data()), tensor.nbytes()};
  }

  static void check_text(std::string_view what, std::string_view text) {
    if (find_invalid_utf8(text) == std::string_view::npos) return;
    fail("expected a ", what, " in UTF-8, got ", shown(text));
  }

  /// The same memory under two names would come back as two tensors: as in Python, not without
  /// being asked for.
  void check_memory() {
    std::vector<Entry> sorted;
    for (const Entry& entry : tensors_) {
      if (entry.tensor->nbytes() > 0) sorted.push_back(entry);
    }
    const auto begin = [](const Entry& entry) {
      return reinterpret_cast<std::uintptr_t>(entry.tensor->raw_data());
    };
    std::sort(sorted.begin(), sorted.end(),
              [&](const Entry& a, const Entry& b) { return begin(a) < begin(b); });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (begin(sorted[i]) - begin(sorted[i - 1]) >= sorted[i - 1].tensor->nbytes()) continue;
      fail("tensors ", shown(sorted[i - 1].name), " and ", shown(sorted[i].name),
           " share memory: erase one from the state_dict, or clone it");
    }
  }

  void make_header(const SafetensorsMetadata* metadata) {
    std::vector<std::pair<std::string_view, SafetensorsInfo>> infos;
    std::uint64_t position = 0;
    for (const Entry& entry : tensors_) {
      const std::uint64_t end = position + entry.tensor->nbytes();
      infos.push_back({entry.name, {entry.dtype->word, entry.tensor->shape(), position, end}});
      position = end;
    }
    header_ = safetensors_header(infos, metadata);
    if (header_.size() > kLongestSafetensorsHeader) {
      fail("the header would have ", header_.size(), " bytes, and ", kLongestSafetensorsHeader,
           " are the most");
    }
  }

  std::vector<Entry> tensors_;
  std::string header_;
};

inline void save_safetensors(const StateDict& state, const std::filesystem::path& path,
                             const SafetensorsMetadata* metadata) {
  const SafetensorsWriter writer(state, metadata);
  NewFile file("save_safetensors", path);
  writer.write([&](std::span<const std::byte> bytes) { file.write(bytes); });
  file.commit();
}

inline std::vector<std::byte> serialize_safetensors(const StateDict& state,
                                                    const SafetensorsMetadata* metadata) {
  std::vector<std::byte> file;
  SafetensorsWriter(state, metadata).write([&](std::span<const std::byte> bytes) {
    file.insert(file.end(), bytes.begin(), bytes.end());
  });
  return file;
}

}  // namespace detail

/// Writes a state_dict, byte for byte as `safetensors.torch.save_file` does. An older file of that
/// name is replaced in one step, when the new one is complete; any error leaves it as it was.
///
/// Raises ValueError for tensors that share memory (tied weights: erase one name, and load with
/// `strict = false`), undefined tensors, names that are not UTF-8 and the name `__metadata__`;
/// FileError where the file cannot be written.
inline void save_safetensors(const StateDict& state, const std::filesystem::path& path) {
  detail::save_safetensors(state, path, nullptr);
}
/// The same with texts under `__metadata__`, in the order given: `{{"format", "pt"}}`.
inline void save_safetensors(const StateDict& state, const std::filesystem::path& path,
                             const SafetensorsMetadata& metadata) {
  detail::save_safetensors(state, path, &metadata);
}

/// The bytes that `save_safetensors` would write.
inline std::vector<std::byte> serialize_safetensors(const StateDict& state) {
  return detail::serialize_safetensors(state, nullptr);
}
inline std::vector<std::byte> serialize_safetensors(const StateDict& state,
                                                    const SafetensorsMetadata& metadata) {
  return detail::serialize_safetensors(state, &metadata);
}

}  // namespace brasa
