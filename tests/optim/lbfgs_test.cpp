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
  recorded::check_looks(file, record, *made.optimizer, allowed);
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
