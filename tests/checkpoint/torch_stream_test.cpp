#include "brasa/checkpoint/torch_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "brasa/checkpoint/torch_file.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/pickle_bytes.hpp"
#include "support/zip_bytes.hpp"

using namespace brasa;
using namespace std::string_literals;

namespace {

std::string floats(std::uint64_t count) {
  std::string data;
  append_number(data, count, 8);
  return data + std::string(24, '\0');
}

/// A stream with a tensor of 2 x 3 floats; its parts may be replaced.
struct StreamText {
  std::string magic = "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
  std::string version = "\x80\2M\xe9\3.";
  std::string machine = "\x80\2}.";
  std::string object = TensorPickle().whole();
  std::string keys = "\x80\2]" + text("0") + "a.";
  std::string data = floats(6);

  std::string whole() const { return magic + version + machine + object + keys + data; }
};

std::string error_in_stream(const StreamText& stream) {
  const auto bytes = to_bytes(stream.whole());
  const std::string message = error_of<FileError>([&] { load(bytes); });
  constexpr std::string_view kPrefix = "load: in memory: ";
  return message.starts_with(kPrefix) ? message.substr(kPrefix.size()) : message;
}

std::string with_storage(const std::string& storage) {
  return TensorPickle{.storage = storage}.whole();
}

}  // namespace

TEST_CASE("A sound stream made by hand is read", "[checkpoint][torch_stream]") {
  CHECK(load(to_bytes(StreamText().whole())).as_tensor().shape() == Shape{2, 3});
  // As PyTorch writes it since 0.4, and with nothing in it.
  const StreamText with_none{.object =
                                 with_storage(storage_id("ctorch\nFloatStorage\n", 6, "0", "N"))};
  CHECK(error_in_stream(with_none) == "(no error)");
  CHECK(error_in_stream({.object = "N.", .keys = "].", .data = ""}) == "(no error)");
}

TEST_CASE("Damaged and hostile streams are refused, each with its reason",
          "[checkpoint][torch_stream]") {
  const std::string sound = "the pickle is not sound: ";
  const std::string unused = "the file lists a storage that no tensor uses, or one twice";
  const auto list = [](const std::string& items) { return "\x80\2](" + items + "e."; };
  const auto floats_of = [](int count) {
    return with_storage(storage_id("ctorch\nFloatStorage\n", count));
  };
  const std::vector<std::pair<StreamText, std::string>> rows = {
      {{.magic = "\x80\2K\1."},
       "it is a pickle, but none of torch.save: in Python, torch.save(object, path)"},
      {{.version = "M\xe8\3."}, "expected version 1001 of the stream, got the int 1000"},
      {{.version = "N."}, "expected version 1001 of the stream, got None"},
      {{.machine = "N."}, "the file does not tell of its machine"},
      {{.object = "cos\nsystem\n."},
       "it needs \"os.system\" of Python, which brasa does not run: an object of a Python class or "
       "a "
       "function, perhaps a whole model: save model.state_dict(), and plain dicts, lists, numbers "
       "and strings"},
      {{.keys = "N."}, "the file does not list its storages"},
      {{.keys = list(text("1"))}, unused},
      {{.keys = list("K\0"s)}, unused},
      {{.keys = list(text("0") + text("0"))}, unused},
      {{.keys = "]."}, "the file lacks the storage \"0\""},
      {{.data = floats(5)}, "expected 6 elements in the storage \"0\", got 5"},
      {{.data = floats(~0ull)},
       "expected 6 elements in the storage \"0\", got 18446744073709551615"},
      {{.object = floats_of(-1)}, sound + "a storage cannot have -1 elements"},
      {{.object = floats_of(5), .data = floats(5)},
       sound +
           "a tensor of shape (2, 3), strides (3, 1) and offset 0 does not lie in its storage of "
           "5 elements"},
      {{.data = floats(6) + "x"}, "something follows the last storage"},
  };
  for (const auto& [stream, message] : rows) {
    INFO(message);
    CHECK(error_in_stream(stream) == message);
  }
  // What is missing is the end.
  const auto check_cut = [](const StreamText& stream, std::size_t left) {
    CHECK(error_in_stream(stream) ==
          "the file is cut short at byte " + std::to_string(stream.whole().size() - left));
  };
  const std::string huge = with_storage(storage_id().replace(
      storage_id().find(number(6)), 5, "\x8a\6\0\0\0\0\0\1"s));  // 2**40 elements
  check_cut({.object = huge, .data = floats(1ull << 40)}, 24);
  check_cut({.object = floats_of(7), .data = floats(7)}, 24);
  check_cut({.data = ""}, 0);
}
