// All losses, as functions and as modules, held against what PyTorch answered:
// tests/golden/recorder/losses.py tells what it was asked.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <type_traits>

#include "brasa/nn/functional/distance.hpp"
#include "brasa/nn/modules/loss.hpp"
#include "support/loss_case.hpp"
#include "support/warnings.hpp"

using namespace brasa;
namespace F = nn::functional;

namespace {

template <FloatScalar S>
using Case = losses::Case<S>;

/// Checks a case of either name: of the function, called with `args` and its options, or of the
/// module M, made from its options. False if the case is of neither.
template <class M, FloatScalar S, class Function, class Options, class ModuleOptions, class... Args>
bool check(const Case<S>& c, const char* function_name, Function function, const Options& options,
           const char* module_name, const ModuleOptions& module_options, const Args&... args) {
  if (c.name() == std::string("functional.") + function_name) {
    c.check({function(args..., options)});
    return true;
  }
  if (c.name() != std::string("nn.") + module_name) return false;
  c.check_module(M(module_options), args...);
  return true;
}

/// A function as an object, since templates cannot be passed.
#define BRASA_TEST_FUNCTION(name) [](const auto&... args) { return F::name(args...); }

/// Calls f with the second argument as it was recorded, of its own element type.
template <FloatScalar S, class Function>
bool with_target(const Case<S>& c, std::size_t position, Function f) {
  switch (c.dtype(position)) {
    case Dtype::int64:
      return f(c.template x<std::int64_t>(position));
    case Dtype::uint8:
      return f(c.template x<std::uint8_t>(position));
    default:
      return f(c.x(position));
  }
}

template <FloatScalar S>
bool regression(const Case<S>& c) {
  const auto r = c.reduction();
  const F::WeightedRegressionOptions<S> weighted{r, c.weight()};
  const nn::SmoothL1LossOptions smooth{r, c.real("beta", 1)};
  const double delta = c.real("delta", 1);
  const auto x = c.x(0), y = c.x(1);
  return check<nn::MSELoss<S>>(c, "mse_loss", BRASA_TEST_FUNCTION(mse_loss), weighted, "MSELoss",
                               nn::LossOptions{r}, x, y) ||
         check<nn::L1Loss<S>>(c, "l1_loss", BRASA_TEST_FUNCTION(l1_loss), weighted, "L1Loss",
                              nn::LossOptions{r}, x, y) ||
         check<nn::SmoothL1Loss<S>>(c, "smooth_l1_loss", BRASA_TEST_FUNCTION(smooth_l1_loss),
                                    smooth, "SmoothL1Loss", smooth, x, y) ||
         check<nn::HuberLoss<S>>(c, "huber_loss", BRASA_TEST_FUNCTION(huber_loss),
                                 F::WeightedHuberOptions<S>{r, delta, c.weight()}, "HuberLoss",
                                 nn::HuberLossOptions{r, delta}, x, y);
}

template <FloatScalar S>
bool distributions(const Case<S>& c) {
  const auto r = c.reduction();
  const nn::KLDivLossOptions kl{r, c.flag("log_target")};
  const nn::PoissonNLLLossOptions poisson{c.flag("log_input", true), c.flag("full"),
                                          c.real("eps", 1e-8), r};
  const nn::GaussianNLLLossOptions gaussian{c.flag("full"), c.real("eps", 1e-6), r};
  const auto x = c.x(0), y = c.x(1);
  if (check<nn::KLDivLoss<S>>(c, "kl_div", BRASA_TEST_FUNCTION(kl_div), kl, "KLDivLoss", kl, x,
                              y) ||
      check<nn::PoissonNLLLoss<S>>(c, "poisson_nll_loss", BRASA_TEST_FUNCTION(poisson_nll_loss),
                                   poisson, "PoissonNLLLoss", poisson, x, y)) {
    return true;
  }
  const auto with_variance = [&](const auto& var) {
    return check<nn::GaussianNLLLoss<S>>(c, "gaussian_nll_loss",
                                         BRASA_TEST_FUNCTION(gaussian_nll_loss), gaussian,
                                         "GaussianNLLLoss", gaussian, x, y, var);
  };
  if (c.arg_count() != 3) return false;
  return c.has_x(2) ? with_variance(c.x(2)) : with_variance(golden::number(c.arg(2)));
}

template <FloatScalar S>
bool yes_or_no(const Case<S>& c) {
  const auto r = c.reduction();
  const nn::WeightedLossOptions<S> weighted{c.weight(), r};
  const nn::BCEWithLogitsLossOptions<S> logits{c.weight(), r, c.keyword("pos_weight")};
  const nn::LossOptions plain{r};
  const auto x = c.x(0);
  if (with_target(c, 1, [&](const auto& y) {
        return check<nn::MultiLabelSoftMarginLoss<S>>(
            c, "multilabel_soft_margin_loss", BRASA_TEST_FUNCTION(multilabel_soft_margin_loss),
            weighted, "MultiLabelSoftMarginLoss", weighted, x, y);
      })) {
    return true;
  }
  const auto y = c.x(1);
  return check<nn::BCELoss<S>>(c, "binary_cross_entropy", BRASA_TEST_FUNCTION(binary_cross_entropy),
                               weighted, "BCELoss", weighted, x, y) ||
         check<nn::BCEWithLogitsLoss<S>>(c, "binary_cross_entropy_with_logits",
                                         BRASA_TEST_FUNCTION(binary_cross_entropy_with_logits),
                                         logits, "BCEWithLogitsLoss", logits, x, y) ||
         check<nn::SoftMarginLoss<S>>(c, "soft_margin_loss", BRASA_TEST_FUNCTION(soft_margin_loss),
                                      plain, "SoftMarginLoss", plain, x, y);
}

template <FloatScalar S>
bool embeddings(const Case<S>& c) {
  const auto r = c.reduction();
  const nn::HingeEmbeddingLossOptions hinge{c.real("margin", 1), r};
  const nn::CosineEmbeddingLossOptions cosine{c.real("margin", 0), r};
  const nn::MarginRankingLossOptions ranking{c.real("margin", 0), r};
  const nn::TripletMarginLossOptions triplet{c.real("margin", 1), c.real("p", 2),
                                             c.real("eps", 1e-6), c.flag("swap"), r};
  const auto x = c.x(0);
  if (c.arg_count() == 2) {
    return with_target(c, 1, [&](const auto& y) {
      return check<nn::HingeEmbeddingLoss<S>>(c, "hinge_embedding_loss",
                                              BRASA_TEST_FUNCTION(hinge_embedding_loss), hinge,
                                              "HingeEmbeddingLoss", hinge, x, y);
    });
  }
  const auto x2 = c.x(1);
  return with_target(c, 2,
                     [&](const auto& y) {
                       return check<nn::CosineEmbeddingLoss<S>>(
                           c, "cosine_embedding_loss", BRASA_TEST_FUNCTION(cosine_embedding_loss),
                           cosine, "CosineEmbeddingLoss", cosine, x, x2, y);
                     }) ||
         check<nn::MarginRankingLoss<S>>(c, "margin_ranking_loss",
                                         BRASA_TEST_FUNCTION(margin_ranking_loss), ranking,
                                         "MarginRankingLoss", ranking, x, x2, c.x(2)) ||
         check<nn::TripletMarginLoss<S>>(c, "triplet_margin_loss",
                                         BRASA_TEST_FUNCTION(triplet_margin_loss), triplet,
                                         "TripletMarginLoss", triplet, x, x2, c.x(2));
}

template <FloatScalar S>
bool classes(const Case<S>& c) {
  const auto r = c.reduction();
  const std::int64_t ignored = c.integer("ignore_index", -100);
  const nn::NLLLossOptions<S> nll{c.weight(), ignored, r};
  const nn::CrossEntropyLossOptions<S> entropy{c.weight(), ignored, r,
                                               c.real("label_smoothing", 0)};
  const auto x = c.x(0);
  return with_target(c, 1, [&](const auto& y) {
    if constexpr (!FloatScalar<typename std::remove_cvref_t<decltype(y)>::Scalar>) {
      if (check<nn::NLLLoss<S>>(c, "nll_loss", BRASA_TEST_FUNCTION(nll_loss), nll, "NLLLoss", nll,
                                x, y)) {
        return true;
      }
    }
    return check<nn::CrossEntropyLoss<S>>(c, "cross_entropy", BRASA_TEST_FUNCTION(cross_entropy),
                                          entropy, "CrossEntropyLoss", entropy, x, y);
  });
}

template <FloatScalar S>
bool class_margins(const Case<S>& c) {
  const nn::MultiMarginLossOptions<S> margin{static_cast<int>(c.integer("p", 1)),
                                             c.real("margin", 1), c.weight(), c.reduction()};
  const nn::LossOptions plain{c.reduction()};
  const auto x = c.x(0);
  const auto y = c.template x<std::int64_t>(1);
  return check<nn::MultiMarginLoss<S>>(c, "multi_margin_loss",
                                       BRASA_TEST_FUNCTION(multi_margin_loss), margin,
                                       "MultiMarginLoss", margin, x, y) ||
         check<nn::MultiLabelMarginLoss<S>>(c, "multilabel_margin_loss",
                                            BRASA_TEST_FUNCTION(multilabel_margin_loss), plain,
                                            "MultiLabelMarginLoss", plain, x, y);
}

template <FloatScalar S>
bool after_linear(const Case<S>& c) {
  const auto ignored = c.maybe_integer("ignore_index");
  const double smoothing = c.real("label_smoothing", 0);
  if (c.name() == "functional.linear_cross_entropy") {
    return with_target(c, 2, [&](const auto& y) {
      c.check({F::linear_cross_entropy(
          c.x(0), c.x(1), y,
          {c.keyword("linear_bias"), c.weight(), c.reduction(), ignored, smoothing})});
      return true;
    });
  }
  if (c.name() != "nn.LinearCrossEntropyLoss") return false;
  const auto& sizes = c.record().at("ctor_args");
  const nn::LinearCrossEntropyLoss<S> loss(
      sizes.at(0), sizes.at(1),
      {c.sizes("out_features"), c.flag("bias"), c.reduction(), c.weight(), ignored, smoothing});
  return with_target(c, 1, [&](const auto& y) {
    c.check_module(loss, c.x(0), y);
    return true;
  });
}

template <FloatScalar S>
bool distances(const Case<S>& c) {
  if (c.name() == "functional.pairwise_distance") {
    c.check({F::pairwise_distance(c.x(0), c.x(1),
                                  {c.real("p", 2), c.real("eps", 1e-6), c.flag("keepdim")})});
  } else if (c.name() == "functional.cosine_similarity") {
    c.check({F::cosine_similarity(c.x(0), c.x(1), {c.integer("dim", 1), c.real("eps", 1e-8)})});
  } else {
    return false;
  }
  return true;
}

bool contains(const std::string& name, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

template <FloatScalar S>
bool run(const Case<S>& c) {
  const std::string& name = c.name();
  if (contains(name, {"linear_cross", "LinearCross"})) return after_linear(c);
  if (contains(name, {"pairwise", "similarity"})) return distances(c);
  if (contains(name, {"multi_margin", "label_margin", "MultiMargin", "LabelMargin"})) {
    return class_margins(c);
  }
  if (contains(name, {"mbedding", "anking", "riplet"})) return embeddings(c);
  if (contains(name, {"binary", "BCE", "soft_margin", "SoftMargin"})) return yes_or_no(c);
  if (contains(name, {".cross_entropy", ".nll", ".NLL", ".CrossEntropy"})) return classes(c);
  return contains(name, {"kl_div", "KLDiv", "nll", "NLL"}) ? distributions(c) : regression(c);
}

int total(const std::map<std::string, int>& counts) {
  int sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

}  // namespace

// The numbers of cases, so that none is lost unnoticed.
TEST_CASE("The functions of losses give what PyTorch recorded", "[nn][loss][golden]") {
  const NoWarnings no_warnings;
  const auto counts =
      losses::check_recorded("functional/loss.safetensors", [](const auto& c) { return run(c); });
  CHECK(counts.size() == 22);
  CHECK(total(counts) == 759);
}

TEST_CASE("The modules of losses are, print and give what PyTorch recorded", "[nn][loss][golden]") {
  const NoWarnings no_warnings;
  const auto counts =
      losses::check_recorded("modules/loss.safetensors", [](const auto& c) { return run(c); });
  CHECK(counts.size() == 20);
  CHECK(total(counts) == 170);
}
