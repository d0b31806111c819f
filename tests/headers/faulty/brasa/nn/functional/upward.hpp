#pragma once

#include <brasa/nn/modules/good.hpp>
