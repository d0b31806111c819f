#include "brasa/core/value.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/core/tensor.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/special.hpp"

using namespace brasa;

namespace {

AnyTensor ones(const Shape& shape) {
  auto tensor = Tensor<float>::empty(shape);
  for (float& element : tensor.span()) element = 1;
  return tensor;
}

/// {'a': [1, 2.5, (None,)], 3: 'x'}
Value sample() {
  return Value::dict({{"a", Value::list({1, 2.5, Value::tuple({nullptr})})}, {3, "x"}});
}

}  // namespace

TEST_CASE("A value knows what it is", "[core][value]") {
  CHECK(Value().is_none());
  CHECK(Value(nullptr).is_none());
  CHECK(Value(true).is_bool());
  CHECK_FALSE(Value(true).is_int());
  CHECK(Value(1).is_int());
  CHECK(Value(std::uint8_t{255}).as_int() == 255);
  CHECK(Value(1.5f).as_double() == 1.5);
  CHECK(Value(2).as_double() == 2);
  CHECK(Value(2).is_real());
  CHECK(Value(Real(2)).is_int());
  CHECK(Value("x").as_string() == "x");
  CHECK(Value("x").as_string_view() == "x");
  CHECK(Value(ones({2})).as_tensor().shape() == Shape{2});
  CHECK(Value(AnyTensor()).is_none());
  CHECK(Value::list().is_list());
  CHECK(Value::tuple({}).is_tuple());
  CHECK(Value::dict().is_dict());
}

TEST_CASE("A value of another kind is an error that shows the way to it", "[core][value]") {
  const Value value = sample();
  CHECK(error_of<ValueError>([&] { value["a"][0].as_string(); }) ==
        "['a'][0]: expected a str, found the int 1");
  CHECK(error_of<ValueError>([&] { value["a"].as_dict(); }) ==
        "['a']: expected a dict, found a list of 3");
  CHECK(error_of<ValueError>([&] { value["a"][2].as_list(); }) ==
        "['a'][2]: expected a list, found a tuple of 1");
  CHECK(error_of<ValueError>([&] { value.as_tensor(); }) ==
        "expected a Tensor, found a dict with the keys 'a', 3");
  CHECK(error_of<ValueError>([&] { value[3][0]; }) ==
        "[3]: expected a list, a tuple or a dict, found the str 'x'");
  CHECK(error_of<ValueError>([&] {
          Value(ones({2, 3})).as_int();
        }) == "expected an int, found a float32 Tensor of shape (2, 3)");
  CHECK(error_of<ValueError>([&] { Value(1).as_string_view(); }) ==
        "expected a str, found the int 1");
  CHECK(error_of<KeyError>([&] { value["b"]; }) ==
        "['b']: no such key in a dict with the keys 'a', 3");
  CHECK(error_of<KeyError>([&] { value[4]; }) == "[4]: no such key in a dict with the keys 'a', 3");
  CHECK(error_of<IndexError>([&] { value["a"][3]; }) == "['a'][3]: out of range for a list of 3");
  CHECK(value["a"][-1][0].is_none());
  CHECK(value["a"][-1].path() == "['a'][-1]");
}

TEST_CASE("A part of a value outlives it", "[core][value]") {
  const Value& part = sample()["a"];
  CHECK(part.size() == 3);
  CHECK(part[1].as_double() == 2.5);
}

TEST_CASE("Copies of a list or a dict are handles, those of scalars are not", "[core][value]") {
  Value list = Value::list({1});
  const Value same = list;
  list.as_list().push_back(2);
  CHECK(same.size() == 2);
  CHECK(same.is(list));
  CHECK_FALSE(Value::list().is(Value::list()));
  CHECK_FALSE(Value(1).is(Value(1)));
  const Value tensor(ones({1}));
  CHECK(tensor.is(Value(tensor.as_tensor())));
}

// d = {'b': 1, 'a': 2}; d['b'] = 3; d[1] = 4; del d['a']; d.setdefault('b', 5)
TEST_CASE("A dict keeps the order of its keys", "[core][value]") {
  Dict dict{{"b", 1}, {"a", 2}};
  dict.set("b", 3);
  dict.set(1, 4);
  CHECK(dict.erase("a"));
  CHECK_FALSE(dict.erase("a"));
  CHECK(dict.set_default("b", 5).as_int() == 3);
  CHECK(dict.set_default("c", 5).as_int() == 5);
  CHECK(repr(Value::dict(dict)) == "{'b': 3, 1: 4, 'c': 5}");
  Dict copy = dict;
  copy.set("b", 0);
  CHECK(dict.find("b")->as_int() == 3);
  CHECK(dict.find("1") == nullptr);
  CHECK(dict.find(1)->as_int() == 4);
  CHECK(dict.begin()->first == "b");
  CHECK(dict.erase(1));
  const Dict moved = std::move(copy);
  CHECK(moved.size() == 3);
}

// repr of the same in Python 3.11
TEST_CASE("A tree prints as Python prints it", "[core][value]") {
  const std::vector<std::pair<Value, std::string>> rows = {
      {Value(), "None"},
      {Value(true), "True"},
      {Value(-3), "-3"},
      {Value(1e-5), "1e-05"},
      {Value(2.0), "2.0"},
      {Value(-kInf), "-inf"},
      {Value(std::nan("")), "nan"},
      {Value("it's"), "\"it's\""},
      {Value("\"it's\""), "'\"it\\'s\"'"},
      {Value("a\n\t\\\x01\x7f"), "'a\\n\\t\\\\\\x01\\x7f'"},
      {Value("é€😀\u200b"), "'é€😀\\u200b'"},
      {Value(std::string("\xff")), "'\\xff'"},
      {Value::tuple({}), "()"},
      {Value::tuple({1}), "(1,)"},
      {Value::list({1, Value::list()}), "[1, []]"},
      {sample(), "{'a': [1, 2.5, (None,)], 3: 'x'}"},
      {Value::dict(Dict(DictType::ordered_dict)), "OrderedDict()"},
      {Value::dict(Dict(DictType::counter)), "Counter()"},
      {Value(ones({2})), "tensor([1., 1.])"},
  };
  for (const auto& [value, expected] : rows) CHECK(repr(value) == expected);
  Dict ordered(DictType::ordered_dict);
  ordered.set("a", 1);
  CHECK(repr(Value::dict(ordered)) == "OrderedDict([('a', 1)])");
  Dict counter(DictType::counter);
  counter.set("a", 1);
  counter.set("b", 2);
  CHECK(repr(Value::dict(counter)) == "Counter({'b': 2, 'a': 1})");
}

TEST_CASE("A tree may be deeper than the stack", "[core][value]") {
  Value tree = Value::list();
  constexpr int kDepth = 1'000'000;
  for (int i = 0; i < kDepth; ++i) tree = Value::list({std::move(tree)});
  CHECK(repr(tree).size() == 2 * (kDepth + 1));
}

TEST_CASE("A dict of names and tensors is a state_dict, and back", "[core][value]") {
  StateDict state{{"weight", ones({2})}, {"bias", ones({1})}};
  state.set_version("", 1);
  state.set_version("norm", 2);
  const Value value = state;
  CHECK(value.as_dict().type() == DictType::ordered_dict);
  CHECK(repr(value.as_dict().attributes()) ==
        "{'_metadata': OrderedDict([('', {'version': 1}), ('norm', {'version': 2})])}");
  const StateDict again = value;
  CHECK(again.keys() == state.keys());
  CHECK(again.at("bias").is(state.at("bias")));
  CHECK(again.metadata().at("norm") == 2);
  const Value checkpoint = Value::dict({{"model", state}, {"epoch", 3}});
  const StateDict part = checkpoint["model"];
  CHECK(part.size() == 2);
  CHECK(error_of<ValueError>([&] { (void)checkpoint.as_state_dict(); }) ==
        "expected a state_dict, which holds tensors by name; ['model'] is a dict with the keys "
        "'weight', 'bias': is that the state_dict? Then take this entry");
  CHECK(error_of<ValueError>([&] {
          (void)Value::dict({{3, ones({1})}}).as_state_dict();
        }) == "expected names as the keys of a state_dict, found the int 3");
}
