#include "brasa/nn/modules/module_dict.hpp"

#include <string>
#include <utility>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using Names = std::vector<std::string>;

// d = nn.ModuleDict({'b': nn.ReLU(), 'a': nn.Tanh()}); d['b'] = nn.Sigmoid(); d['c'] = nn.ReLU()
TEST_CASE("ModuleDict keeps the order, also when it replaces", "[nn][container]") {
  nn::ModuleDict dict{{"b", nn::ReLU()}, {"a", nn::Tanh()}};
  dict["b"] = nn::Sigmoid();
  dict.insert("c", nn::ReLU()).insert("a", nn::Linear(1, 1));
  CHECK(dict.keys() == Names{"b", "a", "c"});
  CHECK(dict["b"]->type_name() == "Sigmoid");
  CHECK(dict["a"]->type_name() == "Linear");
  CHECK(dict.contains("c"));
  CHECK_FALSE(dict.contains("d"));
  CHECK(dict.size() == 3);
}

// d.update({'a': nn.Softmax(0), 'z': nn.ReLU()})
TEST_CASE("update adds and replaces what another dict holds", "[nn][container]") {
  nn::ModuleDict dict{{"b", nn::ReLU()}, {"a", nn::Tanh()}};
  dict.update(nn::ModuleDict{{"z", nn::ReLU()}, {"a", nn::Softmax(0)}});
  CHECK(dict.keys() == Names{"b", "a", "z"});
  CHECK(dict["a"]->type_name() == "Softmax");
  dict.update(dict);
  CHECK(dict.size() == 3);
}

TEST_CASE("ModuleDict gives modules back", "[nn][container]") {
  nn::ModuleDict dict{{"a_name_that_is_too_long_for_the_string_itself", nn::Linear(1, 1)},
                      {"act", nn::ReLU()},
                      {"last", nn::Tanh()}};
  const auto handle = dict.parameters()[0];
  // The name that is given may be that of the entry that goes.
  CHECK(dict.pop(dict.begin()->first).as<nn::Linear<>>().weight.is(handle));
  CHECK(dict.keys() == Names{"act", "last"});
  CHECK(dict.pop("last")->type_name() == "Tanh");
  dict.clear();
  CHECK(dict.size() == 0);
  CHECK(dict.repr() == "ModuleDict()");
}

// d['q']                                KeyError: 'q'
// nn.ModuleDict({'a.b': nn.ReLU()})     KeyError: 'module name can't contain ".", got: a.b'
TEST_CASE("Names in a ModuleDict are checked", "[nn][container][error]") {
  nn::ModuleDict dict{{"a", nn::ReLU()}};
  CHECK(error_of<KeyError>([&] { dict["q"]; }) == "operator[]: there is no \"q\"");
  CHECK_THROWS_AS(std::as_const(dict)["q"], KeyError);
  CHECK_THROWS_AS(dict.pop("q"), KeyError);
  CHECK_THROWS_AS(dict.insert("a.b", nn::ReLU()), KeyError);
  CHECK_THROWS_AS(dict.insert("", nn::ReLU()), KeyError);
  CHECK_THROWS_AS((nn::ModuleDict{{"a.b", nn::ReLU()}}), KeyError);
  CHECK_THROWS_AS((nn::ModuleDict{{"a", nn::ReLU()}, {"a", nn::ReLU()}}), KeyError);
  CHECK(dict.keys() == Names{"a"});
}
