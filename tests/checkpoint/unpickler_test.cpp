#include "brasa/checkpoint/unpickler.hpp"

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

/// The tree of a pickle without tensors.
Value unpickled(const std::string& pickle) {
  const detail::FileErrors errors("load", "test");
  const auto bytes = to_bytes(pickle);
  return detail::Unpickler(bytes, 0, errors).run().tree;
}
std::string error_in_pickle(const std::string& pickle) {
  const std::string text = error_of<FileError>([&] { unpickled(pickle); });
  constexpr std::string_view kPrefix = "load: test: ";
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
}
/// The error of an archive with that pickle and a storage of 24 bytes.
std::string error_of_tensor(const std::string& pickle) {
  const auto bytes = to_bytes(torch_text(pickle, {std::string(24, '\0')}));
  const std::string text = error_of<FileError>([&] { load(bytes); });
  constexpr std::string_view kPrefix = "load: in memory: ";
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
}

std::string repeated(const std::string& part, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += part;
  return all;
}

}  // namespace

// import pickletools; the opcodes by hand; pickle.loads agrees with the values
TEST_CASE("Every literal of the protocols is read", "[checkpoint][unpickler]") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"N.", "None"},
      {"\x80\2\x88.", "True"},
      {"\x89.", "False"},
      {"K\xff.", "255"},
      {"M\xff\xff.", "65535"},
      {"J\xff\xff\xff\xff.", "-1"},
      {"\x8a\0."s, "0"},
      {"\x8a\1\xff.", "-1"},
      {"\x8a\2\xff\0."s, "255"},
      {"\x8a\x08\0\0\0\0\0\0\0\x80."s, "-9223372036854775808"},
      {"\x8b\2\0\0\0\0\1."s, "256"},
      {"G\xbf\xe0\0\0\0\0\0\0."s, "-0.5"},
      {text("a\xc3\xa9") + ".", "'aé'"},
      {"\x8c\1a.", "'a'"},
      {"\x8d\1\0\0\0\0\0\0\0a."s, "'a'"},
      {"U\1a.", "'a'"},
      {"T\1\0\0\0a."s, "'a'"},
      {").", "()"},
      {"K\1\x85.", "(1,)"},
      {"K\1K\2\x86.", "(1, 2)"},
      {"K\1K\2K\3\x87.", "(1, 2, 3)"},
      {"(K\1K\2K\3K\4t.", "(1, 2, 3, 4)"},
      {"].", "[]"},
      {"]K\1a.", "[1]"},
      {"](K\1K\2e.", "[1, 2]"},
      {"}.", "{}"},
      {"}K\1K\2s.", "{1: 2}"},
      {"}(K\1K\2U\1aNu.", "{1: 2, 'a': None}"},
      {"}(u.", "{}"},
      {"\x8f(K\1K\2\x90.", "[1, 2]"},
      {"]q\0h\0\x86."s, "([], [])"},
      {"]r\0\0\0\0j\0\0\0\0\x86."s, "([], [])"},
      {"\x80\4\x95\3\0\0\0\0\0\0\0]\x94."s, "[]"},
      {"ccollections\nOrderedDict\n)R.", "OrderedDict()"},
      {"\x8c\x0b"
       "collections\x8c\x0bOrderedDict\x93)R.",
       "OrderedDict()"},
      {"ctorch\nfloat32\n.", "'torch.float32'"},
      // protocol 0
      {"I12\n.", "12"},
      {"I01\n.", "True"},
      {"I00\n.", "False"},
      {"L-5L\n.", "-5"},
      {"F0.5\n.", "0.5"},
      {"Finf\n.", "inf"},
      {"Va\\u20ac\\U0001f600\xe9\n.", "'a€😀é'"},
      {"(lp0\nI1\na.", "[1]"},
      {"(I1\nI2\nl.", "[1, 2]"},
      {"(dp0\nI1\nI2\ns.", "{1: 2}"},
      {"(I1\nI2\nd.", "{1: 2}"},
      {"(I1\ntp0\ng0\n\x86.", "((1,), (1,))"},
  };
  for (const auto& [pickle, expected] : rows) {
    INFO(expected);
    CHECK(repr(unpickled(pickle)) == expected);
  }
  // '\ud800', which Python writes though it is no UTF-8
  CHECK(unpickled(text("\xed\xa0\x80") + ".").as_string() == "\xed\xa0\x80");
}

TEST_CASE("Damaged and hostile pickles are refused, each with its reason",
          "[checkpoint][unpickler]") {
  const std::string sound = "the pickle is not sound: ";
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "the pickle is cut short at byte 0"},
      {"X\xff\xff\xff\xff"
       "a",
       "the pickle is cut short at byte 5"},
      {"\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
       "a",
       "the pickle is cut short at byte 9"},
      {"\x8b\xff\xff\xff\xff.", "the pickle is cut short at byte 5"},
      {"cos", "the pickle lacks the end of a line that begins at byte 1"},
      {"c" + std::string(5000, 'a') + "\n",
       "the pickle lacks the end of a line that begins at byte 1"},
      {"\x80\6.", sound + "it is of protocol 6; expected one up to 5"},
      {"0.", sound + "it has the opcode 48 at byte 0, which no state_dict needs"},
      {"N\x82\1.", sound + "it has the opcode 130 at byte 1, which no state_dict needs"},
      {"(cos\nsystem\nU\2lso.",
       "it needs \"os.system\" of Python, which brasa does not run: an object of a Python class or "
       "a function, perhaps a whole model: save model.state_dict(), and plain dicts, lists, "
       "numbers "
       "and strings"},
      {"(U\2lsios\nsystem\n.",
       sound + "it has the opcode 105 at byte 5, which no state_dict needs"},
      {"cbuiltins\neval\n.",
       "it needs \"builtins.eval\" of Python, which brasa does not run: an object of a Python "
       "class "
       "or a function, perhaps a whole model: save model.state_dict(), and plain dicts, lists, "
       "numbers and strings"},
      {"C\1a.",
       "the pickle holds a bytes object, which brasa does not: save a str, or torch.frombuffer(x, "
       "dtype=torch.uint8)"},
      {".", sound + "it ends before its object is whole"},
      {"NN.", sound + "it ends before its object is whole"},
      {"(N.", sound + "it ends before its object is whole"},
      {"N(.", sound + "it ends before its object is whole"},
      {"\x85.", sound + "its stack is empty where it needs an item"},
      {"N(\x85.", sound + "its stack is empty where it needs an item"},
      {"t.", sound + "it lacks a mark"},
      {"e.", sound + "it lacks a mark"},
      {"(e.", sound + "its stack is empty where it needs an item"},
      {"Na.", sound + "its stack is empty where it needs an item"},
      {"NNa.", sound + "something is appended to what is no list"},
      {"NNNs.", sound + "a key is set in what is no dict"},
      {"}(Nu.", sound + "a key of a dict has no value"},
      {"}NNs.", "a dict has the key None; brasa holds int and str as keys"},
      {"}\x88Ns.", "a dict has the key the bool True; brasa holds int and str as keys"},
      {"}(K\1NK\1Nu.", sound + "the key 1 stands twice in a dict"},
      {"}(U\1aNX\1\0\0\0aNu."s, sound + "the key 'a' stands twice in a dict"},
      {"U\1\xff.", sound + "a str is not UTF-8: \"\\xff\""},
      {"h\0."s, sound + "it wants the item number 0, which is not there"},
      {"Nq\1h\0."s, sound + "it wants the item number 0, which is not there"},
      {"Nr\xff\xff\xff\xff.", sound + "an item is kept under the number 4294967295"},
      {"q\0."s, sound + "its stack is empty where it needs an item"},
      {"I1x\n.", sound + "expected an int of 64 bits, got \"1x\""},
      {"I9223372036854775808\n.",
       sound + "expected an int of 64 bits, got \"9223372036854775808\""},
      {"Fx\n.", sound + "expected a float, got \"x\""},
      {"V\\u12\n.", sound + "a str has a wrong escape"},
      {"V\\U00110000\n.", sound + "a str has a wrong escape"},
      {"NNR.", sound + "something is called without a tuple"},
      {"N)R.", sound + "something is called that is no function"},
      {"ccollections\nOrderedDict\nNR.", sound + "something is called without a tuple"},
      {"ctorch\nFloatStorage\n)R.", sound + "a class is called that makes nothing here"},
      {"ctorch\nFloatStorage\n.",
       "the pickle holds a class or a function, which brasa does not: leave it out"},
      {"ccollections\nOrderedDict\nN\x85R.", sound + "an OrderedDict is made of no list"},
      {"ccollections\nOrderedDict\n]Na\x85R.",
       sound + "an OrderedDict is made of what are no pairs"},
      {"ccollections\nCounter\n)R.", sound + "a Counter is made of no dict"},
      {"ctorch\nSize\n)R.", sound + "torch.Size is called with other arguments than it takes"},
      {"ctorch\ndevice\nN\x85R.",
       sound + "torch.device is called with other arguments than it takes"},
      {"ccollections\nOrderedDict\n(NNNNNNNNNtR.", sound + "something is called with 9 arguments"},
      {"}}b.", sound + "attributes are given to what is no OrderedDict"},
      {"NQ.", sound + "something is called without a tuple"},
      {")Q.", sound + "a storage is not told as torch.save does"},
      {"(" + text("module") + "NNNtQ.", "it holds a whole module: save module.state_dict()"},
      {"U\1aU\1b\x93.",
       "it needs \"a.b\" of Python, which brasa does not run: an object of a Python class or a "
       "function, perhaps a whole model: save model.state_dict(), and plain dicts, lists, numbers "
       "and strings"},
      {"NN\x93.", sound + "a class or a function has no name"},
  };
  for (const auto& [pickle, message] : rows) {
    INFO(message);
    CHECK(error_in_pickle(pickle) == message);
  }
}

TEST_CASE("Nothing in a pickle can come to hold itself", "[checkpoint][unpickler]") {
  const std::string itself = "the pickle is not sound: a list or a dict holds itself";
  const std::string changed =
      "the pickle is not sound: a list or a dict is changed after it was put into another one, or "
      "holds itself";
  CHECK(error_in_pickle("]q\0h\0a."s) == itself);
  CHECK(error_in_pickle("]q\0(h\0h\0e."s) == itself);
  CHECK(error_in_pickle("}q\0K\1h\0s."s) == itself);
  CHECK(error_in_pickle("]q\0]q\1h\0aa."s) == changed);  // a = [b], b = [a]
  CHECK(error_in_pickle("]q\0}K\1h\0sa."s) == changed);  // a = [{1: a}]
  CHECK(error_in_pickle("]q\0h\0\x85q\1"
                        "0."s) != "(no error)");  // a tuple of a …
  CHECK(error_in_pickle("]q\0h\0\x85"
                        "a."s) == changed);  // … which is put into a
  CHECK(error_in_pickle("ccollections\nOrderedDict\n)Rq\0}U\x09_metadatah\0sb."s) == changed);
  // A set becomes the list that it was made of, which must not change any more.
  CHECK(error_in_pickle("]q\0"
                        "cbuiltins\nset\nh\0\x85R(h\0\x85"
                        "e."s) == changed);
  CHECK(error_in_pickle("]q\0"
                        "cbuiltins\nset\nh\0\x85Rh\0a."s) == changed);
}

TEST_CASE("Bombs end early", "[checkpoint][unpickler]") {
  const std::string memory =
      "the pickle would take too much memory for its size; it may be made to harm";
  const std::string levels = "the pickle is not sound: it has more than 1000 levels";
  CHECK(error_in_pickle("N" + repeated("\x85", 1'000'000) + ".") == levels);
  CHECK(error_in_pickle(repeated("]", 2000) + repeated("a", 1999) + ".") == levels);
  CHECK(error_in_pickle("ctorch\nfloat32\n" + storage_id() + repeated("\x85", 5000) + ".") ==
        levels);
  CHECK(error_in_pickle(repeated("(", 1'000'000) + ".") != "(no error)");
  CHECK(error_in_pickle(repeated("}", 1'000'000) + ".") == memory);
  // One long text, wanted again and again.
  CHECK(error_in_pickle("](" + text(std::string(1'000'000, 'a')) + "q\0"s +
                        repeated("h\0"s, 100'000) + "e.") == memory);
  // Lists of lists of the same lists: a hundred levels of two are one walk of a hundred steps.
  std::string doubled = "]q\0"s;
  for (int i = 0; i < 100; ++i) doubled += "\x85q\1h\1\x86"s;
  const Value value = unpickled(doubled + ".");
  CHECK(value.size() == 2);
  CHECK(value[0].size() == 1);
}

TEST_CASE("A sound tensor made by hand is read", "[checkpoint][unpickler]") {
  std::string data;
  for (const float number : {0.f, 1.f, 2.f, 3.f, 4.f, 5.f}) {
    data.append(reinterpret_cast<const char*>(&number), 4);
  }
  const auto tensor = load(to_bytes(torch_text(TensorPickle().whole(), {data}))).as_tensor();
  CHECK(tensor.shape() == Shape{2, 3});
  CHECK(tensor.as<float>()(1, 0) == 3);
}

TEST_CASE("Tensors that lie are refused", "[checkpoint][unpickler]") {
  const std::string sound = "the pickle is not sound: ";
  const auto outside = [&](const std::string& shape, const std::string& strides,
                           const std::string& offset) {
    return sound + "a tensor of shape " + shape + ", strides " + strides + " and offset " + offset +
           " does not lie in its storage of 6 elements";
  };
  const std::string v3 = "ctorch._utils\n_rebuild_tensor_v3\n";
  const std::string untyped = storage_id("ctorch.storage\nUntypedStorage\n", 24);
  const std::vector<std::pair<TensorPickle, std::string>> rows = {
      {{.offset = "K\1"}, outside("(2, 3)", "(3, 1)", "1")},
      {{.offset = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"},
       outside("(2, 3)", "(3, 1)", "9223372036854775807")},
      {{.offset = "J\xff\xff\xff\xff"}, sound + "a tensor begins nowhere"},
      {{.offset = "N"}, sound + "a tensor begins nowhere"},
      {{.size = "K\2K\4\x86"}, outside("(2, 4)", "(3, 1)", "0")},
      {{.size = "K\2J\xff\xff\xff\xff\x86"},
       sound + "a tensor has size (2, -1); expected ints from 0 on"},
      {{.size = "K\2N\x86"}, sound + "a tensor has size (2, None); expected ints from 0 on"},
      {{.size = "N"}, sound + "a tensor has no list of size"},
      {{.size = "K\6\x85"}, sound + "a tensor has 1 sizes and 2 strides"},
      {{.stride = "J\xff\xff\xff\xffK\1\x86"},
       sound + "a tensor has stride (-1, 1); expected ints from 0 on"},
      {{.stride = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\1\x86"},
       outside("(2, 3)", "(9223372036854775807, 1)", "0")},
      {{.size = "\x8a\x08\0\0\0\0\0\0\0\x40K\4\x86"s, .stride = "K\0K\0\x86"s},
       sound + "a tensor of shape (4611686018427387904, 4) is too large"},
      {{.size = "(" + repeated("K\1", 65) + "t", .stride = "(" + repeated("K\1", 65) + "t"},
       sound + "a tensor has more than 64 dimensions"},
      {{.storage = "N"}, sound + "a tensor is made without a storage"},
      {{.storage = untyped}, sound + "a tensor is made without a dtype"},
      {{.storage = storage_id("ctorch\nFloatStorage\n", 5)},
       outside("(2, 3)", "(3, 1)", "0")
           .replace(outside("(2, 3)", "(3, 1)", "0").rfind('6'), 1, "5")},
      {{.storage = storage_id("ctorch\nFloatStorage\n", 7)},
       "expected 28 bytes in the record \"x/data/0\", got 24"},
      {{.storage = storage_id("ctorch\nFloatStorage\n", 6, "1")},
       "the archive lacks its record \"data/1\""},
      {{.storage = storage_id("ctorch\nFloatStorage\n", 6, "../0")},
       sound + "expected digits as the key of a storage, got \"../0\""},
      {{.storage = storage_id("ctorch\nFloatStorage\n", 6, "")},
       sound + "expected digits as the key of a storage, got \"\""},
      {{.storage = storage_id("ctorch\nFloatStorage\n", -1)},
       sound + "a storage cannot have -1 elements"},
      {{.storage = storage_id("ctorch\nQInt8Storage\n")},
       "it needs \"torch.QInt8Storage\" of Python, which brasa does not run: a quantised tensor: "
       "save x.dequantize()"},
      {{.rest = "N"}, sound + "expected a bool as a tensor's requires_grad"},
      {{.rest = "\x89N}U\1aNs"}, sound + "a tensor has the flag 'a'"},
      {{.rest = "\x89N}U\3negNs"}, sound + "a tensor has a flag that is no bool"},
      {{.rest = "\x89NNN"}, sound + "a tensor is made with 8 arguments"},
      {{.rest = "\x89N]"}, sound + "a tensor has flags that are no dict"},
      {{.storage = storage_id("ctorch\nFloatStorage\n", 6, "0", ")")},
       "it was written before PyTorch 0.4, with storages that are views of others: load it in "
       "Python and save it again"},
      {{.function = v3}, sound + "a tensor is made with 6 arguments"},
      {{.function = v3, .storage = untyped, .rest = "\x89NN"},
       sound + "a tensor is made without a dtype"},
      {{.function = "ctorch._utils\n_rebuild_parameter\n"},
       sound + "a parameter is made without a tensor"},
      {{.function = "ctorch._tensor\n_rebuild_from_type_v2\n"},
       sound + "a tensor with attributes is not made as torch.save does"},
      {{.tail = "t0"}, sound + "it has the opcode 48 at byte 131, which no state_dict needs"},
  };
  for (const auto& [pickle, message] : rows) {
    INFO(message);
    CHECK(error_of_tensor(pickle.whole()) == message);
  }
  // One storage under two types; for empty ones that is nothing.
  const auto pair = [](const std::string& a, const std::string& b) {
    return "\x80\2" + a + b + "\x86.";
  };
  const auto one = [](const std::string& storage, const std::string& size) {
    const TensorPickle pickle{.storage = storage, .size = size, .stride = "K\1\x85"};
    const std::string whole = pickle.whole();
    return whole.substr(2, whole.size() - 3);
  };
  CHECK(error_of_tensor(pair(one(storage_id(), "K\6\x85"),
                             one(storage_id("ctorch\nIntStorage\n"), "K\6\x85"))) ==
        sound + "the storage \"0\" comes with two types or two sizes");
  const auto empty =
      to_bytes(torch_text(pair(one(storage_id("ctorch\nFloatStorage\n", 0), "K\0\x85"s),
                               one(storage_id("ctorch\nIntStorage\n", 0), "K\0\x85"s)),
                          {""}));
  CHECK(load(empty)[1].as_tensor().dtype() == Dtype::int32);
}

// torch.zeros(1).expand(2**40)
TEST_CASE("A tensor that repeats a few elements without end is refused",
          "[checkpoint][unpickler]") {
  const TensorPickle huge{.size = "\x8a\6\0\0\0\0\0\1\x85"s, .stride = "K\0\x85"s};
  CHECK(error_of_tensor(huge.whole()) ==
        "tensor : its shape (1099511627776,) repeats elements of the file too often, and would "
        "take 4398046511104 bytes; save it before it is expanded");
}

TEST_CASE("Something after the pickle is refused", "[checkpoint][unpickler]") {
  CHECK(error_of_tensor("N.N") == "something follows the pickle in data.pkl");
}
