// The gradients of all operations, and the gradients of these, against numerical ones. Inputs keep
// away from kinks. What is constant or linear is multiplied by its input, so that there is
// something to differentiate again.

#include <cstdint>
#include <limits>
#include <vector>

#include "brasa/ops/atan2.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "support/catch.hpp"
#include "support/gradcheck_table.hpp"

using namespace brasa;
using gradcheck_table::Checked;
using gradcheck_table::Names;
using gradcheck_table::numbers;
using gradcheck_table::Row;
using gradcheck_table::signed_numbers;
using gradcheck_table::X;

namespace {

/// Half of the elements of a (3, 4).
Tensor<bool> mask() { return numbers({3, 4}) > 0.5; }

std::vector<Row> of_one_element() {
  const auto unit = numbers({3, 4}, 0.1, 0.9);
  const auto s = signed_numbers({3, 4});
  return {
      {"abs", [](X x) { return abs(x[0]) * x[0]; }, {s}},
      {"acos", [](X x) { return acos(x[0]); }, {unit}},
      {"asin", [](X x) { return asin(x[0]); }, {unit}},
      {"atan", [](X x) { return atan(x[0]); }, {s}},
      {"ceil", [](X x) { return ceil(3.1 * x[0]) * x[0]; }, {unit}},
      {"clamp", [](X x) { return clamp(x[0], -0.5, 1.0) * x[0]; }, {s}},
      {"clamp_min", [](X x) { return clamp_min(x[0], 0.5) * x[0]; }, {s}},
      {"clamp_max", [](X x) { return clamp_max(x[0], 0.5) * x[0]; }, {s}},
      {"clone", [](X x) { return clone(x[0]) * x[0]; }, {s}},
      {"cos", [](X x) { return cos(x[0]); }, {s}},
      {"cosh", [](X x) { return cosh(x[0]); }, {s}},
      {"erf", [](X x) { return erf(x[0]); }, {s}},
      {"exp", [](X x) { return exp(x[0]); }, {s}},
      {"expm1", [](X x) { return expm1(x[0]); }, {s}},
      {"floor", [](X x) { return floor(3.1 * x[0]) * x[0]; }, {unit}},
      {"log", [](X x) { return log(x[0]); }, {unit}},
      {"log10", [](X x) { return log10(x[0]); }, {unit}},
      {"log1p", [](X x) { return log1p(x[0]); }, {unit}},
      {"log2", [](X x) { return log2(x[0]); }, {unit}},
      {"neg", [](X x) { return neg(x[0]) * x[0]; }, {s}},
      {"reciprocal", [](X x) { return reciprocal(x[0]); }, {s}},
      {"relu", [](X x) { return relu(x[0]) * x[0]; }, {s}},
      {"round", [](X x) { return round(3 * x[0]) * x[0]; }, {numbers({3, 4}, 0.2, 0.48)}},
      {"round to decimals", [](X x) { return round(x[0], 1) * x[0]; }, {numbers({4}, 0.26, 0.34)}},
      {"rsqrt", [](X x) { return rsqrt(x[0]); }, {unit}},
      {"sigmoid", [](X x) { return sigmoid(x[0]); }, {s}},
      {"sign", [](X x) { return sign(x[0]) * x[0] * x[0]; }, {s}},
      {"sin", [](X x) { return sin(x[0]); }, {s}},
      {"sinh", [](X x) { return sinh(x[0]); }, {s}},
      {"sqrt", [](X x) { return sqrt(x[0]); }, {unit}},
      {"square", [](X x) { return square(x[0]); }, {s}},
      {"tan", [](X x) { return tan(x[0]); }, {unit}},
      {"tanh", [](X x) { return tanh(x[0]); }, {s}},
      {"trunc", [](X x) { return trunc(3.1 * x[0]) * x[0]; }, {unit}},
      // Linear, so a wide step is exact but for what float rounds.
      {"to", [](X x) { return to<double>(to<float>(x[0])); }, {s}, true, 0.1},
  };
}

std::vector<Row> of_two_elements() {
  const auto a = numbers({3, 4}, 0.6, 1.4);
  const auto b = numbers({3, 4}, 1.6, 2.4);
  const auto row = numbers({4}, 0.6, 1.4);
  const auto column = numbers({3, 1}, 1.6, 2.4);
  return {
      {"add", [](X x) { return add(x[0], x[1], 0.5) * (x[0] + 2); }, {a, row}},
      {"atan2", [](X x) { return atan2(x[0], x[1]); }, {a, b}},
      {"clamp by tensors",
       [](X x) { return clamp(x[0], x[1], x[2]) * x[0]; },
       {numbers({12}, 0, 3), numbers({12}, 0.6, 0.9), numbers({12}, 2.1, 2.4)}},
      {"div", [](X x) { return x[0] / x[1]; }, {row, column}},
      {"div by number", [](X x) { return x[0] / 3 * x[0]; }, {a}},
      {"div of number", [](X x) { return 3 / x[0]; }, {a}},
      {"div rounded", [](X x) { return div(x[0], x[1], "floor") * x[0] + x[1]; }, {b, a}},
      {"fmod", [](X x) { return fmod(x[0], x[1]) * x[0]; }, {b, numbers({3, 4}, 0.9, 1.1)}},
      {"fmod by number", [](X x) { return fmod(x[0], 1.5) * x[0]; }, {b}},
      {"maximum", [](X x) { return maximum(x[0], x[1]) * x[0]; }, {a, numbers({3, 4}, 0.6, 1.2)}},
      {"minimum", [](X x) { return minimum(x[0], x[1]) * x[0]; }, {a, numbers({3, 4}, 0.6, 1.2)}},
      {"mul", [](X x) { return x[0] * x[1] * 3; }, {row, column}},
      {"pow", [](X x) { return pow(x[0], x[1]); }, {row, column}},
      {"pow by number", [](X x) { return pow(x[0], 2.5); }, {a}},
      {"pow of number", [](X x) { return pow(1.5, x[0]); }, {a}},
      {"remainder",
       [](X x) { return remainder(x[0], x[1]) * x[0]; },
       {b, numbers({3, 4}, 0.9, 1.1)}},
      {"remainder by number", [](X x) { return remainder(x[0], 1.5) * x[0]; }, {b}},
      {"sub", [](X x) { return sub(x[0], x[1], 0.5) * (2 - x[0]); }, {row, column}},
      {"where", [m = mask()](X x) { return where(m, x[0], x[1]) * x[0]; }, {a, row}},
      {"where numbers", [m = mask()](X x) { return where(m, x[0], 2.0) * x[0]; }, {a}},
  };
}

std::vector<Row> in_place() {
  const auto a = numbers({3, 4}, 0.6, 1.4);
  const auto b = numbers({4}, 1.6, 2.4);
  const auto on_copy = [](auto change) {
    return [change](X x) {
      auto y = x[0] * x[0];
      change(y, x);
      return y * x[0];
    };
  };
  return {
      {"add_", on_copy([](auto& y, X x) { y.add_(x[1], 0.5); }), {a, b}},
      {"sub_", on_copy([](auto& y, X x) { y.sub_(x[1], 0.5); }), {a, b}},
      {"mul_", on_copy([](auto& y, X x) { y.mul_(x[1]); }), {a, b}},
      {"div_", on_copy([](auto& y, X x) { y.div_(x[1]); }), {a, b}},
      {"add_ a number", on_copy([](auto& y, X) { y.add_(2); }), {a}},
      {"clamp_", on_copy([](auto& y, X) { y.clamp_(0.7, 1.2); }), {a}},
      {"copy_", on_copy([](auto& y, X x) { y.copy_(x[1]); }), {a, b}},
      {"fill_", on_copy([](auto& y, X) { y.fill_(2); }), {a}},
      {"zero_", on_copy([](auto& y, X x) { y.zero_().add_(x[0]); }), {a}},
      {"masked_fill_", on_copy([m = mask()](auto& y, X) { masked_fill_(y, m, 2); }), {a}},
  };
}

std::vector<Row> reductions() {
  const auto cube = signed_numbers({2, 3, 4});
  const auto p = numbers({3, 4}, 0.5, 1.5);
  std::vector<Row> rows{
      {"sum", [](X x) { return square(sum(x[0])); }, {cube}},
      {"sum over dims",
       [](X x) {
         return square(sum(x[0], {0, -1}));
       },
       {cube}},
      {"mean", [](X x) { return square(mean(x[0])); }, {cube}},
      {"mean over dims",
       [](X x) {
         return square(mean(x[0], {0, 2}, true));
       },
       {cube}},
      {"amax",
       [](X x) {
         return square(amax(x[0], {0, 2}));
       },
       {cube}},
      {"amin", [](X x) { return square(amin(x[0], {1})); }, {cube}},
      {"max", [](X x) { return square(max(x[0])); }, {cube}},
      {"max over a dim", [](X x) { return square(max(x[0], 1).values); }, {cube}},
      {"min", [](X x) { return square(min(x[0])); }, {cube}},
      {"min over a dim", [](X x) { return square(min(x[0], 2, true).values); }, {cube}},
      {"prod", [](X x) { return prod(x[0]); }, {numbers({5}, 0.5, 1.5)}},
      {"prod over a dim", [](X x) { return prod(x[0], 1); }, {p}},
      {"prod with a zero", [](X x) { return prod(x[0]); }, {tensor<double>({1.5, 0, 2})}},
      {"prod with a zero along a dim",
       [](X x) { return prod(x[0], 0); },
       {tensor<double>({1.5, 0, 2})}},
      {"cumsum", [](X x) { return square(cumsum(x[0], 1)); }, {p}},
      {"cumprod", [](X x) { return cumprod(x[0], 1); }, {p}},
      {"cumprod with a zero", [](X x) { return cumprod(x[0], 0); }, {tensor<double>({1.5, 0, 2})}},
      {"logsumexp",
       [](X x) {
         return logsumexp(x[0], {0, 2});
       },
       {cube}},
      {"std", [](X x) { return x[0].std(); }, {p}},
      {"std over a dim", [](X x) { return x[0].std({1}, 0, true); }, {p}},
      {"var", [](X x) { return square(var(x[0])); }, {p}},
      {"var over a dim", [](X x) { return square(var(x[0], {0}, 2)); }, {p}},
      {"softmax", [](X x) { return softmax(x[0], 1); }, {cube}},
      {"log_softmax", [](X x) { return log_softmax(x[0], 0); }, {cube}},
      {"norm", [](X x) { return norm(x[0]); }, {cube}},
  };
  const double inf = std::numeric_limits<double>::infinity();
  for (const double exponent : {0.5, 1.0, 2.0, 3.0, inf, -inf}) {
    rows.emplace_back(
        "norm over a dim", [exponent](X in) { return norm(in[0], exponent, {1}) * sum(in[0]); },
        gradcheck_table::Tensors{cube});
  }
  return rows;
}

std::vector<Row> shapes() {
  const auto cube = signed_numbers({2, 3, 4});
  const auto m = signed_numbers({3, 4});
  return {
      {"cat",
       [](X x) {
         return square(cat({x[0], x[1], x[0]}, 1));
       },
       {m, signed_numbers({3, 2})}},
      {"chunk", [](X x) { return chunk(square(x[0]), 3, 2); }, {cube}},
      {"diagonal", [](X x) { return square(diagonal(x[0], 1, 0, 2)); }, {cube}},
      {"expand",
       [](X x) {
         return square(expand(x[0], {2, 3, 4}));
       },
       {signed_numbers({3, 1})}},
      {"expand_as", [](X x) { return expand_as(x[0], x[1]) * x[1]; }, {signed_numbers({4}), m}},
      {"flatten", [](X x) { return square(flatten(x[0], 1)); }, {cube}},
      {"flip",
       [](X x) {
         return flip(x[0], {0, 2}) * x[0];
       },
       {cube}},
      {"narrow", [](X x) { return square(narrow(x[0], 1, 1, 2)); }, {cube}},
      {"permute",
       [](X x) {
         return square(permute(x[0], {2, 0, 1}));
       },
       {cube}},
      {"repeat",
       [](X x) {
         return square(repeat(x[0], {2, 1, 3}));
       },
       {m}},
      {"reshape",
       [](X x) {
         return square(reshape(x[0], {4, 6}));
       },
       {cube}},
      {"roll",
       [](X x) {
         return roll(x[0], {1, 2}, {0, 1}) * x[0];
       },
       {m}},
      {"select", [](X x) { return square(select(x[0], 1, 2)); }, {cube}},
      {"split", [](X x) { return split(square(x[0]), 2, 2); }, {cube}},
      {"split in sizes",
       [](X x) {
         return split(square(x[0]), Shape{1, 2}, 1);
       },
       {cube}},
      {"squeeze", [](X x) { return square(squeeze(x[0])); }, {signed_numbers({1, 3, 1})}},
      {"squeeze a dim", [](X x) { return square(squeeze(x[0], 0)); }, {signed_numbers({1, 3, 1})}},
      {"squeeze dims",
       [](X x) {
         return square(squeeze(x[0], {0, 2}));
       },
       {signed_numbers({1, 3, 1})}},
      {"stack",
       [](X x) {
         return square(stack({x[0], x[1], x[0]}, 1));
       },
       {m, signed_numbers({3, 4})}},
      {"t", [](X x) { return square(t(x[0])); }, {m}},
      {"mT", [](X x) { return square(mT(x[0])); }, {cube}},
      {"transpose", [](X x) { return square(transpose(x[0], 0, 2)); }, {cube}},
      {"tril", [](X x) { return square(tril(x[0], 1)); }, {m}},
      {"triu", [](X x) { return square(triu(x[0])); }, {cube}},
      {"unbind", [](X x) { return unbind(square(x[0]), 1); }, {m}},
      {"unflatten",
       [](X x) {
         return square(unflatten(x[0], 1, {2, 2}));
       },
       {m}},
      {"unsqueeze", [](X x) { return square(unsqueeze(x[0], 1)); }, {m}},
      {"view",
       [](X x) {
         return square(view(x[0], {2, 6}));
       },
       {m}},
      {"view_as", [](X x) { return view_as(x[0], x[1]) * x[1]; }, {m, signed_numbers({12})}},
  };
}

std::vector<Row> picks() {
  const auto m = signed_numbers({3, 4});
  return {
      {"gather",
       [at = tensor<std::int64_t>({0, 2, 3, 1, 1, 0}).reshape({3, 2})](X x) {
         return square(gather(x[0], 1, at));
       },
       {m}},
      {"index_select",
       [at = tensor<std::int64_t>({2, 0, 2})](X x) { return square(index_select(x[0], 0, at)); },
       {m}},
      {"masked_fill", [at = mask()](X x) { return square(masked_fill(x[0], at, 2)); }, {m}},
      {"masked_fill by a tensor",
       [at = mask()](X x) { return square(masked_fill(x[0], at, x[1])); },
       {m, tensor<double>(0.7)}},
      {"masked_select", [at = mask()](X x) { return square(masked_select(x[0], at)); }, {m}},
      {"sort", [](X x) { return square(sort(x[0], 1).values); }, {m}},
      {"sort stably", [](X x) { return square(sort(x[0], 0, true, true).values); }, {m}},
      {"topk", [](X x) { return square(topk(x[0], 2, 1).values); }, {m}},
  };
}

std::vector<Row> products() {
  const auto a = signed_numbers({3, 4});
  const auto b = signed_numbers({4, 2});
  const auto v = signed_numbers({4});
  const auto batch = signed_numbers({2, 3, 4});
  return {
      {"addmm", [](X x) { return addmm(x[0], x[1], x[2], 0.5, 2); }, {signed_numbers({2}), a, b}},
      {"bmm", [](X x) { return bmm(x[0], x[1]); }, {batch, signed_numbers({2, 4, 2})}},
      {"dot", [](X x) { return dot(x[0], x[1]); }, {v, signed_numbers({4})}},
      {"linear",
       [](X x) { return linear(x[0], x[1], x[2]); },
       {batch, signed_numbers({2, 4}), signed_numbers({2})}},
      {"linear without bias", [](X x) { return linear(x[0], x[1]); }, {v, signed_numbers({2, 4})}},
      {"matmul", [](X x) { return matmul(x[0], x[1]); }, {a, b}},
      {"matmul of vectors", [](X x) { return matmul(x[0], x[1]); }, {v, signed_numbers({4})}},
      {"matmul by a vector", [](X x) { return matmul(x[0], x[1]); }, {batch, v}},
      {"matmul of a vector", [](X x) { return matmul(x[0], x[1]); }, {v, b}},
      {"matmul of batches",
       [](X x) { return matmul(x[0], x[1]); },
       {batch, signed_numbers({3, 1, 4, 2})}},
      {"mm", [](X x) { return mm(x[0], x[1]); }, {a, b}},
      {"mv", [](X x) { return mv(x[0], x[1]); }, {a, v}},
      {"outer", [](X x) { return outer(x[0], x[1]); }, {v, signed_numbers({3})}},
  };
}

}  // namespace

TEST_CASE("The gradients of all operations are the numerical ones, twice", "[autograd][ops]") {
  Checked checked;
  for (const auto& rows : {of_one_element(), of_two_elements(), in_place(), reductions(), shapes(),
                           picks(), products()}) {
    checked.run(rows);
  }
  // Whatever PyTorch was asked for a gradient of, and whatever ops/ records, has its row.
  for (const char* family : {"index", "matmul", "pointwise", "reduce", "softmax", "sort", "view"}) {
    CAPTURE(family);
    const std::string file = std::string("ops/") + family + ".safetensors";
    CHECK(checked.missing(gradcheck_table::differentiable_in(file)) == Names());
  }
  // Random, so there is nothing to compare; its gradient, 0, is tested in ops/random_test.cpp.
  CHECK(checked.missing(gradcheck_table::nodes_in("ops")) == Names{"BernoulliBackward0"});
}
