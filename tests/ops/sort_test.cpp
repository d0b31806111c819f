#include "brasa/ops/sort.hpp"

#include "support/recorded_ops.hpp"

using namespace brasa;
using golden::Outputs;
using golden::outputs_of;

TEST_CASE("sort, argsort and topk give what PyTorch recorded", "[ops][sort]") {
  golden::run_recorded("ops/sort.safetensors", [](auto& call) -> Outputs {
    const std::string op = call.op();
    const auto x = call.x();
    const std::int64_t dim = call.integer("dim", -1);
    const bool descending = call.flag("descending");
    const bool stable = call.flag("stable");
    if (op == "sort") return outputs_of(sort(x, dim, descending, stable));
    if (op == "argsort") return {argsort(x, dim, descending, stable)};
    if (op == "topk")
      return outputs_of(topk(x, call.integer("k"), dim, call.flag("largest", true)));
    return {};
  });
}
