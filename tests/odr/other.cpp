#include <brasa/brasa.hpp>

float draw_elsewhere() { return brasa::rand<float>({1}).item(); }
