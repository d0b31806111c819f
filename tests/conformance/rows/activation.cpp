#include "brasa/nn/modules/activation.hpp"

#include "brasa/ops/methods.hpp"
#include "conformance/table.hpp"

namespace conformance {
namespace {

namespace nn = brasa::nn;
namespace F = brasa::nn::functional;

nn::InplaceOptions inplace(const Arguments& a, std::size_t position) {
  return {.inplace = a.flag(position, "inplace", false)};
}

/// A module whose one argument is `inplace`.
template <class M>
M switchable(const Arguments& a) {
  return M(inplace(a, 0));
}
template <class M>
M without_arguments(const Arguments&) {
  return M();
}
template <class M>
M over_dim(const Arguments& a) {
  return M(a.maybe_integer(0, "dim"));
}

template <brasa::FloatScalar S>
void add_piecewise(Table<S>& t) {
  t.module("ReLU", switchable<nn::ReLU<S>>);
  t.module("ReLU6", switchable<nn::ReLU6<S>>);
  t.module("Hardsigmoid", switchable<nn::Hardsigmoid<S>>);
  t.module("Hardswish", switchable<nn::Hardswish<S>>);
  t.module("Threshold", [](const Arguments& a) {
    return nn::Threshold<S>(a.real(0, "threshold"), a.real(1, "value"), inplace(a, 2));
  });
  t.module("Hardtanh", [](const Arguments& a) {
    return nn::Hardtanh<S>(a.real(0, "min_val", -1.0), a.real(1, "max_val", 1.0), inplace(a, 2));
  });
  t.module("Hardshrink",
           [](const Arguments& a) { return nn::Hardshrink<S>(a.real(0, "lambd", 0.5)); });
  t.module("Softshrink",
           [](const Arguments& a) { return nn::Softshrink<S>(a.real(0, "lambd", 0.5)); });
  t.module("LeakyReLU", [](const Arguments& a) {
    return nn::LeakyReLU<S>(a.real(0, "negative_slope", 0.01), inplace(a, 1));
  });
  t.module("RReLU", [](const Arguments& a) {
    return nn::RReLU<S>(a.real(0, "lower", 1.0 / 8), a.real(1, "upper", 1.0 / 3), inplace(a, 2));
  });
  t.module("PReLU", [](const Arguments& a) {
    return nn::PReLU<S>(a.integer(0, "num_parameters", 1), a.number(1, "init", 0.25));
  });
}

template <brasa::FloatScalar S>
void add_smooth(Table<S>& t) {
  t.module("Sigmoid", without_arguments<nn::Sigmoid<S>>);
  t.module("Tanh", without_arguments<nn::Tanh<S>>);
  t.module("LogSigmoid", without_arguments<nn::LogSigmoid<S>>);
  t.module("Softsign", without_arguments<nn::Softsign<S>>);
  t.module("Tanhshrink", without_arguments<nn::Tanhshrink<S>>);
  t.module("Softplus", [](const Arguments& a) {
    return nn::Softplus<S>(a.real(0, "beta", 1.0), a.real(1, "threshold", 20.0));
  });
  t.module("ELU",
           [](const Arguments& a) { return nn::ELU<S>(a.real(0, "alpha", 1.0), inplace(a, 1)); });
  t.module("CELU",
           [](const Arguments& a) { return nn::CELU<S>(a.real(0, "alpha", 1.0), inplace(a, 1)); });
  t.module("SELU", switchable<nn::SELU<S>>);
  t.module("SiLU", switchable<nn::SiLU<S>>);
  t.module("Mish", switchable<nn::Mish<S>>);
  t.module("GELU",
           [](const Arguments& a) { return nn::GELU<S>(a.text(0, "approximate", "none")); });
  t.module("GLU", [](const Arguments& a) { return nn::GLU<S>(a.integer(0, "dim", -1)); });
  t.module("Softmax", over_dim<nn::Softmax<S>>);
  t.module("Softmin", over_dim<nn::Softmin<S>>);
  t.module("LogSoftmax", over_dim<nn::LogSoftmax<S>>);
  t.module("Softmax2d", without_arguments<nn::Softmax2d<S>>);
}

template <brasa::FloatScalar S>
brasa::Tensor<S> x(const Arguments& a) {
  return a.tensor<S>(0, "input");
}

template <brasa::FloatScalar S>
void add_piecewise_functions(Table<S>& t) {
  t.function("relu", [](const Arguments& a) { return F::relu(x<S>(a)); });
  t.function("relu6", [](const Arguments& a) { return F::relu6(x<S>(a)); });
  t.function("hardsigmoid", [](const Arguments& a) { return F::hardsigmoid(x<S>(a)); });
  t.function("hardswish", [](const Arguments& a) { return F::hardswish(x<S>(a)); });
  t.function("threshold", [](const Arguments& a) {
    return F::threshold(x<S>(a), a.number(1, "threshold"), a.number(2, "value"));
  });
  t.function("hardtanh", [](const Arguments& a) {
    return F::hardtanh(x<S>(a), a.number(1, "min_val", -1), a.number(2, "max_val", 1));
  });
  t.function("hardshrink",
             [](const Arguments& a) { return F::hardshrink(x<S>(a), a.number(1, "lambd", 0.5)); });
  t.function("softshrink",
             [](const Arguments& a) { return F::softshrink(x<S>(a), a.number(1, "lambd", 0.5)); });
  t.function("leaky_relu", [](const Arguments& a) {
    return F::leaky_relu(x<S>(a), a.number(1, "negative_slope", 0.01));
  });
  t.function("rrelu", [](const Arguments& a) {
    return F::rrelu(x<S>(a), a.number(1, "lower", 1.0 / 8), a.number(2, "upper", 1.0 / 3),
                    a.flag(3, "training", false));
  });
  t.function("prelu",
             [](const Arguments& a) { return F::prelu(x<S>(a), a.tensor<S>(1, "weight")); });
}

template <brasa::FloatScalar S>
void add_smooth_functions(Table<S>& t) {
  t.function("sigmoid", [](const Arguments& a) { return F::sigmoid(x<S>(a)); });
  t.function("tanh", [](const Arguments& a) { return F::tanh(x<S>(a)); });
  t.function("logsigmoid", [](const Arguments& a) { return F::logsigmoid(x<S>(a)); });
  t.function("softsign", [](const Arguments& a) { return F::softsign(x<S>(a)); });
  t.function("tanhshrink", [](const Arguments& a) { return F::tanhshrink(x<S>(a)); });
  t.function("softplus", [](const Arguments& a) {
    return F::softplus(x<S>(a), a.number(1, "beta", 1), a.number(2, "threshold", 20));
  });
  t.function("elu", [](const Arguments& a) { return F::elu(x<S>(a), a.number(1, "alpha", 1)); });
  t.function("celu", [](const Arguments& a) { return F::celu(x<S>(a), a.number(1, "alpha", 1)); });
  t.function("selu", [](const Arguments& a) { return F::selu(x<S>(a)); });
  t.function("silu", [](const Arguments& a) { return F::silu(x<S>(a)); });
  t.function("mish", [](const Arguments& a) { return F::mish(x<S>(a)); });
  t.function("gelu",
             [](const Arguments& a) { return F::gelu(x<S>(a), a.text(1, "approximate", "none")); });
  t.function("glu", [](const Arguments& a) { return F::glu(x<S>(a), a.integer(1, "dim", -1)); });
}

/// `f(input, dim)`, or with a `dtype` f of the input converted to it.
template <brasa::FloatScalar S, class Softmax>
void add_softmax_function(Table<S>& t, const char* name, Softmax f) {
  t.function(name, [f](const Arguments& a) -> brasa::AnyTensor {
    const auto dim = a.maybe_integer(1, "dim");
    switch (a.dtype(3, "dtype", brasa::dtype_of<S>)) {
      case brasa::Dtype::float32:
        return f(x<S>(a).template to<float>(), dim);
      case brasa::Dtype::float64:
        return f(x<S>(a).template to<double>(), dim);
      default:
        throw golden::Unsupported("this dtype");
    }
  });
}

}  // namespace

template <brasa::FloatScalar S>
void add_activations(Table<S>& t) {
  add_piecewise(t);
  add_smooth(t);
  add_piecewise_functions(t);
  add_smooth_functions(t);
  add_softmax_function(t, "softmax", [](const auto& in, auto dim) { return F::softmax(in, dim); });
  add_softmax_function(t, "softmin", [](const auto& in, auto dim) { return F::softmin(in, dim); });
  add_softmax_function(t, "log_softmax",
                       [](const auto& in, auto dim) { return F::log_softmax(in, dim); });
}
template void add_activations(Table<float>&);
template void add_activations(Table<double>&);

}  // namespace conformance
