#include "brasa/nn/summary.hpp"

#include <sstream>
#include <string>
#include <utility>

#include "brasa/nn/modules/activation.hpp"
#include "brasa/nn/modules/flatten.hpp"
#include "brasa/nn/modules/linear.hpp"
#include "brasa/nn/modules/module_list.hpp"
#include "brasa/nn/modules/sequential.hpp"
#include "brasa/nn/parameter.hpp"
#include "brasa/ops/creation.hpp"
#include "brasa/ops/methods.hpp"
#include "brasa/ops/random.hpp"
#include "support/catch.hpp"

using namespace brasa;

// The tables are what torchinfo 1.8.0 printed under PyTorch 2.13.0 for the same modules, by
//
//   print(torchinfo.summary(model, shape, col_names=["output_size", "num_params", "mult_adds"],
//                           verbose=0))
//
// but for "(M)", which Python 3.11 shows there as "(Units.MEGABYTES)".

namespace {

struct TinyModel : nn::Module<float> {
  nn::Linear<> linear1{100, 200};
  nn::ReLU<> activation;
  nn::Linear<> linear2{200, 10};
  nn::Softmax<> softmax{1};
  Tensor<float> forward(const Tensor<float>& x) const {
    return softmax(linear2(activation(linear1(x))));
  }
  BRASA_MODULE(TinyModel, linear1, activation, linear2, softmax)
};

/// With a parameter of its own beside its child.
struct Block : nn::Module<float> {
  nn::Sequential<> body{nn::Linear(32, 32), nn::PReLU(), nn::Linear(32, 32, {.bias = false})};
  nn::Parameter<float> scale{ones({32})};
  Tensor<float> forward(const Tensor<float>& x) const { return x + scale * body(x); }
  BRASA_MODULE(Block, body, scale)
};

/// With a list, which is never called itself.
struct Residual : nn::Module<float> {
  nn::Linear<> stem{16, 32};
  nn::ModuleList<> blocks{Block(), Block()};
  nn::Sequential<> head{nn::Flatten(), nn::Linear(96, 5)};
  Tensor<float> forward(const Tensor<float>& x) const {
    auto y = stem(x);
    for (const auto& [name, block] : blocks) y = block(y);
    return head(y);
  }
  BRASA_MODULE(Residual, stem, blocks, head)
};

/// Calls one layer twice, and another one never.
struct Shared : nn::Module<float> {
  nn::Linear<> layer{8, 8};
  nn::Tanh<> act;
  nn::Linear<> unused{3, 3};
  Tensor<float> forward(const Tensor<float>& x) const { return layer(act(layer(x))); }
  BRASA_MODULE(Shared, layer, act, unused)
};

/// Sequentials inside each other.
nn::Sequential<> nested(int levels) {
  nn::Sequential<> inner{nn::Linear(2, 2)};
  for (int level = 1; level < levels; ++level) {
    nn::Sequential<> outer;
    outer.append(inner);
    inner = outer;
  }
  return inner;
}

struct AVeryLongNameOfAModuleThatDoesNotFitTheColumn : nn::Module<float> {
  nn::Sequential<> l = nested(4);
  Tensor<float> forward(const Tensor<float>& x) const { return l(x); }
  BRASA_MODULE(AVeryLongNameOfAModuleThatDoesNotFitTheColumn, l)
};

const char* const kTinyModel = R"(
===================================================================================================================
Layer (type:depth-idx)                   Output Shape              Param #                   Mult-Adds
===================================================================================================================
TinyModel                                [1, 10]                   --                        --
├─Linear: 1-1                            [1, 200]                  20,200                    20,200
├─ReLU: 1-2                              [1, 200]                  --                        --
├─Linear: 1-3                            [1, 10]                   2,010                     2,010
├─Softmax: 1-4                           [1, 10]                   --                        --
===================================================================================================================
Total params: 22,210
Trainable params: 22,210
Non-trainable params: 0
Total mult-adds (M): 0.02
===================================================================================================================
Input size (MB): 0.00
Forward/backward pass size (MB): 0.00
Params size (MB): 0.09
Estimated Total Size (MB): 0.09
===================================================================================================================)";

const char* const kResidual = R"(
===================================================================================================================
Layer (type:depth-idx)                   Output Shape              Param #                   Mult-Adds
===================================================================================================================
Residual                                 [2, 5]                    --                        --
├─Linear: 1-1                            [2, 3, 32]                544                       1,088
├─ModuleList: 1-2                        --                        --                        --
│    └─Block: 2-1                        [2, 3, 32]                32                        --
│    │    └─Sequential: 3-1              [2, 3, 32]                2,081                     4,162
│    └─Block: 2-2                        [2, 3, 32]                32                        --
│    │    └─Sequential: 3-2              [2, 3, 32]                2,081                     4,162
├─Sequential: 1-3                        [2, 5]                    --                        --
│    └─Flatten: 2-3                      [2, 96]                   --                        --
│    └─Linear: 2-4                       [2, 5]                    485                       970
===================================================================================================================
Total params: 5,255
Trainable params: 5,255
Non-trainable params: 0
Total mult-adds (M): 0.01
===================================================================================================================
Input size (MB): 0.00
Forward/backward pass size (MB): 0.01
Params size (MB): 0.02
Estimated Total Size (MB): 0.03
===================================================================================================================)";

const char* const kShared = R"(
===================================================================================================================
Layer (type:depth-idx)                   Output Shape              Param #                   Mult-Adds
===================================================================================================================
Shared                                   [4, 8]                    12                        --
├─Linear: 1-1                            [4, 8]                    72                        288
├─Tanh: 1-2                              [4, 8]                    --                        --
├─Linear: 1-3                            [4, 8]                    (recursive)               288
===================================================================================================================
Total params: 84
Trainable params: 84
Non-trainable params: 0
Total mult-adds (M): 0.00
===================================================================================================================
Input size (MB): 0.00
Forward/backward pass size (MB): 0.00
Params size (MB): 0.00
Estimated Total Size (MB): 0.00
===================================================================================================================)";

const char* const kFrozen = R"(
===================================================================================================================
Layer (type:depth-idx)                   Output Shape              Param #                   Mult-Adds
===================================================================================================================
Sequential                               [64, 1000]                --                        --
├─Linear: 1-1                            [64, 2000]                (2,002,000)               128,128,000
├─ReLU: 1-2                              [64, 2000]                --                        --
├─Linear: 1-3                            [64, 1000]                2,001,000                 128,064,000
===================================================================================================================
Total params: 4,003,000
Trainable params: 2,001,000
Non-trainable params: 2,002,000
Total mult-adds (M): 256.19
===================================================================================================================
Input size (MB): 0.26
Forward/backward pass size (MB): 1.54
Params size (MB): 16.01
Estimated Total Size (MB): 17.80
===================================================================================================================)";

const char* const kTanh = R"(
===================================================================================================================
Layer (type:depth-idx)                   Output Shape              Param #                   Mult-Adds
===================================================================================================================
Tanh                                     [3]                       --                        --
===================================================================================================================
Total params: 0
Trainable params: 0
Non-trainable params: 0
Total mult-adds (M): 0
===================================================================================================================
Input size (MB): 0.00
Forward/backward pass size (MB): 0.00
Params size (MB): 0.00
Estimated Total Size (MB): 0.00
===================================================================================================================)";

const char* const kDeep = R"(
=============================================================================================================================
Layer (type:depth-idx)                             Output Shape              Param #                   Mult-Adds
=============================================================================================================================
AVeryLongNameOfAModuleThatDoesNotFitTheColumn      [1, 2]                    --                        --
├─Sequential: 1-1                                  [1, 2]                    --                        --
│    └─Sequential: 2-1                             [1, 2]                    --                        --
│    │    └─Sequential: 3-1                        [1, 2]                    6                         6
=============================================================================================================================
Total params: 6
Trainable params: 6
Non-trainable params: 0
Total mult-adds (M): 0.00
=============================================================================================================================
Input size (MB): 0.00
Forward/backward pass size (MB): 0.00
Params size (MB): 0.00
Estimated Total Size (MB): 0.00
=============================================================================================================================)";

/// The table as it is printed, after a line break, as in the recordings.
template <class M>
std::string table(const M& model, const Shape& input_shape, SummaryOptions options = {}) {
  std::ostringstream text;
  text << '\n' << summary(model, input_shape, options);
  return text.str();
}

}  // namespace

TEST_CASE("A summary is the table that torchinfo prints", "[nn][summary]") {
  CHECK(table(TinyModel(), {1, 100}) == kTinyModel);
  CHECK(table(Residual(), {2, 3, 16}) == kResidual);
  CHECK(table(Shared(), {4, 8}) == kShared);
  CHECK(table(nn::Tanh(), {3}) == kTanh);
  nn::Sequential frozen{nn::Linear(1000, 2000), nn::ReLU(), nn::Linear(2000, 1000)};
  frozen[0]->requires_grad_(false);
  CHECK(table(frozen, {64, 1000}) == kFrozen);
}

TEST_CASE("A summary makes room for long names, and shows no more than its depth",
          "[nn][summary]") {
  const AVeryLongNameOfAModuleThatDoesNotFitTheColumn model;
  CHECK(table(model, {1, 2}) == kDeep);
  const auto shallow = summary(model, {1, 2}, {.depth = 1});
  CHECK(shallow.params == 6);
  CHECK(repr(shallow).find(": 2-1") == std::string::npos);
}

TEST_CASE("The lines of a summary are there as numbers", "[nn][summary]") {
  const auto all = summary(TinyModel(), {5, 100});
  REQUIRE(all.layers.size() == 5);
  CHECK(all.layers[1].type_name == "Linear");
  CHECK(all.layers[1].output_shape == Shape{5, 200});
  CHECK(all.layers[1].mult_adds == 5 * (100 * 200 + 200));
  CHECK(all.params == 100 * 200 + 200 + 200 * 10 + 10);
  CHECK(all.input_bytes == 5 * 100 * 4);
}

TEST_CASE("A summary leaves the model, its hooks and the random numbers alone", "[nn][summary]") {
  TinyModel model;
  manual_seed(3);
  const float expected = rand<float>({1}).item();
  manual_seed(3);
  summary(model, {1, 100});
  CHECK(rand<float>({1}).item() == expected);
  CHECK(model.training);
  CHECK(model.linear1.training);
  for (const auto* module : std::as_const(model).modules()) {
    CHECK(module->forward_hooks().empty());
    CHECK(module->forward_pre_hooks().empty());
  }
}

TEST_CASE("A summary needs sizes above 0 that fit the model", "[nn][summary]") {
  const TinyModel model;
  CHECK_THROWS_AS(summary(model, {}), ValueError);
  CHECK_THROWS_AS(summary(model, {0, 100}), ValueError);
  CHECK_THROWS_AS(summary(model, {-1, 100}), ValueError);
  CHECK_THROWS_AS(summary(model, {1, 99}), ShapeError);
}
