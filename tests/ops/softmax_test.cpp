#include "brasa/ops/softmax.hpp"

#include "support/recorded_ops.hpp"

using namespace brasa;

TEST_CASE("softmax and log_softmax give what PyTorch recorded", "[ops][softmax]") {
  golden::run_recorded("ops/softmax.safetensors", [](auto& call) -> golden::Outputs {
    if (call.op() == "softmax") return {softmax(call.x(), call.integer("dim"))};
    if (call.op() == "log_softmax") return {log_softmax(call.x(), call.integer("dim"))};
    return {};
  });
}
