// LBFGS on Rosenbrock's valley and a bowl, held against the runs that PyTorch recorded.

#include "brasa/optim/lbfgs.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "optim/recorded_optimizer.hpp"
#include "support/errors.hpp"

using namespace brasa;
using golden::Json;

namespace {

/// `objective` of tests/golden/recorder/optim.py.
template <FloatScalar S>
Tensor<S> objective(const Tensor<S>& x, const Tensor<S>& w) {
  const auto now = narrow(x, 0, 0, 4);
  const auto next = narrow(x, 0, 1, 4);
  const auto valley = (S(100) * pow(next - pow(now, 2), 2) + pow(S(1) - now, 2)).sum();
  return valley + pow(w, 4).sum() + pow(w, 2).sum();
}

template <FloatScalar S>
std::vector<Tensor<S>> start() {
  return recorded::parameters(cat({linspace<S>(-1.2, 0.8, 5), linspace<S>(-1, 1, 6)}));
}

template <FloatScalar S>
void check_run(const golden::File& file, const Json& record) {
  auto params = start<S>();
  const auto made = optimizers::make("LBFGS", record.at("kwargs"), {{{params[0], params[1]}}});
  // Sums depend on their order, and each iteration amplifies that.
  const golden::Tolerance allowed =
      sizeof(S) == 4 ? golden::Tolerance{2e-3, 2e-3} : golden::Tolerance{1e-8, 1e-8};
  const auto losses = file.tensor<S>(record, "losses");
  const auto course = file.tensor<S>(record, "params");
  for (std::int64_t i = 0; i < losses.numel(); ++i) {
    INFO("step " << i);
    const auto loss = made.optimizer->step([&] {
      made.optimizer->zero_grad();
      const auto value = objective(params[0], params[1]);
      value.backward();
      return value;
    });
    CHECK(golden::close(loss, select(losses, 0, i), allowed));
    CHECK(golden::close(recorded::flattened(params), select(course, 0, i), allowed));
    const Value state = made.optimizer->state_dict()["state"][0];
    const Json& counts = record.at("counts").at(static_cast<std::size_t>(i));
    CHECK(state["n_iter"].as_int() == counts.at(0));
    CHECK(state["func_evals"].as_int() == counts.at(1));
  }
  recorded::check_looks(record, *made.optimizer);
  // In float32 what is left to change near a minimum is rounding.
  if (sizeof(S) == 8) recorded::check_state(file, record, *made.optimizer, allowed);
}

}  // namespace

TEST_CASE("LBFGS takes PyTorch's course, with and without line search", "[optim][lbfgs][golden]") {
  const golden::File file("optim.safetensors");
  int cases = 0;
  for (const Json& record : file.cases()) {
    if (record.at("kind") != "lbfgs") continue;
    INFO(record.dump());
    ++cases;
    if (record.at("dtype") == "float64") {
      check_run<double>(file, record);
    } else {
      check_run<float>(file, record);
    }
  }
  CHECK(cases == 12);
}

TEST_CASE("LBFGS goes on from its own state as it would have", "[optim][lbfgs]") {
  auto params = start<double>();
  optim::LBFGS original({params[0], params[1]}, {.max_iter = 5, .line_search_fn = "strong_wolfe"});
  const auto step = [](auto& optimizer, auto& its_params) {
    optimizer.step([&] {
      optimizer.zero_grad();
      const auto value = objective(its_params[0], its_params[1]);
      value.backward();
      return value;
    });
  };
  step(original, params);
  auto others = recorded::parameters(recorded::flattened(params));
  optim::LBFGS copy({others[0], others[1]});
  copy.load_state_dict(original.state_dict());
  CHECK(repr(copy.state_dict()) == repr(original.state_dict()));
  step(original, params);
  step(copy, others);
  CHECK(others[0].equal(params[0]));
  CHECK(others[1].equal(params[1]));
  CHECK(repr(copy.state_dict()) == repr(original.state_dict()));
}

TEST_CASE("LBFGS names what does not fit in a state, and changes nothing then", "[optim][lbfgs]") {
  auto params = start<float>();
  optim::LBFGS optimizer({params[0], params[1]}, {.lr = 0.01, .max_iter = 3});
  optimizer.step([&] {
    optimizer.zero_grad();
    const auto value = objective(params[0], params[1]);
    value.backward();
    return value;
  });
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
        "LBFGS: ['state'][0]['d']: expected shape (11,), found a float32 Tensor of shape (10,)");
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
  optim::LBFGS optimizer({params[0], params[1]}, {.line_search_fn = "strong_wolfe"});
  const auto before = recorded::flattened(params);
  int calls = 0;
  const auto closure = [&] {
    if (++calls == 2) throw std::runtime_error("enough");
    optimizer.zero_grad();
    const auto value = objective(params[0], params[1]);
    value.backward();
    return value;
  };
  CHECK(error_of<std::runtime_error>([&] { optimizer.step(closure); }) == "enough");
  CHECK(recorded::flattened(params).equal(before));
  CHECK(optimizer.state_dict()["state"].size() == 0);
}
