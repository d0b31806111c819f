#include "brasa/nn/modules/dropout.hpp"
#include "conformance/table.hpp"

namespace conformance {

template <brasa::FloatScalar S>
void add_dropout(Table<S>& t) {
  namespace nn = brasa::nn;
  t.module("Dropout", [](const Arguments& a) { return nn::Dropout<S>(a.number(0, "p", 0.5)); });
  t.module("Dropout1d", [](const Arguments& a) { return nn::Dropout1d<S>(a.number(0, "p", 0.5)); });
  t.module("Dropout2d", [](const Arguments& a) { return nn::Dropout2d<S>(a.number(0, "p", 0.5)); });
  t.module("Dropout3d", [](const Arguments& a) { return nn::Dropout3d<S>(a.number(0, "p", 0.5)); });
  t.module("AlphaDropout",
           [](const Arguments& a) { return nn::AlphaDropout<S>(a.number(0, "p", 0.5)); });
  t.module("FeatureAlphaDropout",
           [](const Arguments& a) { return nn::FeatureAlphaDropout<S>(a.number(0, "p", 0.5)); });
}
template void add_dropout(Table<float>&);
template void add_dropout(Table<double>&);

}  // namespace conformance
