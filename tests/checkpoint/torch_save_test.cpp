#include "brasa/checkpoint/torch_save.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "brasa/checkpoint/crc32.hpp"
#include "brasa/checkpoint/torch_file.hpp"
#include "brasa/core/from_blob.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/loss.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/files.hpp"
#include "support/golden.hpp"
#include "support/module_tree.hpp"
#include "support/temporary_folder.hpp"
#include "support/torch_tree.hpp"

namespace fs = std::filesystem;
namespace nn = brasa::nn;
using namespace brasa;
using Catch::Matchers::ContainsSubstring;
using golden::Json;

namespace {

using Bytes = std::vector<std::byte>;

/// The cases of one kind, in torch_saves.safetensors.
std::vector<Json> cases(const std::string& kind) {
  const golden::File recorded("torch_saves.safetensors");
  std::vector<Json> found;
  for (const Json& c : recorded.cases()) {
    if (c.at("kind") == kind) found.push_back(c);
  }
  REQUIRE_FALSE(found.empty());
  return found;
}

Json tree_case(const std::string& name) {
  for (const Json& c : cases("tree")) {
    if (c.at("name") == name) return c;
  }
  FAIL("no case named " << name);
  return {};
}

/// Whether the file is the one that torch.save wrote, by its length and its CRC.
void check_file(const Bytes& file, const Json& c) {
  CHECK(file.size() == c.at("length").get<std::size_t>());
  CHECK(detail::crc32(file) == c.at("crc32").get<std::uint32_t>());
}

/// The place of the first difference, and what stands there; empty if there is none.
std::string difference(const std::string& actual, const std::string& expected) {
  if (actual == expected) return {};
  const auto [a, e] = std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
  const auto at = a - actual.begin();
  const auto context = [&](const std::string& text) {
    const auto begin = static_cast<std::size_t>(std::max<std::ptrdiff_t>(at - 40, 0));
    return begin < text.size() ? detail::python_quoted(text.substr(begin, 80)) : "(its end)";
  };
  return "at byte " + std::to_string(at) + ": " + context(actual) + " instead of " +
         context(expected);
}

void fill_as_recorded(StateDict& state) {
  std::set<const void*> seen;
  for (auto& [name, tensor] : state) {
    if (!seen.insert(tensor.raw_data()).second) continue;
    torch_tree::fill(tensor.raw_data(), tensor.nbytes(), seen.size() - 1, false);
  }
}

struct Norm : nn::Module<float> {
  nn::Parameter<> weight{ones({2})};
  nn::Parameter<> bias{zeros({2})};
  nn::Buffer<> running_mean{zeros({2})};
  nn::Buffer<> running_var{ones({2})};
  nn::Buffer<std::int64_t> num_batches_tracked{zeros<std::int64_t>({})};

  std::int64_t state_version() const override { return 2; }
  BRASA_MODULE(Norm, weight, bias, running_mean, running_var, num_batches_tracked)
};

struct TiedLinears : nn::Module<float> {
  nn::Linear<> a{2, 2};
  nn::Linear<> b{2, 2, {.bias = false}};
  Norm norm;

  TiedLinears() { b.weight.tie(a.weight); }
  BRASA_MODULE(TiedLinears, a, b, norm)
};

struct Losses : nn::Module<float> {
  nn::NLLLoss<> nll{{.weight = ones({3})}};
  nn::CrossEntropyLoss<> cross_entropy{{.weight = ones({3}), .label_smoothing = 0.1}};
  nn::LinearCrossEntropyLoss<> linear{2, 3, {.weight = ones({3})}};
  nn::MultiMarginLoss<> margin{{.weight = ones({3})}};
  nn::BCELoss<> bce{{.weight = ones({2})}};
  nn::BCEWithLogitsLoss<> logits{{.weight = ones({2}), .pos_weight = ones({2})}};
  nn::MSELoss<> plain;

  BRASA_MODULE(Losses, nll, cross_entropy, linear, margin, bce, logits, plain)
};

}  // namespace

// ---- the bytes of PyTorch ----

TEST_CASE("Trees are written as torch.save writes them, byte for byte", "[checkpoint][torch]") {
  const golden::File recorded("torch_saves.safetensors");
  int trees = 0;
  for (const Json& c : cases("tree")) {
    INFO(c.at("name"));
    const Value value = torch_tree::Builder(c.at("storages"))(c.at("tree"));
    const auto pickle = recorded.tensor<std::uint8_t>(c, "pickle");
    const std::string expected(pickle.span().begin(), pickle.span().end());
    CHECK(difference(detail::Pickler(value).pickle(), expected) == "");
    check_file(serialize(value), c);
    ++trees;
  }
  CHECK(trees >= 85);
}

TEST_CASE("The state_dict of every module is written as torch.save writes it",
          "[checkpoint][torch]") {
  int modules = 0;
  for (const Json& c : cases("module")) {
    INFO(c.dump());
    ++modules;
    manual_seed(c.at("seed").get<std::int64_t>());
    if (golden::dtype(c.at("dtype")) == Dtype::float64) {
      check_file(serialize(module_tree::build<double>(c.at("tree"))->state_dict()), c);
    } else {
      check_file(serialize(module_tree::build<float>(c.at("tree"))->state_dict()), c);
    }
  }
  CHECK(modules >= 90);
}

// class Losses in recorder/torch_saves.py
TEST_CASE("The state_dict of losses is written as torch.save writes it", "[checkpoint][torch]") {
  const Losses losses;
  StateDict state = losses.state_dict();
  fill_as_recorded(state);
  check_file(serialize(state), tree_case("losses"));
}

// class TiedLinears in recorder/torch_saves.py
TEST_CASE("Each call of state_dict gives new tensors over the same memory", "[checkpoint][torch]") {
  TiedLinears model;
  StateDict state = model.state_dict();
  fill_as_recorded(state);
  const Json c = tree_case("tied Linears twice");
  check_file(serialize(Value::dict({{"model", state}, {"ema", model.state_dict()}})), c);
  const Value twice = state;
  CHECK(serialize(Value::dict({{"model", twice}, {"ema", twice}})).size() <
        c.at("length").get<std::size_t>());
}

// range(n) under the rules of recorder/torch_saves.py, record_large
TEST_CASE("Long lists and dicts are written in batches of 1000", "[checkpoint][torch]") {
  for (const Json& c : cases("batch")) {
    INFO(c.dump());
    const auto size = c.at("size").get<std::int64_t>();
    Dict dict;
    Dict ordered(DictType::ordered_dict);
    std::vector<Value> items;
    for (std::int64_t i = 0; i < size; ++i) {
      dict.set(i, nullptr);
      ordered.set(i, nullptr);
      items.emplace_back(i);
    }
    check_file(serialize(Value::list({Value::dict(dict), Value::dict(ordered), Value::list(items),
                                      Value::tuple(items)})),
               c);
  }
}

// [torch.full((i % 5,), float(i)) for i in range(count)]; above 65,535 the directory is ZIP64's
TEST_CASE("Any number of storages is written as torch.save writes it, and read",
          "[checkpoint][torch]") {
  for (const Json& c : cases("storages")) {
    INFO(c.dump());
    std::vector<Value> tensors;
    for (std::int64_t i = 0; i < c.at("count").get<std::int64_t>(); ++i) {
      tensors.emplace_back(full({i % 5}, static_cast<float>(i)));
    }
    const Bytes file = serialize(Value::list(std::move(tensors)));
    check_file(file, c);
    CHECK(load(file).size() == c.at("count").get<std::size_t>());
  }
}

TEST_CASE("A model of 600 modules is written as torch.save writes it", "[checkpoint][torch]") {
  for (const Json& c : cases("modules")) {
    nn::Sequential<> model;
    for (int i = 0; i < c.at("count").get<int>(); ++i) model.append(nn::Linear<>(1, 1));
    StateDict state = model.state_dict();
    float value = 0;
    for (auto& entry : state) entry.second.as<float>().fill_(value++);
    check_file(serialize(state), c);
  }
}

TEST_CASE("The archive's folder is made of the file's name", "[checkpoint][torch]") {
  for (const Json& c : cases("file")) {
    const auto name = c.at("name").get<std::string>();
    INFO(name);
    const TemporaryFolder folder;
    fs::create_directory(folder / "d.e");
    const fs::path path = folder.path() / fs::path(std::u8string(name.begin(), name.end()));
    if (c.contains("length")) {
      save({{"a", 1}, {"b", 0.5}}, path);
      check_file(bytes_of(path), c);
      CHECK(files_in(path.parent_path()) == (path.parent_path() == folder.path() ? 2 : 1));
    } else {
      CHECK_THROWS_AS(save({{"a", 1}, {"b", 0.5}}, path), ValueError);
      CHECK(files_in(folder.path()) == 1);
    }
  }
}

// pickletools.genops of torch.save('\ud800', …): BINUNICODE with the bytes ED A0 80
TEST_CASE("Halves of surrogate pairs are written as CPython writes them", "[checkpoint][torch]") {
  CHECK(difference(detail::Pickler(Value("\xED\xA0\x80")).pickle(),
                   std::string("\x80\x02X\x03\0\0\0\xED\xA0\x80q\0.", 13)) == "");
}

TEST_CASE("Tensors of a graph are written as tensors that require a gradient",
          "[checkpoint][torch]") {
  auto leaf = ones({2}).requires_grad_();
  auto result = leaf * 2.0f;
  nn::Parameter<> parameter(ones({2}));
  nn::Parameter<> frozen(ones({2}), false);
  std::size_t number = 0;
  for (Tensor<float> tensor : {leaf, result, Tensor<float>(parameter), Tensor<float>(frozen)}) {
    torch_tree::fill(tensor.data(), tensor.nbytes(), number++, false);
  }
  check_file(serialize(Value::dict({{"leaf", leaf},
                                    {"result", result},
                                    {"parameter", Tensor<float>(parameter)},
                                    {"frozen", Tensor<float>(frozen)}})),
             tree_case("gradients"));
}

TEST_CASE("Reshaped tensors share one storage in the file", "[checkpoint][torch]") {
  auto base = ones({24});
  torch_tree::fill(base.data(), base.nbytes(), 0, false);
  check_file(serialize(Value::list(
                 {base, base.view({4, 6}), base.view({2, 3, 4}), base, base.unsqueeze(0)})),
             tree_case("reshaped"));
}

// ---- how it is written ----

TEST_CASE("The data of a tensor are written from where they are", "[checkpoint][torch]") {
  const auto tensor = zeros({1'000'000});
  const auto* begin = static_cast<const std::byte*>(tensor.raw_data());
  std::size_t from_tensor = 0;
  std::size_t elsewhere = 0;
  detail::write_torch_archive(detail::Pickler(tensor), "archive",
                              [&](std::span<const std::byte> bytes) {
                                const auto* at = bytes.data();
                                const bool inside = at >= begin && at < begin + tensor.nbytes();
                                (inside ? from_tensor : elsewhere) += bytes.size();
                              });
  CHECK(from_tensor == tensor.nbytes());
  CHECK(elsewhere < 2500);
}

TEST_CASE("A tree may be deeper than the stack", "[checkpoint][torch]") {
  constexpr std::size_t kDepth = 300'000;
  Value value = Value::list();
  for (std::size_t i = 1; i < kDepth; ++i) value = Value::list({value});
  std::string expected = "\x80\x02";
  for (std::size_t i = 0; i < kDepth; ++i) {
    expected += ']';
    expected += i < 256 ? 'q' : 'r';
    detail::append_little_endian(expected, i, i < 256 ? 1 : 4);
  }
  expected.append(kDepth - 1, 'a');
  expected += '.';
  CHECK((detail::Pickler(value).pickle() == expected));
}

TEST_CASE("save takes a state_dict, a value, or a dict in braces", "[checkpoint][torch]") {
  const TemporaryFolder folder;
  const StateDict state = nn::Linear<>(2, 1).state_dict();
  save(state, folder / "archive.pt");
  CHECK((bytes_of(folder / "archive.pt") == serialize(state)));
  const Value model = state;
  save({{"model", model}}, folder / "archive.pt");  // replaces the file
  CHECK((bytes_of(folder / "archive.pt") == serialize(Value::dict({{"model", model}}))));
  save({{"model", model}, {"lr", 0.1}, {"name", "x"}}, folder / "archive.pt");
  CHECK((bytes_of(folder / "archive.pt") ==
         serialize(Value::dict({{"model", model}, {"lr", 0.1}, {"name", "x"}}))));
  CHECK(files_in(folder.path()) == 1);
}

// ---- errors ----

TEST_CASE("Texts that are not UTF-8 are refused", "[checkpoint][torch]") {
  for (const char* text : {"\xFF", "a\xC3", "\xED\xA0", "\xC0\x80", "\xF4\x90\x80\x80"}) {
    CHECK_THAT(error_of<ValueError>([&] { serialize(Value(text)); }),
               ContainsSubstring("expected a str in UTF-8, got \""));
    Dict dict;
    dict.set(text, 1);
    CHECK_THROWS_AS(serialize(Value::dict(dict)), ValueError);
  }
}

// t = ([],); t[0].append(t)
TEST_CASE("A tuple that contains itself is refused, a list is not followed for ever",
          "[checkpoint][torch]") {
  const Value list = Value::list();
  const Value tuple = Value::tuple({list});
  list.as_list().push_back(tuple);
  CHECK_THAT(error_of<ValueError>([&] { serialize(tuple); }),
             ContainsSubstring("a tuple that contains itself"));
  list.as_list() = {list};
  CHECK(detail::Pickler(list).pickle() == std::string("\x80\x02]q\0h\0a.", 9));
  list.as_list().clear();
}

// torch.save([x, x.view(torch.int32)], …)   RuntimeError: Cannot save multiple tensors or storages
// that view the same data as different types
TEST_CASE("One memory under two dtypes is refused", "[checkpoint][torch]") {
  std::vector<float> memory(4);
  const auto floats = from_blob(memory.data(), {4});
  const auto ints = from_blob(reinterpret_cast<std::int32_t*>(memory.data()), {4});
  CHECK_THAT(error_of<DtypeError>([&] {
               serialize(Value::list({floats, ints}));
             }),
             ContainsSubstring("float32 and int32"));
}

TEST_CASE("What fails leaves nothing behind, and an older file as it was", "[checkpoint][torch]") {
  const TemporaryFolder folder;
  save({{"a", 1}}, folder / "model.pt");
  const Bytes before = bytes_of(folder / "model.pt");
  CHECK_THROWS_AS(save(Value("\xFF"), folder / "model.pt"), ValueError);
  CHECK_THROWS_AS(save(Value(1), folder / ".pt"), ValueError);
  CHECK_THROWS_AS(save(Value(1), folder / "nowhere/model.pt"), FileError);
  CHECK_THROWS_AS(save(Value(1), folder.path()), FileError);
  CHECK((bytes_of(folder / "model.pt") == before));
  CHECK(files_in(folder.path()) == 1);
}
