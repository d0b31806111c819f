#include "brasa/nn/functional/distance.hpp"
#include "brasa/nn/functional/linear.hpp"
#include "brasa/nn/modules/flatten.hpp"
#include "brasa/nn/modules/identity.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/ops/methods.hpp"
#include "conformance/table.hpp"

namespace conformance {

template <brasa::FloatScalar S>
void add_layers(Table<S>& t) {
  namespace nn = brasa::nn;
  t.module("Linear", [](const Arguments& a) {
    return nn::Linear<S>(a.integer(0, "in_features"), a.integer(1, "out_features"),
                         {.bias = a.flag(2, "bias", true)});
  });
  t.module("Identity", [](const Arguments&) { return nn::Identity<S>(); });
  t.module("Flatten", [](const Arguments& a) {
    return nn::Flatten<S>(a.integer(0, "start_dim", 1), a.integer(1, "end_dim", -1));
  });
  t.module("Unflatten", [](const Arguments& a) {
    return nn::Unflatten<S>(a.integer(0, "dim"), a.sizes(1, "unflattened_size"));
  });
  t.function("linear", [](const Arguments& a) {
    return nn::functional::linear<S>(a.tensor<S>(0, "input"), a.tensor<S>(1, "weight"),
                                     a.tensor<S>(2, "bias"));
  });
  t.function("pairwise_distance", [](const Arguments& a) {
    return nn::functional::pairwise_distance(
        a.tensor<S>(0, "x1"), a.tensor<S>(1, "x2"),
        {a.number(2, "p", 2), a.number(3, "eps", 1e-6), a.flag(4, "keepdim", false)});
  });
  t.function("cosine_similarity", [](const Arguments& a) {
    return nn::functional::cosine_similarity(a.tensor<S>(0, "x1"), a.tensor<S>(1, "x2"),
                                             {a.integer(2, "dim", 1), a.number(3, "eps", 1e-8)});
  });
}
template void add_layers(Table<float>&);
template void add_layers(Table<double>&);

}  // namespace conformance
