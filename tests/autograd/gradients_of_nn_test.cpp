// The gradients of all functions and modules of nn, with respect to inputs, targets and parameters,
// and the gradients of these, against numerical ones. Inputs keep away from kinks.

#include <cstdint>
#include <string>
#include <vector>

#include "brasa/nn/any_module.hpp"
#include "brasa/nn/functional/activation.hpp"
#include "brasa/nn/functional/distance.hpp"
#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/dropout.hpp"
#include "brasa/nn/modules/flatten.hpp"
#include "brasa/nn/modules/identity.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/loss.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/random.hpp"
#include "conformance/table.hpp"
#include "support/catch.hpp"
#include "support/gradcheck_table.hpp"
#include "support/module_row.hpp"
#include "support/module_tree.hpp"
#include "support/warnings.hpp"

using namespace brasa;
namespace F = nn::functional;
using gradcheck_table::Checked;
using gradcheck_table::module_row;
using gradcheck_table::Names;
using gradcheck_table::numbers;
using gradcheck_table::Row;
using gradcheck_table::signed_numbers;
using gradcheck_table::Tensors;
using gradcheck_table::X;

namespace {

using Doubles = Tensor<double>;
using Indices = Tensor<std::int64_t>;

const Indices& labels() {
  static const Indices y = tensor<std::int64_t>({2, 0, 3});
  return y;
}
/// 1 or −1 for each of three rows.
const Doubles& signs() {
  static const Doubles y = tensor<double>({1, -1, 1});
  return y;
}

std::vector<Row> regression() {
  const auto x = signed_numbers({3, 4});
  const auto y = numbers({3, 4}, -1, 1);
  const auto w = numbers({3, 4}, 0.5, 1.5);
  return {
      {"mse_loss", [](X in) { return F::mse_loss(in[0], in[1]); }, {x, y}},
      {"mse_loss of each", [](X in) { return F::mse_loss(in[0], in[1], {"none"}); }, {x, y}},
      {"mse_loss weighted",
       [](X in) { return F::mse_loss(in[0], in[1], {.weight = in[2]}); },
       {x, y, w}},
      {"l1_loss", [](X in) { return square(F::l1_loss(in[0], in[1])); }, {x, y}},
      {"l1_loss weighted",
       [](X in) { return F::l1_loss(in[0], in[1], {.weight = in[2]}); },
       {x, y, w}},
      {"smooth_l1_loss",
       [](X in) { return F::smooth_l1_loss(in[0], in[1], {.beta = 0.7}); },
       {x, y}},
      {"smooth_l1_loss of each",
       [](X in) { return F::smooth_l1_loss(in[0], in[1], {.reduction = "none"}); },
       {x, y}},
      {"huber_loss", [](X in) { return F::huber_loss(in[0], in[1], {.delta = 0.7}); }, {x, y}},
      {"huber_loss weighted",
       [](X in) { return F::huber_loss(in[0], in[1], {.reduction = "sum", .weight = in[2]}); },
       {x, y, w}},
  };
}

std::vector<Row> distributions() {
  const auto x = signed_numbers({3, 4});
  const auto p = numbers({3, 4}, 0.1, 0.9);
  const auto counts = numbers({3, 4}, 0.3, 4);
  return {
      {"kl_div", [](X in) { return F::kl_div(in[0], in[1], {"batchmean"}); }, {x, p}},
      {"kl_div of logarithms",
       [](X in) {
         return F::kl_div(in[0], in[1], {"none", true});
       },
       {x, signed_numbers({3, 4})}},
      {"poisson_nll_loss", [](X in) { return F::poisson_nll_loss(in[0], in[1]); }, {x, counts}},
      {"poisson_nll_loss in full",
       [](X in) { return F::poisson_nll_loss(in[0], in[1], {.log_input = false, .full = true}); },
       {p, counts}},
      {"gaussian_nll_loss",
       [](X in) { return F::gaussian_nll_loss(in[0], in[1], in[2]); },
       {x, signed_numbers({3, 4}), p}},
      {"gaussian_nll_loss of rows",
       [](X in) {
         return F::gaussian_nll_loss(in[0], in[1], in[2], {true, 1e-6, "none"});
       },
       {x, signed_numbers({3, 4}), numbers({3}, 0.3, 2)}},
  };
}

std::vector<Row> yes_or_no() {
  const auto x = signed_numbers({3, 4});
  const auto p = numbers({3, 4}, 0.1, 0.9);
  const auto y = numbers({3, 4}, 0.1, 0.9);
  const auto w = numbers({4}, 0.5, 1.5);
  const Doubles plus_minus = sign(signed_numbers({3, 4}));
  return {
      {"binary_cross_entropy", [](X in) { return F::binary_cross_entropy(in[0], in[1]); }, {p, y}},
      {"binary_cross_entropy weighted",
       [w](X in) {
         return F::binary_cross_entropy(in[0], in[1], {w, "none"});
       },
       {p, y}},
      {"binary_cross_entropy_with_logits",
       [](X in) { return F::binary_cross_entropy_with_logits(in[0], in[1]); },
       {x, y}},
      {"binary_cross_entropy_with_logits weighted",
       [w](X in) {
         return F::binary_cross_entropy_with_logits(in[0], in[1], {w, "sum", 2 * w});
       },
       {x, y}},
      {"soft_margin_loss",
       [plus_minus](X in) { return F::soft_margin_loss(in[0], plus_minus); },
       {x}},
      {"multilabel_soft_margin_loss",
       [](X in) {
         return F::multilabel_soft_margin_loss(in[0], in[1], {in[2], "none"});
       },
       {x, y, w}},
  };
}

std::vector<Row> classes() {
  const auto x = signed_numbers({3, 4});
  const auto w = numbers({4}, 0.5, 1.5);
  const auto spatial = signed_numbers({2, 4, 2});
  const auto pixels = tensor<std::int64_t>({0, 3, 1, 1}).reshape({2, 2});
  const auto several =
      tensor<std::int64_t>({3, 0, -1, 1, 2, -1, 0, 0, 1, 0, 3, -1}).reshape({3, 4});
  return {
      {"nll_loss", [](X in) { return square(F::nll_loss(in[0], labels())); }, {x}},
      {"nll_loss of pixels",
       [=](X in) {
         return square(F::nll_loss(in[0], pixels, {w, 3, "none"}));
       },
       {spatial}},
      {"cross_entropy", [](X in) { return F::cross_entropy(in[0], labels()); }, {x}},
      {"cross_entropy smoothed",
       [w](X in) {
         return F::cross_entropy(in[0], labels(), {w, 0, "mean", 0.2});
       },
       {x}},
      {"cross_entropy of pixels",
       [=](X in) { return F::cross_entropy(in[0], pixels, {.reduction = "none"}); },
       {spatial}},
      {"cross_entropy of probabilities",
       [](X in) {
         return F::cross_entropy(in[0], in[1], {.weight = in[2], .label_smoothing = 0.1});
       },
       {x, numbers({3, 4}), w}},
      {"linear_cross_entropy",
       [](X in) { return F::linear_cross_entropy(in[0], in[1], labels(), {.linear_bias = in[2]}); },
       {signed_numbers({3, 2}), signed_numbers({4, 2}), w}},
      {"multi_margin_loss",
       [w](X in) { return F::multi_margin_loss(in[0], labels(), {.p = 2, .weight = w}); },
       {x},
       false},
      {"multi_margin_loss of each",
       [](X in) { return F::multi_margin_loss(in[0], labels(), {.reduction = "none"}); },
       {x},
       false},
      {"multilabel_margin_loss",
       [several](X in) { return F::multilabel_margin_loss(in[0], several); },
       {x},
       false},
  };
}

std::vector<Row> embeddings() {
  const auto a = signed_numbers({3, 4});
  const auto b = signed_numbers({3, 4});
  const auto c = numbers({3, 4}, -1, 2);
  std::vector<Row> rows{
      {"hinge_embedding_loss",
       [](X in) { return square(F::hinge_embedding_loss(in[0], signs(), {.reduction = "none"})); },
       {numbers({3}, 0.1, 2)}},
      {"cosine_embedding_loss",
       [](X in) {
         return F::cosine_embedding_loss(in[0], in[1], signs(), {-0.9, "none"});
       },
       {a, b}},
      {"margin_ranking_loss",
       [](X in) {
         return square(F::margin_ranking_loss(in[0], in[1], in[2], {0.3, "none"}));
       },
       {a, b, c}},
      {"cosine_similarity", [](X in) { return F::cosine_similarity(in[0], in[1]); }, {a, b}},
      {"triplet_margin_loss swapped",
       [](X in) {
         return F::triplet_margin_loss(in[0], in[1], in[2], {.margin = 9, .swap = true});
       },
       {a, b, c}},
  };
  for (const double p : {1.0, 2.0, 3.0}) {
    rows.push_back({"pairwise_distance",
                    [p](X in) { return square(F::pairwise_distance(in[0], in[1], {p})); },
                    {a, b}});
    rows.push_back({"triplet_margin_loss",
                    [p](X in) {
                      return square(F::triplet_margin_loss(in[0], in[1], in[2], {9, p}));
                    },
                    {a, b, c}});
  }
  return rows;
}

/// All activations of the table, whose modules call the functions: squared, since many are made of
/// straight lines. RReLU draws its slopes anew at each call, hence the seed.
std::vector<Row> activations() {
  // Away from the corners, on both sides of 0; 4 elements in each dimension for the halves of GLU.
  const auto x = tensor<double>({{{-4.1, -2.3, -1.2, -0.7}, {-0.6, -0.2, -0.1, 0.05}},
                                 {{0.15, 0.3, 0.6, 1.3}, {2.2, 2.9, 4.3, 7.1}}});
  conformance::Table<double> table;
  conformance::add_activations(table);
  std::vector<Row> rows{
      {"prelu",
       [](X in) { return square(F::prelu(in[0], in[1])); },
       {signed_numbers({3, 4}), numbers({4}, 0.1, 0.9)}},
      {"gelu by tanh", [](X in) { return F::gelu(in[0], "tanh"); }, {x}},
  };
  for (const auto& [name, row] : table.modules()) {
    const golden::Json args = name == "Threshold" ? golden::Json{0.1, 5} : golden::Json::array();
    const nn::AnyModule<double> module = row.build({nullptr, args, golden::Json::object()});
    rows.push_back({name,
                    [module](X in) {
                      manual_seed(3);
                      return square(module(in[0]));
                    },
                    {x}});
  }
  return rows;
}

/// Each with the same seed at every call, so that it is a function. Times its input, for it is
/// linear.
std::vector<Row> dropouts() {
  const auto x = signed_numbers({2, 3, 4});
  const auto image = signed_numbers({2, 3, 2, 2});
  const auto seeded = [](auto drop) {
    return [drop](X in) {
      manual_seed(3);
      return drop(in[0]) * in[0];
    };
  };
  const auto row = [](const char* name, auto module, const Doubles& input) {
    return module_row(name, std::move(module), Tensors{input}, [](const auto& m, X in) {
      manual_seed(3);
      return m(in[0]) * in[0];
    });
  };
  return {
      {"dropout", seeded([](const auto& in) { return F::dropout(in, 0.3); }), {x}},
      {"dropout of all", seeded([](const auto& in) { return F::dropout(in, 1); }), {x}},
      {"dropout1d", seeded([](const auto& in) { return F::dropout1d(in); }), {x}},
      {"dropout2d", seeded([](const auto& in) { return F::dropout2d(in); }), {image}},
      {"dropout3d", seeded([](const auto& in) { return F::dropout3d(in); }), {image}},
      {"alpha_dropout",
       seeded([](const auto& in) { return F::alpha_dropout(in, 0.3, true); }),
       {x}},
      {"feature_alpha_dropout",
       seeded([](const auto& in) { return F::feature_alpha_dropout(in, 0.3, true); }),
       {image}},
      row("Dropout", nn::Dropout<double>(0.3), x),
      row("Dropout1d", nn::Dropout1d<double>(), x),
      row("Dropout2d", nn::Dropout2d<double>(), image),
      row("Dropout3d", nn::Dropout3d<double>(), image),
      row("AlphaDropout", nn::AlphaDropout<double>(0.3), x),
      row("FeatureAlphaDropout", nn::FeatureAlphaDropout<double>(), image),
  };
}

std::vector<Row> modules() {
  const auto x = signed_numbers({3, 4});
  return {
      module_row("Identity", nn::Identity<double>(), Tensors{x},
                 [](const auto& m, X in) { return square(m(in[0])); }),
      {"linear",
       [](X in) { return F::linear(in[0], in[1], in[2]); },
       {x, signed_numbers({2, 4}), signed_numbers({2})}},
      module_row("Linear", nn::Linear<double>(4, 2), x),
      module_row("Flatten", nn::Flatten<double>(), signed_numbers({2, 3, 2})),
      module_row("Unflatten", nn::Unflatten<double>(1, {2, 2}), x),
      module_row("Sequential",
                 nn::Sequential<double>{nn::Linear<double>(4, 3), nn::Tanh<double>(),
                                        nn::Linear<double>(3, 2, {.bias = false})},
                 x),
      module_row("TinyModel", module_tree::TinyModel<double>(4, 3, 2), x),
  };
}

/// The modules of losses, which call the functions above.
std::vector<Row> loss_modules() {
  const auto x = signed_numbers({3, 4});
  const auto y = signed_numbers({3, 4});
  const auto p = numbers({3, 4}, 0.1, 0.9);
  const auto q = numbers({3, 4}, 0.2, 0.8);
  const auto several =
      tensor<std::int64_t>({3, 0, -1, 1, 2, -1, 0, 0, 1, 0, 3, -1}).reshape({3, 4});
  const auto two = [](const auto& m, X in) { return m(in[0], in[1]); };
  const auto three = [](const auto& m, X in) { return m(in[0], in[1], in[2]); };
  const auto labelled = [](const auto& m, X in) { return m(in[0], labels()); };
  const auto signed_rows = [](const auto& m, X in) { return m(in[0], in[1], signs()); };
  return {
      module_row("MSELoss", nn::MSELoss<double>(), {x, y}, two),
      module_row("L1Loss", nn::L1Loss<double>(), {x, y}, two),
      module_row("SmoothL1Loss", nn::SmoothL1Loss<double>(), {x, y}, two),
      module_row("HuberLoss", nn::HuberLoss<double>(), {x, y}, two),
      module_row("KLDivLoss", nn::KLDivLoss<double>(), {x, p}, two),
      module_row("PoissonNLLLoss", nn::PoissonNLLLoss<double>(), {x, p}, two),
      module_row("GaussianNLLLoss", nn::GaussianNLLLoss<double>(), {x, y, p}, three),
      module_row("BCELoss", nn::BCELoss<double>(), {p, q}, two),
      module_row("BCEWithLogitsLoss", nn::BCEWithLogitsLoss<double>(), {x, q}, two),
      module_row("SoftMarginLoss", nn::SoftMarginLoss<double>(), {x},
                 [](const auto& m, X in) { return m(in[0], sign(in[0].detach() + 0.3)); }),
      module_row("MultiLabelSoftMarginLoss", nn::MultiLabelSoftMarginLoss<double>(), {x, q}, two),
      module_row("NLLLoss", nn::NLLLoss<double>(), {x}, labelled),
      module_row("CrossEntropyLoss", nn::CrossEntropyLoss<double>(), {x}, labelled),
      module_row("LinearCrossEntropyLoss", nn::LinearCrossEntropyLoss<double>(4, 5, {.bias = true}),
                 {x}, labelled),
      module_row("MultiMarginLoss", nn::MultiMarginLoss<double>(), {x}, labelled, false),
      module_row(
          "MultiLabelMarginLoss", nn::MultiLabelMarginLoss<double>(), {x},
          [several](const auto& m, X in) { return m(in[0], several); }, false),
      module_row("HingeEmbeddingLoss", nn::HingeEmbeddingLoss<double>(), {numbers({3}, 0.1, 2)},
                 [](const auto& m, X in) { return m(in[0], signs()); }),
      module_row("CosineEmbeddingLoss", nn::CosineEmbeddingLoss<double>(), {x, y}, signed_rows),
      module_row("MarginRankingLoss", nn::MarginRankingLoss<double>(), {x, y, p}, three),
      module_row("TripletMarginLoss", nn::TripletMarginLoss<double>(), {x, y, p}, three),
  };
}

template <class Rows>
Names names_of(const Rows& rows) {
  Names names;
  for (const auto& [name, row] : rows) names.insert(name);
  return names;
}

}  // namespace

TEST_CASE("The gradients of all functions and modules of nn are the numerical ones, twice",
          "[autograd][nn]") {
  const NoWarnings no_warnings;
  Checked checked;
  manual_seed(0);
  for (const auto& rows : {regression(), distributions(), yes_or_no(), classes(), embeddings(),
                           activations(), dropouts(), modules(), loss_modules()}) {
    checked.run(rows);
  }
  // Whatever is held against PyTorch, and whatever nn/functional/ records, has its row.
  // Activations go by the names of their modules, which call the functions.
  conformance::Table<double> others;
  conformance::add_dropout(others);
  conformance::add_layers(others);
  conformance::add_losses(others);
  CHECK(checked.missing(names_of(others.functions())) == Names());
  CHECK(checked.missing(names_of(conformance::table<double>().modules())) == Names());
  CHECK(checked.missing(gradcheck_table::nodes_in("nn/functional")) == Names());
}
