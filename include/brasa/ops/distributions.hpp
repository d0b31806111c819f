#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "brasa/core/random.hpp"
#include "brasa/core/warning.hpp"
#include "brasa/kernels/fma.hpp"
#include "brasa/kernels/normal.hpp"

/// How arrays are filled with random numbers: which bits are drawn, in which order, and what is
/// made of them, to the bit as in PyTorch 2.13 on a CPU with AVX2. Arguments are checked before
/// anything is drawn.
namespace brasa::detail {

inline Generator& generator_or_default(Generator* generator) {
  return generator != nullptr ? *generator : default_generator();
}

/// Each element from one call of `draw(generator)`, front to back.
template <class S, class Draw>
void fill_each(std::span<S> out, Generator* given, Draw draw) {
  Generator& generator = generator_or_default(given);
  const std::lock_guard lock(generator.mutex());
  for (S& element : out) element = static_cast<S>(draw(generator));
}

/// A uniform number of the type: a float takes 32 bits, a double 64.
template <FloatScalar S>
S draw_uniform(Generator& generator) {
  if constexpr (std::is_same_v<S, float>) {
    return generator.uniform_float();
  } else {
    return generator.uniform_double();
  }
}

// ---- uniform ----

template <FloatScalar S>
void check_uniform(std::string_view op, double from, double to) {
  constexpr double kMax = std::numeric_limits<S>::max();
  if (!(from <= to)) {
    raise<ValueError>(op, "expected from <= to, got from = ", from, " and to = ", to);
  }
  if (from < -kMax || to > kMax || to - from > kMax) {
    raise<ValueError>(op, "expected bounds whose difference a ", dtype_name(dtype_of<S>),
                      " can hold, got from = ", from, " and to = ", to);
  }
}

/// u·(to − from) + from, rounded once; what then equals `to` becomes `from`.
template <FloatScalar S>
void fill_uniform(std::string_view op, std::span<S> out, double from, double to, Generator* given) {
  check_uniform<S>(op, from, to);
  const S low = static_cast<S>(from);
  const S high = static_cast<S>(to);
  const S width = high - low;
  fill_each(out, given, [=](Generator& generator) {
    const S value = kernels::fma(draw_uniform<S>(generator), width, low);
    return value == high ? low : value;
  });
}

// ---- normal ----

/// One standard normal number. They are made in pairs (Box and Muller, 1958); the generator keeps
/// the second one for the next call.
inline double draw_normal(Generator& generator) {
  if (const std::optional<double> kept = generator.take_normal()) return *kept;
  const double u1 = generator.uniform_double();
  const double u2 = generator.uniform_double();
  const double radius = std::sqrt(-2. * std::log1p(-u2));
  const double angle = 2. * std::numbers::pi * u1;
  generator.keep_normal(radius * std::sin(angle));
  return radius * std::cos(angle);
}

/// Sixteen elements or more: uniform numbers for all of them, of which each group of sixteen is
/// transformed; the last sixteen are drawn again if the number of elements is no multiple of it.
template <FloatScalar S>
void fill_normal_blocks(std::span<S> out, S mean, S std, Generator& generator) {
  constexpr std::size_t kBlock = 16;
  for (S& element : out) element = draw_uniform<S>(generator);
  for (std::size_t i = 0; i + kBlock <= out.size(); i += kBlock) {
    kernels::box_muller_16(out.data() + i, mean, std);
  }
  if (out.size() % kBlock == 0) return;
  const auto last = out.last(kBlock);
  for (S& element : last) element = draw_uniform<S>(generator);
  kernels::box_muller_16(last.data(), mean, std);
}

template <FloatScalar S>
void fill_normal(std::string_view op, std::span<S> out, double mean, double std, Generator* given) {
  if (!(std >= 0)) raise<ValueError>(op, "expected a std that is not negative, got ", std);
  if (out.size() < 16) {
    fill_each(out, given, [=](Generator& generator) {
      return kernels::fma(draw_normal(generator), std, mean);
    });
    return;
  }
  Generator& generator = generator_or_default(given);
  const std::lock_guard lock(generator.mutex());
  fill_normal_blocks(out, static_cast<S>(mean), static_cast<S>(std), generator);
}

// ---- integers ----

/// from + (bits mod range), 64 bits if the range takes 2^28 or more; a range of 0 stands for 2^64.
template <TensorScalar S>
void fill_integers(std::span<S> out, std::int64_t from, std::uint64_t range, Generator* given) {
  const auto shifted = [=](std::uint64_t offset) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + offset);
  };
  if (range == 0) {
    fill_each(out, given, [=](Generator& generator) { return shifted(generator.random64()); });
  } else if (range >= std::uint64_t{1} << 28) {
    fill_each(out, given,
              [=](Generator& generator) { return shifted(generator.random64() % range); });
  } else {
    const auto narrow = static_cast<std::uint32_t>(range);
    fill_each(out, given,
              [=](Generator& generator) { return shifted(generator.random() % narrow); });
  }
}

/// The largest integer up to which S holds every integer.
template <TensorScalar S>
inline constexpr std::int64_t kLastInteger = [] {
  if constexpr (std::is_floating_point_v<S>) {
    return std::int64_t{1} << std::numeric_limits<S>::digits;
  } else {
    return static_cast<std::int64_t>(std::numeric_limits<S>::max());
  }
}();

/// What `random_()` draws from: 0 up to and with `kLastInteger`.
template <TensorScalar S>
void fill_all_integers(std::span<S> out, Generator* given) {
  constexpr std::uint64_t kRange = static_cast<std::uint64_t>(kLastInteger<S>) + 1;
  if constexpr (sizeof(S) == 8) {
    fill_each(out, given, [](Generator& generator) { return generator.random64() % kRange; });
  } else {
    fill_each(out, given, [](Generator& generator) { return generator.random() % kRange; });
  }
}

/// The step between neighbouring S of this magnitude.
template <FloatScalar S>
std::int64_t float_step(std::int64_t value) {
  const auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  const int log2 = static_cast<int>(std::bit_width(magnitude)) - 1;
  return std::int64_t{1} << (log2 - std::numeric_limits<S>::digits + 1);
}

/// A lower bound moved upwards, so that the first integers from there on are not rounded below it.
template <TensorScalar S>
std::int64_t lower_bound_for(std::int64_t from) {
  if constexpr (std::is_floating_point_v<S>) {
    const S next = static_cast<S>(from + 1);
    if (next >= S(0x1p63)) return from;  // no int64
    const auto rounded = static_cast<std::int64_t>(next);
    if (rounded < from) return rounded + float_step<S>(from + 1);
  }
  return from;
}

/// An upper bound moved downwards, so that the last integers below it are not rounded up to it.
template <TensorScalar S>
std::int64_t upper_bound_for(std::int64_t to) {
  if constexpr (std::is_floating_point_v<S>) {
    const S last = static_cast<S>(to - 1);
    if (last >= S(0x1p63)) return to;  // no int64
    const auto rounded = static_cast<std::int64_t>(last);
    if (rounded >= to) return rounded - float_step<S>(to - 1);
  }
  return to;
}

/// Raises ValueError if S does not reach so far; warns if it does, but holds only some of the
/// integers.
template <TensorScalar S>
void check_integers(std::string_view op, std::int64_t first, std::int64_t last) {
  constexpr std::int64_t kLast = kLastInteger<S>;
  if constexpr (std::is_floating_point_v<S>) {
    if (first < -kLast || last > kLast) {
      warn("not every integer from " + std::to_string(first) + " to " + std::to_string(last) +
           " can be drawn: a " + std::string(dtype_name(dtype_of<S>)) + " holds those up to 2^" +
           std::to_string(std::numeric_limits<S>::digits));
    }
  } else if (first < static_cast<std::int64_t>(std::numeric_limits<S>::min()) || last > kLast) {
    raise<ValueError>(op, "integers from ", first, " to ", last, " do not fit into ",
                      dtype_name(dtype_of<S>));
  }
}

/// Integers from `from` to `to` − 1; without a `to`, up to and with `kLastInteger`.
template <TensorScalar S>
void fill_integers(std::string_view op, std::span<S> out, std::int64_t from,
                   std::optional<std::int64_t> to, Generator* given) {
  if (to && from >= *to) {
    raise<ValueError>(op, "expected a lower bound below the upper one, got ", from, " and ", *to);
  }
  constexpr bool kWide = sizeof(S) == 8 || std::is_floating_point_v<S>;
  if (kWide && !to && from == std::numeric_limits<std::int64_t>::min()) {
    return fill_integers(out, 0, 0, given);  // all 64 bits
  }
  const std::int64_t first = lower_bound_for<S>(from);
  const std::int64_t last = to ? upper_bound_for<S>(*to) - 1 : kLastInteger<S>;
  if (first > last) {
    raise<ValueError>(op, "no ", dtype_name(dtype_of<S>), " is an integer from ", from, " on",
                      to ? " and below " + std::to_string(*to) : "");
  }
  check_integers<S>(op, first, last);
  const std::uint64_t range = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  fill_integers(out, first, range + 1, given);
}

/// A permutation of 0 … n − 1, by Fisher and Yates; a long one inside out.
template <class S>
void fill_permutation(std::span<S> out, Generator* given) {
  constexpr std::size_t kLong = std::numeric_limits<std::uint32_t>::max() / 20;
  Generator& generator = generator_or_default(given);
  const std::lock_guard lock(generator.mutex());
  const std::size_t n = out.size();
  if (n < kLong) {
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<S>(i);
    for (std::size_t i = 0; i + 1 < n; ++i) {
      std::swap(out[i], out[i + generator.random() % static_cast<std::uint32_t>(n - i)]);
    }
  } else {
    for (std::size_t i = 0; i < n; ++i) {
      const auto z = static_cast<std::size_t>(generator.random64() % (i + 1));
      out[i] = static_cast<S>(i);
      std::swap(out[i], out[z]);
    }
  }
}

// ---- yes or no ----

inline void check_probability(std::string_view op, double p) {
  if (!(p >= 0 && p <= 1)) {
    raise<ValueError>(op, "expected a probability between 0 and 1, got ", p);
  }
}

/// 1 with probability p, else 0; 64 bits each, whatever the type.
template <TensorScalar S>
void fill_bernoulli(std::string_view op, std::span<S> out, double p, Generator* given) {
  check_probability(op, p);
  fill_each(out, given, [=](Generator& generator) { return generator.uniform_double() < p; });
}

/// The same with a probability for each element, of whose type the uniform numbers are.
template <FloatScalar S>
void fill_bernoulli(std::string_view op, std::span<S> out, std::span<const S> p, Generator* given) {
  for (const S probability : p) check_probability(op, static_cast<double>(probability));
  const S* next = p.data();
  fill_each(out, given, [&](Generator& generator) { return draw_uniform<S>(generator) < *next++; });
}

// ---- others, all of them in double ----

/// −log(1 − u) / lambd
template <FloatScalar S>
void fill_exponential(std::string_view op, std::span<S> out, double lambd, Generator* given) {
  if (!(lambd > 0)) raise<ValueError>(op, "expected a positive lambd, got ", lambd);
  const double scale = -1. / lambd;
  fill_each(out, given,
            [=](Generator& generator) { return scale * std::log1p(-generator.uniform_double()); });
}

/// median + sigma·tan(π(u − 1/2))
template <FloatScalar S>
void fill_cauchy(std::string_view op, std::span<S> out, double median, double sigma,
                 Generator* given) {
  if (!(sigma > 0)) raise<ValueError>(op, "expected a positive sigma, got ", sigma);
  fill_each(out, given, [=](Generator& generator) {
    const double angle = std::numbers::pi * (generator.uniform_double() - 0.5);
    return kernels::fma(sigma, std::tan(angle), median);
  });
}

/// exp(n), n normal
template <FloatScalar S>
void fill_log_normal(std::string_view op, std::span<S> out, double mean, double std,
                     Generator* given) {
  if (!(std > 0)) raise<ValueError>(op, "expected a positive std, got ", std);
  fill_each(out, given, [=](Generator& generator) {
    return std::exp(kernels::fma(draw_normal(generator), std, mean));
  });
}

/// ⌈log(u) / log(1 − p)⌉: how many attempts of probability p until the first success.
template <TensorScalar S>
void fill_geometric(std::string_view op, std::span<S> out, double p, Generator* given) {
  if (!(p > 0 && p < 1)) {
    raise<ValueError>(op, "expected a probability above 0 and below 1, got ", p);
  }
  const double log_failure = std::log1p(-p);
  fill_each(out, given, [=](Generator& generator) {
    return std::ceil(std::log(generator.uniform_double()) / log_failure);
  });
}

}  // namespace brasa::detail
