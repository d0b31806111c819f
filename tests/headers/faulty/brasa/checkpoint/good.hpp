#pragma once

#include <nlohmann/json.hpp>

#include "brasa/nn/modules/good.hpp"
