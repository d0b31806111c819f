#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/pickle_calls.hpp"
#include "brasa/checkpoint/pickle_opcodes.hpp"
#include "brasa/checkpoint/pickle_text.hpp"
#include "brasa/core/bit_cast.hpp"

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
      const std::uint8_t byte = in_.u8();
      const auto opcode = static_cast<Opcode>(byte);
      if (opcode == Opcode::stop) break;
      if (!literal(opcode) && !literal_text(opcode) && !container(opcode) && !memo(opcode) &&
          !call(opcode)) {
        objects_.fail("it has the opcode ", int{byte}, " at byte ", in_.position() - 1,
                      ", which no state_dict needs");
      }
    }
    if (stack_.size() != 1 || !marks_.empty()) objects_.fail("it ends before its object is whole");
    pickled_.tree = objects_.plain_value(stack_.back());
    pickled_.end = in_.position();
    return std::move(pickled_);
  }

 private:
  using Items = std::span<PickleItem>;

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

  bool literal(Opcode opcode) {
    switch (opcode) {
      case Opcode::proto:
        if (const int protocol = in_.u8(); protocol > 5) {
          objects_.fail("it is of protocol ", protocol, "; expected one up to 5");
        }
        return true;
      case Opcode::frame:
        in_.take(8);
        return true;
      case Opcode::none:
        return push(Value()), true;
      case Opcode::newtrue:
        return push(Value(true)), true;
      case Opcode::newfalse:
        return push(Value(false)), true;
      case Opcode::binint1:
        return push(Value(in_.u8())), true;
      case Opcode::binint2:
        return push(Value(in_.u16())), true;
      case Opcode::binint:
        return push(Value(static_cast<std::int32_t>(in_.u32()))), true;
      case Opcode::long1:
        return push(long_integer(in_.u8())), true;
      case Opcode::long4:
        return push(long_integer(in_.u32())), true;
      case Opcode::binfloat:
        return push(Value(big_endian_double())), true;
      case Opcode::binunicode:
        return text(in_.u32());
      case Opcode::short_binunicode:
        return text(in_.u8());
      case Opcode::binunicode8:
        return text(in_.u64());
      case Opcode::short_binstring:  // a str of Python 2
        return text(in_.u8());
      case Opcode::binstring:
        return text(in_.u32());
      default:
        return false;
    }
  }

  /// Those of protocol 0, which are lines of text.
  bool literal_text(Opcode opcode) {
    switch (opcode) {
      case Opcode::int_text:
        return push(text_.boolean_or_integer(in_.line())), true;
      case Opcode::long_text:
        return push(text_.integer(in_.line())), true;
      case Opcode::float_text:
        return push(text_.real(in_.line())), true;
      case Opcode::unicode:
        return push(objects_.text(text_.unescaped(in_.line()))), true;
      default:
        return false;
    }
  }

  bool container(Opcode opcode) {
    switch (opcode) {
      case Opcode::mark:
        objects_.spend(sizeof(std::size_t));
        return marks_.push_back(stack_.size()), true;
      case Opcode::empty_list:
      case Opcode::empty_set:  // a set becomes a list
        return push(objects_.list()), true;
      case Opcode::empty_dict:
        return push(objects_.dict()), true;
      case Opcode::empty_tuple:
        return tuple(0);
      case Opcode::tuple1:
        return tuple(1);
      case Opcode::tuple2:
        return tuple(2);
      case Opcode::tuple3:
        return tuple(3);
      case Opcode::tuple:
        return tuple(pop_mark());
      case Opcode::append:
        return append(1);
      case Opcode::appends:
      case Opcode::additems:
        return append(pop_mark());
      case Opcode::setitem:
        return set(2);
      case Opcode::setitems:
        return set(pop_mark());
      case Opcode::list:  // a list, or a dict, of all above the mark
        return insert(objects_.list(), pop_mark()), true;
      case Opcode::dict:
        return insert(objects_.dict(), pop_mark()), true;
      default:
        return false;
    }
  }

  bool memo(Opcode opcode) {
    switch (opcode) {
      case Opcode::binput:
        return keep(in_.u8());
      case Opcode::long_binput:
        return keep(in_.u32());
      case Opcode::memoize:
        return keep(memo_.size());
      case Opcode::put:
        return keep(text_.index(in_.line()));
      case Opcode::binget:
        return recall(in_.u8());
      case Opcode::long_binget:
        return recall(in_.u32());
      case Opcode::get:
        return recall(text_.index(in_.line()));
      default:
        return false;
    }
  }

  bool call(Opcode opcode) {
    switch (opcode) {
      case Opcode::global: {
        const std::string_view module = in_.line();
        return push(global(module, in_.line())), true;
      }
      case Opcode::stack_global: {
        const Items names = top(2);
        if (!names[0].value.is_string() || !names[1].value.is_string()) {
          objects_.fail("a class or a function has no name");
        }
        PickleItem found = global(names[0].value.as_string(), names[1].value.as_string());
        drop(2);
        return push(std::move(found)), true;
      }
      case Opcode::reduce:
      case Opcode::newobj: {
        const Items items = top(2);
        PickleItem made = calls_.call(items[0], objects_.arguments(items[1]));
        drop(2);
        return push(std::move(made)), true;
      }
      case Opcode::build: {
        const Items items = top(2);
        objects_.set_attributes(items[0], items[1]);
        return drop(1), true;
      }
      case Opcode::binpersid:
        return push(calls_.storage(objects_.arguments(pop()))), true;
      case Opcode::binbytes:
      case Opcode::short_binbytes:
      case Opcode::binbytes8:
      case Opcode::bytearray8:
        errors_.fail(
            "the pickle holds a bytes object, which brasa does not: save a str, or "
            "torch.frombuffer(x, dtype=torch.uint8)");
      case Opcode::persid:
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
    return bit_cast<double>(bits);
  }

  const FileErrors& errors_;
  ByteReader in_;
  PickleObjects objects_;
  PickleText text_{objects_};
  Pickled pickled_;
  PickleCalls calls_;
  std::vector<PickleItem> stack_;
  std::size_t highest_ = 0;         // that the stack has ever been
  std::vector<std::size_t> marks_;  // how high the stack was at each
  std::vector<std::optional<PickleItem>> memo_;
};

}  // namespace brasa::detail
