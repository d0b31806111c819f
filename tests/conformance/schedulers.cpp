#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/optim/lr_scheduler.hpp"
#include "conformance/optimizers.hpp"
#include "support/arguments.hpp"
#include "support/optimizers.hpp"
#include "support/schedulers.hpp"

namespace conformance {
namespace {

using namespace brasa::optim::lr_scheduler;
using brasa::Real;
using brasa::Tensor;
using brasa::Value;
using brasa::optim::ParamGroup;
using golden::Json;

/// SGD or Adam with a group for each rate.
std::unique_ptr<brasa::optim::Optimizer> make_optimizer(const Json& record) {
  std::vector<optimizers::Group> groups;
  for (const Json& lr : record.at("lrs")) {
    groups.push_back({{brasa::zeros<float>({1}).requires_grad_()}, {{"lr", lr}}});
  }
  const std::string name = record.at("optimizer");
  const Json kwargs = name == "SGD" ? Json{{"momentum", 0.9}} : Json::object();
  return optimizers::make(name, kwargs, groups).optimizer;
}

/// What a loaded state has in the groups, `pretend_to_resume` of the recorder.
void pretend_to_resume(brasa::optim::Optimizer& optimizer, const Json& scheduler_kwargs) {
  for (ParamGroup& group : optimizer.param_groups()) {
    group.set("initial_lr", 3 * group.number("lr"));
    if (!scheduler_kwargs.contains("max_lr")) continue;
    group.set("max_lr", 0.7);
    group.set("min_lr", 0.001);
    group.set("max_momentum", 0.93);
    group.set("base_momentum", 0.8);
  }
}

double momentum(const ParamGroup& group) {
  return group.options().contains("betas") ? group.betas().first.value()
                                           : group.number("momentum").value();
}

schedulers::Made make_scheduler(const brasa::optim::Optimizer& optimizer, const Json& node) {
  return schedulers::make(optimizer, node.at("type"), node.at("kwargs"));
}

/// The run of one case.
class Run {
 public:
  explicit Run(const Case& c)
      : c_(c),
        optimizer_(make_optimizer(c.record)),
        lr_(c.tensor("lr").as<double>().clone()),
        has_momentum_(c.file.has(c.record, "momentum")) {
    const Json& node = c.record.at("scheduler");
    if (c.record.contains("resumed")) pretend_to_resume(*optimizer_, node.at("kwargs"));
    scheduler_ = make_scheduler(*optimizer_, node);
    for (const Json& other : c.record.value("followed_by", Json::array())) {
      others_.push_back(make_scheduler(*optimizer_, other));
    }
    if (has_momentum_) momentum_ = c.tensor("momentum").as<double>().clone();
  }

  std::int64_t steps() const { return lr_.size(0) - 1; }

  /// Takes over the state that PyTorch saved after half of the steps, and the rates of then.
  void load(const Value& state) {
    scheduler_->load_state_dict(state);
    auto& groups = optimizer_->param_groups();
    for (std::size_t g = 0; g < groups.size(); ++g) {
      groups[g].set("lr", state["_last_lr"][static_cast<std::int64_t>(g)]);
    }
  }

  /// Steps from `first` on; the rates and momenta before and after each are those of the recording.
  void go(std::int64_t first) {
    if (first == 0) keep(0);
    for (std::int64_t i = first; i < steps(); ++i) {
      step(static_cast<std::size_t>(i));
      keep(i + 1);
      const double rate = optimizer_->param_groups()[0].lr();
      c_.checks.equal(others_.empty() ? scheduler_->get_last_lr()[0] : rate, rate, "get_last_lr()");
      interfere(i);
    }
    c_.checks.holds(golden::equal_values(lr_, c_.tensor("lr")), "lr");
    if (has_momentum_) {
      c_.checks.holds(golden::equal_values(momentum_, c_.tensor("momentum")), "momentum");
    }
  }

  /// The state as a text, if the case tells it.
  void check_state(const char* key) const {
    if (!c_.record.contains(key)) return;
    c_.checks.equal(repr(scheduler_->state_dict()), c_.record.at(key), key);
  }
  void check_groups() const {
    if (!c_.record.contains("groups")) return;
    std::vector<Value> groups;
    for (const ParamGroup& group : optimizer_->param_groups()) {
      groups.push_back(Value::dict(group.options()));
    }
    c_.checks.equal(repr(Value::list(std::move(groups))), c_.record.at("groups"), "groups");
  }

 private:
  void step(std::size_t i) {
    optimizer_->step();
    if (c_.record.contains("metrics")) {
      dynamic_cast<ReduceLROnPlateau&>(*scheduler_)
          .step(c_.record.at("metrics").at(i).get<double>());
    } else if (c_.record.contains("epochs") && !c_.record.at("epochs").at(i).is_null()) {
      const Real epoch = optimizers::value(c_.record.at("epochs").at(i)).as_real();
      dynamic_cast<LawScheduler&>(*scheduler_).step(epoch);
    } else {
      dynamic_cast<LRScheduler&>(*scheduler_).step();
    }
    for (const auto& other : others_) {
      if (const auto plateau = dynamic_cast<ReduceLROnPlateau*>(other.get())) {
        plateau->step(c_.record.at("metrics").at(i).get<double>());
      } else {
        dynamic_cast<LRScheduler&>(*other).step();
      }
    }
  }
  /// What is done to the rates from outside after step i, if anything.
  void interfere(std::int64_t i) {
    if (!c_.record.contains("outside") || c_.record.at("outside").at(0) != i + 1) return;
    const double factor = c_.record.at("outside").at(1);
    for (ParamGroup& group : optimizer_->param_groups()) group.set_lr(group.lr() * factor);
  }
  /// Puts the rates of now into row i.
  void keep(std::int64_t i) {
    const auto& groups = optimizer_->param_groups();
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const auto at = static_cast<std::size_t>(i) * groups.size() + g;
      lr_.span()[at] = groups[g].lr();
      if (has_momentum_) momentum_.span()[at] = momentum(groups[g]);
    }
  }

  const Case& c_;
  std::unique_ptr<brasa::optim::Optimizer> optimizer_;
  schedulers::Made scheduler_;
  std::vector<schedulers::Made> others_;
  Tensor<double> lr_;  // as found; rows before the first step stay those of the recording
  bool has_momentum_;
  Tensor<double> momentum_;
};

}  // namespace

void run_scheduler(const Case& c) {
  Run run(c);
  run.check_state("initial_state");
  run.go(0);
  run.check_state("state");
  run.check_groups();
  if (!c.record.contains("middle_state")) return;
  Run other(c);
  other.load(optimizers::value(c.record.at("middle_state")));
  other.go(other.steps() / 2);
  other.check_state("state");
}

}  // namespace conformance
