#include "support/optimizer_course.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "brasa/autograd/backward.hpp"
#include "brasa/autograd/grad_mode.hpp"
#include "brasa/ops/join.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/slice.hpp"
#include "brasa/ops/view.hpp"

namespace optimizers {

using namespace brasa;
using golden::Json;

namespace {

template <FloatScalar S>
Tensor<S> joined(const std::vector<Tensor<S>>& tensors) {
  NoGradGuard not_recording;
  std::vector<Tensor<S>> vectors;
  for (const Tensor<S>& tensor : tensors) vectors.push_back(reshape(tensor, {tensor.numel()}));
  return cat(vectors, 0);
}

void collect(const Value& value, std::vector<AnyTensor>& tensors) {
  if (value.is_tensor()) tensors.push_back(value.as_tensor());
  if (!value.is_list()) return;
  for (const Value& part : value.as_list()) collect(part, tensors);
}

template <FloatScalar S>
AnyTensor joined_as(const std::vector<AnyTensor>& tensors) {
  std::vector<Tensor<S>> typed;
  for (const AnyTensor& tensor : tensors) typed.push_back(tensor.as<S>());
  return joined(typed);
}

bool is_listed(const Json& record, const char* key, const Json& entry) {
  if (!record.contains(key)) return false;
  const Json& list = record.at(key);
  return std::find(list.begin(), list.end(), entry) != list.end();
}

}  // namespace

template <FloatScalar S>
Course<S>::Course(const golden::File& file, const Json& record) : file_(file), record_(record) {
  params_ = split(file.argument<S>(record.at("begin")));
  for (auto& param : params_) param.requires_grad_();
  if (record.contains("grads")) grads_ = file.argument<S>(record.at("grads"));
}

template <FloatScalar S>
std::vector<Tensor<S>> Course<S>::split(const Tensor<S>& flat) const {
  std::vector<Tensor<S>> parts;
  std::int64_t first = 0;
  for (const Json& sizes : record_.at("shapes")) {
    const Shape shape = golden::sizes(sizes);
    const std::int64_t count = detail::numel_of(shape);
    parts.push_back(reshape(narrow(flat, 0, first, count), shape));
    first += count;
  }
  return parts;
}

template <FloatScalar S>
Tensor<S> Course<S>::flat() const {
  return joined(params_);
}

template <FloatScalar S>
void Course<S>::set(const Tensor<S>& flat) {
  NoGradGuard not_recording;
  const auto parts = split(flat);
  for (std::size_t i = 0; i < params_.size(); ++i) params_[i].copy_(parts[i]);
}

template <FloatScalar S>
Group Course<S>::group(const Json& places, const Json& options) const {
  Group group{{}, options};
  for (const Json& place : places) group.params.push_back(params_.at(place.get<std::size_t>()));
  return group;
}

template <FloatScalar S>
Made Course<S>::make(const std::string& name, const Json& kwargs) const {
  std::vector<Group> groups;
  if (record_.contains("param_groups")) {
    for (const Json& part : record_.at("param_groups")) {
      groups.push_back(group(part.at(0), part.at(1)));
    }
  } else {
    groups.push_back({{params_.begin(), params_.end()}});
  }
  return optimizers::make(name, kwargs, groups, &file_);
}

template <FloatScalar S>
void Course<S>::change_groups(const Made& made, std::size_t step) const {
  if (record_.contains("added") && record_.at("added").at(0) == step) {
    made.add_param_group(group(record_.at("added").at(1), record_.at("added").at(2)));
  }
  if (record_.contains("lr") && record_.at("lr").at(0) == step) {
    made.optimizer->param_groups()[record_.at("lr").at(1).get<std::size_t>()].set_lr(
        record_.at("lr").at(2));
  }
}

template <FloatScalar S>
void Course<S>::step(const Made& made, std::size_t step) {
  change_groups(made, step);
  const auto grads = split(brasa::select(grads_, 0, static_cast<std::int64_t>(step)));
  for (std::size_t i = 0; i < params_.size(); ++i) {
    params_[i].set_grad(is_listed(record_, "missing", {step, i}) ? Tensor<S>() : grads[i]);
  }
  made.optimizer->step();
}

template <FloatScalar S>
std::size_t Course<S>::steps() const {
  return static_cast<std::size_t>(grads_.size(0));
}

template class Course<float>;
template class Course<double>;

AnyTensor flat_state(const optim::Optimizer& optimizer, const std::string& key) {
  std::vector<AnyTensor> tensors;
  const Value state = optimizer.state_dict();
  for (const auto& [index, kept] : state["state"].as_dict()) {
    if (const Value* found = kept.as_dict().find(key)) collect(*found, tensors);
  }
  if (tensors.empty()) return {};
  return tensors.front().holds<float>() ? joined_as<float>(tensors) : joined_as<double>(tensors);
}

std::vector<std::string> state_keys(const optim::Optimizer& optimizer) {
  std::set<std::string> keys;
  const Value state = optimizer.state_dict();
  for (const auto& [index, kept] : state["state"].as_dict()) {
    for (const auto& [key, value] : kept.as_dict()) {
      std::vector<AnyTensor> tensors;
      collect(value, tensors);
      if (!tensors.empty()) keys.emplace(key.string());
    }
  }
  return {keys.begin(), keys.end()};
}

}  // namespace optimizers
