#include "brasa/ops/index.hpp"

#include "brasa/ops/where.hpp"
#include "support/recorded_ops.hpp"

using namespace brasa;
using golden::Outputs;

namespace {

template <class C>
double number(const C& call, std::size_t i) {
  const golden::Json& value = call.arg(i);
  return value.is_boolean() ? value.get<bool>() : golden::number(value);
}

template <class S, class C>
Outputs choose(const C& call) {
  const auto operand = [&call](std::size_t i) { return call.template x<S>(i); };
  const auto scalar = [&call](std::size_t i) { return static_cast<S>(number(call, i)); };
  const Tensor<bool> condition = call.template x<bool>(0);
  if (!call.has_x(1)) return {where(condition, scalar(1), operand(2))};
  if (!call.has_x(2)) return {where(condition, operand(1), scalar(2))};
  return {where(condition, operand(1), operand(2))};
}

/// The first argument is the condition, so that its dtype is not the operands'.
template <class C>
Outputs choose_by_dtype(const C& call) {
  return visit_dtype(call.dtype(call.has_x(1) ? 1 : 2), [&](auto zero) -> Outputs {
    if constexpr (TensorScalar<decltype(zero)>) {
      return choose<decltype(zero)>(call);
    } else {
      return {};
    }
  });
}

template <class C>
Outputs filled(const C& call) {
  const Tensor<bool> mask = call.template x<bool>(1);
  if (call.has_x(2)) return {masked_fill(call.x(), mask, call.x(2))};
  return {masked_fill(call.x(), mask, number(call, 2))};
}

}  // namespace

TEST_CASE("Picking elements gives what PyTorch recorded", "[ops][index]") {
  golden::run_recorded("ops/index.safetensors", [](auto& call) -> Outputs {
    const std::string op = call.op();
    if (op == "index_select") {
      return {index_select(call.x(), call.integer("dim"), call.indices("index"))};
    }
    if (op == "gather") return {gather(call.x(), call.integer("dim"), call.indices("index"))};
    if (op == "masked_fill") return filled(call);
    if (op == "where") return choose_by_dtype(call);
    return {};
  });
}
