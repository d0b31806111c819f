#pragma once

// Everything.
#include "brasa/checkpoint/good.hpp"

inline int not_an_include = 0;
