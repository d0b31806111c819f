// Operations that write into their operand. X = torch.tensor([1., 2.], requires_grad=True).

#include "brasa/ops/inplace.hpp"

#include <cstdint>
#include <limits>

#include "brasa/autograd/backward.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;
using golden::equal_bits;

namespace {

std::string node_name(const AnyTensor& x) { return x.impl().autograd->grad_fn->name(); }

Tensor<float> leaf() { return tensor({1, 2}).requires_grad_(); }

}  // namespace

TEST_CASE("In-place operations write into the memory that is there", "[ops][inplace]") {
  auto x = tensor({{1, 2}, {3, 4}});
  const float* memory = std::as_const(x).data();
  const auto row = x.view({4});
  x += 1;
  x -= tensor({1, 2});
  x *= tensor({{1}, {2}});
  x /= 2;
  CHECK(equal_bits(x, tensor({{0.5, 0.5}, {3, 3}})));
  CHECK(equal_bits(row, tensor({0.5, 0.5, 3, 3})));
  CHECK(std::as_const(x).data() == memory);
  CHECK(equal_bits(x.add_(tensor({1, 1}), 2).sub_(1, 2), tensor({{0.5, 0.5}, {3, 3}})));
  CHECK(equal_bits(x.clamp_(1, 2), tensor({{1, 1}, {2, 2}})));
  CHECK(equal_bits(masked_fill_(x, tensor<bool>({true, false}), 7), tensor({{7, 1}, {7, 2}})));
  CHECK(equal_bits(x.copy_(tensor({8, 9})), tensor({{8, 9}, {8, 9}})));
  CHECK(equal_bits(x.fill_(3), tensor({{3, 3}, {3, 3}})));
  CHECK(equal_bits(x.mul_(x), tensor({{9, 9}, {9, 9}})));
  CHECK(equal_bits(x.zero_(), zeros({2, 2})));
  CHECK(std::as_const(x).data() == memory);
}

TEST_CASE("In-place operations on integers and bools", "[ops][inplace]") {
  auto bytes = tensor<std::uint8_t>({250, 3});
  bytes += 10;
  CHECK(equal_bits(bytes, tensor<std::uint8_t>({4, 13})));
  bytes.add_(bytes, 2);
  CHECK(equal_bits(bytes, tensor<std::uint8_t>({12, 39})));
  // torch.tensor([1, 2], dtype=torch.uint8).fill_(-1)
  CHECK(equal_bits(bytes.fill_(-1), tensor<std::uint8_t>({255, 255})));
  auto mask = tensor<bool>({true, false});
  mask += tensor<bool>({false, true});
  CHECK(equal_bits(mask, tensor<bool>({true, true})));
  // T([1, 2]).copy_(T([1.7, -1.7])): convert first
  auto longs = tensor<std::int64_t>({0, 0});
  longs.copy_(tensor({1.7, -1.7}).to<std::int64_t>());
  CHECK(equal_bits(longs, tensor<std::int64_t>({1, -1})));
}

TEST_CASE("The tensor that is changed keeps its shape", "[ops][inplace][error]") {
  auto x = zeros({3});
  CHECK_THROWS_AS(x += zeros({2, 3}), ShapeError);
  CHECK_THROWS_WITH(x.mul_(zeros({2, 1})),
                    "mul_: expected an operand that broadcasts to shape (3,) of the tensor that is "
                    "changed, got shape (2, 1)");
  CHECK_THROWS_AS(x.copy_(zeros({2, 3})), ShapeError);
  CHECK_THROWS_AS(x.copy_(zeros({2})), ShapeError);
  CHECK_THROWS_AS(masked_fill_(x, zeros<bool>({2, 3}), 1), ShapeError);
  CHECK_THROWS_AS(x -= zeros({2}), ShapeError);
  CHECK(equal_bits(x, zeros({3})));
}

TEST_CASE("Values that do not fit are refused", "[ops][inplace][error]") {
  auto longs = zeros<std::int64_t>({2});
  CHECK_THROWS_WITH(longs.fill_(std::numeric_limits<double>::quiet_NaN()),
                    "fill_: expected a number that int64 can hold, got nan");
  CHECK_THROWS_AS(longs.fill_(1e30), ValueError);
  CHECK_THROWS_AS(zeros({2}).fill_(1e300), ValueError);
  CHECK_THROWS_AS(masked_fill_(longs, ones<bool>({2}), 1e30), ValueError);
  CHECK_THROWS_AS(longs.add_(longs, 2.5), DtypeError);
  CHECK_THROWS_AS(longs.sub_(longs, 0.5), DtypeError);
  CHECK_THROWS_AS(longs.clamp_(0.5), DtypeError);
  CHECK_THROWS_AS(longs.clamp_(std::nullopt), ValueError);
  CHECK(equal_bits(longs, zeros<std::int64_t>({2})));
}

TEST_CASE("Each change counts as one version", "[ops][inplace][autograd]") {
  auto x = tensor({1, 2});
  const auto version = [&] { return x.impl().storage->version(); };
  CHECK(version() == 0);
  x += 1;
  CHECK(version() == 1);
  x.fill_(2).zero_();
  CHECK(version() == 3);
  x.copy_(tensor({1, 2})).clamp_(0, 1);
  CHECK(version() == 5);
  masked_fill_(x, ones<bool>({2}), 1);
  x.detach().mul_(2);
  CHECK(version() == 7);
  auto y = leaf() * 1;
  y += 1;
  CHECK(y.impl().storage->version() == 1);
}

TEST_CASE("A leaf that requires a gradient changes only where nothing is recorded",
          "[ops][inplace][autograd][error]") {
  auto x = leaf();
  CHECK_THROWS_WITH(x += 1, ContainsSubstring("a leaf tensor that requires a gradient"));
  CHECK_THROWS_AS(x.zero_(), AutogradError);
  CHECK_THROWS_AS(x.fill_(1), AutogradError);
  CHECK_THROWS_AS(x.copy_(x), AutogradError);
  CHECK_THROWS_AS(x.clamp_(0), AutogradError);
  CHECK_THROWS_AS(masked_fill_(x, ones<bool>({2}), 1), AutogradError);
  CHECK_THROWS_AS(x.view({2, 1}).mul_(2), AutogradError);
  NoGradGuard no_grad;
  x += 1;
  CHECK(equal_bits(x, tensor({2, 3})));
  CHECK(x.requires_grad());
}

TEST_CASE("A changed value that a gradient needs is noticed", "[ops][inplace][autograd][error]") {
  // x = X; y = x * x; with torch.no_grad(): x.add_(1); y.sum().backward()
  auto x = leaf();
  const auto y = x * x;
  {
    NoGradGuard no_grad;
    x += 1;
  }
  CHECK_THROWS_AS(y.sum().backward(), AutogradError);
  // y = x * 2; z = y * y; y.add_(1); z.sum().backward()
  auto twice = x * 2;
  const auto square = twice * twice;
  twice += 1;
  CHECK_THROWS_WITH(square.sum().backward(), ContainsSubstring("at version 1, expected version 0"));
  // z = y + 1; y.add_(1); z.sum().backward(): nothing was needed
  auto free = x * 2;
  const auto shifted = free + 1;
  free += 1;
  shifted.sum().backward();
  CHECK(equal_bits(x.grad(), tensor({2, 2})));
}

TEST_CASE("Changes of recorded results are recorded", "[ops][inplace][autograd]") {
  // y = X * 1; then each of these, names as in PyTorch
  auto x = leaf();
  const auto name_after = [&](auto change) {
    auto y = x * 1;
    change(y);
    return node_name(y);
  };
  CHECK(name_after([](auto& y) { y += 1; }) == "AddBackward0");
  CHECK(name_after([](auto& y) { y -= leaf(); }) == "SubBackward0");
  CHECK(name_after([](auto& y) { y *= 2; }) == "MulBackward0");
  CHECK(name_after([](auto& y) { y /= 2; }) == "DivBackward0");
  CHECK(name_after([](auto& y) { y.clamp_(0, 1); }) == "ClampBackward1");
  CHECK(name_after([](auto& y) { masked_fill_(y, y > 0.5, 0); }) == "MaskedFillBackward0");
  CHECK(name_after([](auto& y) { y.zero_(); }) == "ZeroBackward0");
  CHECK(name_after([](auto& y) { y.fill_(1); }) == "FillBackward2");
  CHECK(name_after([](auto& y) { y.copy_(leaf()); }) == "CopyBackwards");
  auto plain = ones({2});
  plain += x;
  CHECK_FALSE(plain.is_leaf());
}

TEST_CASE("Gradients pass through changes of recorded results", "[ops][inplace][autograd]") {
  const auto gradient = [](auto change) {
    auto x = leaf();
    auto y = x * 3;
    change(y, x);
    (y * tensor({1, 10})).sum().backward();
    return x.grad();
  };
  // x = X; y = x * 3; …; (y * T([1., 10.])).sum().backward(); x.grad
  CHECK(equal_bits(gradient([](auto& y, auto& x) { y += x; }), tensor({4, 40})));
  CHECK(equal_bits(gradient([](auto& y, auto& x) { y.sub_(x, 2); }), tensor({1, 10})));
  CHECK(equal_bits(gradient([](auto& y, auto& x) { y *= x; }), tensor({6, 120})));
  // PyTorch refuses this one in backward; (3x)² has the gradient 18x.
  CHECK(equal_bits(gradient([](auto& y, auto&) { y *= y; }), tensor({18, 360})));
  CHECK(equal_bits(gradient([](auto& y, auto&) { y /= 2; }), tensor({1.5, 15})));
  CHECK(equal_bits(gradient([](auto& y, auto&) { y.clamp_(0, 5); }), tensor({3, 0})));
  CHECK(equal_bits(gradient([](auto& y, auto& x) { y.copy_(x * x); }), tensor({2, 40})));
  CHECK(equal_bits(gradient([](auto& y, auto& x) { y.fill_(1).add_(x, 5); }), tensor({5, 50})));
  CHECK(equal_bits(gradient([](auto& y, auto&) { masked_fill_(y, y > 5, 0); }), tensor({3, 0})));
  CHECK(equal_bits(gradient([](auto& y, auto& x) { y += x.sum(); }), tensor({14, 41})));
}

TEST_CASE("A recorded change of shared memory is refused", "[ops][inplace][autograd][error]") {
  auto x = leaf();
  auto y = x * 1;
  const auto shape = y.view({2, 1});
  CHECK_THROWS_WITH(y += 1, ContainsSubstring("other tensors share the memory"));
  auto z = x * 1;
  {
    const auto detached = z.detach();
    CHECK_THROWS_AS(z *= 2, AutogradError);
  }
  CHECK_NOTHROW(z *= 2);
  // y = x.exp(); y.add_(1); y.sum().backward(): refused by PyTorch in backward
  auto e = exp(x);
  CHECK_THROWS_AS(e += 1, AutogradError);
  NoGradGuard no_grad;
  CHECK_NOTHROW(y += 1);
  CHECK(equal_bits(shape, tensor({{2}, {3}})));
}
