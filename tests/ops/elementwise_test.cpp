// The functions of one element and of two, as tests/golden/recorder/ops/pointwise.py recorded them.

#include "brasa/ops/arithmetic.hpp"
#include "brasa/ops/atan2.hpp"
#include "brasa/ops/clamp.hpp"
#include "brasa/ops/compare.hpp"
#include "brasa/ops/division.hpp"
#include "brasa/ops/power.hpp"
#include "brasa/ops/unary.hpp"
#include "support/recorded_ops.hpp"

using namespace brasa;
using golden::Outputs;

namespace {

template <class C>
Outputs rounded(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if constexpr (!std::is_same_v<typename C::Scalar, bool>) {
    if (op == "floor") return {floor(x)};
    if (op == "ceil") return {ceil(x)};
    if (op == "trunc") return {trunc(x)};
    if (op == "round" && !call.has("decimals")) return {round(x)};
  }
  if constexpr (FloatScalar<typename C::Scalar>) {
    if (op == "round") return {round(x, call.integer("decimals"))};
  }
  return {};
}

template <class C>
Outputs of_one(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if constexpr (!std::is_same_v<typename C::Scalar, bool>) {
    if (op == "neg") return {neg(x)};
    if (op == "abs") return {abs(x)};
    if (op == "square") return {square(x)};
    if (op == "relu") return {relu(x)};
  }
  if (op == "sign") return {sign(x)};
  if (op == "exp") return {exp(x)};
  if (op == "log") return {log(x)};
  if (op == "sqrt") return {sqrt(x)};
  if (op == "reciprocal") return {reciprocal(x)};
  if (op == "sin") return {sin(x)};
  if (op == "tanh") return {tanh(x)};
  if (op == "sigmoid") return {sigmoid(x)};
  return rounded(call);
}

/// What is recorded for floating point only.
template <class C>
Outputs of_one_float(const C& call) {
  const std::string op = call.op();
  const auto x = call.x();
  if (op == "expm1") return {expm1(x)};
  if (op == "log1p") return {log1p(x)};
  if (op == "log2") return {log2(x)};
  if (op == "log10") return {log10(x)};
  if (op == "rsqrt") return {rsqrt(x)};
  if (op == "cos") return {cos(x)};
  if (op == "tan") return {tan(x)};
  if (op == "asin") return {asin(x)};
  if (op == "acos") return {acos(x)};
  if (op == "atan") return {atan(x)};
  if (op == "sinh") return {sinh(x)};
  if (op == "cosh") return {cosh(x)};
  if (op == "erf") return {erf(x)};
  if (op == "isnan") return {isnan(x)};
  if (op == "isinf") return {isinf(x)};
  if (op == "isfinite") return {isfinite(x)};
  return {};
}

template <class C>
Outputs clamped(const C& call) {
  const auto is_number = [&](const char* key) {
    return call.has(key) && !golden::is_tensor(call.kwargs().at(key));
  };
  const auto bound = [&](const char* key) {
    return is_number(key) ? std::optional<double>(call.real(key, 0)) : std::nullopt;
  };
  if (is_number("min") || is_number("max")) return {clamp(call.x(), bound("min"), bound("max"))};
  return {clamp(call.x(), call.keyword("min"), call.keyword("max"))};
}

/// Operations on a and b, one of which may be a number.
template <class S, class A, class B>
Outputs of_two(const std::string& op, const A& a, const B& b) {
  if constexpr (!std::is_same_v<S, bool>) {
    if (op == "sub") return {sub(a, b)};
    if (op == "remainder") return {remainder(a, b)};
    if (op == "fmod") return {fmod(a, b)};
    if (op == "pow") return {pow(a, b)};
  }
  if (op == "add") return {add(a, b)};
  if (op == "mul") return {mul(a, b)};
  if (op == "div") return {div(a, b)};
  if constexpr (IsTensor<A> && IsTensor<B>) {
    if (op == "maximum") return {maximum(a, b)};
    if (op == "minimum") return {minimum(a, b)};
    if (op == "atan2") return {atan2(a, b)};
  }
  return {};
}

template <class C, class A, class B>
Outputs with_options(const C& call, const A& a, const B& b) {
  const std::string op = call.op();
  if constexpr (!std::is_same_v<typename C::Scalar, bool>) {
    using Alpha = std::conditional_t<FloatScalar<typename C::Scalar>, double, std::int64_t>;
    if (call.has("rounding_mode")) {
      return {div(a, b, call.kwargs().at("rounding_mode").template get<std::string>())};
    }
    const auto alpha = static_cast<Alpha>(call.real("alpha", 1));
    if (op == "add") return {add(a, b, alpha)};
    if (op == "sub") return {sub(a, b, alpha)};
  }
  return {};
}

/// Calls f with both arguments, numbers as double or, beside integers, as int64.
template <class C, class F>
Outputs with_both(const C& call, F f) {
  using S = typename C::Scalar;
  using Number = std::conditional_t<FloatScalar<S>, double, std::int64_t>;
  const auto number = [&](std::size_t i) {
    return static_cast<Number>(golden::number(call.arg(i)));
  };
  if (call.has_x(0) && call.has_x(1)) return f(call.x(0), call.x(1));
  if constexpr (!std::is_same_v<S, bool>) {
    return call.has_x(0) ? f(call.x(0), number(1)) : f(number(0), call.x(1));
  } else {
    return {};
  }
}

template <class C>
Outputs run(const C& call) {
  if constexpr (!std::is_same_v<typename C::Scalar, bool>) {
    if (call.op() == "clamp") return clamped(call);
  }
  if (call.arg_count() == 2) {
    return with_both(call, [&](const auto& a, const auto& b) {
      return call.kwargs().empty() ? of_two<typename C::Scalar>(call.op(), a, b)
                                   : with_options(call, a, b);
    });
  }
  if (Outputs found = of_one(call); !found.empty()) return found;
  if constexpr (FloatScalar<typename C::Scalar>) return of_one_float(call);
  return {};
}

}  // namespace

TEST_CASE("Functions of one and of two elements give what PyTorch recorded", "[ops][elementwise]") {
  const auto count =
      golden::run_recorded("ops/pointwise.safetensors", [](auto& call) { return run(call); });
  CHECK(count >= 1717);
}
