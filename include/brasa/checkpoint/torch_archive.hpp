#pragma once

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "brasa/checkpoint/file_memory.hpp"
#include "brasa/checkpoint/unpickler.hpp"
#include "brasa/checkpoint/zip_reader.hpp"

namespace brasa::detail {

/// The zip archive that torch.save writes: `data.pkl`, and one record `data/<key>` a storage, all
/// in one folder.
class TorchArchive {
 public:
  using Progress = std::function<void(std::size_t bytes)>;

  /// Reads all but the tensors' data.
  TorchArchive(const FileMemory& file, const FileErrors& errors)
      : file_(file), errors_(errors), zip_(file.bytes(), errors), budget_(kFreeUnpacked) {
    budget_ += kUnpackedPerByte * file.bytes().size();
    find_folder();
    check_kind();
    check_version();
    swapped_ = read_byte_order() != (std::endian::native == std::endian::big);
    std::vector<std::byte> buffer;
    const auto bytes = read("data.pkl", buffer);
    pickled_ = Unpickler(bytes, 0, errors_).run();
    if (pickled_.end != bytes.size()) errors_.fail("something follows the pickle in data.pkl");
    for (const PickledStorage& storage : pickled_.storages) check_storage(storage);
  }

  Pickled& pickled() noexcept { return pickled_; }
  /// True if the data are not in the byte order of this machine.
  bool swapped() const noexcept { return swapped_; }

  /// The data of a storage, checked. `progress` is told how far it is.
  Ref<Storage> storage(std::size_t index, std::size_t alignment, const Progress& progress) {
    const ZipEntry& entry = record("data/" + pickled_.storages[index].key);
    if (!entry.deflated) {
      zip_.check_crc(entry, zip_.packed(entry), progress);
      return file_.storage(zip_.packed(entry), alignment);
    }
    spend(entry);
    auto storage = Storage::allocate(static_cast<std::size_t>(entry.size));
    const std::span<std::byte> bytes(static_cast<std::byte*>(storage->data()), storage->bytes());
    zip_.unpack(entry, bytes);
    zip_.check_crc(entry, bytes, progress);
    return storage;
  }

 private:
  static constexpr std::uint64_t kUnpackedPerByte = 32;
  static constexpr std::uint64_t kFreeUnpacked = std::uint64_t{64} << 20;

  const ZipEntry* find(std::string_view name) const {
    std::string whole = folder_;
    return zip_.find((whole += '/') += name);
  }
  const ZipEntry& record(std::string_view name) const {
    const ZipEntry* entry = find(name);
    if (entry == nullptr) errors_.fail("the archive lacks its record ", shown(name));
    return *entry;
  }
  void spend(const ZipEntry& entry) {
    if (!entry.deflated) return;
    if (entry.size > budget_) {
      errors_.fail("the deflated archive would unpack to more than ", kUnpackedPerByte,
                   " times its size; it may be made to harm");
    }
    budget_ -= entry.size;
  }
  std::span<const std::byte> read(std::string_view name, std::vector<std::byte>& buffer) {
    const ZipEntry& entry = record(name);
    spend(entry);
    return zip_.read(entry, buffer);
  }

  void find_folder() {
    if (zip_.entries().empty()) errors_.fail("the archive is empty");
    const std::string& first = zip_.entries().front().name;
    folder_ = first.substr(0, first.find('/'));
    for (const ZipEntry& entry : zip_.entries()) {
      if (entry.name.starts_with(folder_ + '/')) continue;
      errors_.fail("not a file of torch.save: expected all in one folder, got ",
                   shown(zip_.entries().front().name), " and ", shown(entry.name));
    }
  }

  /// Other archives of PyTorch have other records.
  void check_kind() const {
    if (find("constants.pkl")) {
      errors_.fail(
          "it is a TorchScript archive (torch.jit.save): in Python, "
          "torch.save(torch.jit.load(path).state_dict(), \"model.pt\")");
    }
    if (find("archive_format") || find("models/model.json")) {
      errors_.fail(
          "it is an archive of torch.export: in Python, "
          "torch.save(torch.export.load(path).state_dict, \"model.pt\")");
    }
    if (find(".data/extern_modules")) {
      errors_.fail("it is an archive of torch.package: save model.state_dict() by torch.save");
    }
    if (!find("data.pkl")) errors_.fail("not a file of torch.save: the record data.pkl is missing");
  }

  void check_version() {
    std::vector<std::byte> buffer;
    std::string_view text =
        as_text(read(find(".data/version") ? ".data/version" : "version", buffer));
    while (text.ends_with('\n')) text.remove_suffix(1);
    int version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc() || end != text.data() + text.size() || version < 1 || version > 10) {
      errors_.fail("expected version 1 to 10 of the format, got ", shown(text));
    }
  }

  /// True for big-endian data. Archives before PyTorch 2.1 do not tell, and are little-endian.
  bool read_byte_order() {
    if (!find("byteorder")) return false;
    std::vector<std::byte> buffer;
    const std::string_view order = as_text(read("byteorder", buffer));
    if (order != "little" && order != "big") {
      errors_.fail("expected the byte order little or big, got ", shown(order));
    }
    return order == "big";
  }

  void check_storage(const PickledStorage& storage) const {
    const ZipEntry& entry = record("data/" + storage.key);
    if (entry.size == storage.bytes) return;
    errors_.fail("expected ", storage.bytes, " bytes in the record ", shown(entry.name), ", got ",
                 entry.size);
  }

  const FileMemory& file_;
  const FileErrors& errors_;
  ZipReader zip_;
  std::uint64_t budget_;  // bytes that may yet be unpacked
  std::string folder_;
  bool swapped_ = false;
  Pickled pickled_;
};

}  // namespace brasa::detail
