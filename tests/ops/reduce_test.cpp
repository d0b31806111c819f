#include "brasa/ops/reduce.hpp"

#include <limits>

#include "brasa/autograd/gradcheck.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/cumulate.hpp"
#include "brasa/ops/extrema.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/moments.hpp"
#include "brasa/ops/norm.hpp"
#include "brasa/ops/random.hpp"
#include "brasa/ops/truth.hpp"
#include "support/recorded_ops.hpp"
#include "support/special.hpp"

using namespace brasa;
using autograd::gradcheck;
using autograd::gradgradcheck;
using Catch::Matchers::Message;
using golden::equal_bits;
using golden::Outputs;
using golden::outputs_of;

namespace {

/// f(x) without dimensions, or f(x, dims, keepdim).
template <class C, class F>
Outputs over_dims(const C& call, F f) {
  if (!call.has("dim")) return {f(call.x())};
  return {f(call.x(), Dims(call.sizes("dim")), call.flag("keepdim"))};
}

/// Ours is always bool; PyTorch's is uint8 for uint8.
template <TensorScalar S, class... Rest>
AnyTensor as_recorded(const Tensor<bool>& truth, const Tensor<S>&, Rest...) {
  if constexpr (std::is_same_v<S, std::uint8_t>) return to<std::uint8_t>(truth);
  return truth;
}

template <class C>
Outputs summed(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if (op == "sum") return over_dims(call, [](auto&&... a) { return sum(a...); });
  if (op == "mean") return over_dims(call, [](auto&&... a) { return mean(a...); });
  if (op == "logsumexp") return {logsumexp(x, call.sizes("dim"), call.flag("keepdim"))};
  if (op == "all") return over_dims(call, [](auto&&... a) { return as_recorded(all(a...), a...); });
  if (op == "any") return over_dims(call, [](auto&&... a) { return as_recorded(any(a...), a...); });
  if (op == "prod") {
    if (!call.has("dim")) return {prod(x)};
    return {prod(x, call.integer("dim"), call.flag("keepdim"))};
  }
  if (op == "cumsum") return {cumsum(x, call.integer("dim"))};
  if (op == "cumprod") return {cumprod(x, call.integer("dim"))};
  return {};
}

template <class C>
Outputs chosen(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  const std::int64_t dim = call.is_integer("dim") ? call.integer("dim") : 0;
  const bool keepdim = call.flag("keepdim");
  if (op == "amax") return over_dims(call, [](auto&&... a) { return amax(a...); });
  if (op == "amin") return over_dims(call, [](auto&&... a) { return amin(a...); });
  if (!call.has("dim")) {
    if (op == "max") return {max(x)};
    if (op == "min") return {min(x)};
    if (op == "argmax") return {argmax(x)};
    if (op == "argmin") return {argmin(x)};
    return {};
  }
  if (op == "max") return outputs_of(max(x, dim, keepdim));
  if (op == "min") return outputs_of(min(x, dim, keepdim));
  if (op == "argmax") return {argmax(x, dim, keepdim)};
  if (op == "argmin") return {argmin(x, dim, keepdim)};
  return {};
}

template <class C>
Outputs measured(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  const Shape dims = call.sizes("dim");
  const bool keepdim = call.flag("keepdim");
  const double correction = call.real("correction", 1);
  const bool plain = !call.has("dim") && !call.has("correction");
  if (op == "var") return {plain ? var(x) : var(x, dims, correction, keepdim)};
  if (op == "std") return {plain ? brasa::std(x) : brasa::std(x, dims, correction, keepdim)};
  if (op == "norm") {
    const double p = call.real("p", 2);
    return {call.has("dim") ? norm(x, p, dims, keepdim) : norm(x, p)};
  }
  return {};
}

}  // namespace

TEST_CASE("Reductions give what PyTorch recorded", "[ops][reduce]") {
  golden::run_recorded("ops/reduce.safetensors", [](auto& call) -> Outputs {
    if (Outputs found = summed(call); !found.empty()) return found;
    if (Outputs found = chosen(call); !found.empty()) return found;
    return measured(call);
  });
}

TEST_CASE("An empty list of dimensions means all of them", "[ops][reduce]") {
  // torch.zeros(2, 3).sum(()), .mean(()), .sum((), True).shape
  const auto x = tensor({{1, 2}, {3, 4}});
  CHECK(equal_bits(sum(x, {}), tensor(10)));
  CHECK(equal_bits(mean(x, {}), tensor(2.5)));
  CHECK(equal_bits(sum(x, {}, true), tensor({{10}})));
  CHECK(equal_bits(sum(tensor(3), 0), tensor(3)));
  CHECK(equal_bits(sum(tensor(3), -1, true), tensor(3)));
}

TEST_CASE("Sums of nothing are 0, means NaN", "[ops][reduce]") {
  // torch.zeros(0, 3).sum(0), .mean(0), .sum(1)
  const auto x = zeros({0, 3});
  CHECK(equal_bits(sum(x), tensor(0)));
  CHECK(equal_bits(sum(x, 0), zeros({3})));
  CHECK(sum(x, 1).shape() == Shape{0});
  CHECK(equal_bits(mean(x), tensor(kNan)));
  CHECK(equal_bits(mean(x, 0), tensor({kNan, kNan, kNan})));
}

TEST_CASE("Sums of integers wrap around", "[ops][reduce]") {
  // torch.tensor([2**63 - 1, 1]).sum()
  using Limits = std::numeric_limits<std::int64_t>;
  CHECK(sum(tensor<std::int64_t>({Limits::max(), 1})).item() == Limits::min());
}

TEST_CASE("Long float sums are as exact as the result can be", "[ops][reduce]") {
  // 2^24 additions of 1 to a float would stop at 2^24; 10 million tenths would be off by 1 %.
  const auto tenths = full({10'000'000}, 0.1f);
  CHECK(sum(tenths).item() == static_cast<float>(1e7 * static_cast<double>(0.1f)));
  CHECK(mean(tenths).item() == 0.1f);
  const auto rows = tenths.view({5'000'000, 2});
  CHECK(equal_bits(mean(rows, 0), tensor({0.1f, 0.1f})));
}

TEST_CASE("Reductions that do not fit are refused", "[ops][reduce][error]") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_MATCHES(sum(x, 2), IndexError,
                       Message("sum: dimension out of range: expected it in [-2, 1], got 2"));
  CHECK_THROWS_AS(mean(x, {0, -3}), IndexError);
  CHECK_THROWS_AS(sum(zeros({}), 1), IndexError);
  CHECK_THROWS_MATCHES(sum(x, {0, -2}), ValueError,
                       Message("sum: expected each dimension at most once, got (0, -2)"));
  CHECK_THROWS_MATCHES(mean(zeros<std::int64_t>({2})), DtypeError,
                       Message("mean: expected a floating-point tensor, got one of int64"));
  CHECK_THROWS_AS(mean(zeros<bool>({2}), 0), DtypeError);
}

TEST_CASE("Results too large for any memory are refused", "[ops][reduce][error]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  const auto x = zeros({kHuge, kHuge, 0});
  CHECK_THROWS_AS(sum(x, 2), ValueError);
  CHECK_THROWS_AS(max(x, 2), ValueError);
  CHECK(sum(x).item() == 0);
  CHECK(sum(x, {0, 1}).shape() == Shape{0});
  CHECK(mean(x, {0, 1}, true).shape() == Shape{1, 1, 0});
}

TEST_CASE("sum_to sums over what broadcasting repeated", "[ops][reduce]") {
  const auto x = ones({2, 3, 4});
  CHECK(sum_to(x, {2, 3, 4}).is(x));
  CHECK(equal_bits(sum_to(x, {4}), tensor({6, 6, 6, 6})));
  CHECK(equal_bits(sum_to(x, {3, 1}), tensor({{8}, {8}, {8}})));
  CHECK(equal_bits(sum_to(x, {1, 1, 1}), tensor({{{24}}})));
  CHECK(equal_bits(sum_to(x, {}), tensor(24)));
  CHECK(equal_bits(sum_to(zeros({0, 3}), {1, 3}), zeros({1, 3})));
}

TEST_CASE("Gradients of sums can be differentiated again", "[ops][reduce][autograd]") {
  const auto x = rand<double>({2, 3, 2}).requires_grad_();
  const auto f = [](const auto& in) {
    return square(sum(in[0], {0, 2})).sum() * square(mean(in[0], 1, true)) * mean(square(in[0]));
  };
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
