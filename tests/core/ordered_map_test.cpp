#include "brasa/core/ordered_map.hpp"

#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using brasa::KeyError;
using Map = brasa::OrderedMap<int>;
using Catch::Matchers::Message;

namespace {

std::vector<std::pair<std::string, int>> items(const Map& map) { return {map.begin(), map.end()}; }
using Items = std::vector<std::pair<std::string, int>>;

}  // namespace

// As a dict in Python:
//   >>> d = {"b": 1, "a": 2}; d["c"] = 3; d["b"] = 4; del d["a"]; d["a"] = 5; list(d.items())
//   [('b', 4), ('c', 3), ('a', 5)]
TEST_CASE("OrderedMap keeps the order of insertion", "[core][ordered_map]") {
  Map map{{"b", 1}, {"a", 2}};
  map["c"] = 3;
  map["b"] = 4;
  CHECK(map.erase("a"));
  CHECK_FALSE(map.erase("a"));
  map["a"] = 5;
  CHECK(items(map) == Items{{"b", 4}, {"c", 3}, {"a", 5}});
  CHECK(map.keys() == std::vector<std::string>{"b", "c", "a"});
  CHECK(map.size() == 3);
}

TEST_CASE("OrderedMap finds values by name", "[core][ordered_map]") {
  Map map{{"", 0}, {"a", 1}, {std::string("a\0b", 3), 2}};
  CHECK(map.at("") == 0);
  CHECK(map.at(std::string("a\0b", 3)) == 2);
  CHECK(map.contains("a"));
  CHECK_FALSE(map.contains("b"));
  REQUIRE(map.find("a") != nullptr);
  *map.find("a") = 7;
  CHECK(std::as_const(map)["a"] == 7);
  CHECK(map.find("b") == nullptr);
}

TEST_CASE("OrderedMap::insert leaves a name alone that is there, assign does not",
          "[core][ordered_map]") {
  Map map;
  CHECK(map.insert("a", 1));
  CHECK_FALSE(map.insert("a", 2));
  CHECK(map.at("a") == 1);
  map.assign("a", 3);
  map.assign("b", 4);
  CHECK(items(map) == Items{{"a", 3}, {"b", 4}});
}

TEST_CASE("OrderedMap raises KeyError for a name that is not there, or is given twice",
          "[core][ordered_map]") {
  Map map{{"a", 1}};
  const Map& constant = map;
  CHECK_THROWS_MATCHES(map.at("b"), KeyError, Message("no entry named \"b\" among 1"));
  CHECK_THROWS_AS(constant["b"], KeyError);
  CHECK_THROWS_MATCHES((Map{{"a", 1}, {"a", 2}}), KeyError,
                       Message("expected different names, got \"a\" twice"));
  CHECK(items(map) == Items{{"a", 1}});
}

TEST_CASE("OrderedMap is copied with an index of its own, and moved", "[core][ordered_map]") {
  Map map{{"a", 1}, {"b", 2}};
  Map copy = map;
  map.clear();
  CHECK(map.empty());
  CHECK(items(copy) == Items{{"a", 1}, {"b", 2}});
  copy["a"] = 3;
  const int* place = copy.find("a");
  Map moved = std::move(copy);
  CHECK(moved.find("a") == place);
  CHECK(moved.at("a") == 3);
  Map assigned{{"x", 0}};
  assigned = moved;
  moved["a"] = 4;
  CHECK(items(assigned) == Items{{"a", 3}, {"b", 2}});
  assigned = std::move(moved);
  CHECK(items(assigned) == Items{{"a", 4}, {"b", 2}});
}

TEST_CASE("OrderedMap keeps references while other entries come and go", "[core][ordered_map]") {
  Map map{{"keep", 1}};
  int& kept = map.at("keep");
  for (int i = 0; i < 1000; ++i) map["n" + std::to_string(i)] = i;
  for (int i = 0; i < 1000; i += 2) map.erase("n" + std::to_string(i));
  kept = 2;
  CHECK(map.at("keep") == 2);
  CHECK(map.size() == 501);
  CHECK(map.at("n999") == 999);
}
