#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The record `.data/serialization_id` of torch.save's archives. It looks random, but is computed
// from the names and the CRCs of the records, by way of the hash of texts and the order of hash
// sets in the standard library that PyTorch for Linux is built with (GNU's libstdc++, 64 bits).
// Both are emulated here, so that every platform writes the same bytes.

namespace brasa::detail {

/// libstdc++'s hash of a text.
inline std::uint64_t torch_text_hash(std::string_view text) {
  constexpr std::uint64_t kFactor = 0xc6a4a7935bd1e995;
  const auto fold = [](std::uint64_t value) { return value ^ (value >> 47); };
  const auto number = [&](std::size_t begin, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(text[begin + i])} << (8 * i);
    }
    return value;
  };
  const std::size_t rest = text.size() % 8;
  std::uint64_t hash = 0xc70f6907 ^ (text.size() * kFactor);
  for (std::size_t i = 0; i + 8 <= text.size(); i += 8) {
    hash = (hash ^ (fold(number(i, 8) * kFactor) * kFactor)) * kFactor;
  }
  if (rest > 0) hash = (hash ^ number(text.size() - rest, rest)) * kFactor;
  return fold(fold(hash) * kFactor);
}

/// The order in which libstdc++'s unordered_set yields different elements, told by their hashes.
class TorchSetOrder {
 public:
  void insert(std::uint64_t hash) {
    hashes_.push_back(hash);
    next_.push_back(kEnd);
    const std::size_t count = hashes_.size() - 1;
    if (count > before_.size() || count == 1) grow();
    link(count);
  }

  template <class Use>
  void for_each(Use&& use) const {
    for (std::size_t node = next_[0]; node != kEnd; node = next_[node]) use(hashes_[node]);
  }

 private:
  // One list of all elements. Those of a bucket stand together; a bucket knows the one before its
  // first. Element 0 is the place before the list, to which no other can point: so 0 ends it.
  static constexpr std::size_t kEnd = 0;
  static constexpr std::size_t kEmpty = std::numeric_limits<std::size_t>::max();
  static constexpr std::uint32_t kBuckets[] = {
      13,       29,        59,        127,       257,       541,        1109,
      2357,     5087,      10273,     20753,     42043,     85229,      172933,
      351061,   712697,    1447153,   2938679,   5967347,   12117689,   24607243,
      49969847, 101473717, 206062531, 418451333, 849749479, 1725587117, 3504151727};

  std::size_t& before(std::size_t node) { return before_[hashes_[node] % before_.size()]; }

  void link(std::size_t node) {
    std::size_t& place = before(node);
    if (place != kEmpty) {
      next_[node] = std::exchange(next_[place], node);
      return;
    }
    place = 0;
    next_[node] = std::exchange(next_[0], node);
    if (next_[node] != kEnd) before(next_[node]) = node;
  }

  void grow() {
    if (step_ == std::size(kBuckets)) return;
    before_.assign(kBuckets[step_++], kEmpty);
    for (std::size_t node = std::exchange(next_[0], kEnd); node != kEnd;) {
      const std::size_t following = next_[node];
      link(node);
      node = following;
    }
  }

  std::vector<std::uint64_t> hashes_{0};
  std::vector<std::size_t> next_{kEnd};
  std::vector<std::size_t> before_;
  std::size_t step_ = 0;
};

/// Gathers the records of an archive and gives its serialization_id.
class SerializationId {
 public:
  /// A record's name, without the archive's folder.
  void add_name(std::string_view name) { names_.insert(torch_text_hash(name)); }
  /// The CRC of a record that is not empty.
  void add_crc(std::uint32_t crc) { crcs_ = mixed(crcs_, crc); }

  std::string text() const {
    std::uint64_t names = 0;
    names_.for_each([&](std::uint64_t hash) { names = mixed(names, hash); });
    char digits[41];
    std::snprintf(digits, sizeof digits, "%020llu%020llu", static_cast<unsigned long long>(names),
                  static_cast<unsigned long long>(crcs_));
    return digits;
  }

 private:
  static std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    return a ^ (b + 0x9e3779b9 + (a << 6) + (a >> 2));
  }

  TorchSetOrder names_;
  std::uint64_t crcs_ = 0;
};

}  // namespace brasa::detail
