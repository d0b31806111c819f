#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "brasa/checkpoint/pickle_calls.hpp"
#include "brasa/checkpoint/pickle_opcodes.hpp"

// The opcodes are described in CPython's Lib/pickletools.py.

namespace brasa::detail {

/// Reads a pickle of protocol 0 to 5 that holds a state_dict, an optimizer's state or a plain tree
/// of dicts, lists, tuples, numbers, strings and tensors. Runs nothing: the few functions that a
/// pickle may call are those of PickleCalls; any other is refused by its name.
///
/// An explicit stack, no recursion; time and memory in proportion to the size of the pickle. What
/// torch.save never writes and only a damaged or hostile pickle has, is refused, also where
/// torch.load lets it pass: keys that stand twice, cycles, items left on the stack.
class Unpickler {
 public:
  /// The pickle begins at `begin`; what follows it is of no concern.
  Unpickler(std::span<const std::byte> bytes, std::size_t begin, const FileErrors& errors)
      : errors_(errors),
        in_(bytes, begin, "the pickle", errors),
        objects_(bytes.size() - begin, errors),
        calls_(objects_, pickled_) {}

  Pickled run() {
    for (;;) {
      const char opcode = static_cast<char>(in_.u8());
      if (opcode == code(Opcode::stop)) break;
      if (!literal(opcode) && !older_literal(opcode) && !container(opcode) && !memo(opcode) &&
          !call(opcode)) {
        objects_.fail("it has the opcode ", int{static_cast<unsigned char>(opcode)}, " at byte ",
                      in_.position() - 1, ", which no state_dict needs");
      }
    }
    if (stack_.size() != 1 || !marks_.empty()) objects_.fail("it ends before its object is whole");
    pickled_.tree = objects_.plain_value(stack_.back());
    pickled_.end = in_.position();
    return std::move(pickled_);
  }

 private:
  using Items = std::span<PickleItem>;

  static constexpr char code(Opcode opcode) { return static_cast<char>(opcode); }

  // ---- the stack ----

  void push(PickleItem item) {
    if (stack_.size() == highest_) {
      objects_.spend(sizeof(PickleItem));
      highest_ += 1;
    }
    stack_.push_back(std::move(item));
  }
  void push(Value value) { push(PickleObjects::leaf(std::move(value))); }

  /// The topmost items; none of them lies below the last mark.
  Items top(std::size_t count) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() - floor < count) objects_.fail("its stack is empty where it needs an item");
    return Items(stack_).last(count);
  }
  PickleItem pop() {
    PickleItem item = std::move(top(1)[0]);
    stack_.pop_back();
    return item;
  }
  /// How many items lie above the last mark, which is taken away.
  std::size_t pop_mark() {
    if (marks_.empty()) objects_.fail("it lacks a mark");
    const std::size_t count = stack_.size() - marks_.back();
    marks_.pop_back();
    return count;
  }
  void drop(std::size_t count) { stack_.resize(stack_.size() - count); }

  // ---- opcodes: each function knows some, and is false for others ----

  bool literal(char opcode) {
    switch (opcode) {
      case code(Opcode::proto):
        if (const int protocol = in_.u8(); protocol > 5) {
          objects_.fail("it is of protocol ", protocol, "; expected one up to 5");
        }
        return true;
      case kFrame:
        in_.take(8);
        return true;
      case code(Opcode::none):
        return push(Value()), true;
      case code(Opcode::newtrue):
        return push(Value(true)), true;
      case code(Opcode::newfalse):
        return push(Value(false)), true;
      case code(Opcode::binint1):
        return push(Value(in_.u8())), true;
      case code(Opcode::binint2):
        return push(Value(in_.u16())), true;
      case code(Opcode::binint):
        return push(Value(static_cast<std::int32_t>(in_.u32()))), true;
      case code(Opcode::long1):
        return push(long_integer(in_.u8())), true;
      case kLong4:
        return push(long_integer(in_.u32())), true;
      case code(Opcode::binfloat):
        return push(Value(big_endian_double())), true;
      case code(Opcode::binunicode):
        return text(in_.u32());
      case kShortBinunicode:
        return text(in_.u8());
      case kBinunicode8:
        return text(in_.u64());
      case code(Opcode::short_binstring):  // a str of Python 2
        return text(in_.u8());
      case kBinstring:
        return text(in_.u32());
      default:
        return false;
    }
  }

  /// Those of protocol 0, which are lines of text.
  bool older_literal(char opcode) {
    switch (opcode) {
      case 'I': {
        const std::string_view line = in_.line();
        if (line == "00" || line == "01") return push(Value(line == "01")), true;
        return push(integer_text(line)), true;
      }
      case 'L': {
        std::string_view line = in_.line();
        if (line.ends_with('L')) line.remove_suffix(1);
        return push(integer_text(line)), true;
      }
      case 'F':
        return push(float_text(std::string(in_.line()))), true;
      case 'V':
        return push(objects_.text(unescaped(in_.line()))), true;
      default:
        return false;
    }
  }

  bool container(char opcode) {
    switch (opcode) {
      case code(Opcode::mark):
        objects_.spend(sizeof(std::size_t));
        return marks_.push_back(stack_.size()), true;
      case code(Opcode::empty_list):
      case code(Opcode::empty_set):  // a set becomes a list
        return push(objects_.list()), true;
      case code(Opcode::empty_dict):
        return push(objects_.dict()), true;
      case code(Opcode::empty_tuple):
        return tuple(0);
      case code(Opcode::tuple1):
        return tuple(1);
      case code(Opcode::tuple2):
        return tuple(2);
      case code(Opcode::tuple3):
        return tuple(3);
      case code(Opcode::tuple):
        return tuple(pop_mark());
      case code(Opcode::append):
        return append(1);
      case code(Opcode::appends):
      case kAddItems:
        return append(pop_mark());
      case code(Opcode::setitem):
        return set(2);
      case code(Opcode::setitems):
        return set(pop_mark());
      case 'l':  // a list, or a dict, of all above the mark
        return insert(objects_.list(), pop_mark()), true;
      case 'd':
        return insert(objects_.dict(), pop_mark()), true;
      default:
        return false;
    }
  }

  bool memo(char opcode) {
    switch (opcode) {
      case code(Opcode::binput):
        return keep(in_.u8());
      case code(Opcode::long_binput):
        return keep(in_.u32());
      case kMemoize:
        return keep(memo_.size());
      case 'p':
        return keep(index_text(in_.line()));
      case code(Opcode::binget):
        return recall(in_.u8());
      case code(Opcode::long_binget):
        return recall(in_.u32());
      case 'g':
        return recall(index_text(in_.line()));
      default:
        return false;
    }
  }

  bool call(char opcode) {
    switch (opcode) {
      case code(Opcode::global): {
        const std::string_view module = in_.line();
        return push(global(module, in_.line())), true;
      }
      case kStackGlobal: {
        const Items names = top(2);
        if (!names[0].value.is_string() || !names[1].value.is_string()) {
          objects_.fail("a class or a function has no name");
        }
        PickleItem found = global(names[0].value.as_string(), names[1].value.as_string());
        drop(2);
        return push(std::move(found)), true;
      }
      case code(Opcode::reduce):
      case code(Opcode::newobj): {
        const Items items = top(2);
        PickleItem made = calls_.call(items[0], objects_.arguments(items[1]));
        drop(2);
        return push(std::move(made)), true;
      }
      case code(Opcode::build): {
        const Items items = top(2);
        objects_.set_attributes(items[0], items[1]);
        return drop(1), true;
      }
      case code(Opcode::binpersid):
        return push(calls_.storage(objects_.arguments(pop()))), true;
      case 'B':
      case 'C':
      case kBinbytes8:
      case kBytearray8:
        errors_.fail(
            "the pickle holds a bytes object, which brasa does not: save a str, or "
            "torch.frombuffer(x, dtype=torch.uint8)");
      case 'P':
        errors_.fail(
            "the pickle holds a tensor in protocol 0, which PyTorch itself cannot read back: save "
            "it with protocol 2");
      default:
        return false;
    }
  }

  // ---- what they do ----

  bool text(std::uint64_t size) {
    const std::string_view bytes = in_.text(size);
    if (!is_python_text(bytes)) objects_.fail("a str is not UTF-8: ", shown(bytes));
    return push(objects_.text(bytes)), true;
  }

  bool tuple(std::size_t count) {
    PickleItem made = objects_.tuple(top(count));
    drop(count);
    return push(std::move(made)), true;
  }
  bool append(std::size_t count) {
    const Items items = top(count + 1);
    for (PickleItem& item : items.subspan(1)) objects_.append(items[0], item);
    return drop(count), true;
  }
  bool set(std::size_t count) {
    if (count % 2 != 0) objects_.fail("a key of a dict has no value");
    const Items items = top(count + 1);
    for (std::size_t i = 1; i < items.size(); i += 2) {
      objects_.set(items[0], items[i], items[i + 1]);
    }
    return drop(count), true;
  }
  /// Puts a new container below `count` items, and these into it.
  void insert(PickleItem made, std::size_t count) {
    top(count);
    push(PickleItem());
    std::rotate(stack_.end() - static_cast<std::ptrdiff_t>(count) - 1, stack_.end() - 1,
                stack_.end());
    const bool is_list = made.value.is_list();
    stack_[stack_.size() - count - 1] = std::move(made);
    if (is_list) {
      append(count);
    } else {
      set(count);
    }
  }

  /// Python counts from 0, Python 2's C version from 1: so a number is never far away.
  bool keep(std::size_t index) {
    const PickleItem& item = top(1)[0];
    if (index > memo_.size() + 1) objects_.fail("an item is kept under the number ", index);
    objects_.spend_copy(item);
    if (index >= memo_.size()) {
      objects_.spend(2 * sizeof(PickleItem));
      memo_.resize(index + 1);
    }
    memo_[index] = item;
    return true;
  }
  bool recall(std::size_t index) {
    if (index >= memo_.size() || !memo_[index]) {
      objects_.fail("it wants the item number ", index, ", which is not there");
    }
    objects_.spend_copy(*memo_[index]);
    return push(*memo_[index]), true;
  }

  PickleItem global(std::string_view module, std::string_view name) const {
    std::string whole(module);
    (whole += '.') += name;
    const FoundGlobal found = find_pickle_global(whole);
    if (found.kind == PickleGlobal::none) {
      errors_.fail("it needs ", shown(whole),
                   " of Python, which brasa does not run: ", remedy_for(whole));
    }
    PickleItem item;
    item.kind = PickleItem::Kind::global;
    item.global = found.kind;
    item.dtype = found.dtype;
    return item;
  }

  // ---- numbers and texts ----

  Value long_integer(std::uint64_t size) {
    const auto bytes = in_.take(size);
    if (bytes.size() > 8)
      errors_.fail(
          "the pickle holds an int beyond 64 bits, which brasa does not: save it as a str");
    std::uint64_t value = 0;
    const bool negative = !bytes.empty() && (bytes.back() & std::byte{0x80}) != std::byte{0};
    if (negative) value = ~value;
    for (std::size_t i = bytes.size(); i-- > 0;) {
      value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    }
    return Value(static_cast<std::int64_t>(value));
  }

  double big_endian_double() {
    std::uint64_t bits = 0;
    for (const std::byte byte : in_.take(8)) bits = bits << 8 | std::to_integer<unsigned>(byte);
    return std::bit_cast<double>(bits);
  }

  template <class T>
  T number_text(std::string_view line, std::string_view what) const {
    T value{};
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error != std::errc() || end != line.data() + line.size()) {
      objects_.fail("expected ", what, ", got ", shown(line));
    }
    return value;
  }
  Value integer_text(std::string_view line) const {
    return number_text<std::int64_t>(line, "an int of 64 bits");
  }
  Value float_text(std::string_view line) const { return number_text<double>(line, "a float"); }
  std::size_t index_text(std::string_view line) const {
    return number_text<std::uint32_t>(line, "a number of an item");
  }

  static bool is_surrogate(std::string_view text) {
    return text.size() >= 3 && text[0] == '\xED' && (text[1] & 0xE0) == 0xA0 &&
           (text[2] & 0xC0) == 0x80;
  }
  /// UTF-8, or as Python writes what it could not decode: halves of surrogate pairs.
  static bool is_python_text(std::string_view text) {
    for (;;) {
      const std::size_t bad = find_invalid_utf8(text);
      if (bad == std::string_view::npos) return true;
      text.remove_prefix(bad);
      if (!is_surrogate(text)) return false;
      text.remove_prefix(3);
    }
  }

  /// The text of protocol 0: Latin-1 with \u1234 and \U00012345.
  std::string unescaped(std::string_view line) const {
    std::string text;
    while (!line.empty()) {
      std::uint32_t character = static_cast<unsigned char>(line[0]);
      std::size_t size = 1;
      const char kind = line.size() > 1 && line[0] == '\\' ? line[1] : ' ';
      if (kind == 'u' || kind == 'U') {
        size = kind == 'u' ? 6 : 10;
        const std::string_view digits = line.substr(2, size - 2);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), character, 16);
        if (digits.size() != size - 2 || error != std::errc() ||
            end != digits.data() + digits.size() || character > 0x10FFFF) {
          objects_.fail("a str has a wrong escape");
        }
      }
      append_utf8(text, character);
      line.remove_prefix(size);
    }
    return text;
  }
  static void append_utf8(std::string& text, std::uint32_t character) {
    const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    const auto rest = [&](unsigned shift) { add(0x80 | (character >> shift & 0x3F)); };
    if (character < 0x80) return add(character);
    if (character < 0x800) {
      add(0xC0 | character >> 6);
    } else if (character < 0x10000) {
      add(0xE0 | character >> 12);
      rest(6);
    } else {
      add(0xF0 | character >> 18);
      rest(12);
      rest(6);
    }
    rest(0);
  }

  // Opcodes that torch.save does not write unless asked for another protocol than 2.
  static constexpr char kFrame = '\x95';            // u64: how many bytes follow in one piece
  static constexpr char kLong4 = '\x8b';            // u32: the length, two's complement
  static constexpr char kShortBinunicode = '\x8c';  // u8: the length, UTF-8
  static constexpr char kBinunicode8 = '\x8d';      // u64: the length, UTF-8
  static constexpr char kBinbytes8 = '\x8e';        // bytes, as B and C
  static constexpr char kBytearray8 = '\x96';       // and bytes that can change
  static constexpr char kBinstring = 'T';           // u32: the length, bytes
  static constexpr char kAddItems = '\x90';         // all above the mark, to a set
  static constexpr char kMemoize = '\x94';          // the topmost object under the next number
  static constexpr char kStackGlobal = '\x93';      // the topmost module and name

  const FileErrors& errors_;
  ByteReader in_;
  PickleObjects objects_;
  Pickled pickled_;
  PickleCalls calls_;
  std::vector<PickleItem> stack_;
  std::size_t highest_ = 0;         // that the stack has ever been
  std::vector<std::size_t> marks_;  // how high the stack was at each
  std::vector<std::optional<PickleItem>> memo_;
};

}  // namespace brasa::detail
