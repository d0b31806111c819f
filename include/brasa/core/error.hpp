#pragma once

#include <cctype>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace brasa {

/// The base of every error that brasa raises.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Sizes that do not fit an operation or each other.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// An index or a dimension out of its range.
class IndexError : public Error {
 public:
  using Error::Error;
};

/// An element type that an operation cannot take, or a conversion that would lose something.
class DtypeError : public Error {
 public:
  using Error::Error;
};

/// An argument whose value makes no sense (a negative size, a probability above 1, a bad name).
class ValueError : public Error {
 public:
  using Error::Error;
};

/// A name that is not there, or is there twice.
class KeyError : public Error {
 public:
  using Error::Error;
};

/// A gradient that cannot be computed as asked.
class AutogradError : public Error {
 public:
  using Error::Error;
};

/// A state_dict with missing, unexpected or misshapen entries; nothing has been loaded.
class StateDictError : public Error {
 public:
  using Error::Error;
};

/// A file that cannot be opened, read or written, or whose content is not valid.
class FileError : public Error {
 public:
  using Error::Error;
};

#if !(defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND))
#define BRASA_NO_EXCEPTIONS 1
#endif

/// Called with the message instead of throwing where exceptions are switched off (-fno-exceptions).
/// It must not return: if it does, the program is aborted. It may end the program or the thread; a
/// jump out of it (longjmp) leaves what was under way undestroyed.
using ErrorHandler = void (*)(const char* message);

namespace detail {

inline ErrorHandler& error_handler() {
  static ErrorHandler handler = nullptr;
  return handler;
}

/// A call that is under way on this thread: which object was called, inside which outer call.
/// Modules open one around forward, so that an error can tell the path of the module it came from.
struct CallFrame {
  const CallFrame* outer;
  const void* object;
  /// Fills in the path from the outermost call to `frame`, and the name of the innermost type.
  void (*describe)(const CallFrame* frame, std::string& path, std::string& type_name);
};

inline const CallFrame*& current_call() {
  thread_local const CallFrame* frame = nullptr;
  return frame;
}

[[gnu::cold]] inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// "TinyModel.linear2: Linear(…): " inside a module's forward, and "op: " unless the module's own
/// name says the same.
[[gnu::cold]] inline std::string error_prefix(std::string_view op) {
  std::string path;
  std::string type_name;
  if (const CallFrame* frame = current_call()) frame->describe(frame, path, type_name);
  if (!path.empty()) path += ": ";
  if (!op.empty() && !equal_ignoring_case(op, type_name)) (path += op) += ": ";
  return path;
}

/// A piece of a message: a text or a letter, which must outlive it, or a number.
class MessagePart {
 public:
  template <std::convertible_to<std::string_view> Text>
  MessagePart(const Text& text) : text_(text) {}
  template <std::signed_integral Integer>
  MessagePart(Integer value) : kind_(Kind::integer), integer_(value) {}
  template <std::unsigned_integral Integer>
  MessagePart(Integer value) : kind_(Kind::natural), natural_(value) {}
  MessagePart(double value) : kind_(Kind::real), real_(value) {}
  MessagePart(const char& letter) : text_(&letter, 1) {}

  [[gnu::cold]] void append_to(std::string& message) const {
    switch (kind_) {
      case Kind::text:
        message += text_;
        break;
      case Kind::integer:
        message += std::to_string(integer_);
        break;
      case Kind::natural:
        message += std::to_string(natural_);
        break;
      case Kind::real:
        char digits[32];
        std::snprintf(digits, sizeof digits, "%g", real_);
        message += digits;
    }
  }

 private:
  enum class Kind : unsigned char { text, integer, natural, real };

  Kind kind_ = Kind::text;
  union {
    std::string_view text_;
    std::int64_t integer_;
    std::uint64_t natural_;
    double real_;
  };
};

[[gnu::cold]] inline std::string error_message(std::string_view op,
                                               std::initializer_list<MessagePart> parts) {
  std::string message = error_prefix(op);
  for (const MessagePart& part : parts) part.append_to(message);
  return message;
}

template <class E>
[[noreturn, gnu::cold]] void raise_parts(std::string_view op,
                                         std::initializer_list<MessagePart> parts) {
  const std::string message = error_message(op, parts);
#ifdef BRASA_NO_EXCEPTIONS
  if (error_handler()) error_handler()(message.c_str());
  std::fprintf(stderr, "brasa: %s\n", message.c_str());
  std::abort();
#else
  throw E(message);
#endif
}

/// Raises `E` with what `parts` (texts, letters and numbers) say, one after the other. `op` names
/// the operation.
template <class E, class... Parts>
[[noreturn, gnu::cold]] void raise(std::string_view op, const Parts&... parts) {
  raise_parts<E>(op, {MessagePart(parts)...});
}

}  // namespace detail

/// Sets what is called with the message of an error where exceptions are switched off, and returns
/// what was set before. Without a handler the message goes to stderr and the program is aborted.
inline ErrorHandler set_error_handler(ErrorHandler handler) {
  return std::exchange(detail::error_handler(), handler);
}

}  // namespace brasa
