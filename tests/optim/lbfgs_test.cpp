// States of LBFGS, and closures that throw. That it takes PyTorch's course, brasa_conformance
// shows.

#include "brasa/optim/lbfgs.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/descent.hpp"
#include "support/errors.hpp"

using namespace brasa;

namespace {

template <FloatScalar S>
std::vector<Tensor<S>> leaves(const Tensor<S>& flat) {
  std::vector<Tensor<S>> params{narrow(flat, 0, 0, 5), narrow(flat, 0, 5, 6).reshape({2, 3}),
                                select(flat, 0, 11), narrow(flat, 0, 12, 0)};
  for (auto& param : params) param.requires_grad_();
  return params;
}

template <FloatScalar S>
std::vector<Tensor<S>> start() {
  return leaves(cat({linspace<S>(-1.2, 0.8, 5), linspace<S>(-1, 1, 6), ones<S>({1})}));
}

template <FloatScalar S>
Tensor<S> flattened(const std::vector<Tensor<S>>& params) {
  NoGradGuard not_recording;
  return cat(std::vector<Tensor<S>>{params[0], params[1].reshape({6}), params[2].reshape({1})}, 0);
}

}  // namespace

TEST_CASE("LBFGS goes on from its own state as it would have", "[optim][lbfgs]") {
  auto params = start<double>();
  optim::LBFGS original(params, {.max_iter = 5, .line_search_fn = "strong_wolfe"});
  optimizers::descend(original, params, 100.0);
  auto others = leaves(flattened(params));
  optim::LBFGS copy(others);
  copy.load_state_dict(original.state_dict());
  CHECK(repr(copy.state_dict()) == repr(original.state_dict()));
  optimizers::descend(original, params, 100.0);
  optimizers::descend(copy, others, 100.0);
  CHECK(flattened(others).equal(flattened(params)));
  CHECK(repr(copy.state_dict()) == repr(original.state_dict()));
}

TEST_CASE("LBFGS names what does not fit in a state, and changes nothing then", "[optim][lbfgs]") {
  auto params = start<float>();
  optim::LBFGS optimizer(params, {.lr = 0.01, .max_iter = 3});
  optimizers::descend(optimizer, params, 100.0f);
  const std::string before = repr(optimizer.state_dict());
  const auto error_after = [&](auto change) {
    const Value state = optimizer.state_dict();
    Dict kept = state["state"][0].as_dict();
    change(kept);
    state.as_dict().set("state", Value::dict({{0, Value::dict(kept)}}));
    std::string message;
    try {
      optimizer.load_state_dict(state);
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK(repr(optimizer.state_dict()) == before);
    return message;
  };
  CHECK(error_after([](Dict& kept) { kept.set("step", 1); }) ==
        "LBFGS: unknown state 'step' in ['state'][0], was it saved by another optimizer?");
  CHECK(error_after([](Dict& kept) { kept.set("d", ones<float>({10})); }) ==
        "LBFGS: ['state'][0]['d']: expected shape (12,), found a float32 Tensor of shape (10,)");
  CHECK(error_after([](Dict& kept) { kept.set("ro", Value::list()); })
            .find("LBFGS: ['state'][0]: expected 'old_dirs', 'old_stps' and 'ro' to be of one "
                  "length") == 0);
  CHECK(error_after([](Dict& kept) {
          kept.erase("prev_flat_grad");
        }).find("LBFGS: ['state'][0]: no 'prev_flat_grad' in a dict with the keys") == 0);
  CHECK(error_after([](Dict& kept) { kept.set("n_iter", 1.5); }) ==
        "['state'][0]['n_iter']: expected an int, found the float 1.5");
}

TEST_CASE("A closure that throws in a line search leaves the parameters where they were",
          "[optim][lbfgs]") {
  auto params = start<double>();
  optim::LBFGS optimizer(params, {.line_search_fn = "strong_wolfe"});
  const auto before = flattened(params);
  int calls = 0;
  const auto closure = [&] {
    if (++calls == 2) throw std::runtime_error("enough");
    optimizer.zero_grad();
    const auto value = optimizers::objective(params, 100.0);
    value.backward();
    return value;
  };
  CHECK(error_of<std::runtime_error>([&] { optimizer.step(closure); }) == "enough");
  CHECK(flattened(params).equal(before));
  CHECK(optimizer.state_dict()["state"].size() == 0);
}
