#include "brasa/ops/matmul.hpp"

#include "support/recorded_ops.hpp"

using namespace brasa;
using golden::Outputs;

TEST_CASE("Products give what PyTorch recorded", "[ops][matmul]") {
  golden::run_recorded("ops/matmul.safetensors", [](auto& call) -> Outputs {
    const std::string op = call.op();
    const auto a = call.x(0);
    const auto b = call.x(1);
    if (op == "matmul") return {matmul(a, b)};
    if (op == "mm") return {mm(a, b)};
    if (op == "mv") return {mv(a, b)};
    if (op == "bmm") return {bmm(a, b)};
    if (op == "dot") return {dot(a, b)};
    if (op == "outer") return {outer(a, b)};
    if (op == "addmm") return {addmm(a, b, call.x(2), call.real("beta", 1), call.real("alpha", 1))};
    if (op == "linear") return {call.has_x(2) ? linear(a, b, call.x(2)) : linear(a, b)};
    return {};
  });
}
