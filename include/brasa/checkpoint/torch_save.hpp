#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/new_file.hpp"
#include "brasa/checkpoint/pickler.hpp"
#include "brasa/checkpoint/text.hpp"
#include "brasa/checkpoint/zip_writer.hpp"
#include "brasa/core/state_dict.hpp"
#include "brasa/core/value.hpp"

namespace brasa {
namespace detail {

/// The folder in which torch.save puts the records of an archive: the file's name without what
/// follows its last dot.
inline std::string archive_folder(const std::filesystem::path& path) {
  const std::u8string given = path.u8string();
  const auto is_ascii = [](char8_t byte) { return byte < 0x80; };
  if (!std::all_of(given.begin(), given.end(), is_ascii)) return "archive";
  std::string name(given.begin(), given.end());
  name.erase(0, name.find_last_of("/\\") + 1);
  name.erase(std::min(name.rfind('.'), name.size()));
  if (name.empty()) {
    raise<ValueError>("save", "expected a file name with something before its last dot, got ",
                      shown(path.string()));
  }
  return name;
}

/// Hands the parts of the file to `sink`, one after the other. The data of tensors are not copied.
inline void write_torch_archive(const Pickler& pickler, std::string folder,
                                TorchZipWriter::Sink sink) {
  TorchZipWriter archive(std::move(folder), std::move(sink));
  archive.record("data.pkl", pickler.pickle());
  archive.record(".format_version", "1");
  archive.record(".storage_alignment", "64");
  archive.record("byteorder", "little");
  std::size_t key = 0;
  for (const Storage* storage : pickler.storages()) {
    archive.record("data/" + std::to_string(key++),
                   {static_cast<const std::byte*>(storage->data()), storage->bytes()});
  }
  archive.record("version", "3\n");
  archive.finish();
}

inline void write_torch_file(const Value& value, const std::filesystem::path& path) {
  std::string folder = archive_folder(path);
  const Pickler pickler(value);
  NewFile file("save", path);
  write_torch_archive(pickler, std::move(folder),
                      [&](std::span<const std::byte> bytes) { file.write(bytes); });
  file.commit();
}

}  // namespace detail

/// Writes a file that `torch.load` reads, byte for byte the one that `torch.save` of PyTorch 2.13.0
/// writes under that name.
///
///     brasa::save(model.state_dict(), "model.pt");
///     brasa::save({{"model", model.state_dict()}, {"optimizer", optimizer.state_dict()},
///                  {"epoch", 3}}, "checkpoint.pt");
///
///     model.load_state_dict(torch.load("model.pt"))   # in Python
///
/// `value` may be any tree of None, bool, int, float, str, tensors, and lists, tuples and dicts of
/// these. What is the same object there is the same object after loading: tensors that share memory
/// (tied weights, reshaped ones) share it again, and their memory is written once.
///
/// The data are written straight from the tensors. An older file of that name is replaced in one
/// step, when the new one is complete; any error leaves it as it was, and nothing else behind.
///
/// Tensors are written as what they are here, contiguous and from the beginning of their memory. In
/// PyTorch a slice or a transpose is a view, and torch.save writes all of the memory behind it with
/// offset and strides; here it is a copy, and only its own elements are written. The file loads
/// to the same values.
///
/// What `load` gave is written as it was, so that a tree of a file of torch.save that is saved
/// unchanged makes the same file: tensors that were views there are such views again, also from a
/// StateDict taken out of the tree. A view whose elements have changed meanwhile, or in whose
/// memory they have, is written like any other tensor.
///
/// The archive's folder is the file's name without its last dot and what follows, or `archive` if
/// there is any character beyond ASCII in `path`. A renamed file keeps the folder it has.
///
/// Errors: ValueError for a path that leaves no name for the folder (".pt"), for texts that are not
/// UTF-8 and for a tuple that contains itself; DtypeError for tensors of two dtypes over one
/// memory; FileError where the file cannot be written.
template <std::convertible_to<Value> T>  // not a Value: braces are for the dict below
void save(const T& value, const std::filesystem::path& path) {
  detail::write_torch_file(value, path);
}
/// The same for a dict that is written where it is saved.
inline void save(std::initializer_list<DictEntry> entries, const std::filesystem::path& path) {
  detail::write_torch_file(Value::dict(entries), path);
}

/// The bytes that `torch.save` writes into a file object, such as Python's `io.BytesIO()`; the
/// folder is `archive`. Errors as in `save`.
inline std::vector<std::byte> serialize(const Value& value) {
  std::vector<std::byte> file;
  detail::write_torch_archive(detail::Pickler(value), "archive",
                              [&](std::span<const std::byte> bytes) {
                                file.insert(file.end(), bytes.begin(), bytes.end());
                              });
  return file;
}

}  // namespace brasa
