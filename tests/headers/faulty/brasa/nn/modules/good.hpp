#pragma once

#include "brasa/nn/functional/upward.hpp"
