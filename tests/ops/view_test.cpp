#include "brasa/ops/view.hpp"

#include "brasa/ops/join.hpp"
#include "brasa/ops/permute.hpp"
#include "brasa/ops/rearrange.hpp"
#include "brasa/ops/slice.hpp"
#include "support/recorded_ops.hpp"

using namespace brasa;
using golden::Outputs;
using golden::outputs_of;

namespace {

template <class C>
Outputs reshaped(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if (op == "reshape") return {reshape(x, call.sizes("shape"))};
  if (op == "view") return {view(x, call.sizes("shape"))};
  if (op == "flatten") return {flatten(x, call.integer("start_dim"), call.integer("end_dim", -1))};
  if (op == "unflatten") return {unflatten(x, call.integer("dim"), call.sizes("sizes"))};
  if (op == "squeeze") return {call.has("dim") ? squeeze(x, call.sizes("dim")) : squeeze(x)};
  if (op == "unsqueeze") return {unsqueeze(x, call.integer("dim"))};
  return {};
}

template <class C>
Outputs reordered(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if (op == "transpose") return {transpose(x, call.integer("dim0"), call.integer("dim1"))};
  if (op == "t") return {t(x)};
  if (op == "permute") return {permute(x, call.sizes("dims"))};
  if (op == "flip") return {flip(x, call.sizes("dims"))};
  if (op == "roll") return {roll(x, call.sizes("shifts"), call.sizes("dims"))};
  if (op == "expand") return {expand(x, call.sizes("size"))};
  if (op == "repeat") return {repeat(x, call.sizes("repeats"))};
  if (op == "tril") return {tril(x, call.integer("diagonal"))};
  if (op == "triu") return {triu(x, call.integer("diagonal"))};
  return {};
}

template <class C>
Outputs cut(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  const std::int64_t dim = call.integer("dim");
  if (op == "diagonal") {
    return {diagonal(x, call.integer("offset"), call.integer("dim1"), call.integer("dim2", 1))};
  }
  if (op == "split") {
    const char* how = "split_size_or_sections";
    return outputs_of(call.is_integer(how) ? split(x, call.integer(how), dim)
                                           : split(x, call.sizes(how), dim));
  }
  if (op == "chunk") return outputs_of(chunk(x, call.integer("chunks"), dim));
  if (op == "unbind") return outputs_of(unbind(x, dim));
  if (op == "narrow") return {narrow(x, dim, call.integer("start"), call.integer("length"))};
  if (op == "select") return {select(x, dim, call.integer("index"))};
  return {};
}

}  // namespace

TEST_CASE("Shape operations give what PyTorch recorded", "[ops][view]") {
  golden::run_recorded("ops/view.safetensors", [](auto& call) -> Outputs {
    if (call.op() == "cat") return {cat(call.list(), call.integer("dim"))};
    if (call.op() == "stack") return {stack(call.list(), call.integer("dim"))};
    if (Outputs found = reshaped(call); !found.empty()) return found;
    if (Outputs found = reordered(call); !found.empty()) return found;
    return cut(call);
  });
}
