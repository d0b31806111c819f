#include "brasa/nn/modules/dropout.hpp"

#include "conformance/table.hpp"

namespace conformance {
namespace {

/// The module M, and `f(input, p, training)`.
template <class M, brasa::FloatScalar S, class Function>
void add(Table<S>& t, const char* module, const char* function, bool training, Function f) {
  t.module(module, [](const Arguments& a) { return M(a.number(0, "p", 0.5)); });
  t.function(function, [=](const Arguments& a) {
    return f(a.tensor<S>(0, "input"), a.number(1, "p", 0.5), a.flag(2, "training", training));
  });
}

}  // namespace

template <brasa::FloatScalar S>
void add_dropout(Table<S>& t) {
  namespace nn = brasa::nn;
  namespace F = brasa::nn::functional;
  add<nn::Dropout<S>>(t, "Dropout", "dropout", true,
                      [](const auto&... in) { return F::dropout(in...); });
  add<nn::Dropout1d<S>>(t, "Dropout1d", "dropout1d", true,
                        [](const auto&... in) { return F::dropout1d(in...); });
  add<nn::Dropout2d<S>>(t, "Dropout2d", "dropout2d", true,
                        [](const auto&... in) { return F::dropout2d(in...); });
  add<nn::Dropout3d<S>>(t, "Dropout3d", "dropout3d", true,
                        [](const auto&... in) { return F::dropout3d(in...); });
  add<nn::AlphaDropout<S>>(t, "AlphaDropout", "alpha_dropout", false,
                           [](const auto&... in) { return F::alpha_dropout(in...); });
  add<nn::FeatureAlphaDropout<S>>(
      t, "FeatureAlphaDropout", "feature_alpha_dropout", false,
      [](const auto&... in) { return F::feature_alpha_dropout(in...); });
}
template void add_dropout(Table<float>&);
template void add_dropout(Table<double>&);

}  // namespace conformance
