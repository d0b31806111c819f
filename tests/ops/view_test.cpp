#include "brasa/ops/view.hpp"

#include "brasa/autograd/gradcheck.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/join.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/permute.hpp"
#include "brasa/ops/random.hpp"
#include "brasa/ops/rearrange.hpp"
#include "brasa/ops/slice.hpp"
#include "support/recorded_ops.hpp"

using namespace brasa;
using autograd::gradcheck;
using autograd::gradgradcheck;
using Catch::Matchers::Message;
using golden::Outputs;
using golden::outputs_of;

namespace {

template <class C>
Outputs reshaped(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if (op == "reshape") return {reshape(x, call.sizes("shape"))};
  if (op == "view") return {view(x, call.sizes("shape"))};
  if (op == "flatten") return {flatten(x, call.integer("start_dim"), call.integer("end_dim", -1))};
  if (op == "unflatten") return {unflatten(x, call.integer("dim"), call.sizes("sizes"))};
  if (op == "squeeze") return {call.has("dim") ? squeeze(x, call.sizes("dim")) : squeeze(x)};
  if (op == "unsqueeze") return {unsqueeze(x, call.integer("dim"))};
  return {};
}

template <class C>
Outputs reordered(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if (op == "transpose") return {transpose(x, call.integer("dim0"), call.integer("dim1"))};
  if (op == "t") return {t(x)};
  if (op == "permute") return {permute(x, call.sizes("dims"))};
  if (op == "flip") return {flip(x, call.sizes("dims"))};
  if (op == "roll") return {roll(x, call.sizes("shifts"), call.sizes("dims"))};
  if (op == "expand") return {expand(x, call.sizes("size"))};
  if (op == "repeat") return {repeat(x, call.sizes("repeats"))};
  if (op == "tril") return {tril(x, call.integer("diagonal"))};
  if (op == "triu") return {triu(x, call.integer("diagonal"))};
  return {};
}

template <class C>
Outputs cut(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  const std::int64_t dim = call.integer("dim");
  if (op == "diagonal") {
    return {diagonal(x, call.integer("offset"), call.integer("dim1"), call.integer("dim2", 1))};
  }
  if (op == "split") {
    const char* how = "split_size_or_sections";
    return outputs_of(call.is_integer(how) ? split(x, call.integer(how), dim)
                                           : split(x, call.sizes(how), dim));
  }
  if (op == "chunk") return outputs_of(chunk(x, call.integer("chunks"), dim));
  if (op == "unbind") return outputs_of(unbind(x, dim));
  if (op == "narrow") return {narrow(x, dim, call.integer("start"), call.integer("length"))};
  if (op == "select") return {select(x, dim, call.integer("index"))};
  return {};
}

}  // namespace

TEST_CASE("Shape operations give what PyTorch recorded", "[ops][view]") {
  golden::run_recorded("ops/view.safetensors", [](auto& call) -> Outputs {
    if (call.op() == "cat") return {cat(call.list(), call.integer("dim"))};
    if (call.op() == "stack") return {stack(call.list(), call.integer("dim"))};
    if (Outputs found = reshaped(call); !found.empty()) return found;
    if (Outputs found = reordered(call); !found.empty()) return found;
    return cut(call);
  });
}

TEST_CASE("The reshape family shares memory with its input", "[ops][view]") {
  const auto x = zeros({2, 1, 3});
  CHECK(reshape(x, {3, -1}).shares_storage(x));
  CHECK(view(x, {6}).shares_storage(x));
  CHECK(view_as(x, zeros<double>({3, 2})).shares_storage(x));
  CHECK(flatten(x).shares_storage(x));
  CHECK(unflatten(x, 2, {3, 1}).shares_storage(x));
  CHECK(squeeze(x).shares_storage(x));
  CHECK(squeeze(x, 1).shares_storage(x));
  CHECK(unsqueeze(x, 0).shares_storage(x));
}

TEST_CASE("view_as takes the shape of a tensor of any type", "[ops][view]") {
  CHECK(view_as(zeros({2, 3}), zeros<bool>({3, 2})).shape() == Shape{3, 2});
  CHECK_THROWS_MATCHES(view_as(zeros({6}), zeros({4})), ShapeError,
                       Message("view_as: expected a shape for 6 elements, got (4,)"));
}

TEST_CASE("flatten gives the tensor itself where there is nothing to flatten", "[ops][view]") {
  const auto x = zeros({2, 3}).requires_grad_();  // torch.rand(2, 3).flatten(1, 1) has no grad_fn
  CHECK(flatten(x, 1, 1).is(x));
  CHECK(flatten(x, 1, -1).is(x));
}

TEST_CASE("Shapes of empty tensors follow the same rules", "[ops][view]") {
  CHECK(reshape(zeros({0}), {-1, 2}).shape() == Shape{0, 2});
  CHECK(reshape(zeros({0, 3}), {5, 0, 7}).shape() == Shape{5, 0, 7});
  CHECK(flatten(zeros({2, 0, 3})).shape() == Shape{0});
  CHECK(reshape(zeros({}), {}).shape() == Shape{});
  CHECK_THROWS_MATCHES(reshape(zeros({0}), {-1, 0}), ShapeError,
                       Message("reshape: cannot tell which size -1 stands for in (-1, 0): the "
                               "others already multiply to 0"));
}

TEST_CASE("Shapes that do not fit are refused", "[ops][view][error]") {
  const auto x = zeros({6});
  CHECK_THROWS_MATCHES(reshape(x, {4, 2}), ShapeError,
                       Message("reshape: expected a shape for 6 elements, got (4, 2)"));
  CHECK_THROWS_MATCHES(view(x, {4, -1}), ShapeError,
                       Message("view: expected a shape for 6 elements, got (4, -1)"));
  CHECK_THROWS_MATCHES(view(x, {-1, -1}), ValueError,
                       Message("view: expected at most one size of -1, got (-1, -1)"));
  CHECK_THROWS_MATCHES(view(x, {-2, 3}), ValueError,
                       Message("view: expected sizes that are not negative, or -1, got (-2, 3)"));
  CHECK_THROWS_MATCHES(flatten(zeros({2, 3}), 1, 0), ValueError,
                       Message("flatten: expected start_dim not to come after end_dim, got 1 and 0 "
                               "for shape (2, 3)"));
  CHECK_THROWS_MATCHES(flatten(zeros({2}), 1), IndexError,
                       Message("flatten: dimension out of range: expected it in [-1, 0], got 1"));
  CHECK_THROWS_MATCHES(unflatten(x, 0, {4, 2}), ShapeError,
                       Message("unflatten: expected a shape for 6 elements, got (4, 2)"));
  CHECK_THROWS_AS(unflatten(x, 0, {-1, 4}), ShapeError);
  CHECK_THROWS_AS(unflatten(x, 0, {-1, -1}), ValueError);
  CHECK_THROWS_AS(unflatten(x, 0, {}), ValueError);
  CHECK_THROWS_AS(unflatten(x, 1, {6}), IndexError);
  CHECK_THROWS_AS(unflatten(zeros({}), 0, {1}), ShapeError);
  CHECK_THROWS_AS(squeeze(x, 1), IndexError);
  CHECK_THROWS_MATCHES(squeeze(zeros({2, 3}), {0, -2}), ValueError,
                       Message("squeeze: expected each dimension at most once, got (0, -2)"));
  CHECK_THROWS_MATCHES(unsqueeze(zeros({2, 3}), 4), IndexError,
                       Message("unsqueeze: dimension out of range: expected it in [-3, 2], got 4"));
}

TEST_CASE("Sizes that overflow are refused", "[ops][view][error]") {
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  CHECK_THROWS_AS(reshape(zeros({6}), {kHuge, 4}), ValueError);
  CHECK_THROWS_AS(reshape(zeros({6}), {kHuge, kHuge, -1}), ValueError);
  CHECK(reshape(zeros({0}), {kHuge, kHuge, 0}).numel() == 0);
  CHECK_THROWS_AS(flatten(zeros({kHuge, kHuge, 0}), 0, 1), ValueError);
}

TEST_CASE("Gradients of views can be differentiated again", "[ops][view][autograd]") {
  const auto f = [](const auto& x) {
    const auto a = unsqueeze(flatten(reshape(x[0], {3, 2, 1}), 1), 1);
    return square(squeeze(unflatten(view(a, {6}), 0, {-1, 3, 1})));
  };
  const auto x = rand<double>({2, 3}).requires_grad_();
  CHECK(gradcheck(f, {x}));
  CHECK(gradgradcheck(f, {x}));
}
