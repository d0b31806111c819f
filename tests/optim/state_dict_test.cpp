// Errors of constructors and of load_state_dict, names of parameters, and what only C++ can do
// with an optimizer.

#include <string>
#include <utility>
#include <vector>

#include "brasa/brasa.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

using namespace brasa;

namespace {

Tensor<float> leaf(Shape shape = {2}) {
  auto tensor = ones<float>(shape);
  tensor.requires_grad_();
  return tensor;
}

/// One step with a gradient of ones.
template <class Optimizer>
void step(Optimizer& optimizer) {
  for (const auto& group : optimizer.param_groups()) {
    for (const AnyTensor& param : group.params()) {
      auto typed = param.as<float>();
      typed.set_grad(ones<float>(param.shape()));
    }
  }
  optimizer.step();
}

template <class F>
std::string value_error(F&& f) {
  return error_of<ValueError>(std::forward<F>(f));
}

}  // namespace

TEST_CASE("An optimizer refuses options out of their range, in PyTorch's words", "[optim]") {
  using namespace optim;
  const auto w = leaf();
  CHECK(value_error([&] { SGD({w}, {.lr = -1}); }) ==
        "SGD: Invalid learning rate: -1, expected at least 0");
  CHECK(value_error([&] { SGD({w}, {.momentum = -0.5}); }) ==
        "SGD: Invalid momentum value: -0.5, expected at least 0");
  CHECK(value_error([&] { SGD({w}, {.weight_decay = -1}); }) ==
        "SGD: Invalid weight_decay value: -1, expected at least 0");
  const std::string nesterov = "SGD: Nesterov momentum requires a momentum and zero dampening";
  CHECK(value_error([&] { SGD({w}, {.nesterov = true}); }) == nesterov);
  CHECK(value_error([&] { SGD({w}, {.momentum = 0.9, .dampening = 0.1, .nesterov = true}); }) ==
        nesterov);
  CHECK(value_error([&] {
          Adam({w}, {.betas = {1.0, 0.9}});
        }) == "Adam: Invalid beta parameter at index 0: 1.0, expected one in [0, 1)");
  CHECK(value_error([&] {
          Adam({w}, {.betas = {0.9, -0.1}});
        }) == "Adam: Invalid beta parameter at index 1: -0.1, expected one in [0, 1)");
  CHECK(value_error([&] {
          Adam({w}, {.betas = {0, 0.9}});
        }) == "Adam: betas must be either both floats or both Tensors, got (0, 0.9)");
  CHECK(value_error([&] { AdamW({w}, {.eps = -1e-8}); }) ==
        "AdamW: Invalid epsilon value: -1e-08, expected at least 0");
  CHECK(value_error([&] { RMSprop({w}, {.alpha = -1}); }) ==
        "RMSprop: Invalid alpha value: -1, expected at least 0");
  CHECK(value_error([&] { Adagrad({w}, {.lr_decay = -1}); }) ==
        "Adagrad: Invalid lr_decay value: -1, expected at least 0");
  CHECK(value_error([&] { Adagrad({w}, {.initial_accumulator_value = -1}); }) ==
        "Adagrad: Invalid initial_accumulator_value value: -1, expected at least 0");
  CHECK(value_error([&] { Adadelta({w}, {.rho = 1.5}); }) ==
        "Adadelta: Invalid rho value: 1.5, expected one in [0, 1]");
  CHECK(value_error([&] { NAdam({w}, {.momentum_decay = -1}); }) ==
        "NAdam: Invalid momentum_decay value: -1, expected at least 0");
  CHECK(value_error([&] { RAdam({w}, {.lr = std::numeric_limits<double>::quiet_NaN()}); }) ==
        "RAdam: Invalid learning rate: nan, expected at least 0");
  CHECK(value_error([&] {
          Adamax({w}, {.betas = {0.9, 1}});
        }) == "Adamax: Invalid beta parameter at index 1: 1, expected one in [0, 1)");
  CHECK(value_error([&] { LBFGS({w}, {.history_size = 0}); }) ==
        "LBFGS: Invalid history_size: 0, expected at least 1");
  CHECK(value_error([&] { LBFGS({w}, {.line_search_fn = "armijo"}); }) ==
        "LBFGS: only 'strong_wolfe' is supported, got 'armijo'");
}

TEST_CASE("An optimizer refuses parameters that it cannot optimize", "[optim]") {
  using namespace optim;
  const auto w = leaf();
  CHECK(value_error([] { SGD(std::vector<Tensor<float>>{}); }) ==
        "SGD: optimizer got an empty parameter list");
  CHECK(value_error([&] { Adam({w * 2.0f}); }) ==
        "Adam: can't optimize a non-leaf Tensor: one of shape (2,) is the result of MulBackward0");
  CHECK(value_error([&] { SGD({Tensor<float>()}); }) ==
        "SGD: one of the parameters is empty: nothing was assigned to it");
  CHECK(value_error([&] {
          SGD({{{w}, {.lr = 1}}, {{w}, {.lr = 2}}});
        }) == "SGD: some parameters appear in more than one parameter group");
  SGD sgd({w});
  CHECK(value_error([&] { sgd.add_param_group({{w}}); }) ==
        "SGD: some parameters appear in more than one parameter group");
  CHECK(sgd.param_groups().size() == 1);
  CHECK(value_error([&] {
          LBFGS({{{w}}, {{leaf()}}});
        }) ==
        "LBFGS: LBFGS doesn't support per-parameter options (parameter groups): got 2 groups");
  LBFGS lbfgs({w});
  CHECK(value_error([&] { lbfgs.step(); }) ==
        "LBFGS: step needs a closure that evaluates the model");
}

// >>> p, q = Parameter(ones(2)), Parameter(ones(2)); p.grad = q.grad = ones(2)
// >>> o = SGD([p, q, p], lr=1); o.step(); p, q, o.state_dict()['param_groups'][0]['params']
// ([-1., -1.], [0., 0.], [2, 1, 2])        and the warning below
TEST_CASE("A parameter twice in a group is only warned of, and stepped twice", "[optim]") {
  std::vector<std::string> warnings;
  const auto previous =
      set_warning_handler([&](std::string_view text) { warnings.emplace_back(text); });
  const auto p = leaf();
  const auto q = leaf();
  optim::SGD sgd({p, q, p}, {.lr = 1});
  set_warning_handler(previous);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("optimizer contains a parameter group with duplicate parameters") !=
        std::string::npos);
  step(sgd);
  CHECK(p.equal(full<float>({2}, -1)));
  CHECK(q.equal(zeros<float>({2})));
  CHECK(repr(sgd.state_dict()["param_groups"][0]["params"]) == "[2, 1, 2]");
}

// >>> o = SGD(nn.Linear(2, 1).named_parameters());
// o.add_param_group(dict(params=[Parameter(ones(2))])) ValueError: all optimizer param groups
// should be with/without names. cannot add param group without names to the optimizer
TEST_CASE("Names of parameters stand first in their group", "[optim]") {
  nn::Linear<> linear(2, 1);
  optim::SGD sgd(linear.named_parameters());
  CHECK(repr(sgd.state_dict()["param_groups"]) ==
        "[{'param_names': ['weight', 'bias'], 'lr': 0.001, 'momentum': 0, 'dampening': 0, "
        "'weight_decay': 0, 'nesterov': False, 'maximize': False, 'foreach': None, "
        "'differentiable': False, 'fused': None, 'params': [0, 1]}]");
  CHECK(value_error([&] { sgd.add_param_group({{leaf()}}); }) ==
        "SGD: all optimizer param groups should be with/without names: cannot add param group "
        "without names");
  optim::SGD nameless(linear.parameters());
  sgd.load_state_dict(nameless.state_dict());
  CHECK(repr(sgd.param_groups()[0]["param_names"]) == "['weight', 'bias']");
}

TEST_CASE("load_state_dict names what does not fit, and changes nothing then", "[optim]") {
  using namespace optim;
  const auto w = leaf({2, 3});
  const auto b = leaf({3});
  Adam adam({w, b}, {.lr = 0.1});
  step(adam);
  const std::string before = repr(adam.state_dict());
  const auto error_after = [&](auto change) {
    // A copy as deep as the changes go.
    const Value state = adam.state_dict();
    Dict states;
    for (const auto& [key, kept] : state["state"].as_dict()) {
      states.set(key, Value::dict(kept.as_dict()));
    }
    state.as_dict().set("state", Value::dict(states));
    change(state);
    std::string message;
    try {
      adam.load_state_dict(state);
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK(repr(adam.state_dict()) == before);
    return message;
  };
  const auto first_state = [](const Value& state) -> Dict& { return state["state"][0].as_dict(); };
  const auto first_group = [](const Value& state) -> Dict& {
    return state["param_groups"][0].as_dict();
  };
  CHECK(error_after([](const Value& state) { state.as_dict().erase("state"); }) ==
        "['state']: no such key in a dict with the keys 'param_groups'");
  CHECK(error_after([](const Value& state) { state["param_groups"].as_list().clear(); }) ==
        "Adam: loaded state dict has a different number of parameter groups: expected 1, found 0");
  CHECK(error_after(
            [&](const Value& state) { first_group(state).set("params", Value::list({0})); }) ==
        "Adam: loaded state dict contains a parameter group that doesn't match the size of "
        "optimizer's group: expected 2 parameters in group 0, found 1");
  CHECK(error_after([&](const Value& state) {
          first_group(state).erase("eps");
        }).find("Adam: ['param_groups'][0]: no option 'eps' in a dict with the keys") == 0);
  CHECK(error_after([&](const Value& state) { first_state(state).set("exp_inf", 1); }) ==
        "Adam: unknown state 'exp_inf' in ['state'][0], was it saved by another optimizer?");
  CHECK(error_after([&](const Value& state) { first_state(state).erase("exp_avg"); }) ==
        "Adam: ['state'][0]: no 'exp_avg' in a dict with the keys 'step', 'exp_avg_sq'");
  CHECK(error_after([&](const Value& state) {
          first_state(state).set("exp_avg", ones<float>({3, 2}));
        }) ==
        "Adam: ['state'][0]['exp_avg']: expected shape (2, 3), found a float32 Tensor of shape "
        "(3, 2)");
  CHECK(error_after([&](const Value& state) { first_state(state).set("exp_avg", nullptr); }) ==
        "['state'][0]['exp_avg']: expected a Tensor, found None");
  CHECK(error_after([&](const Value& state) {
          first_state(state).set("step", ones<float>({2}));
        }) == "expected a tensor with one element, found a float32 Tensor of shape (2,)");
  CHECK(error_after([](const Value& state) { state["state"].as_dict().set(7, Value::dict()); }) ==
        "Adam: state of a parameter that is in no group: ['state'][7]");
  CHECK(error_after([](const Value& state) { state["state"].as_dict().set("w", Value::dict()); }) ==
        "Adam: state of a parameter that is in no group: ['state']['w']");
}

TEST_CASE("What is not a number in a group is found at the next step", "[optim]") {
  const auto w = leaf();
  optim::Adam adam({w});
  adam.param_groups()[0].set("betas", 0.9);
  CHECK(value_error([&] { step(adam); }) ==
        "param_groups[0]['betas']: expected a list or a tuple, found the float 0.9");
  CHECK(w.equal(ones<float>({2})));
}

TEST_CASE("A state_dict goes round: the copy goes on as the original does", "[optim]") {
  const auto run = [](auto make) {
    const auto w = leaf();
    auto original = make(w);
    step(original);
    step(original);
    const auto other = leaf();
    auto copy = make(other);
    copy.load_state_dict(original.state_dict());
    CHECK(repr(copy.state_dict()) == repr(original.state_dict()));
    CHECK(copy.repr() == original.repr());
    {
      NoGradGuard not_recording;
      Tensor<float> target = other;
      target.copy_(w);
    }
    step(original);  // does not touch the tensors of the copy
    step(copy);
    CHECK(other.equal(w));
    CHECK(repr(copy.state_dict()) == repr(original.state_dict()));
  };
  using namespace optim;
  run([](const auto& w) { return SGD({w}, {.lr = 0.1, .momentum = 0.9, .nesterov = true}); });
  run([](const auto& w) { return Adam({w}, {.lr = 0.1, .amsgrad = true}); });
  run([](const auto& w) { return AdamW({w}, {.lr = 0.1}); });
  run([](const auto& w) { return RMSprop({w}, {.lr = 0.1, .momentum = 0.9, .centered = true}); });
  run([](const auto& w) { return Adagrad({w}, {.lr = 0.1}); });
  run([](const auto& w) { return Adadelta({w}, {.lr = 0.1}); });
  run([](const auto& w) { return Adamax({w}, {.lr = 0.1}); });
  run([](const auto& w) { return NAdam({w}, {.lr = 0.1}); });
  run([](const auto& w) { return RAdam({w}, {.lr = 0.1}); });
}

// >>> o = Adagrad([a], lr=1, initial_accumulator_value=3)      # a = g = ones(2)
// >>> o.step(); a, o.state[a]['sum']
// ([0.5, 0.5], [4., 4.])
TEST_CASE("Adagrad has its state from the beginning, that of a later group too", "[optim]") {
  const auto a = leaf();
  const auto b = leaf();
  optim::Adagrad adagrad({a}, {.lr = 1, .initial_accumulator_value = 3});
  adagrad.add_param_group({{b}, {.initial_accumulator_value = 8}});
  CHECK(repr(adagrad.state_dict()["state"]) ==
        "{0: {'step': tensor(0.), 'sum': tensor([3., 3.])}, "
        "1: {'step': tensor(0.), 'sum': tensor([8., 8.])}}");
  step(adagrad);
  CHECK(a.equal(full<float>({2}, 0.5f)));
  CHECK(repr(adagrad.state_dict()["state"][0]) == "{'step': tensor(1.), 'sum': tensor([4., 4.])}");
}

// >>> o.param_groups[0]['lr'] = tensor(0.5); o.step(); print(o)    # SGD, w = g = ones(2)
// w = [0.5, 0.5], "    lr: 0.5"
TEST_CASE("A learning rate may be a tensor, which a new one is written into", "[optim]") {
  const auto w = leaf();
  optim::SGD sgd({w}, {.lr = 0.25});
  const auto lr = full<float>({}, 0.5f);
  sgd.param_groups()[0].set("lr", lr);
  step(sgd);
  CHECK(w.equal(full<float>({2}, 0.5f)));
  CHECK(sgd.repr().find("    lr: 0.5\n") != std::string::npos);
  sgd.param_groups()[0].set_lr(2);
  CHECK(lr.item() == 2.0f);
}

TEST_CASE("An optimizer moves the model that it was given, wherever that is moved", "[optim]") {
  nn::Linear<> model(2, 1, {.bias = false});
  optim::SGD sgd(model.parameters(), {.lr = 1});
  const Tensor<float> weight = model.weight;
  const auto before = weight.detach().clone();
  nn::Linear<> moved = std::move(model);
  optim::SGD moved_sgd = std::move(sgd);
  moved(ones<float>({1, 2})).sum().backward();
  moved_sgd.step();
  CHECK(moved.weight.equal(before - 1.0f));
  moved_sgd.zero_grad();
  CHECK_FALSE(moved.weight.grad().defined());
}

TEST_CASE("zero_grad drops gradients, or fills them with zeros", "[optim]") {
  const auto w = leaf();
  optim::SGD sgd({w});
  (w * 3.0f).sum().backward();
  const auto grad = w.grad();
  sgd.zero_grad(false);
  CHECK(w.grad().is(grad));
  CHECK(grad.equal(zeros<float>({2})));
  sgd.zero_grad();
  CHECK_FALSE(w.grad().defined());
}

TEST_CASE("A closure runs with gradients enabled and gives the loss back", "[optim]") {
  const auto w = leaf();
  optim::SGD sgd({w}, {.lr = 0.5});
  NoGradGuard not_recording;
  const Tensor<float> loss = sgd.step([&] {
    sgd.zero_grad();
    const auto value = w.sum();
    value.backward();
    return value;
  });
  CHECK(loss.item() == 2.0f);
  CHECK(w.equal(full<float>({2}, 0.5f)));
  CHECK(sgd.step([] { return 1.5; }) == 1.5);
}

TEST_CASE("A gradient that is the parameter's own memory is read before it is written to",
          "[optim]") {
  auto w = leaf();
  w.set_grad(w.detach());
  optim::Adam adam({w}, {.lr = 0.5});
  adam.step();
  CHECK(w.numel() == 2);
  CHECK(std::abs(w.data()[0] - 0.5f) < 1e-6f);  // Adam's first step is lr in size
}

TEST_CASE("A state that shares memory with its parameter is refused", "[optim]") {
  auto w = leaf();
  optim::SGD sgd({w}, {.lr = 1, .momentum = 0.9});
  step(sgd);
  sgd.state_dict()["state"][0].as_dict().set("momentum_buffer", w.detach());
  CHECK(value_error([&] { step(sgd); }) ==
        "SGD: state[0]['momentum_buffer']: expected a float32 Tensor of shape (2,) with memory of "
        "its own, found a float32 Tensor of shape (2,)");
}
