#include "brasa/ops/reduce.hpp"

#include "brasa/ops/cumulate.hpp"
#include "brasa/ops/extrema.hpp"
#include "brasa/ops/moments.hpp"
#include "brasa/ops/norm.hpp"
#include "brasa/ops/truth.hpp"
#include "support/recorded_ops.hpp"

using namespace brasa;
using golden::Outputs;
using golden::outputs_of;

namespace {

/// f(x) without dimensions, or f(x, dims, keepdim).
template <class C, class F>
Outputs over_dims(const C& call, F f) {
  if (!call.has("dim")) return {f(call.x())};
  return {f(call.x(), Dims(call.sizes("dim")), call.flag("keepdim"))};
}

/// Ours is always bool; PyTorch's is uint8 for uint8.
template <TensorScalar S, class... Rest>
AnyTensor as_recorded(const Tensor<bool>& truth, const Tensor<S>&, Rest...) {
  if constexpr (std::is_same_v<S, std::uint8_t>) return to<std::uint8_t>(truth);
  return truth;
}

template <class C>
Outputs summed(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if (op == "sum") return over_dims(call, [](auto&&... a) { return sum(a...); });
  if (op == "mean") return over_dims(call, [](auto&&... a) { return mean(a...); });
  if (op == "logsumexp") return {logsumexp(x, call.sizes("dim"), call.flag("keepdim"))};
  if (op == "all") return over_dims(call, [](auto&&... a) { return as_recorded(all(a...), a...); });
  if (op == "any") return over_dims(call, [](auto&&... a) { return as_recorded(any(a...), a...); });
  if (op == "prod") {
    if (!call.has("dim")) return {prod(x)};
    return {prod(x, call.integer("dim"), call.flag("keepdim"))};
  }
  if (op == "cumsum") return {cumsum(x, call.integer("dim"))};
  if (op == "cumprod") return {cumprod(x, call.integer("dim"))};
  return {};
}

template <class C>
Outputs chosen(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  const std::int64_t dim = call.is_integer("dim") ? call.integer("dim") : 0;
  const bool keepdim = call.flag("keepdim");
  if (op == "amax") return over_dims(call, [](auto&&... a) { return amax(a...); });
  if (op == "amin") return over_dims(call, [](auto&&... a) { return amin(a...); });
  if (!call.has("dim")) {
    if (op == "max") return {max(x)};
    if (op == "min") return {min(x)};
    if (op == "argmax") return {argmax(x)};
    if (op == "argmin") return {argmin(x)};
    return {};
  }
  if (op == "max") return outputs_of(max(x, dim, keepdim));
  if (op == "min") return outputs_of(min(x, dim, keepdim));
  if (op == "argmax") return {argmax(x, dim, keepdim)};
  if (op == "argmin") return {argmin(x, dim, keepdim)};
  return {};
}

template <class C>
Outputs measured(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  const Shape dims = call.sizes("dim");
  const bool keepdim = call.flag("keepdim");
  const double correction = call.real("correction", 1);
  const bool plain = !call.has("dim") && !call.has("correction");
  if (op == "var") return {plain ? var(x) : var(x, dims, correction, keepdim)};
  if (op == "std") return {plain ? brasa::std(x) : brasa::std(x, dims, correction, keepdim)};
  if (op == "norm") {
    const double p = call.real("p", 2);
    return {call.has("dim") ? norm(x, p, dims, keepdim) : norm(x, p)};
  }
  return {};
}

}  // namespace

TEST_CASE("Reductions give what PyTorch recorded", "[ops][reduce]") {
  golden::run_recorded("ops/reduce.safetensors", [](auto& call) -> Outputs {
    if (Outputs found = summed(call); !found.empty()) return found;
    if (Outputs found = chosen(call); !found.empty()) return found;
    return measured(call);
  });
}
