#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "brasa/core/python_text.hpp"
#include "brasa/nn/functional/activation_gated.hpp"
#include "brasa/nn/module.hpp"
#include "brasa/nn/modules/inplace.hpp"

/// Modules of the activations that multiply by a gate.
namespace brasa::nn {

/// x·Φ(x), or with "tanh" its approximation. Shape: any. See functional::gelu, which also checks
/// `approximate`. Errors: ValueError unless `approximate` is "none" or "tanh". Source:
/// torch.nn.GELU.
///
///     auto y = nn::GELU()(x);
///     auto approximated = nn::GELU("tanh")(x);
///
/// \curve{GELU}
template <FloatScalar S = float>
class GELU : public Module<S> {
 public:
  explicit GELU(std::string approximate_ = "none") : approximate(std::move(approximate_)) {}
  template <FloatScalar From>
  explicit GELU(const GELU<From>& other) : GELU(other.approximate) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::gelu(input, approximate); }
  std::string extra_repr() const override { return "approximate='" + approximate + '\''; }

  std::string approximate;
  BRASA_MODULE(GELU)
};

/// x / (1 + e⁻ˣ). Shape: any. See functional::silu. Source: torch.nn.SiLU.
///
///     auto y = nn::SiLU()(x);
///
/// \curve{SiLU}
template <FloatScalar S = float>
class SiLU : public Module<S> {
 public:
  explicit SiLU(InplaceOptions options = {}) : inplace(options.inplace) {}
  template <FloatScalar From>
  explicit SiLU(const SiLU<From>& other) : SiLU(InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::silu(input); }
  std::string extra_repr() const override { return detail::inplace_text("", inplace); }

  bool inplace;
  BRASA_MODULE(SiLU)
};

/// x·tanh(log(1 + eˣ)). Shape: any. See functional::mish. Source: torch.nn.Mish.
///
///     auto y = nn::Mish()(x);
///
/// \curve{Mish}
template <FloatScalar S = float>
class Mish : public Module<S> {
 public:
  explicit Mish(InplaceOptions options = {}) : inplace(options.inplace) {}
  template <FloatScalar From>
  explicit Mish(const Mish<From>& other) : Mish(InplaceOptions{other.inplace}) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::mish(input); }
  std::string extra_repr() const override { return detail::inplace_text("", inplace); }

  bool inplace;
  BRASA_MODULE(Mish)
};

/// a·sigmoid(b), where a and b are the halves of x along `dim`. Shapes: input `(*₁, 2·N, *₂)`,
/// output `(*₁, N, *₂)`. See functional::glu. Errors: ShapeError for a dimension of odd size or an
/// input without dimensions; IndexError. Source: torch.nn.GLU.
///
///     auto y = nn::GLU()(brasa::rand({4, 10}));  // of shape (4, 5)
template <FloatScalar S = float>
class GLU : public Module<S> {
 public:
  explicit GLU(std::int64_t dim_ = -1) : dim(dim_) {}
  template <FloatScalar From>
  explicit GLU(const GLU<From>& other) : GLU(other.dim) {}

  Tensor<S> forward(const Tensor<S>& input) const { return functional::glu(input, dim); }
  std::string extra_repr() const override { return "dim=" + detail::python_text(dim); }

  std::int64_t dim;
  BRASA_MODULE(GLU)
};

}  // namespace brasa::nn
