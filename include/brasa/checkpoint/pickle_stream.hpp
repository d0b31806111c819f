#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "brasa/checkpoint/bytes.hpp"
#include "brasa/checkpoint/pickle_opcodes.hpp"
#include "brasa/checkpoint/text.hpp"
#include "brasa/core/bit_cast.hpp"
#include "brasa/core/error.hpp"

namespace brasa::detail {

/// The words of a pickle in protocol 2, chosen as CPython chooses them, and the numbers of the
/// objects that can be referred to again.
class PickleStream {
 public:
  using Number = std::uint32_t;

  PickleStream() {
    op(Opcode::proto);
    append_little_endian(bytes_, 2, 1);
  }

  void op(Opcode opcode) { bytes_ += static_cast<char>(opcode); }
  void none() { op(Opcode::none); }
  void boolean(bool value) { op(value ? Opcode::newtrue : Opcode::newfalse); }

  void integer(std::int64_t value) {
    if (value >= 0 && value < 0x100) {
      op_with(Opcode::binint1, static_cast<std::uint64_t>(value), 1);
    } else if (value >= 0 && value < 0x10000) {
      op_with(Opcode::binint2, static_cast<std::uint64_t>(value), 2);
    } else if (value == static_cast<std::int32_t>(value)) {
      op_with(Opcode::binint, static_cast<std::uint64_t>(value), 4);
    } else {
      std::size_t size = 5;  // the fewest bytes that hold it with its sign
      while (size < 8 && value >> (8 * size - 1) != (value < 0 ? -1 : 0)) ++size;
      op_with(Opcode::long1, size, 1);
      append_little_endian(bytes_, static_cast<std::uint64_t>(value), size);
    }
  }

  void real(double value) {
    op(Opcode::binfloat);
    const auto bits = bit_cast<std::uint64_t>(value);
    for (int byte = 7; byte >= 0; --byte) append_little_endian(bytes_, bits >> (8 * byte), 1);
  }

  /// The next number, for the object that was written last.
  Number put() {
    const Number number = count_++;
    op_with(number < 0x100 ? Opcode::binput : Opcode::long_binput, number, number < 0x100 ? 1 : 4);
    return number;
  }
  /// The object of a number once more.
  void get(Number number) {
    op_with(number < 0x100 ? Opcode::binget : Opcode::long_binget, number, number < 0x100 ? 1 : 4);
  }

  /// A class or a function.
  void global(std::string_view module, std::string_view name) {
    std::string words(module);
    (((words += '\n') += name) += '\n');
    if (refer(globals_, words)) return;
    op(Opcode::global);
    bytes_ += words;
    put();
  }

  /// A text of which a Python program has one object, because it stands in somebody's code.
  void text(std::string_view text) {
    if (refer(texts_, text)) return;
    new_text(text);
  }
  /// A text that was made while the program ran, so that equal ones are different objects. Of the
  /// empty one and those of one Latin-1 character CPython has only one all the same.
  void own_text(std::string_view text) {
    const bool latin1 = text.size() == 2 && (text[0] == '\xC2' || text[0] == '\xC3');
    if (text.size() < 2 || latin1) return this->text(text);
    new_text(text);
  }
  /// A text that is a new object whatever it says; gives its number.
  Number new_text(std::string_view text) {
    check(text);
    op_with(Opcode::binunicode, text.size(), 4);
    bytes_ += text;
    return put();
  }

  std::string take() {
    op(Opcode::stop);
    return std::move(bytes_);
  }

 private:
  using Numbers = std::map<std::string, Number, std::less<>>;

  void op_with(Opcode opcode, std::uint64_t argument, std::size_t size) {
    op(opcode);
    append_little_endian(bytes_, argument, size);
  }

  /// Refers to what was written before. Otherwise the result is false, and the caller writes it and
  /// puts it.
  bool refer(Numbers& known, std::string_view words) {
    const auto found = known.find(words);
    if (found == known.end()) {
      known.emplace(words, count_);
      return false;
    }
    get(found->second);
    return true;
  }

  static void check(std::string_view text) {
    if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
      raise<ValueError>("save", "expected a str of at most 4 GiB, got one of ", text.size(),
                        " bytes");
    }
    if (!is_python_text(text))
      raise<ValueError>("save", "expected a str in UTF-8, got ", shown(text));
  }

  std::string bytes_;
  Number count_ = 0;
  Numbers globals_;
  Numbers texts_;
};

}  // namespace brasa::detail
