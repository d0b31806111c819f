#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/torch_file.hpp"

namespace brasa {

/// A tensor or a plain value in a file.
struct FileEntry {
  std::string name;  // `fc.weight`, or the way to it: `['model']['fc.weight']`
  std::string type;  // a tensor's dtype; of other values Python's type: `int`, `str`…
  bool is_tensor = false;
  Shape shape;              // of a tensor
  std::uint64_t bytes = 0;  // of all its elements
  std::string value;        // of others, as Python prints it
};

namespace detail {

inline std::string python_type(const Value& value) {
  return value.is_none()     ? "NoneType"
         : value.is_bool()   ? "bool"
         : value.is_int()    ? "int"
         : value.is_double() ? "float"
                             : "str";
}

/// The entries of a pickle's tree. One that is a dict of names and tensors needs no way to them.
inline std::vector<FileEntry> entries_of(const Pickled& pickled) {
  std::map<const void*, std::string_view> dtypes;
  std::map<const void*, std::size_t> sizes;
  for (const PickledTensor& tensor : pickled.tensors) {
    dtypes.emplace(tensor.impl.get(), tensor.dtype->name);
    sizes.emplace(tensor.impl.get(), tensor.dtype->size);
  }
  const Value& tree = pickled.tree;
  const bool is_flat =
      tree.is_dict() &&
      std::all_of(tree.as_dict().begin(), tree.as_dict().end(), [](const auto& entry) {
        return entry.first.is_string() && entry.second.is_tensor();
      });
  std::vector<FileEntry> entries;
  ValuePaths(tree).for_each([&](const std::string& path, const Value& value) {
    FileEntry entry;
    entry.name = path;
    entry.is_tensor = value.is_tensor();
    if (entry.is_tensor) {
      const AnyTensor tensor = value.as_tensor();
      entry.type = dtypes.at(value.identity());
      entry.shape = tensor.shape();
      entry.bytes = static_cast<std::uint64_t>(tensor.numel()) * sizes.at(value.identity());
    } else {
      entry.type = python_type(value);
      entry.value = repr(value);
    }
    entries.push_back(std::move(entry));
    return true;
  });
  auto name = entries.begin();
  if (is_flat) {
    for (const auto& [key, tensor] : tree.as_dict()) (name++)->name = key.string();
  }
  return entries;
}

inline std::vector<FileEntry> entries_of(const SafetensorsFile& file) {
  std::vector<FileEntry> entries;
  for (const auto& [name, info] : file.tensors()) {
    entries.push_back({name, std::string(info.dtype), true, info.shape, info.end - info.begin, ""});
  }
  return entries;
}

}  // namespace detail

/// What stands in a file of torch.save or safetensors, without reading the data of its tensors; so
/// also of dtypes that brasa does not hold, named as the file names them (`complex64`, `F8_E4M3`).
/// Raises FileError as `load` does.
inline std::vector<FileEntry> inspect(const std::filesystem::path& path) {
  const detail::FileMemory file("inspect", path);
  const detail::FileErrors errors("inspect", path.string());
  switch (detail::kind_of_file(file.bytes())) {
    case detail::FileKind::zip:
      return detail::entries_of(detail::TorchArchive(file, errors).pickled());
    case detail::FileKind::pickle:
      return detail::entries_of(detail::TorchStream(file, errors).pickled());
    case detail::FileKind::safetensors:
      return detail::entries_of(SafetensorsFile(file, path.string()));
    case detail::FileKind::other:
      break;
  }
  detail::fail_kind(file, errors);
}

}  // namespace brasa
