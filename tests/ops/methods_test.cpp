// Every method gives what its function gives.

#include "brasa/ops/methods.hpp"

#include <cmath>
#include <cstdint>
#include <optional>

#include "brasa/ops/creation.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace brasa;
using golden::equal_bits;

namespace {

Tensor<float> sample() { return tensor({{0.5, -2, 3}, {4, 0.25, -6}}); }
Tensor<float> positive() { return tensor({{0.5, 2, 3}, {4, 0.25, 6}}); }
Tensor<float> square_matrix() { return tensor({{1, 2}, {3, 5}}); }

}  // namespace

TEST_CASE("Methods on each element are the functions", "[ops][methods]") {
  const auto x = sample();
  const auto p = positive();
  CHECK(equal_bits(x.abs(), abs(x)));
  CHECK(equal_bits(x.neg(), -x));
  CHECK(equal_bits(x.sign(), sign(x)));
  CHECK(equal_bits(x.square(), x * x));
  CHECK(equal_bits(x.floor(), floor(x)));
  CHECK(equal_bits(x.ceil(), ceil(x)));
  CHECK(equal_bits(x.round(), round(x)));
  CHECK(equal_bits(x.trunc(), trunc(x)));
  CHECK(equal_bits(x.clamp(-1, 1), clamp(x, -1, 1)));
  CHECK(equal_bits(x.clamp(std::nullopt, 1), clamp_max(x, 1)));
  CHECK(equal_bits(x.exp(), exp(x)));
  CHECK(equal_bits(p.log(), log(p)));
  CHECK(equal_bits(p.sqrt(), sqrt(p)));
  CHECK(equal_bits(p.rsqrt(), rsqrt(p)));
  CHECK(equal_bits(x.reciprocal(), reciprocal(x)));
  CHECK(equal_bits(x.sin(), sin(x)));
  CHECK(equal_bits(x.cos(), cos(x)));
  CHECK(equal_bits(x.tan(), tan(x)));
  CHECK(equal_bits(x.tanh(), tanh(x)));
  CHECK(equal_bits(x.sigmoid(), sigmoid(x)));
  CHECK(equal_bits(x.erf(), erf(x)));
  CHECK(equal_bits(x.relu(), relu(x)));
  CHECK(equal_bits(x.softmax(1), softmax(x, 1)));
  CHECK(equal_bits(x.log_softmax(1), log_softmax(x, 1)));
  CHECK(equal_bits(x.isnan(), isnan(x)));
  CHECK(equal_bits((x / 0).isinf(), isinf(x / 0)));
  CHECK(equal_bits((x / 0).isfinite(), isfinite(x / 0)));
  CHECK(equal_bits(x.logical_not(), !x));
  CHECK(equal_bits(tensor<std::int64_t>({4}).sqrt(), tensor({2})));
}

TEST_CASE("Methods of two operands are the functions", "[ops][methods]") {
  const auto x = positive();
  const auto y = sample();
  CHECK(equal_bits(x.add(y), x + y));
  CHECK(equal_bits(x.sub(2), x - 2));
  CHECK(equal_bits(x.mul(y), x * y));
  CHECK(equal_bits(x.div(2), x / 2));
  CHECK(equal_bits(x.pow(y), pow(x, y)));
  CHECK(equal_bits(x.eq(y), x == y));
  CHECK(equal_bits(x.ne(y), x != y));
  CHECK(equal_bits(x.lt(y), x < y));
  CHECK(equal_bits(x.le(2), x <= 2));
  CHECK(equal_bits(x.gt(2), x > 2));
  CHECK(equal_bits(x.ge(y), x >= y));
  CHECK(x.allclose(x + 1e-7));
  CHECK_FALSE(x.allclose(y));
  CHECK(x.equal(x));
  CHECK_FALSE(x.equal(y));
}

TEST_CASE("Methods that change shapes are the functions", "[ops][methods]") {
  const auto x = sample();
  CHECK(equal_bits(x.reshape({3, 2}), reshape(x, {3, 2})));
  CHECK(equal_bits(x.view({-1}), view(x, {6})));
  CHECK(equal_bits(x.view_as(zeros({3, 2})), view(x, {3, 2})));
  CHECK(equal_bits(x.flatten(), flatten(x)));
  CHECK(equal_bits(x.unflatten(1, {3, 1}), unflatten(x, 1, {3, 1})));
  CHECK(equal_bits(x.unsqueeze(0), unsqueeze(x, 0)));
  CHECK(equal_bits(x.unsqueeze(0).squeeze(), x));
  CHECK(equal_bits(x.unsqueeze(0).squeeze(0), x));
  CHECK(equal_bits(x.transpose(0, 1), transpose(x, 0, 1)));
  CHECK(equal_bits(x.t(), t(x)));
  CHECK(equal_bits(x.mT(), mT(x)));
  CHECK(equal_bits(x.permute({1, 0}), permute(x, {1, 0})));
  CHECK(equal_bits(x.expand({2, -1, -1}), expand(x, {2, 2, 3})));
  CHECK(equal_bits(x.expand_as(zeros({2, 2, 3})), expand(x, {2, 2, 3})));
  CHECK(equal_bits(x.repeat({2, 1}), repeat(x, {2, 1})));
  CHECK(equal_bits(x.flip(1), flip(x, 1)));
  CHECK(equal_bits(x.roll(1, 0), roll(x, 1, 0)));
  CHECK(equal_bits(x.tril(), tril(x)));
  CHECK(equal_bits(x.triu(1), triu(x, 1)));
  CHECK(equal_bits(x.split(2, 1)[1], split(x, 2, 1)[1]));
  CHECK(equal_bits(x.split({1, 2}, 1)[1], split(x, {1, 2}, 1)[1]));
  CHECK(equal_bits(x.chunk(2)[1], chunk(x, 2)[1]));
  CHECK(equal_bits(x.unbind()[1], unbind(x)[1]));
  CHECK(equal_bits(x.narrow(1, 1, 2), narrow(x, 1, 1, 2)));
  CHECK(equal_bits(x.select(1, 2), select(x, 1, 2)));
}

TEST_CASE("Methods that pick elements are the functions", "[ops][methods]") {
  const auto x = sample();
  const auto index = tensor<std::int64_t>({2, 0});
  const auto rows = tensor<std::int64_t>({{2, 0}, {1, 1}});
  CHECK(equal_bits(x.index_select(1, index), index_select(x, 1, index)));
  CHECK(equal_bits(x.gather(1, rows), gather(x, 1, rows)));
  CHECK(equal_bits(x.masked_fill(x > 0, 9), masked_fill(x, x > 0, 9)));
  CHECK(equal_bits(x.masked_select(x > 0), masked_select(x, x > 0)));
}

TEST_CASE("Methods that reduce are the functions", "[ops][methods]") {
  const auto x = sample();
  CHECK(equal_bits(x.sum(), sum(x)));
  CHECK(equal_bits(x.sum(1, true), sum(x, 1, true)));
  CHECK(equal_bits(x.sum({0, 1}), sum(x)));
  CHECK(equal_bits(x.prod(), prod(x)));
  CHECK(equal_bits(x.prod(0), prod(x, 0)));
  CHECK(equal_bits(x.mean(), mean(x)));
  CHECK(equal_bits(x.mean(0), mean(x, 0)));
  CHECK(equal_bits(x.var(), var(x)));
  CHECK(equal_bits(x.var(1, 0), var(x, 1, 0)));
  CHECK(equal_bits(x.std(), brasa::std(x)));
  CHECK(equal_bits(x.std(1, 0, true), brasa::std(x, 1, 0, true)));
  CHECK(equal_bits(x.norm(), norm(x)));
  CHECK(equal_bits(x.norm(1, 0), norm(x, 1, 0)));
  CHECK(equal_bits(x.logsumexp(1), logsumexp(x, 1)));
  CHECK(equal_bits(x.max(), max(x)));
  CHECK(equal_bits(x.max(1).indices, max(x, 1).indices));
  CHECK(equal_bits(x.min(), min(x)));
  CHECK(equal_bits(x.min(0).values, min(x, 0).values));
  CHECK(equal_bits(x.amax(), amax(x)));
  CHECK(equal_bits(x.amin(1, true), amin(x, 1, true)));
  CHECK(equal_bits(x.argmax(), argmax(x)));
  CHECK(equal_bits(x.argmax(1), argmax(x, 1)));
  CHECK(equal_bits(x.argmin(), argmin(x)));
  CHECK(equal_bits(x.argmin(0, true), argmin(x, 0, true)));
  CHECK(equal_bits((x > 0).all(), all(x > 0)));
  CHECK(equal_bits((x > 0).all(1), all(x > 0, 1)));
  CHECK(equal_bits((x > 0).any(), any(x > 0)));
  CHECK(equal_bits((x > 0).any(0), any(x > 0, 0)));
  CHECK(equal_bits(x.cumsum(1), cumsum(x, 1)));
  CHECK(equal_bits(x.cumprod(1), cumprod(x, 1)));
}

TEST_CASE("Methods that multiply and sort are the functions", "[ops][methods]") {
  const auto x = sample();
  const auto m = square_matrix();
  const auto v = tensor({1, 2});
  CHECK(equal_bits(m.matmul(x), matmul(m, x)));
  CHECK(equal_bits(m.mm(x), mm(m, x)));
  CHECK(equal_bits(m.mv(v), mv(m, v)));
  CHECK(equal_bits(m.unsqueeze(0).bmm(x.unsqueeze(0)), bmm(m.unsqueeze(0), x.unsqueeze(0))));
  CHECK(equal_bits(v.dot(v), dot(v, v)));
  CHECK(equal_bits(v.outer(v), outer(v, v)));
  CHECK(equal_bits(x.topk(2).values, topk(x, 2).values));
  CHECK(equal_bits(x.sort(0, true).indices, sort(x, 0, true).indices));
  CHECK(equal_bits(x.argsort(), argsort(x)));
}
