#include "brasa/nn/modules/loss.hpp"

#include <cstddef>
#include <cstdint>

#include "brasa/nn/functional/loss.hpp"
#include "brasa/ops/methods.hpp"
#include "conformance/table.hpp"

namespace conformance {
namespace {

namespace nn = brasa::nn;
namespace F = brasa::nn::functional;
using golden::kByName;

// ---- inputs: `with(a, f)` calls f, a module or function, with those among the arguments ----

template <brasa::FloatScalar S>
constexpr auto pair =
    [](const Arguments& a, auto f) { return f(a.tensor<S>(0, "input"), a.tensor<S>(1, "target")); };

template <brasa::FloatScalar S>
constexpr auto triple = [](const Arguments& a, auto f) {
  return f(a.tensor<S>(0, "input1"), a.tensor<S>(1, "input2"), a.tensor<S>(2, "target"));
};

/// f(target) with a target of class indices.
constexpr auto indices = [](const Arguments& a, std::size_t position, auto f) {
  if (a.any_tensor(position, "target").template holds<std::uint8_t>()) {
    return f(a.tensor<std::uint8_t>(position, "target"));
  }
  return f(a.tensor<std::int64_t>(position, "target"));
};
/// f(target), which may also be of numbers.
template <brasa::FloatScalar S>
constexpr auto labels = [](const Arguments& a, std::size_t position, auto f) {
  const bool numbers = a.any_tensor(position, "target").template holds<S>();
  return numbers ? f(a.tensor<S>(position, "target")) : indices(a, position, f);
};

template <brasa::FloatScalar S>
constexpr auto indexed = [](const Arguments& a, auto f) {
  return indices(a, 1, [&](const auto& y) { return f(a.tensor<S>(0, "input"), y); });
};
template <brasa::FloatScalar S>
constexpr auto labelled = [](const Arguments& a, auto f) {
  return labels<S>(a, 1, [&](const auto& y) { return f(a.tensor<S>(0, "input"), y); });
};
template <brasa::FloatScalar S>
constexpr auto labelled_pair = [](const Arguments& a, auto f) {
  return labels<S>(a, 2, [&](const auto& y) {
    return f(a.tensor<S>(0, "input1"), a.tensor<S>(1, "input2"), y);
  });
};
/// Indices of 64 bits only.
template <brasa::FloatScalar S>
constexpr auto long_indexed = [](const Arguments& a, auto f) {
  return f(a.tensor<S>(0, "input"), a.tensor<std::int64_t>(1, "target"));
};

/// A variance for each element, or one for all.
template <brasa::FloatScalar S>
constexpr auto with_variance = [](const Arguments& a, auto f) {
  const auto x = a.tensor<S>(0, "input");
  const auto y = a.tensor<S>(1, "target");
  return a.has_tensor(2, "var") ? f(x, y, a.tensor<S>(2, "var")) : f(x, y, a.number(2, "var"));
};

// ---- options ----

nn::Reduction reduction(const Arguments& a) { return a.text(kByName, "reduction", "mean"); }
double real(const Arguments& a, const char* name, double otherwise) {
  return a.number(kByName, name, otherwise);
}
bool flag(const Arguments& a, const char* name, bool otherwise = false) {
  return a.flag(kByName, name, otherwise);
}
template <brasa::FloatScalar S>
brasa::Tensor<S> weight(const Arguments& a, const char* name = "weight") {
  return a.tensor<S>(kByName, name);
}
std::int64_t ignored(const Arguments& a) { return a.integer(kByName, "ignore_index", -100); }

nn::LossOptions plain(const Arguments& a) { return {reduction(a)}; }
template <brasa::FloatScalar S>
nn::WeightedLossOptions<S> weighted(const Arguments& a) {
  return {weight<S>(a), reduction(a)};
}
template <brasa::FloatScalar S>
F::WeightedRegressionOptions<S> weighted_regression(const Arguments& a) {
  return {reduction(a), weight<S>(a)};
}

// ---- rows ----

template <brasa::FloatScalar S, class With, class Options, class Function>
void add_function(Table<S>& t, const char* name, With with, Options options, Function f) {
  t.function(name, [=](const Arguments& a) {
    return with(a, [&](const auto&... in) { return f(in..., options(a)); });
  });
}
template <class M, brasa::FloatScalar S, class With, class Options>
void add_module(Table<S>& t, const char* name, With with, Options options) {
  t.template module<M>(
      name, [=](const Arguments& a) { return M(options(a)); },
      [=](const M& m, const Arguments& a) {
        return with(a, [&](const auto&... in) { return m(in...); });
      });
}
/// A module and its function, which have the same options.
template <class M, brasa::FloatScalar S, class With, class Options, class Function>
void add(Table<S>& t, const char* module, const char* function, With with, Options options,
         Function f) {
  add_module<M>(t, module, with, options);
  add_function(t, function, with, options, f);
}

template <brasa::FloatScalar S>
void add_regression(Table<S>& t) {
  add_module<nn::MSELoss<S>>(t, "MSELoss", pair<S>, plain);
  add_function(t, "mse_loss", pair<S>, weighted_regression<S>,
               [](const auto&... in) { return F::mse_loss(in...); });
  add_module<nn::L1Loss<S>>(t, "L1Loss", pair<S>, plain);
  add_function(t, "l1_loss", pair<S>, weighted_regression<S>,
               [](const auto&... in) { return F::l1_loss(in...); });
  add<nn::SmoothL1Loss<S>>(
      t, "SmoothL1Loss", "smooth_l1_loss", pair<S>,
      [](const Arguments& a) {
        return nn::SmoothL1LossOptions{reduction(a), real(a, "beta", 1)};
      },
      [](const auto&... in) { return F::smooth_l1_loss(in...); });
  add_module<nn::HuberLoss<S>>(t, "HuberLoss", pair<S>, [](const Arguments& a) {
    return nn::HuberLossOptions{reduction(a), real(a, "delta", 1)};
  });
  add_function(
      t, "huber_loss", pair<S>,
      [](const Arguments& a) {
        return F::WeightedHuberOptions<S>{reduction(a), real(a, "delta", 1), weight<S>(a)};
      },
      [](const auto&... in) { return F::huber_loss(in...); });
}

template <brasa::FloatScalar S>
void add_distributions(Table<S>& t) {
  add<nn::KLDivLoss<S>>(
      t, "KLDivLoss", "kl_div", pair<S>,
      [](const Arguments& a) {
        return nn::KLDivLossOptions{reduction(a), flag(a, "log_target")};
      },
      [](const auto&... in) { return F::kl_div(in...); });
  add<nn::PoissonNLLLoss<S>>(
      t, "PoissonNLLLoss", "poisson_nll_loss", pair<S>,
      [](const Arguments& a) {
        return nn::PoissonNLLLossOptions{flag(a, "log_input", true), flag(a, "full"),
                                         real(a, "eps", 1e-8), reduction(a)};
      },
      [](const auto&... in) { return F::poisson_nll_loss(in...); });
  add<nn::GaussianNLLLoss<S>>(
      t, "GaussianNLLLoss", "gaussian_nll_loss", with_variance<S>,
      [](const Arguments& a) {
        return nn::GaussianNLLLossOptions{flag(a, "full"), real(a, "eps", 1e-6), reduction(a)};
      },
      [](const auto&... in) { return F::gaussian_nll_loss(in...); });
}

template <brasa::FloatScalar S>
void add_binary(Table<S>& t) {
  add<nn::BCELoss<S>>(t, "BCELoss", "binary_cross_entropy", pair<S>, weighted<S>,
                      [](const auto&... in) { return F::binary_cross_entropy(in...); });
  add<nn::BCEWithLogitsLoss<S>>(
      t, "BCEWithLogitsLoss", "binary_cross_entropy_with_logits", pair<S>,
      [](const Arguments& a) {
        return nn::BCEWithLogitsLossOptions<S>{weight<S>(a), reduction(a),
                                               weight<S>(a, "pos_weight")};
      },
      [](const auto&... in) { return F::binary_cross_entropy_with_logits(in...); });
  add<nn::SoftMarginLoss<S>>(t, "SoftMarginLoss", "soft_margin_loss", pair<S>, plain,
                             [](const auto&... in) { return F::soft_margin_loss(in...); });
  add<nn::MultiLabelSoftMarginLoss<S>>(
      t, "MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss", labelled<S>, weighted<S>,
      [](const auto&... in) { return F::multilabel_soft_margin_loss(in...); });
}

template <brasa::FloatScalar S>
void add_classes(Table<S>& t) {
  add<nn::NLLLoss<S>>(
      t, "NLLLoss", "nll_loss", indexed<S>,
      [](const Arguments& a) {
        return nn::NLLLossOptions<S>{weight<S>(a), ignored(a), reduction(a)};
      },
      [](const auto&... in) { return F::nll_loss(in...); });
  add<nn::CrossEntropyLoss<S>>(
      t, "CrossEntropyLoss", "cross_entropy", labelled<S>,
      [](const Arguments& a) {
        return nn::CrossEntropyLossOptions<S>{weight<S>(a), ignored(a), reduction(a),
                                              real(a, "label_smoothing", 0)};
      },
      [](const auto&... in) { return F::cross_entropy(in...); });
  add<nn::MultiMarginLoss<S>>(
      t, "MultiMarginLoss", "multi_margin_loss", long_indexed<S>,
      [](const Arguments& a) {
        return nn::MultiMarginLossOptions<S>{static_cast<int>(a.integer(kByName, "p", 1)),
                                             real(a, "margin", 1), weight<S>(a), reduction(a)};
      },
      [](const auto&... in) { return F::multi_margin_loss(in...); });
  add<nn::MultiLabelMarginLoss<S>>(
      t, "MultiLabelMarginLoss", "multilabel_margin_loss", long_indexed<S>, plain,
      [](const auto&... in) { return F::multilabel_margin_loss(in...); });
}

template <brasa::FloatScalar S>
void add_linear_cross_entropy(Table<S>& t) {
  using Loss = nn::LinearCrossEntropyLoss<S>;
  t.template module<Loss>(
      "LinearCrossEntropyLoss",
      [](const Arguments& a) {
        return Loss(
            a.integer(0, "in_features"), a.integer(1, "num_classes"),
            {a.has(kByName, "out_features") ? a.sizes(kByName, "out_features") : brasa::Shape(),
             flag(a, "bias"), reduction(a), weight<S>(a), a.maybe_integer(kByName, "ignore_index"),
             real(a, "label_smoothing", 0)});
      },
      [](const Loss& m, const Arguments& a) {
        return labelled<S>(a, [&m](const auto&... in) { return m(in...); });
      });
  add_function(
      t, "linear_cross_entropy", labelled_pair<S>,
      [](const Arguments& a) {
        return F::LinearCrossEntropyOptions<S>{
            weight<S>(a, "linear_bias"), weight<S>(a), reduction(a),
            a.maybe_integer(kByName, "ignore_index"), real(a, "label_smoothing", 0)};
      },
      [](const auto&... in) { return F::linear_cross_entropy(in...); });
}

template <brasa::FloatScalar S>
void add_embeddings(Table<S>& t) {
  add<nn::HingeEmbeddingLoss<S>>(
      t, "HingeEmbeddingLoss", "hinge_embedding_loss", labelled<S>,
      [](const Arguments& a) {
        return nn::HingeEmbeddingLossOptions{real(a, "margin", 1), reduction(a)};
      },
      [](const auto&... in) { return F::hinge_embedding_loss(in...); });
  add<nn::CosineEmbeddingLoss<S>>(
      t, "CosineEmbeddingLoss", "cosine_embedding_loss", labelled_pair<S>,
      [](const Arguments& a) {
        return nn::CosineEmbeddingLossOptions{real(a, "margin", 0), reduction(a)};
      },
      [](const auto&... in) { return F::cosine_embedding_loss(in...); });
  add<nn::MarginRankingLoss<S>>(
      t, "MarginRankingLoss", "margin_ranking_loss", labelled_pair<S>,
      [](const Arguments& a) {
        return nn::MarginRankingLossOptions{real(a, "margin", 0), reduction(a)};
      },
      [](const auto&... in) { return F::margin_ranking_loss(in...); });
  add<nn::TripletMarginLoss<S>>(
      t, "TripletMarginLoss", "triplet_margin_loss", triple<S>,
      [](const Arguments& a) {
        return nn::TripletMarginLossOptions{real(a, "margin", 1), real(a, "p", 2),
                                            real(a, "eps", 1e-6), flag(a, "swap"), reduction(a)};
      },
      [](const auto&... in) { return F::triplet_margin_loss(in...); });
}

}  // namespace

template <brasa::FloatScalar S>
void add_losses(Table<S>& t) {
  add_regression(t);
  add_distributions(t);
  add_binary(t);
  add_classes(t);
  add_linear_cross_entropy(t);
  add_embeddings(t);
}
template void add_losses(Table<float>&);
template void add_losses(Table<double>&);

}  // namespace conformance
