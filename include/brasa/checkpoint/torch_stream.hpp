#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/file_kind.hpp"
#include "brasa/checkpoint/file_memory.hpp"
#include "brasa/checkpoint/unpickler.hpp"

namespace brasa::detail {

/// What torch.save wrote before PyTorch 1.6, and still does if asked to
/// (`_use_new_zipfile_serialization=False`): five pickles one after the other (a magic number, a
/// version, facts about the machine, the object, the keys of its storages), then each storage: the
/// number of its elements, and its data, which are little-endian.
class TorchStream {
 public:
  TorchStream(const FileMemory& file, const FileErrors& errors) : file_(file), errors_(errors) {
    std::size_t position = skip_magic();
    position = expect_version(position);
    const Pickled machine = unpickle(position);
    if (!machine.tree.is_dict()) errors_.fail("the file does not tell of its machine");
    pickled_ = unpickle(machine.end);
    const Pickled keys = unpickle(pickled_.end);
    find_storages(keys);
  }

  Pickled& pickled() noexcept { return pickled_; }
  static constexpr bool swapped() noexcept { return std::endian::native == std::endian::big; }

  Ref<Storage> storage(std::size_t index, std::size_t alignment) const {
    return file_.storage(data_[index], alignment);
  }

 private:
  Pickled unpickle(std::size_t begin) const {
    return Unpickler(file_.bytes(), begin, errors_).run();
  }

  /// The magic number, an int too long for 64 bits, as a pickle of protocol 2 to 5.
  std::size_t skip_magic() const {
    constexpr std::string_view kMagic("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 13);
    const std::string_view text = as_text(file_.bytes());
    constexpr std::size_t kProtocol = 2;
    constexpr std::size_t kFrame = 9;  // with which protocol 4 and 5 begin
    for (const std::size_t begin : {kProtocol, kProtocol + kFrame}) {
      if (text.size() >= begin && text.substr(begin).starts_with(kMagic)) {
        return begin + kMagic.size();
      }
    }
    errors_.fail("it is a pickle, but none of torch.save: in Python, torch.save(object, path)");
  }

  std::size_t expect_version(std::size_t position) const {
    constexpr std::int64_t kVersion = 1001;
    const Pickled version = unpickle(position);
    if (!version.tree.is_int() || version.tree.as_int() != kVersion) {
      errors_.fail("expected version ", kVersion, " of the stream, got ", described(version.tree));
    }
    return version.end;
  }

  void find_storages(const Pickled& keys) {
    std::multimap<std::string_view, std::size_t> by_key;  // several, if they are empty
    for (std::size_t i = 0; i < pickled_.storages.size(); ++i) {
      by_key.emplace(pickled_.storages[i].key, i);
    }
    data_.resize(pickled_.storages.size());
    ByteReader in(file_.bytes(), keys.end, "the file", errors_);
    if (!keys.tree.is_list()) errors_.fail("the file does not list its storages");
    for (const Value& key : keys.tree.as_list()) {
      const auto [first, last] =
          by_key.equal_range(key.is_string() ? key.as_string_view() : std::string_view());
      if (first == last) errors_.fail("the file lists a storage that no tensor uses, or one twice");
      const PickledStorage& storage = pickled_.storages[first->second];
      const std::uint64_t count = in.u64();
      const std::uint64_t size = storage.dtype ? storage.dtype->size : 1;
      if (count != storage.bytes / size) {
        errors_.fail("expected ", storage.bytes / size, " elements in the storage ",
                     shown(storage.key), ", got ", count);
      }
      const auto data = in.take(storage.bytes);
      for (auto each = first; each != last; ++each) data_[each->second] = data;
      by_key.erase(first, last);
    }
    if (!by_key.empty()) errors_.fail("the file lacks the storage ", shown(by_key.begin()->first));
    if (in.left() != 0) errors_.fail("something follows the last storage");
  }

  const FileMemory& file_;
  const FileErrors& errors_;
  Pickled pickled_;
  std::vector<std::span<const std::byte>> data_;
};

}  // namespace brasa::detail
