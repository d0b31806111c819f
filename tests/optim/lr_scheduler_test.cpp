#include "brasa/optim/lr_scheduler.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "brasa/brasa.hpp"
#include "brasa/optim/adagrad.hpp"
#include "brasa/optim/adam.hpp"
#include "brasa/optim/sgd.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;
using namespace brasa::optim::lr_scheduler;
using Catch::Matchers::ContainsSubstring;

namespace {

Tensor<float> param() { return zeros<float>({1}).requires_grad_(); }

optim::SGD sgd(double lr = 0.1) { return optim::SGD({param()}, {.lr = lr, .momentum = 0.9}); }
/// Rates 0.1 and 0.2.
optim::SGD sgd_of_two_groups() {
  return optim::SGD({{{param()}, {.lr = 0.1}}, {{param()}, {.lr = 0.2}}});
}

/// The rates of the first group, the present one first; the optimizer is stepped, too.
std::vector<double> rates(optim::Optimizer& optimizer, LRScheduler& scheduler, int steps) {
  std::vector<double> result = {optimizer.param_groups()[0].lr()};
  for (int i = 0; i < steps; ++i) {
    optimizer.step();
    scheduler.step();
    result.push_back(optimizer.param_groups()[0].lr());
  }
  return result;
}

/// The warnings that `f` gives.
template <class F>
std::vector<std::string> warnings_of(F&& f) {
  std::vector<std::string> texts;
  auto before = set_warning_handler([&](std::string_view text) { texts.emplace_back(text); });
  f();
  set_warning_handler(std::move(before));
  return texts;
}

}  // namespace

// By hand: 0.1, then halved at every second epoch.
TEST_CASE("A scheduler works on after its optimizer was moved", "[optim]") {
  auto optimizer = sgd();
  auto scheduler = std::make_unique<StepLR>(optimizer, 2, StepLROptions{.gamma = 0.5});
  optim::SGD moved = std::move(optimizer);
  CHECK(rates(moved, *scheduler, 3) == std::vector<double>{0.1, 0.1, 0.05, 0.05});

  StepLR elsewhere = std::move(*scheduler);
  scheduler.reset();
  CHECK(rates(moved, elsewhere, 1) == std::vector<double>{0.05, 0.025});
  CHECK(elsewhere.last_epoch() == 4);
  CHECK(elsewhere.get_last_lr() == std::vector<double>{0.025});
}

TEST_CASE("A scheduler follows the state that its optimizer loads", "[optim]") {
  auto optimizer = sgd();
  ExponentialLR scheduler(optimizer, 0.5);
  const Value saved = optimizer.state_dict();
  CHECK(rates(optimizer, scheduler, 2).back() == 0.025);
  const auto text = repr(scheduler.state_dict());
  optimizer.load_state_dict(saved);
  CHECK(optimizer.param_groups()[0].lr() == 0.1);
  optimizer.step();
  scheduler.step();
  CHECK(optimizer.param_groups()[0].lr() == 0.05);
  CHECK(text.find("'last_epoch': 2") != std::string::npos);
}

TEST_CASE("Schedulers that hold others own them", "[optim]") {
  auto optimizer = sgd();
  auto warmup = std::make_shared<ConstantLR>(optimizer, ConstantLROptions{.factor = 0.5});
  ExponentialLR decay(optimizer, 0.5);
  SequentialLR scheduler(optimizer, {warmup, std::move(decay)}, {2});
  CHECK(rates(optimizer, scheduler, 3) == std::vector<double>{0.05, 0.05, 0.1, 0.05});
  CHECK(warmup->last_epoch() == 1);
  CHECK(scheduler.schedulers().size() == 2);
  CHECK(scheduler.last_epoch() == 3);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Child, ConstantLR&>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Child, ReduceLROnPlateau>);
}

TEST_CASE("A learning rate that is a tensor is scheduled in place", "[optim]") {
  auto optimizer = sgd();
  const auto lr = tensor<float>({0.5f}).reshape({});
  optimizer.param_groups()[0].set("lr", lr);
  ExponentialLR scheduler(optimizer, 0.5);
  optimizer.step();
  scheduler.step();
  CHECK(lr.item() == 0.25f);
  CHECK(optimizer.param_groups()[0]["initial_lr"].as_tensor().as<float>().item() == 0.5f);
  CHECK(scheduler.get_last_lr() == std::vector<double>{0.25});
}

TEST_CASE("ReduceLROnPlateau takes tensors, and an epoch with a warning", "[optim]") {
  auto optimizer = sgd();
  ReduceLROnPlateau scheduler(optimizer, {.factor = 0.5, .patience = 0});
  scheduler.step(tensor<float>({1.0f}).reshape({}));
  scheduler.step(2);
  CHECK(scheduler.get_last_lr() == std::vector<double>{0.05});
  CHECK(scheduler.last_epoch() == 2);
  CHECK(warnings_of([&] { scheduler.step(0.5, 7); }).size() == 1);
  CHECK(scheduler.last_epoch() == 7);
  CHECK(scheduler.get_last_lr() == std::vector<double>{0.05});
}

TEST_CASE("Stepping before the optimizer, and to an epoch, warns", "[optim][warning]") {
  auto optimizer = sgd();
  StepLR early(optimizer, 3);
  const auto texts = warnings_of([&] {
    early.step();
    early.step();
  });
  REQUIRE(texts.size() == 1);
  CHECK_THAT(texts[0], ContainsSubstring("`lr_scheduler.step()` before `optimizer.step()`"));

  StepLR right(optimizer, 3);
  CHECK(warnings_of([&] {
          optimizer.step();
          right.step();
        }).empty());
  CHECK_THAT(warnings_of([&] { right.step(5); }).at(0), ContainsSubstring("deprecated"));
  CosineAnnealingWarmRestarts restarts(optimizer, 3);
  CHECK(warnings_of([&] { restarts.step(1.5); }).empty());
}

// for make in (lambda: StepLR(o, 0).step(), …): try: make() except Exception as e: print(repr(e))
// with SGD of two groups. ZeroDivisionError is a ValueError here.
TEST_CASE("Arguments that make no sense are refused by schedulers", "[optim][error]") {
  auto o = sgd_of_two_groups();
  auto adagrad = optim::Adagrad({param()});
  StepLR(o, 1);  // from now on it is noted that the optimizer was stepped
  o.step();
  const auto error = [](auto&& f) { return error_of<ValueError>(f); };
  CHECK_THAT(error([&] { StepLR(o, 0).step(); }), ContainsSubstring("division by zero"));
  CHECK_THAT(error([&] { CosineAnnealingLR(o, 0).step(); }), ContainsSubstring("by zero"));
  CHECK_THAT(
      error([&] { ConstantLR(o, {.factor = 2}); }),
      ContainsSubstring("ConstantLR: Constant multiplicative factor expected to be between 0 "
                        "and 1, got 2"));
  CHECK_THAT(error([&] { LinearLR(o, {.start_factor = 0}); }),
             ContainsSubstring("Starting multiplicative factor expected to be greater than 0"));
  CHECK_THAT(error([&] { LinearLR(o, {.end_factor = -1}); }),
             ContainsSubstring("Ending multiplicative factor expected to be between 0 and 1"));
  CHECK_THAT(error([&] { LambdaLR(o, std::vector<Factor>{[](std::int64_t) { return 1; }}); }),
             ContainsSubstring("lr_lambda must have the same length as optimizer.param_groups: "
                               "expected 2 values, got 1"));
  CHECK_THAT(error([&] { MultiplicativeLR(o, Factor()); }),
             ContainsSubstring("should be a function"));
  CHECK_THAT(error([&] { CosineAnnealingWarmRestarts(o, 0); }),
             ContainsSubstring("Expected positive integer T_0, but got 0"));
  CHECK_THAT(error([&] { CosineAnnealingWarmRestarts(o, 3, {.T_mult = 0}); }),
             ContainsSubstring("Expected integer T_mult >= 1, but got 0"));
  CHECK_THAT(error([&] { CosineAnnealingWarmRestarts(o, 3).step(-1); }),
             ContainsSubstring("Expected non-negative epoch, but got -1"));
  CHECK_THAT(error([&] { OneCycleLR(o, 0.1, {}); }),
             ContainsSubstring("You must define either total_steps OR (epochs AND"));
  CHECK_THAT(error([&] { OneCycleLR(o, 0.1, {.total_steps = -2}); }),
             ContainsSubstring("Expected positive integer total_steps, but got -2"));
  CHECK_THAT(error([&] { OneCycleLR(o, 0.1, {.epochs = 3, .steps_per_epoch = 0}); }),
             ContainsSubstring("Expected positive integer steps_per_epoch, but got 0"));
  CHECK_THAT(error([&] { OneCycleLR(o, 0.1, {.total_steps = 9, .pct_start = 1.5}); }),
             ContainsSubstring("between 0 and 1 pct_start, but got 1.5"));
  CHECK_THAT(error([&] { OneCycleLR(o, 0.1, {.total_steps = 9, .anneal_strategy = "x"}); }),
             ContainsSubstring("must be one of 'cos' or 'linear', instead got x"));
  CHECK_THAT(error([&] { OneCycleLR(o, {0.1}, {.total_steps = 9}); }),
             ContainsSubstring("max_lr must have the same length"));
  CHECK_THAT(error([&] { OneCycleLR(adagrad, 0.1, {.total_steps = 9}); }),
             ContainsSubstring("optimizer must support momentum or beta1"));
  CHECK_THAT(error([&] { CyclicLR(o, 0.1, 1, {.mode = "x"}); }),
             ContainsSubstring("mode is invalid and scale_fn is None"));
  CHECK_THAT(error([&] {
               CyclicLR(o, {0.1, 0.1, 0.1}, 1);
             }),
             ContainsSubstring("base_lr must have the same length"));
  CHECK_THAT(error([&] { CyclicLR(adagrad, 0.1, 1); }), ContainsSubstring("Adagrad has neither"));
  CHECK_THAT(error([&] { ReduceLROnPlateau(o, {.factor = 1}); }),
             ContainsSubstring("Factor should be < 1.0"));
  CHECK_THAT(error([&] { ReduceLROnPlateau(o, {.mode = "x"}); }),
             ContainsSubstring("mode x is unknown"));
  CHECK_THAT(error([&] { ReduceLROnPlateau(o, {.threshold_mode = "x"}); }),
             ContainsSubstring("threshold mode x is unknown"));
  CHECK_THAT(error([&] { ReduceLROnPlateau(o, {.min_lr = {1}}); }),
             ContainsSubstring("expected 2 values, got 1"));
  // Nothing but initial_lr has come into the groups.
  CHECK(repr(Value::dict(o.param_groups()[1].options())).find("max_lr") == std::string::npos);
  CHECK(o.param_groups()[0].lr() == 0.1);
}

TEST_CASE("Schedulers that do not fit together are refused", "[optim][error]") {
  auto o = sgd();
  auto other = sgd();
  const auto error = [](auto&& f) { return error_of<ValueError>(f); };
  CHECK_THAT(error([&] { SequentialLR(o, {}, {}); }), ContainsSubstring("at least one scheduler"));
  CHECK_THAT(error([&] { ChainedScheduler({}); }), ContainsSubstring("at least one scheduler"));
  CHECK_THAT(error([&] { SequentialLR(o, {StepLR(o, 3)}, {3}); }),
             ContainsSubstring("1 schedulers and 1 milestones"));
  CHECK_THAT(error([&] { SequentialLR(o, {StepLR(other, 3)}, {}); }),
             ContainsSubstring("StepLR at index 0 has another one"));
  CHECK_THAT(error([&] {
               ChainedScheduler({StepLR(o, 3), StepLR(other, 3)});
             }),
             ContainsSubstring("StepLR at index 1 has another one"));
  CHECK_THAT(error([&] { ChainedScheduler({StepLR(other, 3)}, o); }),
             ContainsSubstring("the same optimizer"));
  CHECK_THAT(error([&] { ChainedScheduler({std::shared_ptr<LRScheduler>()}, o); }),
             ContainsSubstring("null pointer"));
  CHECK_THAT(error([&] {
               SequentialLR(o, {StepLR(o, 3), ChainedScheduler({StepLR(o, 3)})}, {1});
             }),
             ContainsSubstring("only the first scheduler may hold others"));
}

TEST_CASE("A step that cannot be made changes nothing", "[optim][error]") {
  auto o = sgd();
  OneCycleLR scheduler(o, 0.1, {.total_steps = 3});
  o.step();
  for (int i = 0; i < 3; ++i) scheduler.step();
  const auto before = repr(scheduler.state_dict());
  CHECK_THAT(error_of<ValueError>([&] { scheduler.step(); }),
             ContainsSubstring("Tried to step 4 times. The specified number of total steps is 3"));
  CHECK(repr(scheduler.state_dict()) == before);

  CHECK_THAT(error_of<KeyError>([&] {
               auto fresh = sgd();
               StepLR(fresh, 3, {.last_epoch = 2});
             }),
             ContainsSubstring("'initial_lr' is not specified in param_groups[0]"));
}

// o = SGD of one group; s = StepLR(o, 3) or LambdaLR(o, lambda e: 1); o.add_param_group(…);
// s.step() works with the first, and is a ValueError with the second.
TEST_CASE("A group added after the scheduler was made", "[optim][error]") {
  auto o = sgd();
  StepLR step(o, 1);
  LambdaLR lambda(o, [](std::int64_t) { return 1; });
  ReduceLROnPlateau plateau(o, {.patience = 0});
  ReduceLROnPlateau strict(o, {.patience = 0, .min_lr = {0}});
  o.add_param_group({{param()}, {.lr = 1}});
  o.step();
  step.step();
  CHECK(step.get_last_lr() == std::vector<double>{0.1 * 0.1, 0.1});
  CHECK_THAT(error_of<ValueError>([&] { lambda.step(); }),
             ContainsSubstring("had 1 groups when the scheduler was made, now it has 2"));
  plateau.step(1.0);
  plateau.step(1.0);
  CHECK(o.param_groups()[1].lr() < 0.1);
  strict.step(1.0);
  CHECK_THAT(error_of<ValueError>([&] { strict.step(1.0); }), ContainsSubstring("min_lr has 1"));
}

TEST_CASE("A state that does not fit is refused and changes nothing", "[optim][error]") {
  auto o = sgd();
  const auto refused = [&](SchedulerBase& scheduler, const char* key, const Value& value) {
    const auto before = repr(scheduler.state_dict());
    const Value state = scheduler.state_dict();
    state.as_dict().set("gamma", 0.7);
    state.as_dict().set(key, value);
    auto message = error_of<ValueError>([&] { scheduler.load_state_dict(state); });
    CHECK(repr(scheduler.state_dict()) == before);
    return message;
  };
  MultiStepLR steps(o, {3, 5});
  CHECK_THAT(refused(steps, "last_epoch", "x"),
             ContainsSubstring("['last_epoch']: expected an int, found the str 'x'"));
  CHECK_THAT(refused(steps, "base_lrs", Value::list({0.1, 0.2})),
             ContainsSubstring("['base_lrs']: expected 1 elements, found a list of 2"));
  CHECK_THAT(refused(steps, "milestones", Value::dict({{"x", 1}})),
             ContainsSubstring("['milestones']: expected epochs and how often"));
  CHECK_THAT(refused(steps, "milestones", 3), ContainsSubstring("expected a dict"));

  OneCycleLR cycle(o, 0.1, {.total_steps = 9});
  CHECK_THAT(refused(cycle, "_schedule_phases", Value::list()), ContainsSubstring("at least one"));
  CHECK_THAT(refused(cycle, "_anneal_func_type", "x"), ContainsSubstring("instead got x"));
  CyclicLR cyclic(o, 0.1, 1);
  CHECK_THAT(refused(cyclic, "mode", "x"), ContainsSubstring("mode is invalid"));
  CHECK_THAT(refused(cyclic, "max_momentums", Value::list()), ContainsSubstring("expected 1"));
  ReduceLROnPlateau plateau(o);
  CHECK_THAT(refused(plateau, "threshold_mode", "x"), ContainsSubstring("is unknown"));
  SequentialLR sequence(o, {StepLR(o, 3), StepLR(o, 4)}, {2});
  CHECK_THAT(refused(sequence, "_milestones", Value::list()), ContainsSubstring("expected 1"));
  CHECK_THAT(refused(sequence, "_schedulers", Value::list()),
             ContainsSubstring("expected 2 schedulers"));
  const Value broken =
      Value::list({sequence.schedulers()[0]->state_dict(), Value::dict({{"x", 1}})});
  const Value state = sequence.state_dict();
  state.as_dict().set("_schedulers", broken);
  CHECK_THAT(error_of<KeyError>([&] { sequence.load_state_dict(state); }),
             ContainsSubstring("['_schedulers'][1]['step_size']: no such key"));
}

TEST_CASE("A state of an older version, or with more in it, is taken", "[optim]") {
  auto o = sgd();
  StepLR scheduler(o, 3);
  scheduler.load_state_dict(Value::dict({{"step_size", 4},
                                         {"gamma", 0.5},
                                         {"base_lrs", Value::list({0.1})},
                                         {"last_epoch", 3},
                                         {"verbose", false}}));
  o.step();
  scheduler.step();
  CHECK(scheduler.get_last_lr() == std::vector<double>{0.05});
}
