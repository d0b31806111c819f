#pragma once

#include "brasa/core/good.hpp"
#include "brasa/ops/intrinsics.hpp"
