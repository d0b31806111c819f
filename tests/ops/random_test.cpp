#include "brasa/ops/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "brasa/autograd/backward.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/multinomial.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/special.hpp"

using namespace brasa;
using golden::Json;

namespace {

template <class S>
Tensor<S> filled(const Shape& shape, const std::vector<S>& values) {
  auto result = Tensor<S>::empty(shape);
  REQUIRE(result.span().size() == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result.data()[i] = values[i];
  return result;
}

template <class S>
Tensor<S> list(std::initializer_list<S> values) {
  return filled<S>({static_cast<std::int64_t>(values.size())}, values);
}

/// Functions for floating point only.
template <FloatScalar S>
std::optional<AnyTensor> run_float(const golden::File& file, const std::string& op,
                                   const Json& args, Generator* generator) {
  if (op == "bernoulli") return bernoulli(file.argument<S>(args.at("p")), generator);
  if (!args.contains("size")) return std::nullopt;
  const Shape size = golden::sizes(args.at("size"));
  if (op == "rand") return rand<S>(size, generator);
  if (op == "randn") return randn<S>(size, generator);
  if (op == "uniform_") {
    return Tensor<S>::empty(size).uniform_(golden::number(args.at("from")),
                                           golden::number(args.at("to")), generator);
  }
  if (op == "normal_") {
    return Tensor<S>::empty(size).normal_(args.at("mean"), args.at("std"), generator);
  }
  return std::nullopt;
}

/// A recorded call with results of type S.
template <TensorScalar S>
AnyTensor run_call(const golden::File& file, const std::string& op, const Json& args,
                   Generator* generator) {
  if constexpr (FloatScalar<S>) {
    if (const auto result = run_float<S>(file, op, args, generator)) return *result;
  }
  if constexpr (!std::is_same_v<S, bool>) {
    if (op == "randperm") return randperm<S>(args.at("n").get<std::int64_t>(), generator);
  }
  const Shape size = golden::sizes(args.at("size"));
  if (op == "randint") {
    const auto low = args.at("low").get<std::int64_t>();
    return randint<S>(low, args.at("high").get<std::int64_t>(), size, generator);
  }
  auto result = Tensor<S>::empty(size);
  if (op == "bernoulli_") return result.bernoulli_(args.at("p"), generator);
  if (op != "random_") FAIL("no such op: " << op);
  if (!args.contains("to")) return result.random_(generator);
  std::optional<std::int64_t> to;
  if (!args.at("to").is_null()) to = args.at("to").get<std::int64_t>();
  return result.random_(args.value("from", std::int64_t{0}), to, generator);
}

AnyTensor run_call(const golden::File& file, const Json& call, Generator* generator) {
  return visit_dtype(golden::dtype(call.at("dtype")), [&](auto type) -> AnyTensor {
    if constexpr (TensorScalar<decltype(type)>) {
      return run_call<decltype(type)>(file, call.at("op"), call.at("args"), generator);
    } else {
      throw std::invalid_argument("there are no tensors of this type");
    }
  });
}

std::int64_t next_integer(Generator& generator) {
  return Tensor<std::int64_t>::empty({}).random_(&generator).item();
}

/// Runs a case's calls, compares their results and the generator's state; returns the number of
/// comparisons.
int check_case(const golden::File& file, const Json& c, Generator& generator, Generator* given) {
  int checks = 0;
  const Json calls = c.at("op") == "sequence" ? c.at("calls") : Json::array({c});
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const Json& call = calls[i];
    if (call.at("op") == "set_rng_state") {
      generator.set_state(file.argument<std::uint8_t>(call.at("args").at("state")));
      continue;
    }
    const AnyTensor result =
        call.at("op") == "get_rng_state" ? generator.get_state() : run_call(file, call, given);
    CHECK(golden::equal_bits(result, file.tensor(c, "output/" + std::to_string(i))));
    ++checks;
  }
  if (file.has(c, "state")) {
    CHECK(golden::equal_bits(generator.get_state(), file.tensor(c, "state")));
    ++checks;
  }
  CHECK(next_integer(generator) == c.at("next").get<std::int64_t>());
  CHECK(randn<double>({}, &generator).item() == c.at("next_normal").get<double>());
  return checks + 2;
}

/// A case that drew from a generator of its own, which leaves the default one alone.
int check_explicit_case(const golden::File& file, const Json& c) {
  manual_seed(c.at("default_seed").get<std::int64_t>());
  Generator generator;
  if (!c.at("seed").is_null()) generator.manual_seed(c.at("seed").get<std::int64_t>());
  const int checks = check_case(file, c, generator, &generator);
  CHECK(next_integer(default_generator()) == c.at("default_next").get<std::int64_t>());
  return checks + 1;
}

void seed_default(const Json& seed) {
  if (seed.is_number_unsigned()) {
    manual_seed(seed.get<std::uint64_t>());
  } else {
    manual_seed(seed.get<std::int64_t>());
  }
}

}  // namespace

TEST_CASE("Random numbers are those recorded from PyTorch, to the bit", "[ops][random][golden]") {
  const golden::File file("random.safetensors");
  int cases = 0;
  int checks = 0;
  for (const Json& c : file.cases()) {
    CAPTURE(c.dump());
    ++cases;
    if (c.contains("generator")) {
      checks += check_explicit_case(file, c);
      continue;
    }
    seed_default(c.at("seed"));
    if (c.at("op") == "initial_seed") {
      CHECK(initial_seed() == c.at("value").get<std::uint64_t>());
      ++checks;
    } else {
      checks += check_case(file, c, default_generator(), nullptr);
    }
  }
  CHECK(cases == 1046);
  CHECK(checks >= 2000);
}

// Each after torch.manual_seed(seed); the shortest decimals that give PyTorch's values back:
// rand(5), rand(5, dtype=float64), empty(5).uniform_(-1, 1), randn(5), randn(5, dtype=float64),
// randn(20), randperm(10), randint(0, 100, (5,)), empty(10).bernoulli_(0.5)
TEST_CASE("The streams of a few seeds, for reading", "[ops][random]") {
  struct Stream {
    int seed;
    std::vector<float> rand;
    std::vector<double> rand_double;
    std::vector<float> uniform, randn;
    std::vector<double> randn_double;
    std::vector<float> randn_20;
    std::vector<std::int64_t> randperm, randint;
    std::vector<float> bernoulli;
  };
  const std::vector<Stream> streams = {
      {0,
       {0.4962566f, 0.7682218f, 0.08847743f, 0.13203049f, 0.30742282f},
       {0.9700530018065531, 0.707819864399788, 0.45938294312745087, 0.9207476841219603,
        0.6450241201227648},
       {-0.00748682f, 0.5364436f, -0.82304513f, -0.735939f, -0.38515437f},
       {1.5409961f, -0.2934289f, -2.1787894f, 0.56843126f, -1.0845224f},
       {1.5409961082440433, -0.2934289057609464, -2.1787893820745574, 0.5684312772806678,
        -1.084522342424021},
       {-1.1258398f, -1.1523602f,  -0.25057858f, -0.4338788f, 0.59883946f, -1.5550951f, -0.3413604f,
        1.8530061f,  0.4680964f,   -0.15771244f, 1.4436601f,  0.2660494f,  1.3893661f,  1.5863342f,
        0.94629836f, -0.84367675f, 0.9318266f,   1.2590092f,  2.0049806f,  0.053736903f},
       {4, 1, 7, 5, 3, 9, 0, 8, 6, 2},
       {44, 39, 33, 60, 63},
       {0, 0, 1, 0, 0, 0, 1, 1, 0, 1}},
      {42,
       {0.88226926f, 0.91500396f, 0.38286376f, 0.95930564f, 0.3904482f},
       {0.05815448596142969, 0.06291016742457756, 0.12358607277440903, 0.05258016436107704,
        0.5261718968547618},
       {0.7645385f, 0.8300079f, -0.23427248f, 0.9186113f, -0.21910357f},
       {0.33669037f, 0.1288094f, 0.23446237f, 0.23033303f, -1.1228564f},
       {0.33669035438385886, 0.1288094051365897, 0.23446236336153173, 0.2303330279146119,
        -1.1228563767381703},
       {1.9269153f,   1.4872841f,   0.9007172f,   -2.105521f,  -0.75813115f,
        1.0783176f,   0.80080056f,  1.6806206f,   0.3558599f,  -0.686623f,
        -0.49335635f, 0.24148779f,  -0.23162432f, 0.04175949f, -0.2515753f,
        0.8598585f,   -0.30972677f, -0.3957105f,  0.80340934f, -0.6215954f},
       {2, 6, 1, 8, 4, 5, 0, 9, 3, 7},
       {42, 67, 76, 14, 26},
       {1, 1, 1, 1, 0, 1, 0, 0, 1, 1}},
      {1234,
       {0.028979242f, 0.40189856f, 0.25984418f, 0.36664134f, 0.058300734f},
       {0.2318341720884639, 0.07875386135027063, 0.46640616040796923, 0.41437948768611854,
        0.3904494574879519},
       {-0.9420415f, -0.19620287f, -0.48031163f, -0.2667173f, -0.88339853f},
       {0.046130463f, 0.40240282f, -1.0115291f, 0.21673824f, -0.6122731f},
       {0.04613046189666927, 0.4024028259218943, -1.0115290977852016, 0.21673823500721034,
        -0.6122731137752989},
       {-0.111718565f, -0.4965901f,  0.1630737f,  -0.88168776f, 0.2890972f,
        0.48987085f,   -0.38527462f, -0.7120346f, 0.63691264f,  -0.7140801f,
        -1.0831244f,   -0.5547242f,  -1.3248119f, 0.69698054f,  -0.6630539f,
        1.2157569f,    -2.5273352f,  1.4777843f,  -0.16962363f, -0.99185735f},
       {5, 4, 8, 2, 6, 9, 1, 7, 0, 3},
       {75, 71, 6, 65, 16},
       {1, 1, 1, 1, 1, 1, 1, 1, 1, 0}},
  };
  for (const Stream& stream : streams) {
    const auto check = [&](const auto& draw, const auto& expected) {
      manual_seed(stream.seed);
      const auto actual = draw();
      CHECK(
          std::equal(expected.begin(), expected.end(), actual.span().begin(), actual.span().end()));
    };
    const auto empty = [](std::int64_t size) { return Tensor<float>::empty({size}); };
    check([] { return rand({5}); }, stream.rand);
    check([] { return rand<double>({5}); }, stream.rand_double);
    check([&] { return empty(5).uniform_(-1, 1); }, stream.uniform);
    check([] { return randn({5}); }, stream.randn);
    check([] { return randn<double>({5}); }, stream.randn_double);
    check([] { return randn({20}); }, stream.randn_20);
    check([] { return randperm(10); }, stream.randperm);
    check([] { return randint(0, 100, {5}); }, stream.randint);
    check([&] { return empty(10).bernoulli_(0.5); }, stream.bernoulli);
  }
}

// Each after torch.manual_seed(0):
// empty(5).exponential_(), empty(3, dtype=float64).exponential_(), empty(3).cauchy_(),
// empty(3).log_normal_(), empty(5).geometric_(.3)
TEST_CASE("Exponential, Cauchy, log-normal and geometric numbers are PyTorch's", "[ops][random]") {
  const auto check = [](const AnyTensor& actual, const AnyTensor& expected) {
    CHECK(golden::equal_bits(actual, expected));
  };
  auto floats = Tensor<float>::empty({3});
  auto five = Tensor<float>::empty({5});
  auto doubles = Tensor<double>::empty({3});
  manual_seed(0);
  check(exponential_(five), list({3.5083263f, 1.2303847f, 0.6150441f, 2.5351186f, 1.0357054f}));
  manual_seed(0);
  check(exponential_(doubles), list({3.508326186707642, 1.2303847641796768, 0.6150440938940115}));
  manual_seed(0);
  check(cauchy_(floats), list({10.59773f, 0.7647673f, -0.12829934f}));
  manual_seed(0);
  check(log_normal_(floats), list({59.263416f, 1.51156f, 0.03481946f}));
  manual_seed(0);
  check(geometric_(five, 0.3), list({1.f, 1.f, 3.f, 1.f, 2.f}));
}

// torch.manual_seed(0); torch.multinomial(torch.tensor([1., 2, 3, 4]), 4)
// torch.manual_seed(0); torch.multinomial(torch.tensor([1., 2, 3, 4]), 8, True)
TEST_CASE("multinomial draws the indices that PyTorch draws", "[ops][random]") {
  const auto weights = list({1.f, 2.f, 3.f, 4.f});
  manual_seed(0);
  CHECK(golden::equal_bits(multinomial(weights, 4), list<std::int64_t>({2, 1, 3, 0})));
  manual_seed(0);
  CHECK(golden::equal_bits(multinomial(weights, 8, true),
                           list<std::int64_t>({3, 3, 2, 3, 3, 3, 1, 2})));
}

// p = torch.tensor([[1., 2, 3], [5, 0, 1]], dtype=torch.float64)
// torch.manual_seed(1); torch.multinomial(p, 2); torch.multinomial(p, 1, True);
// torch.multinomial(p, 5, True)
TEST_CASE("multinomial takes a row of weights at a time", "[ops][random]") {
  const auto weights = filled<double>({2, 3}, {1, 2, 3, 5, 0, 1});
  Generator generator(1);
  CHECK(golden::equal_bits(multinomial(weights, 2, false, &generator),
                           filled<std::int64_t>({2, 2}, {0, 2, 0, 2})));
  CHECK(golden::equal_bits(multinomial(weights, 1, true, &generator),
                           filled<std::int64_t>({2, 1}, {2, 0})));
  CHECK(golden::equal_bits(multinomial(weights, 5, true, &generator),
                           filled<std::int64_t>({2, 5}, {2, 1, 0, 0, 2, 0, 0, 0, 2, 2})));
}

// torch.manual_seed(2); mean = torch.tensor([[0.], [10.]]); std = torch.tensor([1., 2., 0.5])
// torch.normal(mean, std); torch.normal(mean, 3.); torch.normal(1.5, std)
TEST_CASE("normal takes a mean and a std for each element, which broadcast", "[ops][random]") {
  manual_seed(2);
  const auto mean = filled<float>({2, 1}, {0.f, 10.f});
  const auto std = list({1.f, 2.f, 0.5f});
  CHECK(golden::equal_bits(
      normal(mean, std), filled<float>({2, 3}, {0.39229682f, -0.44712803f, -0.15975013f, 8.794963f,
                                                12.088927f, 9.683386f})));
  CHECK(golden::equal_bits(normal(mean, 3.), filled<float>({2, 1}, {1.7193202f, 11.622842f})));
  CHECK(golden::equal_bits(normal(1.5, std), list<float>({1.1080942f, -0.58535767f, 2.1593087f})));
}

TEST_CASE("The _like functions take shape and type from a tensor", "[ops][random]") {
  const auto x = Tensor<double>::empty({2, 9});
  manual_seed(4);
  const auto uniform = rand<double>({2, 9});
  const auto gaussian = randn<double>({2, 9});
  const auto integers = randint<double>(-3, 3, {2, 9});
  const auto from_zero = randint<double>(7, {2, 9});
  const auto coins = Tensor<double>::empty({2, 9}).bernoulli_(0.3);
  manual_seed(4);
  CHECK(golden::equal_bits(rand_like(x), uniform));
  CHECK(golden::equal_bits(randn_like(x), gaussian));
  CHECK(golden::equal_bits(randint_like(x, -3, 3), integers));
  CHECK(golden::equal_bits(randint_like(x, 7), from_zero));
  CHECK(golden::equal_bits(bernoulli(x, 0.3), coins));
}

TEST_CASE("The ranges of random integers end where the type does", "[ops][random]") {
  Generator generator(1);
  auto bytes = Tensor<std::uint8_t>::empty({4});
  CHECK_NOTHROW(bytes.random_(0, 256, &generator));
  CHECK_THROWS_AS(bytes.random_(0, 257, &generator), ValueError);
  CHECK_THROWS_AS(bytes.random_(-1, 5, &generator), ValueError);
  CHECK_THROWS_AS(bytes.random_(256, std::nullopt, &generator), ValueError);
  CHECK_THROWS_AS(randint<bool>(0, 3, {2}, &generator), ValueError);
  CHECK_THROWS_AS(randint<std::int32_t>(0, (std::int64_t{1} << 31) + 1, {2}), ValueError);
  CHECK_NOTHROW(randperm<std::uint8_t>(256, &generator));
  CHECK_THROWS_AS(randperm<std::uint8_t>(257, &generator), ValueError);
  CHECK_THROWS_AS(randperm(-1), ValueError);
}

// for each: torch.manual_seed(seed); torch.empty(n, dtype=…).random_(from, to).tolist()
TEST_CASE("Integers that a float does not hold are drawn as in PyTorch, with a warning",
          "[ops][random]") {
  int warnings = 0;
  const WarningHandler before = set_warning_handler([&](std::string_view) { ++warnings; });
  constexpr std::int64_t k24 = std::int64_t{1} << 24;
  constexpr std::int64_t k53 = std::int64_t{1} << 53;
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const auto draw = [](auto type, std::int64_t seed, std::int64_t count, std::int64_t from,
                       std::optional<std::int64_t> to) {
    Generator generator(seed);
    std::vector<double> values;
    const auto x = Tensor<decltype(type)>::empty({count}).random_(from, to, &generator);
    for (const auto value : x.span()) values.push_back(static_cast<double>(value));
    return values;
  };
  using Values = std::vector<double>;
  auto close = draw(float{}, 1, 12, k24 - 5, k24 + 4);
  for (double& value : close) value -= static_cast<double>(k24);
  CHECK(close == Values{-5, -2, -1, -2, -2, 0, -5, 0, -5, -2, -1, 0});
  close = draw(float{}, 1, 12, -k24 - 7, -k24 + 3);
  for (double& value : close) value += static_cast<double>(k24);
  CHECK(close == Values{-2, 2, -4, 1, -4, -4, -6, -6, 2, -4, 1, 2});
  CHECK(draw(float{}, 1, 3, -k24 - 7, 4 * k24 + 3) == Values{12710732, -12091674, 57093660});
  CHECK(warnings == 3);

  CHECK(draw(float{}, 0, 3, -k53 - 5, k53 + 7) ==
        Values{8737460813037568., -2631724567625728., -4869445478514688.});
  CHECK(draw(double{}, 0, 3, -k53 - 5, k53 + 7) ==
        Values{8737460674924510., -2631724699637141., -4869445551770102.});
  CHECK(draw(float{}, 0, 3, kMin, kMax) ==
        Values{9.004502015279104e+17, 3.9695431902596956e+18, 1.8956495806288364e+18});
  CHECK(draw(double{}, 0, 3, kMax - (kMax >> 3), kMax).size() == 3);
  CHECK(draw(float{}, 0, 3, -(std::int64_t{1} << 40) - 1, std::nullopt) ==
        Values{-901529206784., -687602401280., -43982671872.});
  CHECK(draw(float{}, 0, 3, 5, std::nullopt) == Values{8326369, 12889232, 1485142});
  CHECK(draw(double{}, 0, 3, 5, std::nullopt) ==
        Values{8737460674935744., 6375474555118501., 4137753702983240.});
  CHECK(draw(float{}, 0, 3, kMin, std::nullopt) ==
        Values{-8.322922041485296e+18, -5.25382884659508e+18, -7.327722181348033e+18});
  CHECK(draw(double{}, 0, 3, kMin + 1, std::nullopt) ==
        Values{-8.331929049215225e+18, -5.262836089468366e+18, -7.336729638910928e+18});
  CHECK_THROWS_AS(draw(float{}, 0, 3, k24 + 2, k24 + 4), ValueError);
  CHECK_THROWS_AS(draw(float{}, 0, 3, std::int64_t{1} << 60, std::nullopt), ValueError);
  set_warning_handler(before);
}

TEST_CASE("Arguments that make no sense are refused, and nothing is drawn", "[ops][random]") {
  manual_seed(1);
  const auto before = get_rng_state();
  auto x = filled<float>({2}, {5.f, 6.f});
  for (const auto& [from, to] : std::vector<std::pair<double, double>>{
           {2, 1}, {0, 1e39}, {-3e38, 3e38}, {kNan, 1}, {0, kNan}, {-kInf, 0}}) {
    CHECK_THROWS_AS(x.uniform_(from, to), ValueError);
  }
  CHECK_THROWS_AS(Tensor<double>::empty({1}).uniform_(-1e308, 1e308), ValueError);
  CHECK_THROWS_AS(x.normal_(0, -1), ValueError);
  CHECK_THROWS_AS(x.normal_(0, kNan), ValueError);
  CHECK_THROWS_AS(normal(0, -1, {2}), ValueError);
  CHECK_THROWS_AS(normal(0., list({1.f, -1.f})), ValueError);
  CHECK_THROWS_AS(normal(x, Tensor<float>::empty({3}).bernoulli_(1.)), ShapeError);
  set_rng_state(before);  // bernoulli_ has drawn
  for (const double p : {-0.1, 1.5, double{kNan}}) {
    CHECK_THROWS_AS(x.bernoulli_(p), ValueError);
    CHECK_THROWS_AS(bernoulli(x, p), ValueError);
    CHECK_THROWS_AS(bernoulli(list({0.5, p})), ValueError);
  }
  CHECK_THROWS_AS(x.random_(5, 5), ValueError);
  CHECK_THROWS_AS(randint(0, {2}), ValueError);
  CHECK_THROWS_AS(exponential_(x, 0), ValueError);
  CHECK_THROWS_AS(cauchy_(x, 0, 0), ValueError);
  CHECK_THROWS_AS(log_normal_(x, 0, 0), ValueError);
  CHECK_THROWS_AS(geometric_(x, 0), ValueError);
  CHECK_THROWS_AS(geometric_(x, 1), ValueError);
  CHECK_THROWS_AS(rand({2, -1}), ValueError);
  CHECK_THROWS_AS(rand({std::int64_t{1} << 40, std::int64_t{1} << 40}), ValueError);
  CHECK(golden::equal_bits(get_rng_state(), before));
  CHECK(golden::equal_bits(x, list({5.f, 6.f})));
}

TEST_CASE("multinomial refuses weights and numbers that make no sense", "[ops][random]") {
  const auto weights = list({1.f, 2.f});
  CHECK_THROWS_AS(multinomial(weights, 0), ValueError);
  CHECK_THROWS_AS(multinomial(weights, 3), ShapeError);
  CHECK_THROWS_AS(multinomial(filled<float>({}, {1.f}), 1), ShapeError);
  CHECK_THROWS_AS(multinomial(filled<float>({1, 1, 1}, {1.f}), 1), ShapeError);
  CHECK_THROWS_AS(multinomial(list({1.f, -1.f}), 1), ValueError);
  CHECK_THROWS_AS(multinomial(list({1.f, static_cast<float>(kInf)}), 1), ValueError);
  CHECK_THROWS_AS(multinomial(list({1.f, static_cast<float>(kNan)}), 1), ValueError);
  CHECK_THROWS_AS(multinomial(list({0.f, 0.f}), 2), ValueError);
  CHECK_THROWS_AS(multinomial(list({0.f, 0.f}), 2, true), ValueError);
  CHECK_THROWS_AS(multinomial(Tensor<float>::empty({2, 0}), 1, true), ValueError);
  CHECK(multinomial(Tensor<float>::empty({0, 3}), 2).shape() == Shape{0, 2});
  // Fewer positive weights than samples is no error.
  CHECK(golden::equal_bits(multinomial(list({0.f, 0.f, 3.f}), 3), list<std::int64_t>({2, 0, 1})));
}

TEST_CASE("What requires a gradient is not filled while operations are recorded",
          "[ops][random][autograd]") {
  auto leaf = filled<float>({2}, {1.f, 2.f});
  leaf.impl().autograd_meta().requires_grad = true;
  CHECK_THROWS_AS(leaf.uniform_(), AutogradError);
  CHECK_THROWS_AS(leaf.normal_(), AutogradError);
  CHECK_THROWS_AS(leaf.bernoulli_(), AutogradError);
  CHECK_THROWS_AS(leaf.random_(), AutogradError);
  CHECK_THROWS_AS(exponential_(leaf), AutogradError);
  CHECK(golden::equal_bits(leaf, list({1.f, 2.f})));
  const NoGradGuard guard;
  const std::uint64_t version = leaf.impl().storage->version();
  CHECK_NOTHROW(leaf.uniform_());
  CHECK(leaf.impl().storage->version() == version + 1);
  CHECK(leaf.requires_grad());
}

// p = torch.tensor([0.25, 0.5], requires_grad=True); y = torch.bernoulli(p); y.sum().backward()
// y.grad_fn.name(), p.grad
TEST_CASE("The gradient of bernoulli is zero", "[ops][random][autograd]") {
  const auto p = list({0.25, 0.5});
  p.impl().autograd_meta().requires_grad = true;
  const auto y = bernoulli(p);
  REQUIRE(!y.is_leaf());
  CHECK(std::string(y.impl().autograd->grad_fn->name()) == "BernoulliBackward0");
  y.sum().backward();
  CHECK(golden::equal_bits(p.grad(), list({0., 0.})));
}
