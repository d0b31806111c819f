// The gradients of all functions and modules of nn, with respect to inputs, targets and parameters,
// and the gradients of these, against numerical ones. Inputs keep away from kinks.

#include <cstdint>
#include <string>
#include <vector>

#include "brasa/nn/functional/activation.hpp"
#include "brasa/nn/functional/distance.hpp"
#include "brasa/nn/functional/linear.hpp"
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

std::vector<Row> activations() {
  const auto x = signed_numbers({3, 4});
  const auto wide = signed_numbers({3, 4}, 0.1, 7);
  const auto squared = [](auto f) { return [f](X in) { return square(f(in[0])); }; };
  return {
      {"relu", squared([](const auto& v) { return F::relu(v); }), {x}},
      {"sigmoid", [](X in) { return F::sigmoid(in[0]); }, {x}},
      {"tanh", [](X in) { return F::tanh(in[0]); }, {x}},
      {"threshold", squared([](const auto& v) { return F::threshold(v, 0.3, 2); }), {x}},
      {"hardtanh", squared([](const auto& v) { return F::hardtanh(v, -0.7, 0.9); }), {x}},
      {"relu6", squared([](const auto& v) { return F::relu6(v); }), {wide}},
      {"hardsigmoid", squared([](const auto& v) { return F::hardsigmoid(v); }), {wide}},
      {"hardswish", [](X in) { return F::hardswish(in[0]); }, {wide}},
      {"hardshrink", squared([](const auto& v) { return F::hardshrink(v, 0.4); }), {x}},
      {"softshrink", squared([](const auto& v) { return F::softshrink(v, 0.4); }), {x}},
      {"leaky_relu", squared([](const auto& v) { return F::leaky_relu(v, 0.2); }), {x}},
      {"rrelu", squared([](const auto& v) { return F::rrelu(v); }), {x}},
      {"rrelu in training",
       [](X in) {
         manual_seed(3);
         return square(F::rrelu(in[0], 0.1, 0.4, true));
       },
       {x}},
      {"prelu", [](X in) { return square(F::prelu(in[0], in[1])); }, {x, numbers({4}, 0.1, 0.9)}},
      {"logsigmoid", [](X in) { return F::logsigmoid(in[0]); }, {wide}},
      {"softplus", [](X in) { return F::softplus(in[0], 1.3, 6); }, {wide}},
      {"softsign", [](X in) { return F::softsign(in[0]); }, {x}},
      {"tanhshrink", [](X in) { return F::tanhshrink(in[0]); }, {x}},
      {"elu", [](X in) { return F::elu(in[0], 1.3); }, {x}},
      {"celu", [](X in) { return F::celu(in[0], 1.3); }, {x}},
      {"selu", [](X in) { return F::selu(in[0]); }, {x}},
      {"gelu", [](X in) { return F::gelu(in[0]); }, {wide}},
      {"gelu by tanh", [](X in) { return F::gelu(in[0], "tanh"); }, {x}},
      {"silu", [](X in) { return F::silu(in[0]); }, {wide}},
      {"mish", [](X in) { return F::mish(in[0]); }, {wide}},
      {"glu", [](X in) { return F::glu(in[0], 1); }, {x}},
      {"softmax", [](X in) { return F::softmax(in[0], 1); }, {x}},
      {"softmin", [](X in) { return F::softmin(in[0], 1); }, {x}},
      {"log_softmax", [](X in) { return F::log_softmax(in[0], 0); }, {x}},
  };
}

/// The modules of activations, which call the functions above: squared, since many are made of
/// straight lines.
std::vector<Row> activation_modules() {
  const auto x = signed_numbers({3, 4});
  const auto row = [&](const char* name, auto module) {
    return module_row(name, std::move(module), Tensors{x},
                      [](const auto& m, X in) { return square(m(in[0])); });
  };
  return {
      row("Threshold", nn::Threshold<double>(0.3, 2.0)),
      row("Hardtanh", nn::Hardtanh<double>(-0.7, 0.9)),
      row("ReLU", nn::ReLU<double>()),
      row("ReLU6", nn::ReLU6<double>()),
      row("Hardsigmoid", nn::Hardsigmoid<double>()),
      row("Hardswish", nn::Hardswish<double>()),
      row("Hardshrink", nn::Hardshrink<double>(0.4)),
      row("Softshrink", nn::Softshrink<double>(0.4)),
      row("LeakyReLU", nn::LeakyReLU<double>()),
      module_row("RReLU", nn::RReLU<double>(), Tensors{x},
                 [](const auto& m, X in) {
                   manual_seed(3);
                   return square(m(in[0]));
                 }),
      row("PReLU", nn::PReLU<double>(4)),
      row("LogSigmoid", nn::LogSigmoid<double>()),
      row("Sigmoid", nn::Sigmoid<double>()),
      row("Tanh", nn::Tanh<double>()),
      row("Softplus", nn::Softplus<double>()),
      row("Softsign", nn::Softsign<double>()),
      row("Tanhshrink", nn::Tanhshrink<double>()),
      row("ELU", nn::ELU<double>()),
      row("CELU", nn::CELU<double>()),
      row("SELU", nn::SELU<double>()),
      row("GELU", nn::GELU<double>()),
      row("SiLU", nn::SiLU<double>()),
      row("Mish", nn::Mish<double>()),
      row("GLU", nn::GLU<double>(1)),
      row("Softmax", nn::Softmax<double>(1)),
      row("Softmin", nn::Softmin<double>(1)),
      row("LogSoftmax", nn::LogSoftmax<double>(0)),
      module_row("Softmax2d", nn::Softmax2d<double>(), signed_numbers({3, 2, 2})),
  };
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
      {"linear",
       [](X in) { return F::linear<double>(in[0], in[1], in[2]); },
       {x, signed_numbers({2, 4}), numbers({2})}},
      module_row("Identity", nn::Identity<double>(), Tensors{x},
                 [](const auto& m, X in) { return square(m(in[0])); }),
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

}  // namespace

TEST_CASE("The gradients of all functions and modules of nn are the numerical ones, twice",
          "[autograd][nn]") {
  const NoWarnings no_warnings;
  Checked checked;
  manual_seed(0);
  for (const auto& rows :
       {regression(), distributions(), yes_or_no(), classes(), embeddings(), activations(),
        activation_modules(), dropouts(), modules(), loss_modules()}) {
    checked.run(rows);
  }
  // Whatever PyTorch was asked for a gradient of, and whatever nn/functional/ records, has its row.
  for (const char* file :
       {"functional/loss", "functional/dropout", "modules", "modules/loss", "modules/dropout"}) {
    CAPTURE(file);
    CHECK(checked.missing(gradcheck_table::differentiable_in(std::string(file) + ".safetensors")) ==
          Names());
  }
  CHECK(checked.missing(gradcheck_table::nodes_in("nn/functional")) == Names());
  // Whatever the table of all modules and functions has, as well.
  Names all;
  for (const auto& [name, row] : conformance::table<double>().modules()) all.insert(name);
  for (const auto& [name, row] : conformance::table<double>().functions()) all.insert(name);
  CHECK(checked.missing(all) == Names());
}
