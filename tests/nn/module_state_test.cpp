#include "brasa/nn/module_state.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;
using Names = std::vector<std::string>;

namespace {

struct Norm : nn::Module<float> {
  nn::Parameter<> weight{ones({2})};
  nn::Buffer<> mean{zeros({2})};
  nn::Buffer<> scratch{zeros({1}), false};
  nn::Buffer<std::int64_t> batches{zeros<std::int64_t>({})};
  nn::Buffer<> absent;

  std::int64_t state_version() const override { return 2; }
  BRASA_MODULE(Norm, weight, mean, scratch, batches, absent)
};

struct Stored : nn::Module<float> {
  nn::Linear<> fc{2, 2};
  nn::Linear<> tied{2, 2, {.bias = false}};
  Norm norm;

  Stored() { tied.weight.tie(fc.weight); }
  BRASA_MODULE(Stored, fc, tied, norm)
};

/// A 0-d parameter, as the scale of a CLIP model.
struct Scale : nn::Module<float> {
  nn::Parameter<> p{tensor(0.0f)};
  BRASA_MODULE(Scale, p)
};

nn::Sequential<> small_model() { return nn::Sequential{nn::Linear(2, 1), nn::Linear(1, 1)}; }

/// The values of everything that a model saves, to see that nothing has changed.
std::vector<std::vector<float>> floats_of(const nn::Module<float>& module) {
  std::vector<std::vector<float>> values;
  for (const auto& parameter : module.parameters()) {
    values.emplace_back(parameter.span().begin(), parameter.span().end());
  }
  return values;
}

template <class T>
AnyTensor halves(const std::vector<T>& values) {
  auto result = AnyTensor::empty(std::is_same_v<T, Half> ? Dtype::float16 : Dtype::bfloat16,
                                 {static_cast<std::int64_t>(values.size())});
  std::copy(values.begin(), values.end(), static_cast<T*>(result.raw_data()));
  return result;
}

}  // namespace

// list(net.state_dict()), where the norm has a buffer registered with persistent=False and one
// that is None
TEST_CASE("A state_dict has parameters and buffers that are kept, under every name",
          "[nn][state_dict]") {
  const Stored net;
  const StateDict state = net.state_dict();
  CHECK(state.keys() ==
        Names{"fc.weight", "fc.bias", "tied.weight", "norm.weight", "norm.mean", "norm.batches"});
  CHECK(state.at("norm.batches").dtype() == Dtype::int64);
  CHECK(state.at("tied.weight").shares_storage(state.at("fc.weight")));
  // net.state_dict(prefix='q.')
  CHECK(net.state_dict("q.").keys()[0] == "q.fc.weight");
  CHECK(net.state_dict("q").keys() == net.state_dict("q.").keys());
}

// s = net.state_dict(); s['fc.weight'].requires_grad    False; it shares the parameter's memory
TEST_CASE("A state_dict holds handles outside of the graph", "[nn][state_dict]") {
  Stored net;
  const StateDict state = net.state_dict();
  CHECK_FALSE(state.at("fc.weight").requires_grad());
  CHECK_FALSE(state.at("fc.weight").is_parameter());
  {
    const NoGradGuard no_grad;
    net.fc.weight.fill_(3);
  }
  CHECK(state.at("fc.weight").as<float>().equal(full({2, 2}, 3.0f)));
}

// net.state_dict()._metadata, where the norm has _version = 2
TEST_CASE("A state_dict tells the version of each module", "[nn][state_dict]") {
  const StateDict state = Stored().state_dict();
  CHECK(state.metadata().keys() == Names{"", "fc", "tied", "norm"});
  CHECK(state.metadata().at("") == 1);
  CHECK(state.metadata().at("norm") == 2);
}

TEST_CASE("load_state_dict copies into the tensors that are there", "[nn][state_dict]") {
  Stored net;
  Stored other;
  const Tensor<float> handle = net.fc.weight;
  other.norm.batches.fill_(7);
  const nn::LoadResult result = net.load_state_dict(other.state_dict());
  CHECK(result.missing_keys.empty());
  CHECK(result.unexpected_keys.empty());
  CHECK(net.fc.weight.is(handle));
  CHECK(handle.equal(other.fc.weight));
  CHECK_FALSE(handle.shares_storage(other.fc.weight));
  CHECK(handle.requires_grad());
  CHECK(net.tied.weight.is(net.fc.weight));
  CHECK(net.norm.batches.item() == 7);
}

TEST_CASE("A module can be given its own state", "[nn][state_dict]") {
  Stored net;
  const auto before = floats_of(net);
  net.load_state_dict(net.state_dict());
  CHECK(floats_of(net) == before);
}

// Loading what a recorded operation has kept would give a wrong gradient; PyTorch refuses as well.
TEST_CASE("Loading counts as a change of what backward needs", "[nn][state_dict]") {
  nn::Linear<> linear(2, 2);
  auto x = ones({1, 2});
  x.requires_grad_();
  const auto y = linear(x).sum();
  linear.load_state_dict(nn::Linear<>(2, 2).state_dict());
  CHECK_THROWS_AS(y.backward(), AutogradError);
}

// s.pop('0.bias'); s['0.biaz'] = torch.zeros(1); s['1.weight'] = torch.zeros(3); s['x'] = …
// Error(s) in loading state_dict for Sequential:
//     Missing key(s) in state_dict: "0.bias".
//     Unexpected key(s) in state_dict: "x", "0.biaz".
//     size mismatch for 1.weight: …
TEST_CASE("All that is wrong with a state_dict stands in one message", "[nn][state_dict]") {
  auto model = small_model();
  const auto before = floats_of(model);
  StateDict state = small_model().state_dict();
  state.erase("0.bias");
  state["0.biaz"] = zeros({1});
  state["0.weight"] = full({1, 2}, 5.0f);
  state["1.weight"] = zeros({3});
  state["1.bias"] = tensor<double>({0.1});
  state["x"] = zeros({1});
  CHECK(error_of<StateDictError>([&] { model.load_state_dict(state); }) ==
        "Error(s) in loading state_dict for Sequential:\n"
        "\tMissing key(s) in state_dict: \"0.bias\".\n"
        "\tUnexpected key(s) in state_dict: \"0.biaz\", \"x\".\n"
        "\t0.biaz: did you mean 0.bias?\n"
        "\tsize mismatch for 1.weight: the state_dict has shape (3,), the module has shape (1, 1)\n"
        "\tloss of precision for 1.bias: expected values that float32 can hold, got 0.1 "
        "(float64) at index (0,); allow_lossy = true loads it all the same");
  // PyTorch would have loaded 0.weight by now.
  CHECK(floats_of(model) == before);
}

// nn.Linear(2, 3).load_state_dict({'weight': torch.zeros(2, 3), 'bias': torch.zeros(3)})
TEST_CASE("Shapes that do not fit stand side by side, and a transposed one is told",
          "[nn][state_dict]") {
  nn::Linear<> linear(2, 3);
  const StateDict state{{"weight", zeros({2, 3})}, {"bias", zeros({2})}};
  CHECK(error_of<StateDictError>([&] { linear.load_state_dict(state); }) ==
        "Error(s) in loading state_dict for Linear:\n"
        "\tsize mismatch for weight: the state_dict has shape (2, 3), the module has shape (3, 2); "
        "is it transposed?\n"
        "\tsize mismatch for bias: the state_dict has shape (2,), the module has shape (3,)");
}

TEST_CASE("Keys that were meant for others are told", "[nn][state_dict]") {
  const auto hints = [](nn::Module<float>& module, const StateDict& state) {
    const auto text = error_of<StateDictError>([&] { module.load_state_dict(state); });
    const auto unexpected = text.find("Unexpected");
    return text.substr(text.find('\n', unexpected) + 1);
  };
  const auto weight = zeros({1, 2});
  const auto bias = zeros({1});
  nn::Linear<> linear(2, 1);
  CHECK(hints(linear, {{"module.weight", weight}, {"module.bias", bias}}) ==
        "\tThe keys begin with \"module.\": load strip_prefix(state, \"module.\").");
  CHECK(hints(linear, {{"net.fc.weight", weight}, {"net.fc.bias", bias}, {"net.x", bias}}) ==
        "\tThe keys begin with \"net.fc.\": load strip_prefix(state, \"net.fc.\").");
  nn::Sequential model{nn::Linear(2, 1)};
  CHECK(hints(model, {{"weight", weight}, {"bias", bias}}) ==
        "\tThe keys lack \"0.\": is this the state_dict of 0 alone?");
  // By their last word and their shape, where the names have little in common.
  CHECK(hints(model, {{"classifier.weight", weight}, {"classifier.bias", bias}}) ==
        "\tclassifier.weight: did you mean 0.weight?\n\tclassifier.bias: did you mean 0.bias?");
  nn::Sequential two{nn::Linear(2, 1), nn::Linear(1, 1)};
  CHECK(hints(two, {{"classifier.weight", weight}, {"classifier.bias", bias}}) ==
        "\tclassifier.weight: did you mean 0.weight?");  // there are two biases
}

// m.load_state_dict(s, strict=False)
// _IncompatibleKeys(missing_keys=['0.bias'], unexpected_keys=['zz'])
TEST_CASE("Where it is not strict, load_state_dict returns what it left out", "[nn][state_dict]") {
  auto model = small_model();
  const auto bias = model.get_parameter("0.bias").clone();
  StateDict state = small_model().state_dict();
  state.erase("0.bias");
  state["0.weight"] = full({1, 2}, 5.0f);
  state["zz"] = zeros({1});
  const auto result = model.load_state_dict(state, {.strict = false});
  CHECK(result.missing_keys == Names{"0.bias"});
  CHECK(result.unexpected_keys == Names{"zz"});
  CHECK(model.get_parameter("0.weight").equal(full({1, 2}, 5.0f)));
  CHECK(model.get_parameter("0.bias").equal(bias));
}

// m.load_state_dict(s, strict=False)    RuntimeError: … size mismatch for 0.weight: …
TEST_CASE("A size that does not fit is an error, strict or not", "[nn][state_dict]") {
  auto model = small_model();
  const auto before = floats_of(model);
  StateDict state = small_model().state_dict();
  state["1.bias"] = zeros({4, 2});
  state.erase("0.weight");
  const auto text =
      error_of<StateDictError>([&] { model.load_state_dict(state, {.strict = false}); });
  CHECK_THAT(text, ContainsSubstring("size mismatch for 1.bias"));
  CHECK_THAT(text, !ContainsSubstring("Missing"));
  CHECK(floats_of(model) == before);
}

// m.p = nn.Parameter(torch.zeros(())); m.load_state_dict({'p': torch.ones(1)}) loads,
// torch.ones(1, 1) and torch.ones(2) do not; nn.Linear(2, 1) does not take a bias of shape ().
TEST_CASE("A tensor of shape (1,) fits a 0-d one, and nothing else does", "[nn][state_dict]") {
  Scale scale;
  StateDict state;
  state["p"] = ones({1});
  scale.load_state_dict(state);
  CHECK(scale.p.item() == 1.0f);
  CHECK(scale.p.shape() == Shape{});
  state["p"] = tensor<std::int64_t>({4});
  scale.load_state_dict(state);
  CHECK(scale.p.item() == 4.0f);
  state["p"] = ones({1, 1});
  CHECK_THROWS_AS(scale.load_state_dict(state), StateDictError);
  state["p"] = ones({2});
  CHECK_THROWS_AS(scale.load_state_dict(state), StateDictError);

  nn::Linear<> linear(2, 1);
  StateDict zero_dimensional = linear.state_dict();
  zero_dimensional["bias"] = tensor(0.0f);
  CHECK_THROWS_AS(linear.load_state_dict(zero_dimensional), StateDictError);
}

// nn.Linear(1, 1).load_state_dict({'weight': torch.full((1, 1), 2.5, dtype=torch.float16), …})
TEST_CASE("Values of other dtypes are converted where nothing is lost", "[nn][state_dict]") {
  nn::Linear<> linear(2, 2);
  StateDict state;
  state["weight"] = tensor<double>({{0.5, -2.0}, {1e10, 0.0}});
  state["bias"] = halves<BFloat16>({to_bfloat16(1.25f), to_bfloat16(-3.0f)});
  linear.load_state_dict(state);
  CHECK(linear.weight.equal(tensor({{0.5f, -2.0f}, {1e10f, 0.0f}})));
  CHECK(linear.bias.equal(tensor({1.25f, -3.0f})));
  state["weight"] = tensor<std::int64_t>({{1, 2}, {3, -4}});
  state["bias"] = halves<Half>({to_half(2.5f), to_half(0.5f)});
  linear.load_state_dict(state);
  CHECK(linear.weight.equal(tensor({{1.0f, 2.0f}, {3.0f, -4.0f}})));
  CHECK(linear.bias.equal(tensor({2.5f, 0.5f})));
  state["bias"] = tensor<bool>({true, false});
  linear.load_state_dict(state);
  CHECK(linear.bias.equal(tensor({1.0f, 0.0f})));
}

TEST_CASE("Values that would lose precision are refused unless that is allowed",
          "[nn][state_dict]") {
  nn::Linear<> linear(1, 1);
  const auto before = floats_of(linear);
  StateDict state = nn::Linear<double>(1, 1).state_dict();
  state["weight"] = tensor<double>({{0.1}});
  CHECK_THROWS_AS(linear.load_state_dict(state), StateDictError);
  CHECK(floats_of(linear) == before);
  linear.load_state_dict(state, {.allow_lossy = true});
  CHECK(linear.weight.item() == 0.1f);

  Norm norm;
  StateDict counts = norm.state_dict();
  counts["batches"] = tensor(2.5f);
  CHECK_THROWS_AS(norm.load_state_dict(counts), StateDictError);
}

TEST_CASE("A name without a tensor is an error", "[nn][state_dict]") {
  nn::Linear<> linear(1, 1);
  StateDict state = linear.state_dict();
  state["weight"] = AnyTensor();
  CHECK_THAT(error_of<StateDictError>([&] { linear.load_state_dict(state); }),
             ContainsSubstring("no tensor for weight"));
}

TEST_CASE("Keys that are near a missing one are suggested, others are not", "[nn][state_dict]") {
  nn::Linear<> linear(1, 1);
  const auto hint = [&](const std::string& key) {
    StateDict state = linear.state_dict();
    state.erase("weight");
    state[key] = ones({1, 1});
    return error_of<StateDictError>([&] { linear.load_state_dict(state); });
  };
  for (const char* near : {"weigth", "weights", "Weight", "wight"}) {
    CHECK_THAT(hint(near), ContainsSubstring(std::string(near) + ": did you mean weight?"));
  }
  for (const char* far : {"running_mean", "w", "fc.weight_orig", ""}) {
    CHECK_THAT(hint(far), !ContainsSubstring("did you mean"));
  }
  CHECK_THAT(hint(std::string(100000, 'w')), !ContainsSubstring("did you mean"));
}

TEST_CASE("A state of another model altogether is told at once", "[nn][state_dict]") {
  nn::Sequential<> model;
  StateDict state;
  for (int i = 0; i < 300; ++i) {
    model.append(nn::Linear<>(1, 1));
    state["encoder.layers." + std::to_string(i) + ".attention.weight"] = ones({1});
  }
  const auto text = error_of<StateDictError>([&] { model.load_state_dict(state); });
  CHECK_THAT(text, ContainsSubstring("\"299.bias\"."));
  CHECK_THAT(text, ContainsSubstring("\"encoder.layers.299.attention.weight\"."));
}

TEST_CASE("Modules without elements have a state, too", "[nn][state_dict]") {
  const auto previous = set_warning_handler([](std::string_view) {});
  nn::Linear<> empty(0, 3);
  nn::Linear<> other(0, 3);
  set_warning_handler(previous);
  empty.load_state_dict(other.state_dict());
  CHECK(empty.weight.shape() == Shape{3, 0});
  CHECK(empty.bias.equal(other.bias));
}
