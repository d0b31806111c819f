#include "brasa/autograd/backward.hpp"

#include <thread>

#include "brasa/autograd/grad.hpp"
#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using Catch::Matchers::ContainsSubstring;
using Floats = std::vector<Tensor<float>>;

// Expected values are PyTorch 2.13.0's; the snippet that gives them stands above each test.

namespace {

/// X(2): ones that require a gradient.
Tensor<float> leaf(const Shape& shape) { return ones<float>(shape).requires_grad_(); }

// Too long a chain for any stack. Under the address sanitizer, where each operation costs 10 µs,
// frames are larger, and a shorter one is.
#ifndef __has_feature  // clang's way to ask; g++ 12 has only the macro
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
constexpr int kLong = 100'000;
#else
constexpr int kLong = 1'000'000;
#endif

}  // namespace

// x=X(2); (x*3).sum().backward(); g=x.grad; (x*3).sum().backward(); x.grad, g is x.grad
//   tensor([6., 6.]) True
TEST_CASE("Gradients of a leaf add up in the same tensor", "[autograd][backward]") {
  const auto x = leaf({2});
  CHECK_FALSE(x.grad().defined());
  (x * 3).sum().backward();
  const auto first = x.grad();
  (x * 3).sum().backward();
  CHECK(x.grad().equal(tensor<float>({6, 6})));
  CHECK(x.grad().is(first));
}

// x=X(2); (x*2).backward(T([1.,2.])); x.grad
//   tensor([2., 4.])
TEST_CASE("Backward begins with the gradient it is given", "[autograd][backward]") {
  const auto x = leaf({2});
  (x * 2).backward(tensor<float>({1, 2}));
  CHECK(x.grad().equal(tensor<float>({2, 4})));
  // x=X(1,1); (x*2).backward(); x.grad      tensor([[2.]])
  const auto y = leaf({1, 1});
  (y * 2).backward();
  CHECK(y.grad().equal(tensor<float>({{2}})));
}

// x=X(2); y=x*x; (y.sum()+(y*2).sum()).backward(); x.grad
//   tensor([6., 6.])
TEST_CASE("A tensor used several times gets the sum of its gradients", "[autograd][backward]") {
  const auto x = leaf({2});
  const auto y = x * x;
  (y.sum() + (y * 2).sum()).backward();
  CHECK(x.grad().equal(tensor<float>({6, 6})));
}

TEST_CASE("Backward tells what it cannot do", "[autograd][backward][error]") {
  // x=X(2); x.backward()   grad can be implicitly created only for scalar outputs
  CHECK_THROWS_AS(leaf({2}).backward(), AutogradError);
  // (X(2)*2).backward(O(3))   Mismatch in shape
  CHECK_THROWS_AS((leaf({2}) * 2).backward(ones<float>({3})), ShapeError);
  // O(2).sum().backward()   element 0 of tensors does not require grad
  CHECK_THAT(error_of<Error>([] { ones<float>({2}).sum().backward(); }),
             ContainsSubstring("does not require a gradient"));
  const auto inside = [] {
    NoGradGuard no_grad;
    return leaf({2}).sum();
  }();
  CHECK_THROWS_AS(inside.backward(), AutogradError);
}

// x=X(2); y=(x*x).sum(); y.backward(); y.backward()
//   Trying to backward through the graph a second time
TEST_CASE("A graph is walked twice only if it was retained", "[autograd][backward][error]") {
  const auto x = leaf({2});
  const auto y = (x * x).sum();
  y.backward({}, true);
  y.backward();
  CHECK(x.grad().equal(tensor<float>({4, 4})));
  CHECK_THAT(error_of<Error>([&] { y.backward(); }), ContainsSubstring("retain_graph"));
  // x=X(2); y=(x*2).sum(); y.backward(); y.backward()   fails too: the node keeps the 2
  const auto twice = (x * 2).sum();
  twice.backward();
  CHECK_THROWS_AS(twice.backward(), AutogradError);
  // x=X(2); y=(x+2).sum(); y.backward(); y.backward(); x.grad   tensor([2., 2.])
  const auto z = leaf({2});
  const auto sum = (z + 2).sum();
  sum.backward();
  sum.backward();
  CHECK(z.grad().equal(tensor<float>({2, 2})));
}

// x=X(2); y=x*x; with torch.no_grad(): x.add_(1); y.sum().backward()
//   one of the variables needed for gradient computation has been modified by an inplace operation
TEST_CASE("A tensor changed after it was saved is noticed", "[autograd][backward][error]") {
  auto x = leaf({2});
  const auto y = x * x;
  {
    NoGradGuard no_grad;
    x.add_(1);
  }
  CHECK_THAT(error_of<Error>([&] { y.sum().backward(); }),
             ContainsSubstring("MulBackward0") && ContainsSubstring("modified") &&
                 ContainsSubstring("version 1") && ContainsSubstring("expected version 0"));
  // x=X(2); y=x.exp(); then y changed: the result is what exp keeps
  const auto z = leaf({2});
  auto e = z.exp();
  e.detach().add_(1);
  CHECK_THROWS_AS(e.sum().backward(), AutogradError);
  // x=X(2); y=x*2; z=y+1; y.add_(1); z.sum().backward()   is no error: + keeps nothing
  const auto w = leaf({2});
  auto doubled = w * 2;
  const auto more = doubled + 1;
  doubled.detach().add_(1);
  more.sum().backward();
  CHECK(w.grad().equal(tensor<float>({2, 2})));
}

// x=X(2); x.add_(1)   a leaf Variable that requires grad is being used in an in-place operation.
TEST_CASE("A leaf that requires a gradient cannot be changed in place", "[autograd][error]") {
  auto x = leaf({2});
  CHECK_THROWS_AS(x.add_(1), AutogradError);
  CHECK_THROWS_AS(x.zero_(), AutogradError);
  CHECK(x.equal(ones<float>({2})));
  NoGradGuard no_grad;
  x.add_(1);
  CHECK(x.equal(full<float>({2}, 2)));
}

// x=X(2); x.is_leaf, (x*1).is_leaf, x.detach().is_leaf, (O(2)*1).is_leaf
//   True False True True
TEST_CASE("A leaf is what no recorded operation made", "[autograd]") {
  const auto x = leaf({2});
  CHECK(x.is_leaf());
  CHECK_FALSE((x * 1).is_leaf());
  CHECK(x.detach().is_leaf());
  CHECK_FALSE(x.detach().requires_grad());
  CHECK((ones<float>({2}) * 1).is_leaf());
  CHECK(x.clone().requires_grad());
  CHECK_FALSE(zeros_like(x).requires_grad());
  CHECK_FALSE((x > 0).requires_grad());
}

TEST_CASE("Only floating point leaves can be told to require a gradient", "[autograd][error]") {
  // T([1,2]).requires_grad_()   only Tensors of floating point dtype can require gradients
  CHECK_THROWS_AS(tensor<std::int64_t>({1, 2}).requires_grad_(), DtypeError);
  CHECK_FALSE(tensor<std::int64_t>({1, 2}).requires_grad_(false).requires_grad());
  // y=X(2)*2; y.requires_grad=False   you can only change requires_grad flags of leaf variables.
  auto y = leaf({2}) * 2;
  CHECK_THROWS_AS(y.requires_grad_(false), AutogradError);
}

// with torch.no_grad(): (X(2)*2).requires_grad, O(2,requires_grad=True).requires_grad
//   False True
TEST_CASE("Guards switch recording off and on", "[autograd][grad_mode]") {
  {
    NoGradGuard no_grad;
    CHECK_FALSE(is_grad_enabled());
    CHECK_FALSE((leaf({2}) * 2).requires_grad());
    CHECK(leaf({2}).requires_grad());
    EnableGradGuard grad;
    CHECK((leaf({2}) * 2).requires_grad());
  }
  CHECK(is_grad_enabled());
  {
    InferenceGuard inference;
    EnableGradGuard grad;
    CHECK_FALSE((leaf({2}) * 2).requires_grad());
    CHECK(is_inference_mode_enabled());
  }
  set_grad_enabled(false);
  CHECK_FALSE((leaf({2}) * 2).requires_grad());
  std::thread([] { CHECK(is_grad_enabled()); }).join();
  set_grad_enabled(true);
  CHECK((leaf({2}) * 2).requires_grad());
}

// x=X(2); y=(x*x).sum(); with torch.no_grad(): y.backward(); x.grad
//   tensor([2., 2.])
TEST_CASE("Backward works where recording is off", "[autograd][backward]") {
  const auto x = leaf({2});
  const auto y = (x * x).sum();
  InferenceGuard inference;
  y.backward();
  CHECK(x.grad().equal(tensor<float>({2, 2})));
}

TEST_CASE("autograd::grad leaves .grad alone", "[autograd][grad]") {
  // x=X(2); ag.grad((x*x).sum(),x), x.grad   (tensor([2., 2.]),) None
  const auto x = leaf({2});
  CHECK(autograd::grad((x * x).sum(), x).equal(tensor<float>({2, 2})));
  CHECK_FALSE(x.grad().defined());
  // x=X(2); y=x*2; ag.grad(y.sum(),[y,x])   (tensor([1., 1.]), tensor([2., 2.]))
  const auto y = x * 2;
  const auto both = autograd::grad(Floats{y.sum()}, Floats{y, x});
  CHECK(both[0].equal(tensor<float>({1, 1})));
  CHECK(both[1].equal(tensor<float>({2, 2})));
  // ag.grad(x.sum(),[x,X(2)])   ... appears to not have been used in the graph.
  CHECK_THAT(error_of<Error>([&] {
               autograd::grad(Floats{x.sum()}, Floats{x, leaf({2})});
             }),
             ContainsSubstring("input 1 was not used"));
  const auto unused =
      autograd::grad(Floats{x.sum()}, Floats{x, leaf({2})}, {}, {.allow_unused = true});
  CHECK(unused[0].equal(tensor<float>({1, 1})));
  CHECK_FALSE(unused[1].defined());
  // ag.grad(x.sum(),O(2),allow_unused=True)   One of the differentiated Tensors does not require
  // grad
  CHECK_THROWS_AS(autograd::grad(x.sum(), ones<float>({2})), AutogradError);
  CHECK_THROWS_AS(autograd::grad(Floats{x.sum()}, Floats{}), ValueError);
}

// x=T([2.],requires_grad=True); g=x**4
// for i in range(5): g,=ag.grad(g.sum(),x,create_graph=True); print(g)
//   32 48 48 24 0
TEST_CASE("Gradients of gradients", "[autograd][grad]") {
  const auto x = tensor<float>({2}).requires_grad_();
  auto g = x.pow(4);
  for (const float expected : {32.0f, 48.0f, 48.0f, 24.0f}) {
    g = autograd::grad(g.sum(), x, {}, {.create_graph = true});
    CHECK(g.item() == Approx(expected));
  }
  // x=X(2); a,=ag.grad((x**3).sum(),x,create_graph=True); a.sum().backward(); x.grad
  //   tensor([6., 6.])
  const auto y = leaf({2});
  const auto a = autograd::grad(y.pow(3).sum(), y, {}, {.create_graph = true});
  CHECK(a.allclose(full<float>({2}, 3)));
  a.sum().backward();
  CHECK(y.grad().allclose(full<float>({2}, 6)));
}

// x=X(2); y=x*2; y.retain_grad(); y.register_hook(lambda g: g*10); y.sum().backward()
// y.grad, x.grad   tensor([10., 10.]) tensor([20., 20.])
TEST_CASE("Hooks see and change gradients, and retain_grad keeps what they leave",
          "[autograd][hooks]") {
  const auto x = leaf({2});
  auto y = x * 2;
  y.retain_grad();
  y.register_hook([](const Tensor<float>& g) { return g * 10; });
  y.sum().backward();
  CHECK(y.grad().equal(tensor<float>({10, 10})));
  CHECK(x.grad().equal(tensor<float>({20, 20})));
}

// x=X(2); h=x.register_hook(lambda g: g*2); x.register_hook(lambda g: g+1); x.sum().backward();
// x.grad; h.remove(); x.sum().backward(); x.grad     tensor([3., 3.]) tensor([5., 5.])
TEST_CASE("Hooks on a leaf run in order, on the summed gradient, until they are removed",
          "[autograd][hooks]") {
  const auto x = leaf({2});
  auto handle = x.register_hook([](const Tensor<float>& g) { return g * 2; });
  x.register_hook([](const Tensor<float>& g) { return g + 1; });
  x.sum().backward();
  CHECK(x.grad().equal(tensor<float>({3, 3})));
  handle.remove();
  x.sum().backward();
  CHECK(x.grad().equal(tensor<float>({5, 5})));
  // x=X(2); x.register_hook(print); (x*2+x*3).sum().backward()     tensor([5., 5.])
  const auto z = leaf({2});
  int calls = 0;
  z.register_hook([&](const Tensor<float>& g) {
    ++calls;
    CHECK(g.equal(tensor<float>({5, 5})));
  });
  (z * 2 + z * 3).sum().backward();
  CHECK(calls == 1);
}

TEST_CASE("Hooks tell what they cannot do", "[autograd][hooks][error]") {
  CHECK_THROWS_AS(ones<float>({2}).register_hook([](const Tensor<float>&) {}), AutogradError);
  CHECK_THROWS_AS(ones<float>({2}).retain_grad(), AutogradError);
  // hook '<lambda>' has changed the size of value
  const auto x = leaf({2});
  x.register_hook([](const Tensor<float>&) { return ones<float>({3}); });
  CHECK_THROWS_AS(x.sum().backward(), AutogradError);
  CHECK_FALSE(x.grad().defined());
}

// x=X(2); x.register_post_accumulate_grad_hook(lambda p: print('post', p.grad));
// (x*2).sum().backward()
//   post tensor([2., 2.])
TEST_CASE("A post-accumulate hook runs when .grad is there", "[autograd][hooks]") {
  const auto x = leaf({2});
  int calls = 0;
  x.register_post_accumulate_grad_hook([&](const Tensor<float>& leaf) {
    ++calls;
    CHECK(leaf.grad().equal(tensor<float>({2, 2})));
  });
  (x * 2).sum().backward();
  autograd::grad(x.sum(), x);
  CHECK(calls == 1);
  CHECK_THROWS_AS((x * 2).register_post_accumulate_grad_hook([](const Tensor<float>&) {}),
                  AutogradError);
}

TEST_CASE("A gradient can be set and dropped", "[autograd]") {
  auto x = leaf({2});
  x.set_grad(ones<float>({2}));
  x.sum().backward();
  CHECK(x.grad().equal(tensor<float>({2, 2})));
  x.set_grad({});
  CHECK_FALSE(x.grad().defined());
  // x.grad=O(3)   attempting to assign a gradient of size '[3]' to a tensor of size '[2]'.
  CHECK_THROWS_AS(x.set_grad(ones<float>({3})), ShapeError);
  CHECK_THROWS_AS(x.set_grad(x), AutogradError);
}

TEST_CASE("A leaf does not share its gradient with anybody", "[autograd][backward]") {
  // x=X(2); g=O(2); x.backward(g); x.grad.data_ptr()==g.data_ptr()   False
  const auto x = leaf({2});
  const auto given = ones<float>({2});
  x.backward(given);
  CHECK_FALSE(x.grad().shares_storage(given));
  const auto a = leaf({2});
  const auto b = leaf({2});
  (a + b).sum().backward();
  CHECK_FALSE(a.grad().shares_storage(b.grad()));
}

TEST_CASE("An error on the way leaves the graph as it was", "[autograd][backward][error]") {
  const auto x = leaf({2});
  auto handle = x.register_hook([](const Tensor<float>&) { return ones<float>({3}); });
  const auto y = (x * x).sum();
  CHECK_THROWS_AS(y.backward({}, true), AutogradError);
  handle.remove();
  y.backward();
  CHECK(x.grad().equal(tensor<float>({2, 2})));
}

TEST_CASE("A chain of very many operations is walked and freed without recursion",
          "[autograd][backward]") {
  const auto x = leaf({1});
  {
    auto y = x + 0;
    for (int i = 0; i < kLong; ++i) y = y + 0;
    y.backward();
  }
  CHECK(x.grad().item() == 1.0f);
  auto dropped = x * 1;
  for (int i = 0; i < kLong; ++i) dropped = dropped * 1;
  dropped = {};
  CHECK_FALSE(dropped.defined());
}
