// A second translation unit, so that what may be defined once only is linked twice; and what
// main.cpp does not include.
#include <brasa/autograd/gradcheck.hpp>
#include <brasa/brasa.hpp>
#include <brasa/checkpoint.hpp>

brasa::Tensor<float> ones_of_other() { return brasa::ones<float>({2, 2}); }
